"""Pools whose line a policy orders anew whenever somebody may start, from expectations alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cartlogix.ground.calendars import Calendar, StartCalendar
from cartlogix.scenario.demand import DropOut
from cartlogix.scenario.model import Scenario
from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import LotRun, Traveller
from cartlogix.sim.line import State, Waiting
from cartlogix.sim.pool import Needs, Pool, PoolRules, Seizure, take
from cartlogix.sim.station import Station


@dataclass(frozen=True, slots=True)
class SlotStep:
    """A step ahead: mean days of free delay before it and of work; units of pools, by name."""

    lag: float
    duration: float
    needs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SlotLot:
    """Somebody in line, or under way, as far as a policy may know.

    Attributes:
        name: Unique among those at one moment.
        joined: Day on which it joined the line.
        due: Day by which the last of `steps` should have ended; infinite without a target.
        weight: Urgency weight.
        loss_rate: Hazard per day of being lost while waiting.
        steps: From the present one to the infusion, as far as they need anything shared.
        elapsed: Days since the first of `steps` began; NaN while it waits.
    """

    name: str
    joined: float
    due: float
    weight: float
    loss_rate: float
    steps: tuple[SlotStep, ...]
    elapsed: float = math.nan


@dataclass(frozen=True, slots=True)
class SlotPool:
    """A pool: its units, how many are free, and when work may start."""

    capacity: float
    free: float
    calendar: Calendar
    starts: StartCalendar | None


@dataclass(frozen=True, slots=True)
class SlotView:
    """What a policy may know when it decides: what has happened and what is expected."""

    now: float
    waiting: tuple[SlotLot, ...]
    under_way: tuple[SlotLot, ...]
    pools: Mapping[str, SlotPool]


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """Who of the waiting may start now, in order, by place; and what the answer rests on.

    Attributes:
        order: Places in the view's `waiting`.
        again: Day on which to ask again if nothing happens before; infinite for never.
        status: How the answer was found.
        objective: Value of the plan behind it; NaN without one.
        bound: Proven lower bound of that; NaN without one.
        trigger: Why a plan was made anew; empty if it was not.
    """

    order: tuple[int, ...]
    again: float = math.inf
    status: str = "rule"
    objective: float = math.nan
    bound: float = math.nan
    trigger: str = ""


class SlotDispatcher(Protocol):
    """Decides who of a line may start."""

    @property
    def name(self) -> str:
        """Name of the policy, for the table decisions."""

    @property
    def plans(self) -> bool:
        """Whether it plans: it is then recorded, and one may pass whom something holds up."""

    def order(self, view: SlotView, happened: Sequence[str]) -> SlotAnswer:
        """Return who may start now.

        Args:
            view: What may be known.
            happened: What makes the pool ask, then all else since the last plan was made:
                "arrival", "urgent", "failure", "release" or "outage".
        """


PlanDecision = tuple[float, str, str, str, int, int, str, float, float]
"""Day, policy, trigger, pool, lots in line, lots started, status, objective, bound."""


class Look(Protocol):
    """Puts together what may be seen, given those in line."""

    def __call__(self, requests: Sequence[Seizure], *, all_: bool) -> SlotView:
        """Return the view; who is elsewhere is only in it if `all_`."""


class PlannedPool(Pool):
    """A pool whose line is ordered by a dispatcher at the moment of service."""

    def __init__(
        self,
        env: Clock,
        name: str,
        capacity: float,
        rules: PoolRules,
        dispatcher: SlotDispatcher,
    ) -> None:
        super().__init__(env, name, capacity, rules)
        self.decisions: list[PlanDecision] = []
        self.look: Look | None = None
        self._dispatcher = dispatcher
        self.trigger = "release"
        self.happened: dict[str, None] = {}  # in a fixed order, unlike a set

    def seize(self, who: Waiting, needs: Needs, *, front: bool = False) -> Seizure | None:
        """Take the units at once if nobody waits; otherwise join the line and have it ordered."""
        self.trigger = "failure" if front else "arrival"
        self._note(who)
        request = super().seize(who, needs, front=front)
        self.trigger = "release"
        if not self._line.waiting:
            self.happened.clear()
        return request

    def _note(self, who: Waiting) -> None:
        self.happened[self.trigger] = None
        others = [request.who.urgency for request in self._line.requests()]
        if others and who.urgency > max(others):
            self.happened["urgent"] = None

    def _serve(self) -> None:
        requests = self._line.requests()
        first = [request for request in requests if request.front]
        for request in first:
            self._grant(request)
        others = [request for request in requests if request.state is State.WAITING]
        if any(self._can_start(request.needs) for request in others):
            self._ask(others)
        if self._timed and self._line.waiting:
            self._wake_later()

    def _ask(self, requests: list[Seizure]) -> None:
        assert self.look is not None
        view = self.look(requests, all_=self._dispatcher.plans)
        answer = self._dispatcher.order(view, (self.trigger, *self.happened))
        if answer.trigger:
            self.happened.clear()
        started = 0
        for place in answer.order:
            if self._grant(requests[place]):
                started += 1
            elif not self._dispatcher.plans:
                break  # nobody overtakes
        if self._dispatcher.plans:
            self.decisions.append(
                (
                    self._env.now,
                    self._dispatcher.name,
                    answer.trigger or self.trigger,
                    self.name,
                    len(requests),
                    started,
                    answer.status,
                    answer.objective,
                    answer.bound,
                )
            )
        if answer.again < self._wake_at and any(
            request.state is State.WAITING and self._can_start(request.needs)
            for request in requests
        ):
            self._wake_at = answer.again
            self._env.after(answer.again - self._env.now, self._wake)

    def _grant(self, request: Seizure) -> bool:
        if not self._can_start(request.needs):
            return False
        take(request.needs, request.who)
        self._line.grant(request)
        return True


class Lookout:
    """Puts together what policies may see; knows no drawn number of anything yet to come."""

    def __init__(
        self,
        scenario: Scenario,
        clock: Clock,
        pools: Mapping[str, Pool],
        under_way: Callable[[], Iterable[Traveller]],
    ) -> None:
        self._clock = clock
        self._pools = pools
        self._under_way = under_way
        self._hazards = [
            sum(_hazard(cause) for cause in indication.drop_out)
            for indication in scenario.demand.indications
        ]
        self._ahead: dict[tuple[int, int], tuple[tuple[SlotStep, ...], float]] = {}

    def look(self, requests: Sequence[Seizure], *, all_: bool) -> SlotView:
        """Return the state of the pools and of those in line; if `all_`, of those elsewhere too."""
        waiting = [request.who for request in requests]
        assert all(isinstance(who, Traveller) for who in waiting)
        asked = {id(who) for who in waiting}
        others = [
            who
            for who in (self._under_way() if all_ else ())
            if who.open_step is not None and who.open_step.pools and id(who) not in asked
        ]
        return SlotView(
            self._clock.now,
            tuple(self._lot(who) for who in waiting if isinstance(who, Traveller)),
            tuple(self._lot(who) for who in others),
            {
                name: SlotPool(pool.capacity, pool.free, pool.rules.calendar, pool.rules.starts)
                for name, pool in self._pools.items()
            },
        )

    def _lot(self, who: Traveller) -> SlotLot:
        assert who.open_step is not None
        index = who.open_step.index
        key = (id(who.route), index)
        if key not in self._ahead:
            self._ahead[key] = steps_ahead(who.route[index:])
        steps, after = self._ahead[key]
        return SlotLot(
            f"{'lot' if isinstance(who, LotRun) else 'patient'} {who.number}",
            who.queued,
            who.due - after,
            who.urgency,
            self._hazards[who.indication] if who.indication >= 0 else 0.0,
            steps,
            self._clock.now - who.started,
        )


def _hazard(cause: DropOut) -> float:
    """Hazard per day of a cause of loss; of one with another law, that of the same mean."""
    if cause.hazard is not None:
        return cause.hazard.value
    mean = cause.after.law.mean if cause.after else math.inf
    return 1 / mean if mean > 0 else 0.0


def steps_ahead(route: Sequence[Station]) -> tuple[tuple[SlotStep, ...], float]:
    """Return the steps that need anything shared, and the mean days from their end to infusion.

    The infusion counts from its start, so the days are negative if it is among the steps.
    """
    steps: list[SlotStep] = []
    lag = 0.0
    for station in route:
        mean = station.mean
        if not station.pools:
            if station.starts == "infusion":
                return tuple(steps), lag
            lag += 0.0 if station.with_previous else mean
            continue
        # What has no name of its own (crews by qualification, waits for a closing) is not planned.
        needs = tuple((pool.name, units) for pool, units in station.pools if pool.name)
        steps.append(SlotStep(lag, mean, needs))
        lag = 0.0
        if station.starts == "infusion":
            return tuple(steps), -mean
    return tuple(steps), lag
