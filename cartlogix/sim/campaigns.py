"""Pools whose units are set up for one product family at a time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from simpy import Event

from cartlogix.ground.streams import DrawColumn
from cartlogix.sim.breakable import Breakable
from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Waiting
from cartlogix.sim.pool import Needs, Pool, PoolRules, Seizure, take
from cartlogix.sim.recorder import DONE


@dataclass(frozen=True)
class CampaignRules:
    """When a unit changes to another family; see the scenario's part of the same name."""

    most: float
    least: int
    longest_wait: float


@dataclass(eq=False)
class Unit:
    """One unit: the family it is set up for, none at first, and its starts since then."""

    family: str = ""
    starts: int = 0


class FamilySeizure(Seizure):
    """A wish for one unit that is set up for a family."""

    __slots__ = ("family", "joined")

    def __init__(
        self, who: Waiting, needs: Needs, family: str, joined: float, *, front: bool
    ) -> None:
        super().__init__(who, needs, front=front)
        self.family = family
        self.joined = joined


class CampaignPool(Pool):
    """Units that are changed between families, in the order of the line and by campaign rules.

    Whoever waits while a unit is being changed stays in line: the unit then takes who is first of
    its family. Routes reach the pool through the gate of their family.
    """

    def __init__(
        self, env: Clock, name: str, capacity: float, rules: PoolRules, campaigns: CampaignRules
    ) -> None:
        super().__init__(env, name, capacity, rules)
        self.gates: dict[str, FamilyGate] = {}
        self.changes: dict[str, DrawColumn] = {}
        self.label = self.place = 0.0
        self.cells: list[float] = []
        self._campaigns = campaigns
        self._idle = [Unit() for _ in range(int(capacity))]
        self._busy: dict[str, list[Unit]] = defaultdict(list)
        self._coming: Counter[str] = Counter()
        self._changed_to: Counter[str] = Counter()

    def open_gates(self, families: Iterable[str]) -> None:
        """Make a gate for each family."""
        self.gates = {family: FamilyGate(self, family) for family in families}

    def ask(self, who: Waiting, family: str, *, front: bool) -> Seizure | None:
        """Take a unit at once and return None, or return a request in line."""
        now = self._env.now
        request = FamilySeizure(who, ((self, 1),), family, now, front=front)
        self._line.join(request)
        self._serve()
        if request.state is not request.state.WAITING:
            return None
        longest = self._campaigns.longest_wait
        if self._campaigns.least > 1 and longest < math.inf:
            self._env.after(longest, self._again)
        self._wake_later()
        return request

    def give_back(self, family: str) -> None:
        """Return a unit after work on a family, and serve who waits for it."""
        self._idle.append(self._busy[family].pop(0))
        self.free += 1
        self._changed()

    def _again(self, event: Event) -> None:
        del event
        self._serve()

    def _serve(self) -> None:
        # Units that are out of work are among the idle ones, but not free.
        while self._line.waiting and self.free > 0:
            if self._timed and not self._open_for(1):
                break
            chosen = self._choose(self._line.requests())
            if chosen is None:
                break
            request, unit = chosen
            self._idle.remove(unit)
            if unit.family in ("", request.family):
                unit.family = request.family
                unit.starts += 1
                self._busy[unit.family].append(unit)
                take(request.needs, request.who)
                self._line.grant(request)
            else:
                self._change(unit, request.family)
        if self._timed and self._line.waiting:
            self._wake_later()

    def _choose(self, line: list[Seizure]) -> tuple[FamilySeizure, Unit] | None:
        """Return who is served next and by which unit, or for whom a unit is changed."""
        waiting: dict[str, list[FamilySeizure]] = defaultdict(list)
        for request in line:
            assert isinstance(request, FamilySeizure)
            waiting[request.family].append(request)
        for unit in self._idle:
            if unit.starts < self._campaigns.most and waiting.get(unit.family):
                return waiting[unit.family][0], unit
        ahead: Counter[str] = Counter()
        for request in line:
            assert isinstance(request, FamilySeizure)
            family = request.family
            ahead[family] += 1
            ready = self._ready(family)
            if ready is not None:
                return request, ready
            if ahead[family] > self._coming[family] and self._worth(waiting[family]):
                # The unit whose own family has fewest in line; the first of equal ones.
                return request, min(self._idle, key=lambda u: len(waiting.get(u.family, ())))
        return None

    def _ready(self, family: str) -> Unit | None:
        ready = [unit for unit in self._idle if unit.family in (family, "")]
        return min(ready, key=lambda unit: unit.family == "", default=None)

    def _worth(self, waiting: list[FamilySeizure]) -> bool:
        """Whether enough of a family wait, or one for long enough, to change a unit for it."""
        rules, now = self._campaigns, self._env.now
        if len(waiting) - self._coming[waiting[0].family] >= rules.least:
            return True
        return any(now - one.joined >= rules.longest_wait - 1e-9 for one in waiting)

    def _change(self, unit: Unit, family: str) -> None:
        days = self.changes[family][self._changed_to[family]]
        self._changed_to[family] += 1
        now = self._env.now
        unit.family, unit.starts = family, 0
        if days == 0:
            self._idle.append(unit)
            return
        self.free -= 1
        self._coming[family] += 1
        self.cells.extend((self.label, -1, 1, 1, self.place, now, now, now + days, DONE))
        self._env.after(days, self._changed_over, unit)

    def _changed_over(self, event: Event) -> None:
        unit = event.value
        assert isinstance(unit, Unit)
        self._coming[unit.family] -= 1
        self.free += 1
        self._idle.append(unit)
        self._changed()


class BreakableCampaigns(Breakable, CampaignPool):
    """A campaign pool some of whose units can be out of work.

    Which of the idle units are out is left open: those for which there is no use. A change that
    is under way goes on.
    """

    def give_back(self, family: str) -> None:
        """Return a unit after work on a family, and serve who stands still, then who waits."""
        super().give_back(family)
        if self.halted:
            self._resume()


class FamilyGate(Pool):
    """What the routes of one family see of a campaign pool: one unit at a time."""

    def __init__(self, pool: CampaignPool, family: str) -> None:
        super().__init__(pool._env, pool.name, pool.capacity, pool.rules)
        self._pool = pool
        self._family = family

    @property
    def is_plain(self) -> bool:
        """Never: a unit may have to be changed."""
        return False

    @property
    def units_of(self) -> CampaignPool:
        """The pool behind the gate."""
        return self._pool

    def seize(self, who: Waiting, needs: Needs, *, front: bool = False) -> Seizure | None:
        """Take a unit at once and return None, or return a request in line."""
        del needs
        return self._pool.ask(who, self._family, front=front)

    def give_up(self, request: Seizure) -> None:
        """Take a waiting request out of the line."""
        self._pool.give_up(request)

    def release(self, units: int, who: Waiting | None = None) -> None:
        """Return the unit."""
        del units, who
        self._pool.give_back(self._family)
