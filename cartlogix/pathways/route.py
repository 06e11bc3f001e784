"""Routes: the steps of a pathway or a supply, resolved for one centre and one plant.

This is where words of the scenario ("the patient's centre", "new apheresis") become places and
indices; the simulator walks what comes out of here and knows nothing of modalities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cartlogix.ground.distributions import Law
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Mode
from cartlogix.scenario.pathway import Branch, Failure, Milestone, Step


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


class NoLane(ValueError):
    """No lane joins two sites between which a step ships; `step` is its index."""

    def __init__(self, step: int, message: str) -> None:
        super().__init__(message)
        self.step = step


def patient_route(scenario: Scenario, pathway: int, centre: int) -> tuple[RouteStep, ...]:
    """Resolve a pathway's route for the patients of one centre.

    Raises:
        NoLane: if a shipment has no lane to take.
    """
    home = scenario.network.centres[centre]
    plant = scenario.network.plant_of(home)
    return _resolve(scenario, scenario.pathways[pathway].route, home.name, home.name, plant)


def lot_route(scenario: Scenario, stock: int) -> tuple[RouteStep, ...]:
    """Resolve the supply route of a stock, from the plant that makes its lots.

    Raises:
        NoLane: if a shipment has no lane to take.
    """
    lot = scenario.stocks[stock].lot
    plant = lot.plant or scenario.network.plants[0].name
    return _resolve(scenario, lot.route, plant, plant, plant)


def stock_site(scenario: Scenario, name: str) -> str:
    """Return the site that holds a stock."""
    stock = next(stock for stock in scenario.stocks if stock.name == name)
    return stock.at or scenario.network.plants[0].name


def _resolve(
    scenario: Scenario, route: Sequence[Step], here: str, centre: str, plant: str
) -> tuple[RouteStep, ...]:
    places = {"centre": centre, "plant": plant}
    explicit_slot = any(step.slot for step in route)
    origins: tuple[str, ...] = (here,)
    steps: list[RouteStep] = []
    for index, step in enumerate(route):
        legs: tuple[Leg, ...] = ()
        if step.draw is not None:
            origins = tuple(stock_site(scenario, name) for name in step.draw.stock)
        if step.ship is not None:
            named = step.ship.from_
            start = origins if named is None else (places.get(named, named),)
            end = places.get(step.ship.to, step.ship.to)
            legs = tuple(_leg(scenario, index, step, origin, end) for origin in start)
            origins = (end,)
        site = _site(scenario, step, places, origins[0])
        steps.append(
            RouteStep(
                index=index,
                step=step,
                site=site,
                needs=tuple((f"{site}/{need.name}", need.units) for need in step.needs),
                milestone=step.marks,
                is_slot=bool(step.slot) if explicit_slot else step.marks == "manufacture",
                legs=legs,
                failure=_failure(step, index, route),
            )
        )
    return tuple(steps)


def _site(scenario: Scenario, step: Step, places: dict[str, str], here: str) -> str:
    """Return where a step takes place: by its resources, or where the material is."""
    if step.at is not None:
        return places[step.at]
    if not step.needs or places["centre"] == places["plant"]:
        return here
    role = scenario.network.role_of(step.needs[0].name)
    return places[role] if role else here


def _leg(scenario: Scenario, index: int, step: Step, origin: str, destination: str) -> Leg:
    assert step.ship is not None
    lane = scenario.network.lane(origin, destination)
    wanted = step.ship.mode
    mode: Mode | None = None
    if lane is not None:
        mode = next((m for m in lane.modes if wanted in (None, m.name)), None)
    if mode is None:
        by = f" by '{wanted}'" if wanted else ""
        message = f"no lane leads from '{origin}' to '{destination}'{by}: add it to network.lanes"
        raise NoLane(index, message)
    limit = mode.max_transit.value if step.ship.fresh and mode.max_transit else math.inf
    return Leg(origin, destination, mode.name, mode.time.law, limit)


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
