"""Handing over at the end of a shift: what people have in hand goes to others who can do it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simpy import Event

from cartlogix.ground.opening_hours import HoursCalendar
from cartlogix.sim.clock import Clock
from cartlogix.sim.crew import Crew, CrewPool, Duty
from cartlogix.sim.line import Waiting
from cartlogix.sim.pool import PoolRules
from cartlogix.sim.recorder import DONE

_SNAP = 1e-9


@dataclass
class HandingCrew(Crew):
    """A crew whose people hand over at the end of their shift.

    Whoever takes over is chosen as anybody is: the fewest qualifications first. What nobody can
    take stays with who has it, until the next shift of somebody who could begins. Work in hand
    goes before the line.
    """

    def pool(self, env: Clock, name: str, rules: PoolRules, qualification: str | None) -> CrewPool:
        """Return a pool whose people hand over."""
        return HandingPool(env, name, rules, self, qualification)

    def pass_on(self) -> None:
        """Hand over whatever is due."""
        for pool in self.pools:
            assert isinstance(pool, HandingPool)
            pool.pass_on()


@dataclass
class _Watch:
    """What somebody has in hand, and when it is to be handed over."""

    at: float
    who: Waiting
    duty: Duty


class HandingPool(CrewPool):
    """The people of a handing crew who have a certain qualification."""

    def __init__(
        self, env: Clock, name: str, rules: PoolRules, crew: Crew, qualification: str | None
    ) -> None:
        super().__init__(env, name, rules, crew, qualification)
        self._watched: list[_Watch] = []

    def pass_on(self) -> None:
        """Hand over whatever is due in this pool."""
        now = self._env.now
        due = [watch for watch in self._watched if watch.at <= now + _SNAP]
        if due:
            self._watched = [watch for watch in self._watched if watch.at > now + _SNAP]
            for watch in due:
                self._hand_over(watch)

    def _open_for(self, units: int) -> bool:
        assert isinstance(self._crew, HandingCrew)
        self._crew.pass_on()
        return super()._open_for(units)

    def _taken(self, units: int, who: Waiting) -> None:
        super()._taken(units, who)
        for duty in self.at_work[who]:
            self._watch(who, duty)

    def _watch(self, who: Waiting, duty: Duty) -> None:
        """Hand over when the shift ends, or when the next of another group begins after that."""
        group, now = duty[0], self._env.now
        if not isinstance(group.roster, HoursCalendar):
            return
        at = group.roster.closes_after(now + _SNAP)
        if at <= now + _SNAP:  # the shift is over
            others = (other.next_shift(now) for other in self._able if other is not group)
            at = min(others, default=math.inf)
        if at < math.inf:
            self._watched.append(_Watch(at, who, duty))
            self._env.after(at - now, self._ring)

    def _ring(self, event: Event) -> None:
        del event
        self.pass_on()

    def _hand_over(self, watch: _Watch) -> None:
        duties = self.at_work.get(watch.who, [])
        if not any(duty is watch.duty for duty in duties):
            return  # over
        now, (group, left, since) = self._env.now, watch.duty
        if group.roster.is_open(now + _SNAP):
            self._watch(watch.who, watch.duty)
            return
        given: list[Duty] = []
        for other in self._able:
            number = min(left, other.free(now)) if other is not group else 0
            if number:
                other.busy += number
                left -= number
                given.append((other, number, now))
        moved = watch.duty[1] - left
        if moved:
            group.busy -= moved
            self._crew.record((group, moved, since), now, DONE)
        if left:
            given.append((group, left, since))
        kept = [duty for duty in duties if duty is not watch.duty]
        self.at_work[watch.who] = kept + given
        for duty in given:
            self._watch(watch.who, duty)
