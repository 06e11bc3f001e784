"""What follows a step that did not end well: on along the route, back in it, or out of it."""

from __future__ import annotations

from typing import Protocol, TypeVar

from cartlogix.sim.entity import Traveller
from cartlogix.sim.station import Station

GONE = -1
"""In place of the index of the next station: the entity is lost."""


TOO_OLD = "material too old"
"""Cause of a loss that follows fresh material which died."""

T_contra = TypeVar("T_contra", bound=Traveller, contravariant=True)


class Fate(Protocol[T_contra]):
    """Decides what becomes of entities; the walker only tells it what happened."""

    def lose(self, entity: T_contra, station: Station, time: float, cause: str, phase: str) -> int:
        """Take an entity out of the system; returns GONE."""

    def after_failure(
        self,
        entity: T_contra,
        station: Station,
        time: float,
        destroyed: str = "",
        *,
        too_old: bool = False,
    ) -> int:
        """Return the index of the station that follows a failed step, or GONE.

        `destroyed` names the disruption that destroyed the work, if one did; `too_old` says that
        fresh material died, on its way or in line.
        """

    def without_dose(self, entity: T_contra, station: Station, time: float) -> int:
        """Return the index of the station that follows a stock-out, or GONE."""

    def end_of_route(self, entity: T_contra, time: float) -> int:
        """Return the index at which the route starts again (repeat doses), or GONE at the end."""
