"""When a step may start and when it is over, where that depends on opening hours."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simpy import Event

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.opening_hours import FitsBefore
from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Discipline, Waiting
from cartlogix.sim.pool import Pool, PoolRules

_SNAP = 1e-9


@dataclass(frozen=True, slots=True)
class Timing:
    """The hours of a step.

    Attributes:
        hours: Opening hours that count for it.
        working: Whether its duration counts open time only.
        ends_open: Whether it ends in opening hours only.
        starts: When it may start, for a step that takes nothing; None for at any time.
    """

    hours: Calendar
    working: bool = False
    ends_open: bool = False
    starts: FitsBefore | None = None

    def start(self, ready: float) -> float:
        """Return when a step that takes nothing starts."""
        return ready if self.starts is None else self.starts.next_open(ready)

    def add_working(self, start: float, duration: float) -> float:
        """Return when a step is over that takes so many days on its own clock."""
        if self.working:
            return self.hours.add_working(start, duration)
        if self.ends_open:
            return self.hours.next_open(start + duration - _SNAP)
        return start + duration

    def working_between(self, start: float, end: float) -> float:
        """Return the days that pass on the step's own clock."""
        return self.hours.working_between(start, end) if self.working else end - start


class Gate(Pool):
    """Lets somebody start when there is time enough before a closing; it has no units to run out.

    As one more pool that a step needs it asks for an event only where somebody must wait.
    """

    def __init__(self, env: Clock, discipline: Discipline, hours: Calendar, length: float) -> None:
        super().__init__(env, "", math.inf, PoolRules(discipline))
        self._timed = True
        self._fits = FitsBefore(hours, length)

    def _open_for(self, units: int) -> bool:
        del units
        return self._fits.is_open(self._env.now + _SNAP)

    def _opens_at(self, now: float) -> float:
        if now < self._wake_at < math.inf:
            return self._wake_at  # asked for already: nothing opens before
        at = self._fits.next_open(now + _SNAP)
        return at if at > now + _SNAP else math.inf


class Hands:
    """What a step needs for its first hours only: given back while the step goes on."""

    def __init__(self, env: Clock, parts: tuple[tuple[Pool, int, float], ...]) -> None:
        self._env = env
        self._parts = parts
        self._held: dict[Waiting, list[_Hold]] = {}
        self.longest = max(days for _, _, days in parts)

    def take(self, who: Waiting, since: float) -> None:
        """Note that somebody has them since a day, and give each back when its time is over."""
        held = self._held[who] = []
        passed = self._env.now - since
        for pool, units, days in self._parts:
            hold = (who, pool, units)
            held.append(hold)
            self._env.after(days - passed, self._ring, hold)

    def finish(self, who: Waiting) -> None:
        """Give back what is still held: the step is over, or was broken off."""
        for _, pool, units in self._held.pop(who, ()):
            pool.release(units, who)

    def _ring(self, event: Event) -> None:
        hold: _Hold = event.value  # type: ignore[assignment]
        who, pool, units = hold
        held = self._held.get(who, [])
        for place, one in enumerate(held):
            # A broken-off step has given it back; a later visit holds another.
            if one is hold:
                del held[place]
                pool.release(units, who)
                return


_Hold = tuple[Waiting, Pool, int]
"""Who holds how many units of a pool."""
