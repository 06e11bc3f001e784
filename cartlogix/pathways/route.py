"""Routes: the steps of a pathway or a supply, resolved for one centre and one plant.

This is where words of the scenario ("the patient's centre", "new apheresis") become places and
indices; the simulator walks what comes out of here and knows nothing of modalities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cartlogix.ground.distributions import Law
from cartlogix.scenario.failure import Branch, Failure
from cartlogix.scenario.itinerary import (
    Stop,
    home_route,
    lot_itinerary,
    patient_itinerary,
    transport_mode,
)
from cartlogix.scenario.matching import Donors
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Mode
from cartlogix.scenario.pathway import Milestone, Need, Step, slot_steps


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of a shipment: from where, what to call it, how long it takes."""

    origin: str
    destination: str
    mode: str
    time: Law
    max_transit: float
    transport: Mode

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
class Claim:
    """Units of a pool ('site/resource') that a step needs, throughout or for some days."""

    pool: str
    units: int
    qualification: str | None
    days: float | None


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One step at its place, or one of its two parts.

    A step that needs something for its last part only is walked as two: the start, and the end,
    which waits for what it needs while the rest is held.
    """

    index: int
    step: Step
    part: Literal["whole", "start", "end"]
    site: str
    needs: tuple[Claim, ...]
    """What is taken when it starts, the pool that keeps the queue first."""
    carried: tuple[Claim, ...]
    """What the end of a step holds from its start on."""
    milestone: Milestone | None
    is_slot: bool
    legs: tuple[Leg, ...]
    """Possible shipments: one, or one for each stock that the dose may come from."""
    failure: RouteFailure | None
    expiry: RouteFailure | None = None
    """What follows where fresh material is too old to start with."""
    collects: bool = False
    """Whether the life of fresh material begins with the end of the step."""


def patient_route(scenario: Scenario, pathway: int, centre: int) -> tuple[RouteStep, ...]:
    """Resolve a pathway's route for the patients of one centre."""
    stops = patient_itinerary(scenario, pathway, centre)
    return _resolve(scenario, home_route(scenario, pathway, centre), stops)


def after_collection(route: Sequence[Step]) -> int:
    """Return the index of the first step of a lot for which a donor's cells are there already."""
    marks = [step.marks for step in route]
    collected = [i for i, mark in enumerate(marks) if mark in ("donor", "apheresis")]
    return collected[-1] + 1 if collected else 0


def lot_route(scenario: Scenario, stock: int, first: int = 0) -> tuple[RouteStep, ...]:
    """Resolve the supply route of a stock from one of its steps on, from the plant."""
    lot = scenario.stocks[stock].lot
    route = tuple(_screening(step, lot.donors) for step in lot.route)
    return _resolve(scenario, route[first:], lot_itinerary(scenario, stock)[first:])


def _screening(step: Step, donors: Donors | None) -> Step:
    """Return a step at whose end a donor may be turned down, and another one screened."""
    if donors is None or step.marks != "donor" or donors.deferral.value == 0:
        return step
    again = Branch(action="remake", from_step=step.name)
    failure = Failure(probability=donors.deferral, then=(again,), max_attempts=None)
    return step.model_copy(update={"failure": failure})


def _resolve(
    scenario: Scenario, route: tuple[Step, ...], stops: Sequence[Stop]
) -> tuple[RouteStep, ...]:
    slots = slot_steps(route)
    # Steps in two parts shift the places of those behind them.
    places, place = [], 0
    for step in route:
        places.append(place)
        place += 2 if step.ending else 1
    resolved: list[RouteStep] = []
    sources = {step.fresh.from_ for step in route if step.fresh}
    for index, (step, stop) in enumerate(zip(route, stops, strict=True)):
        legs, failure = _legs(scenario, step, stop), _failure(step.failure, index, route, places)
        expiry = _failure(step.fresh.failure if step.fresh else None, index, route, places)
        at, is_slot, marks = places[index], step.name in slots, step.marks
        held = _claims(stop.site, [need for need in step.needs if need.at == "start"])
        collects = step.name in sources
        if not step.ending:
            whole = RouteStep(at, step, "whole", stop.site, held, (), marks, is_slot, legs, failure)
            resolved.append(replace(whole, expiry=expiry, collects=collects))
            continue
        ending = _claims(stop.site, step.ending)
        carried = tuple(claim for claim in held if claim.days is None)
        start = RouteStep(at, step, "start", stop.site, held, (), marks, is_slot, (), failure)
        resolved.append(replace(start, expiry=expiry))
        end = RouteStep(at + 1, step, "end", stop.site, ending, carried, marks, False, (), failure)
        resolved.append(replace(end, collects=collects))
    return tuple(resolved)


def _claims(site: str, needs: Sequence[Need]) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            f"{site}/{need.name}",
            need.units,
            need.qualification,
            need.for_.value if need.for_ else None,
        )
        for need in needs
    )


def _legs(scenario: Scenario, step: Step, stop: Stop) -> tuple[Leg, ...]:
    if step.ship is None or stop.destination is None:
        return ()
    legs = []
    for origin in stop.origins:
        mode = transport_mode(scenario, step, origin, stop.destination)
        assert mode is not None, "the checks refuse shipments without a lane"
        limit = mode.max_transit.value if step.ship.fresh and mode.max_transit else math.inf
        legs.append(Leg(origin, stop.destination, mode.name, mode.time.law, limit, mode))
    return tuple(legs)


def _failure(
    failure: Failure | None, index: int, route: Sequence[Step], places: Sequence[int]
) -> RouteFailure | None:
    if failure is None:
        return None
    total = sum(branch.share.value for branch in failure.then)
    bounds, reached = [], 0.0
    for branch in failure.then:
        reached += branch.share.value / total
        bounds.append(reached)
    bounds[-1] = 1.0
    branches = tuple(RouteBranch(b, places[_restart(b, index, route)]) for b in failure.then)
    exhausted = RouteBranch(failure.exhausted, places[index])
    return RouteFailure(failure, branches, tuple(bounds), exhausted)


def _restart(branch: Branch, index: int, route: Sequence[Step]) -> int:
    if branch.action != "remake" or branch.queue == "same_suite":
        return index
    if branch.from_step is not None:
        return next(i for i, step in enumerate(route) if step.name == branch.from_step)
    wanted = "manufacture" if branch.material == "stored" else "apheresis"
    return next(i for i, step in enumerate(route) if step.marks == wanted)
