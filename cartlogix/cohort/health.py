"""Courses of health: every patient's states while waiting, drawn without regard to supply."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from cartlogix.ground.distributions import Exponential, Law
from cartlogix.ground.streams import Streams
from cartlogix.scenario.health import Health, HealthState, Transition


@dataclass(frozen=True, slots=True)
class HealthCourse:
    """The states of one patient: from `days[i]` on in `states[i]`, unless infused before.

    `lifetime` is a drawn exponential number of mean 1, for death after infusion.
    """

    days: tuple[float, ...]
    states: tuple[HealthState, ...]
    lifetime: float

    def at(self, day: float) -> HealthState:
        """Return the state on a day from enrolment on."""
        return self.states[max(0, bisect_right(self.days, day) - 1)]

    @property
    def lost(self) -> tuple[float, str]:
        """When and by which state the patient is lost without infusion; infinity if not."""
        last = self.states[-1]
        return (self.days[-1], last.name) if last.end else (math.inf, "")

    def dies_of(self, cause: str) -> bool:
        """Whether a loss by this cause is a death."""
        return self.states[-1].end == "death" and self.states[-1].name == cause

    def death_after(self, infused: float) -> float:
        """Return the day of death of who is infused on a day; NaN if there is no such hazard."""
        mortality = self.at(infused).mortality
        if mortality is None or mortality.value == 0:
            return math.nan
        return infused + self.lifetime / mortality.value


class HealthCourses:
    """Draws the courses of an indication's patients.

    The numbers of patient k come from the streams `patient/health` and are the same whatever the
    pathway or the supply.
    """

    def __init__(self, health: Health, streams: Streams, horizon: float) -> None:
        self._health = health
        self._streams = streams
        self._horizon = horizon
        self._index = {state.name: i for i, state in enumerate(health.states)}
        self._ways: list[list[tuple[Transition, Law]]] = [[] for _ in health.states]
        for transition in health.transitions:
            law = transition.after.law if transition.after else None
            if transition.hazard is not None and transition.hazard.value > 0:
                law = Exponential(1 / transition.hazard.value)
            if law is not None:
                self._ways[self._index[transition.from_]].append((transition, law))

    @property
    def changes_urgency(self) -> bool:
        """Whether some state has an urgency of its own."""
        return any(state.urgency is not None for state in self._health.states)

    def first(self, number: int) -> int:
        """Return the index of the state in which a patient enrols."""
        shares = [state.share.value if state.share else 0.0 for state in self._health.states]
        level = self._streams.uniforms("patient/health/first")[number] * sum(shares)
        reached = 0.0
        for index, share in enumerate(shares):
            reached += share
            if level < reached:
                return index
        return 0

    def of(self, number: int, enrolled: float) -> HealthCourse:
        """Return the course of a patient."""
        state, day = self.first(number), enrolled
        days, states = [day], [self._health.states[state]]
        while self._ways[state] and day <= self._horizon:
            visit = len(days) - 1
            after, state = min(
                (self._time(way, law, visit, number), self._index[way.to])
                for way, law in self._ways[state]
            )
            day += after
            days.append(day)
            states.append(self._health.states[state])
        uniform = self._streams.uniforms("patient/health/lifetime")[number]
        return HealthCourse(tuple(days), tuple(states), -math.log(uniform))

    def _time(self, way: Transition, law: Law, visit: int, number: int) -> float:
        purpose = f"patient/health/{way.from_} > {way.to}"
        return self._streams.draws(law, purpose, visit)[number]
