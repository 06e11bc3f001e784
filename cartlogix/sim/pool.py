"""Pools: counted capacity at a site. An event happens only when somebody must wait."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simpy import Event

from cartlogix.ground.calendars import ALWAYS, Calendar, StartCalendar
from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Discipline, Line, Request, State, Waiting

# Sums of event times are off by rounding; a millisecond is about 1e-8 d.
_SNAP = 1e-9


@dataclass(frozen=True)
class PoolRules:
    """When a pool works, who is served next, and how many may wait."""

    discipline: Discipline
    calendar: Calendar = ALWAYS
    starts: StartCalendar | None = None
    waiting_room: float = math.inf


class Seizure(Request):
    """A wish for units of one or several pools; the first one keeps the line."""

    __slots__ = ("needs",)

    def __init__(self, who: Waiting, needs: Needs, *, front: bool = False) -> None:
        super().__init__(who, front=front)
        self.needs = needs


class Pool:
    """Units of one resource at one site, and the line of those who wait for them.

    A request may need several pools at once: it waits in the line of the first one it names and
    is granted when all have enough free units. Nobody overtakes within a line.
    """

    def __init__(self, env: Clock, name: str, capacity: float, rules: PoolRules) -> None:
        self.name = name
        self.capacity = capacity
        self.free = capacity
        self.rules = rules
        self._env = env
        self._line: Line[Seizure] = Line(rules.discipline)
        self._timed = rules.starts is not None or rules.calendar is not ALWAYS
        self._counts = rules.starts is not None
        self._wake_at = math.inf
        self._instant = -math.inf
        self._started = 0
        self._blocked: dict[Pool, None] = {}

    @property
    def waiting(self) -> int:
        """How many requests wait in line."""
        return self._line.waiting

    @property
    def open_share(self) -> float:
        """Share of all time that the pool is open."""
        return self.rules.calendar.open_share

    @property
    def is_plain(self) -> bool:
        """Whether nobody ever waits here: unlimited capacity, open at all times."""
        return math.isinf(self.capacity) and not self._timed

    def seize(self, who: Waiting, needs: Needs, *, front: bool = False) -> Seizure | None:
        """Take the units at once and return None, or return a request: in line, or baulked."""
        if not self._line.waiting and self._can_start(needs):
            take(needs, who)
            return None
        request = Seizure(who, needs, front=front)
        if self._line.waiting >= self.rules.waiting_room:
            request.settle(State.BAULKED)
        else:
            alone = not self._line.waiting
            self._line.join(request)
            if alone:  # and has just been found not to start
                self._wake_later()
                return request
            # It may have gone before who holds up the line, and need less.
            self._serve()
            if request.state is State.GRANTED:
                return None
        return request

    def rank_again(self) -> None:
        """Put the line in order anew; whoever comes first now may need less, and go."""
        if self._line.waiting:
            self._line.rank_again()
            self._serve()

    def give_up(self, request: Seizure) -> None:
        """Take a waiting request out of the line; whoever it held up may go."""
        self._line.give_up(request)
        self._serve()

    def release(self, units: int, who: Waiting | None = None) -> None:
        """Return units, and serve who waits for them: this pool's line before others'.

        `who` returns them matters only where units are not all alike.
        """
        self.free += units
        if self._line.waiting or self._blocked:
            self._changed()

    def _changed(self) -> None:
        self._serve()
        if self._blocked:
            blocked, self._blocked = self._blocked, {}
            for pool in blocked:
                pool._serve()

    def _serve(self) -> None:
        while (request := self._line.first()) is not None and self._can_start(request.needs):
            take(request.needs, request.who)
            self._line.grant_first()
        if self._timed and self._line.waiting:
            self._wake_later()

    def _can_start(self, needs: Needs) -> bool:
        for pool, units in needs:
            if pool.free < units or (pool._timed and not pool._open_for(units)):
                if pool is not self:
                    pool._blocked[self] = None
                    pool._wake_later()
                return False
        return True

    def _open_for(self, units: int) -> bool:
        """Whether the hours let work with so many units start now."""
        del units
        now = self._env.now
        if not self.rules.calendar.is_open(now + _SNAP):
            return False
        starts = self.rules.starts
        if starts is None:
            return True
        instant = starts.release_at_or_after(now - _SNAP)
        if instant - now > _SNAP:
            return False
        if instant != self._instant:
            self._instant, self._started = instant, 0
        return self._started < starts.number

    def _wake_later(self) -> None:
        """Ask for one event at the next moment at which the calendar lets somebody start."""
        if not self._timed:
            return
        now = self._env.now
        at = self._opens_at(now)
        if at < self._wake_at:
            self._wake_at = at
            self._env.after(at - now, self._wake)

    def _opens_at(self, now: float) -> float:
        """Return the next moment at which the hours let more start; infinity if none does."""
        if self.rules.starts is not None:
            return self._next_start(self.rules.starts, now)
        at = self.rules.calendar.next_open(now + _SNAP)
        return at if at > now + _SNAP else math.inf

    def _taken(self, units: int, who: Waiting) -> None:
        """Note that somebody took units in the hours."""
        del units, who
        self._started += 1

    def _wake(self, event: Event) -> None:
        del event
        self._wake_at = math.inf
        self._changed()

    def _next_start(self, starts: StartCalendar, now: float) -> float:
        at = starts.release_after(now + _SNAP)
        # The checks refuse calendars that never meet.
        while not self.rules.calendar.is_open(at + _SNAP):
            at = self.rules.calendar.next_open(at + _SNAP)
            if math.isinf(at):
                break
            at = starts.release_at_or_after(at - _SNAP)
        return at


Needs = tuple[tuple[Pool, int], ...]
"""Pools and units of each; the first pool keeps the line."""


def take(needs: Needs, who: Waiting) -> None:
    """Take units of every pool, whether or not they are free."""
    for pool, units in needs:
        pool.free -= units
        if pool._counts:
            pool._taken(units, who)
