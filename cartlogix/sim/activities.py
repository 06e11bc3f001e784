"""Writing down steps: one activity of an entity, in the order of the recorder's cells."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cartlogix.sim.entity import Traveller
from cartlogix.sim.recorder import DONE, RUNNING
from cartlogix.sim.station import Span, Station


class Activities:
    """Writes what entities did, at the end of each step."""

    def __init__(self, cells: list[float]) -> None:
        self._cells = cells

    def write(
        self,
        entity: Traveller,
        station: Station,
        place: float,
        queued: float,
        started: float,
        ended: float,
        outcome: float,
    ) -> None:
        """Record a step that has ended; it is then no longer open."""
        entity.open_step = None
        self._cells.extend(
            (
                station.label,
                entity.number,
                entity.attempt,
                entity.course,
                place,
                queued,
                started,
                ended,
                outcome,
            )
        )

    def write_running(self, entity: Traveller) -> None:
        """Record the step in which the stop of the run finds an entity, if it is in one."""
        station = entity.open_step
        if station is not None and station.carries and not station.pools and not station.stocks:
            # As if walked ahead: what lies after the stop is cut off there.
            for one, (place, start, end, _) in beside(entity, station):
                self.write(entity, one, place, entity.queued, start, end, DONE)
        elif station is not None:
            self.write(
                entity, station, station.place, entity.queued, entity.started, math.nan, RUNNING
            )


def beside(entity: Traveller, station: Station) -> Iterator[tuple[Station, Span]]:
    """Yield a free step and those that begin with it, with where and when each takes place."""
    ready = entity.ready(station)
    yield station, station.span(entity, ready)
    for one in entity.route[station.index + 1 :]:
        if not one.with_previous:
            return
        yield one, one.span(entity, ready)
