"""Routes: the steps of a pathway or a supply, resolved for one centre and one plant.

This is where words of the scenario ("the patient's centre", "new apheresis") become places and
indices; the simulator walks what comes out of here and knows nothing of modalities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cartlogix.ground.distributions import Law
from cartlogix.scenario.itinerary import (
    Stop,
    lot_itinerary,
    patient_itinerary,
    transport_mode,
)
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Branch, Failure, Milestone, Step, slot_steps


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of a shipment: from where, what to call it, how long it takes."""

    origin: str
    destination: str
    mode: str
    time: Law
    max_transit: float

    @property
    def label(self) -> str:
        """The place of the shipment as the trace names it."""
        return f"{self.origin} > {self.destination}: {self.mode}"


@dataclass(frozen=True, slots=True)
class RouteBranch:
    """What follows a failure: the branch, and the index of the step where a remake starts."""

    branch: Branch
    restart: int


@dataclass(frozen=True, slots=True)
class RouteFailure:
    """What can fail at the end of a step, with the branches and their cumulative shares."""

    failure: Failure
    branches: tuple[RouteBranch, ...]
    bounds: tuple[float, ...]
    exhausted: RouteBranch

    @property
    def when_destroyed(self) -> RouteBranch:
        """The first branch that can follow when nothing is left to infuse."""
        possible = (b for b in self.branches if b.branch.action != "infuse")
        return next(possible, self.exhausted)

    def probability(self, indication: str | None, attempt: int) -> float:
        """Return the probability that an attempt (from 1) fails."""
        if attempt > 1 and self.failure.later_attempts is not None:
            return self.failure.later_attempts.value
        by_indication = self.failure.by_indication
        if indication is not None and indication in by_indication:
            return by_indication[indication].value
        return self.failure.probability.value


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One step at its place."""

    index: int
    step: Step
    site: str
    needs: tuple[tuple[str, int], ...]
    """Pools ('site/resource') and units, the one that keeps the queue first."""
    milestone: Milestone | None
    is_slot: bool
    legs: tuple[Leg, ...]
    """Possible shipments: one, or one for each stock that the dose may come from."""
    failure: RouteFailure | None


def patient_route(scenario: Scenario, pathway: int, centre: int) -> tuple[RouteStep, ...]:
    """Resolve a pathway's route for the patients of one centre."""
    stops = patient_itinerary(scenario, pathway, centre)
    return _resolve(scenario, scenario.pathways[pathway].route, stops)


def lot_route(scenario: Scenario, stock: int) -> tuple[RouteStep, ...]:
    """Resolve the supply route of a stock, from the plant that makes its lots."""
    return _resolve(scenario, scenario.stocks[stock].lot.route, lot_itinerary(scenario, stock))


def _resolve(
    scenario: Scenario, route: tuple[Step, ...], stops: Sequence[Stop]
) -> tuple[RouteStep, ...]:
    slots = slot_steps(route)
    return tuple(
        RouteStep(
            index=index,
            step=step,
            site=stop.site,
            needs=tuple((f"{stop.site}/{need.name}", need.units) for need in step.needs),
            milestone=step.marks,
            is_slot=step.name in slots,
            legs=_legs(scenario, step, stop),
            failure=_failure(step, index, route),
        )
        for index, (step, stop) in enumerate(zip(route, stops, strict=True))
    )


def _legs(scenario: Scenario, step: Step, stop: Stop) -> tuple[Leg, ...]:
    if step.ship is None or stop.destination is None:
        return ()
    legs = []
    for origin in stop.origins:
        mode = transport_mode(scenario, step, origin, stop.destination)
        assert mode is not None, "the checks refuse shipments without a lane"
        limit = mode.max_transit.value if step.ship.fresh and mode.max_transit else math.inf
        legs.append(Leg(origin, stop.destination, mode.name, mode.time.law, limit))
    return tuple(legs)


def _failure(step: Step, index: int, route: Sequence[Step]) -> RouteFailure | None:
    failure = step.failure
    if failure is None:
        return None
    total = sum(branch.share.value for branch in failure.then)
    bounds, reached = [], 0.0
    for branch in failure.then:
        reached += branch.share.value / total
        bounds.append(reached)
    bounds[-1] = 1.0
    branches = tuple(RouteBranch(b, _restart(b, index, route)) for b in failure.then)
    exhausted = RouteBranch(failure.exhausted, index)
    return RouteFailure(failure, branches, tuple(bounds), exhausted)


def _restart(branch: Branch, index: int, route: Sequence[Step]) -> int:
    if branch.action != "remake" or branch.queue == "same_suite":
        return index
    if branch.from_step is not None:
        return next(i for i, step in enumerate(route) if step.name == branch.from_step)
    wanted = "manufacture" if branch.material == "stored" else "apheresis"
    return next(i for i, step in enumerate(route) if step.marks == wanted)
