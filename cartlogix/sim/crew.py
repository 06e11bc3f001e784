"""Crews: people with qualifications and rosters, taken one by one and given back.

Who has the fewest qualifications is taken first, then the group that the scenario names first, so
that those who can do more are kept free for it. People finish what they have begun, beyond the end
of their shift if need be.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.opening_hours import HoursCalendar
from cartlogix.ground.streams import UniformColumn
from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Waiting
from cartlogix.sim.pool import Pool, PoolRules
from cartlogix.sim.recorder import DONE, RUNNING

# Sums of event times are off by rounding; a millisecond is about 1e-8 d.
_SNAP = 1e-9


@dataclass(slots=True)
class Group:
    """People who are alike: how many, what they can do, when they are on duty, who is absent."""

    name: str
    number: int
    qualifications: frozenset[str]
    roster: Calendar
    label: float
    turnout: tuple[float, ...] = ()
    """Probabilities that at most 0, 1, 2, ... of them come to a shift; empty if all always do."""
    luck: UniformColumn | None = None
    busy: int = 0
    _since: float = math.inf
    _until: float = -math.inf
    _next: float = math.inf
    _present: int = 0

    def free(self, now: float) -> int:
        """Return how many are on duty and have nothing in hand."""
        now += _SNAP
        if not self._since <= now < self._until:
            self._look_up(now)
        return self._present - self.busy if self._present > self.busy else 0

    def _look_up(self, now: float) -> None:
        """Find how many are present, from when to when that holds, and when the next shift is."""
        if not isinstance(self.roster, HoursCalendar):
            self._since, self._until, self._present = -math.inf, math.inf, self.number
            return
        self._since, self._until, self._next, shift = self.roster.stretch_of(now)
        if shift < 0:
            self._present = 0
        elif self.luck is None:
            self._present = self.number
        else:  # a binomial number, by its shift
            self._present = bisect_right(self.turnout, self.luck[shift])

    def next_shift(self, now: float) -> float:
        """Return when the next shift begins, later than `now`; infinity if none does."""
        now += _SNAP
        if not self._since <= now < self._until:
            self._look_up(now)
        return self._next


def turnout(number: int, absence: float) -> tuple[float, ...]:
    """Return the probabilities that at most 0, 1, 2, ... of so many people come to a shift.

    Each is absent with the same probability, independently: a binomial distribution.
    """
    come = 1 - absence
    chances = [math.comb(number, k) * come**k * absence ** (number - k) for k in range(number)]
    return tuple(accumulate(chances))


Duty = tuple[Group, int, float]
"""People of one group who are at work for somebody: the group, how many, since which day."""


@dataclass
class Crew:
    """All people of one resource, and the pools by which steps ask for them."""

    groups: Sequence[Group]
    cells: list[float]
    """Where activities are recorded: a row for each of the people at work."""
    place: float
    pools: list[CrewPool] = field(default_factory=list)

    def pool(self, env: Clock, name: str, rules: PoolRules, qualification: str | None) -> CrewPool:
        """Return a pool by which steps ask for people with a qualification, or for anybody."""
        return CrewPool(env, name, rules, self, qualification)

    def able(self, qualification: str | None) -> list[Group]:
        """Return the groups that have a qualification, in the order in which they are taken."""
        able = [g for g in self.groups if qualification in (None, *g.qualifications)]
        return sorted(able, key=lambda group: len(group.qualifications))

    def write_running(self) -> None:
        """Record who is at work when the run stops."""
        for pool in self.pools:
            for duties in pool.at_work.values():
                for duty in duties:
                    self.record(duty, math.nan, RUNNING)

    def record(self, duty: Duty, ended: float, outcome: float) -> None:
        """Write down a duty."""
        group, units, since = duty
        row = (group.label, -1, 1, 1, self.place, since, since, ended, outcome)
        self.cells.extend(row * units)


class CrewPool(Pool):
    """The people of a crew who have a certain qualification; anybody, if it is None."""

    def __init__(
        self, env: Clock, name: str, rules: PoolRules, crew: Crew, qualification: str | None
    ) -> None:
        super().__init__(env, name, sum(group.number for group in crew.groups), rules)
        self.free = math.inf  # who is free depends on the hour and on what was taken elsewhere
        self._timed = self._counts = True
        self._crew = crew
        self._able = crew.able(qualification)
        self.at_work: dict[Waiting, list[Duty]] = {}
        crew.pools.append(self)

    @property
    def open_share(self) -> float:
        """Share of all people's time that is on the roster."""
        groups = self._crew.groups
        return sum(g.number * g.roster.open_share for g in groups) / self.capacity

    def release(self, units: int, who: Waiting | None = None) -> None:
        """Give back the people that `who` took from this pool."""
        del units
        assert who is not None, "people are given back by whom they were taken for"
        crew, now = self._crew, self._env.now
        for duty in self.at_work.pop(who):
            duty[0].busy -= duty[1]
            crew.record(duty, now, DONE)
        for pool in crew.pools:
            if pool._line.waiting or pool._blocked:
                pool._changed()

    def _open_for(self, units: int) -> bool:
        now = self._env.now
        missing = units
        for group in self._able:
            missing -= group.free(now)
            if missing <= 0:
                return True
        return False

    def _taken(self, units: int, who: Waiting) -> None:
        now = self._env.now
        duties = self.at_work[who] = []
        for group in self._able:
            number = group.free(now)
            if number >= units:
                group.busy += units
                duties.append((group, units, now))
                return
            if number:
                group.busy += number
                duties.append((group, number, now))
                units -= number

    def _opens_at(self, now: float) -> float:
        if now < self._wake_at < math.inf:
            return self._wake_at  # asked for already: nothing opens before
        return min((group.next_shift(now) for group in self._able), default=math.inf)
