"""The part of a board's file that says what there is: plants, sites, and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from cartlogix.board.moment import ByWeekday, Days
from cartlogix.scenario.base import Count, Name, Part
from cartlogix.scenario.quantity import FixedDuration

HEAVIEST = 1e6
"""Largest weight and price: larger ones would drown all others in rounding."""

Weight = Annotated[float, Field(ge=0, le=HEAVIEST, strict=False)]


class Change(Part):
    """A departure from the usual numbers: an absence, a holiday, an extra shift."""

    days: Days
    """The days, such as `2027-03-06` or `2027-03-04..2027-03-08`."""
    by: Annotated[int, Field(ge=-10_000, le=10_000)]
    """Units more, or with a minus fewer; there are never fewer than 0."""


class Limit(Part):
    """A capacity by weekday. A number or a mapping of weekdays alone may stand for it."""

    units: ByWeekday
    """Units at a time: a number for every day, or by weekday `{mon-fri: 2, sat: 1}`; a pair
    `[2, 1]` stands for morning and afternoon, with `tick: half-day`."""
    changes: tuple[Change, ...] = ()
    """Days on which there are more or fewer."""
    overtime: Count = 0
    """Units that may be added in each tick, as overtime."""
    overtime_price: Weight = 0.0
    """Price of a unit of overtime in a tick."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:  # noqa: ANN401 - what somebody wrote
        if isinstance(given, Mapping):
            return given if set(given) & set(cls.model_fields) else {"units": given}
        return given if isinstance(given, Limit) else {"units": given}


class Operators(Limit):
    """Operators of one qualification."""

    name: Name
    """The qualification."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:  # noqa: ANN401 - what somebody wrote
        return given


class Suite(Part):
    """A suite: one lot at a time."""

    name: Name
    """Name of the suite."""
    products: tuple[Name, ...] = ()
    """Products that it takes; all if left out."""
    down: tuple[Days, ...] = ()
    """Days on which it is closed."""


class Plant(Part):
    """A plant and its limits; a limit that is left out does not bind."""

    name: Name
    """Name of the plant."""
    suites: Annotated[tuple[Suite, ...], Field(min_length=1)]
    """Its suites."""
    starts: Limit | None = None
    """Lots that may be started in a tick."""
    operators: tuple[Operators, ...] = ()
    """Operators by qualification."""
    qc: Limit | None = None
    """QC places."""
    pick_up: Limit | None = None
    """Shipments to sites that the courier takes in a tick."""


class Site(Part):
    """A treatment centre and its limits; a limit that is left out does not bind."""

    name: Name
    """Name of the site."""
    chairs: Limit | None = None
    """Apheresis chairs."""
    beds: Limit | None = None
    """Infusion beds."""
    bookings_per_week: Count | None = None
    """Orders of the site that may start in one week, counted from the start of the board."""
    pick_up: Limit | None = None
    """Shipments to plants that the courier takes in a tick."""


class Lane(Part):
    """Transport between a site and a plant; without a lane the durations of the steps hold."""

    site: Name
    """Name of the site."""
    plant: Name
    """Name of the plant."""
    inward: FixedDuration
    """From the site to the plant."""
    outward: FixedDuration
    """From the plant to the site."""
    price: Weight = 0.0
    """Price of both ways together."""
