"""From the step that waits at home to the line of the pool: when to leave in order to be there.

Opening hours, courier times and mean durations are known; what was drawn, and lines on the way,
are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cartlogix.sim.station import Station, Way

_SNAP = 1e-9
_PRECISION = 1 / 1440
"""How late one may leave before the last moment, in days: a minute."""
_FAR = 64.0
"""Days before the day itself beyond which nothing leaves earlier for it."""


@dataclass(frozen=True)
class Journey:
    """The part of a route between the step that is booked and the one that it is booked for."""

    route: Sequence[Station]
    first: int
    last: int

    def arrival(self, leaves: float) -> float:
        """Return when somebody who leaves home on a day is expected in line."""
        group, clock = leaves, leaves
        for station in self.route[self.first : self.last]:
            if not station.with_previous:
                group = clock
            clock = max(clock, _end(station, group))
        return clock

    def departure(self, day: float) -> float:
        """Return the latest moment to leave home in order to be expected in line by a day.

        The moment may have passed. Where no moment is early enough it is long before.
        """
        early = day - (self.arrival(day) - day)
        if abs(self.arrival(early) - day) <= _SNAP:
            return early
        late, step = day, 1.0
        early = day - step
        while self.arrival(early) > day + _SNAP:
            if step > _FAR:
                return early
            late, step = early, 2 * step
            early = day - step
        while late - early > _PRECISION:
            middle = (early + late) / 2
            if self.arrival(middle) > day + _SNAP:
                late = middle
            else:
                early = middle
        return early


def _end(station: Station, ready: float) -> float:
    if station.ways:
        return _received(station.ways[0], ready)
    start = ready if station.timing is None else station.timing.start(ready)
    for pool, _ in station.pools:
        start = pool.rules.calendar.next_open(start)
    days = station.durations.mean
    return start + (station.lasts(start, days) if station.adapts else days)


def _received(way: Way, ready: float) -> float:
    """Return when a shipment is received; nobody knows of strikes."""
    leaves = ready if way.pick_up is None else way.pick_up(ready)
    arrives = leaves + way.durations.mean
    return arrives if way.receives is None else way.receives.next_open(arrives)
