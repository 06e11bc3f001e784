"""An order's route as operations: which ways there are to carry out each part of it.

What depends on the plant (shipment, manufacture, QC) hangs together. With one plant every step is
an operation of its own, which may wait before it starts. With a choice of plants these steps become
one operation with a way for each plant and suite, and for each wait over closed days.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cartlogix.board.capacity import Plant, Site
from cartlogix.board.checks import AT_PLANT
from cartlogix.board.limits import (
    beds_name,
    chairs_name,
    operators_name,
    pick_up_name,
    qc_name,
    starts_name,
    suite_name,
)
from cartlogix.board.moment import Clock
from cartlogix.board.schema import Board, HandsOn, Kind, Order, Product, Step
from cartlogix.ground.distributions import Law
from cartlogix.scheduling.problem import Demand, Mode, Operation, Resource

LONGEST_WAIT = 3
"""Days of waiting inside an operation that are offered as ways of their own."""


@dataclass(frozen=True)
class Piece:
    """One step within a mode.

    Attributes:
        step: Name of the step.
        kind: Its kind.
        place: Suite, chair, bed, or what else it takes; empty if nothing.
        offset: Ticks from the start of the operation.
        ticks: Planned duration.
        law: Law of its duration, in days.
        failure: Probability that it fails.
        lost: Whether the lot is lost then, rather than made again.
        cleaning: Ticks that the place stays taken afterwards.
        holds: Ticks for which the place is taken, if not until the end.
    """

    step: str
    kind: Kind
    place: str
    offset: int
    ticks: int
    law: Law
    failure: float = 0.0
    lost: bool = False
    cleaning: int = 0
    holds: int | None = None


@dataclass(frozen=True)
class Way:
    """A mode with what it is made of."""

    mode: Mode
    pieces: tuple[Piece, ...]
    plant: str


@dataclass(frozen=True)
class Leg:
    """An operation with its ways, in the order of its modes."""

    steps: tuple[Step, ...]
    ways: tuple[Way, ...]
    min_lag: int
    max_lag: int | None

    def operation(self, pinned: int | None = None, mode: int | None = None) -> Operation:
        """Return the operation for a problem."""
        name = " + ".join(step.step for step in self.steps)
        modes = tuple(way.mode for way in self.ways)
        return Operation(name, modes, self.min_lag, self.max_lag, pinned, mode)


@dataclass
class Router:
    """Makes legs for the orders of one board."""

    board: Board
    clock: Clock
    resources: Mapping[str, Resource]
    _sites: dict[str, Site] = field(init=False)
    _lanes: dict[tuple[str, str], tuple[int, int, float]] = field(init=False)

    def __post_init__(self) -> None:
        self._sites = {site.name: site for site in self.board.sites}
        whole = self.clock.whole
        self._lanes = {
            (lane.site, lane.plant): (
                whole(lane.inward.value),
                whole(lane.outward.value),
                lane.price,
            )
            for lane in self.board.lanes
        }

    def plants(self, order: Order, product: Product) -> list[Plant]:
        """Return the plants that may make an order."""
        makes = any(step.kind == "manufacture" for step in product.route)
        return [
            plant
            for plant in self.board.plants
            if (not order.plants or plant.name in order.plants)
            and (not makes or self._suites(plant, product))
        ]

    def legs(self, order: Order, product: Product, begin: int = 0) -> list[Leg]:
        """Return the legs of an order's route from a step on; a leg without ways cannot be done."""
        plants = self.plants(order, product)
        if order.running is not None and order.running.place is not None:
            plants = [
                plant
                for plant in plants
                if any(suite.name == order.running.place for suite in plant.suites)
            ][:1]
        steps = product.route[begin:]
        return [self._leg(order, product, part, plants) for part in grouped(steps, len(plants))]

    def _leg(
        self, order: Order, product: Product, steps: tuple[Step, ...], plants: Sequence[Plant]
    ) -> Leg:
        whole = self.clock.whole
        first = steps[0]
        low = whole(first.min_wait.value) - int(whole(first.overlap.value))
        high = None if first.max_wait is None else int(first.max_wait.value * self.clock.per_day)
        ways = tuple(self._ways(order, product, steps, plants))
        return Leg(steps, ways, low, high if high is None else max(high, low))

    def _ways(
        self, order: Order, product: Product, steps: tuple[Step, ...], plants: Sequence[Plant]
    ) -> Iterator[Way]:
        depends = any(depends_on_plant(step) for step in steps)
        needs_suite = any(step.kind == "manufacture" for step in steps)
        for plant in plants if depends else [None]:
            suites = self._suites(plant, product) if plant and needs_suite else [""]
            for suite in suites:
                for waits in self._waits(order, steps, plant):
                    yield self._way(order, steps, plant, suite, waits)

    def _suites(self, plant: Plant, product: Product) -> list[str]:
        return [
            suite.name
            for suite in plant.suites
            if not suite.products or product.name in suite.products
        ]

    def _waits(
        self, order: Order, steps: tuple[Step, ...], plant: Plant | None
    ) -> Iterator[tuple[int, ...]]:
        """Yield the waits before each step after the first one."""
        choices = [[0]]
        for step in steps[1:]:
            least = self.clock.whole(step.min_wait.value)
            most = least + self._closed(self._place(order, step, plant, ""))
            if step.max_wait is not None:
                most = max(least, min(most, int(step.max_wait.value * self.clock.per_day)))
            choices.append(list(range(least, most + 1)))
        return itertools.product(*choices)

    def _closed(self, name: str) -> int:
        """Return the longest run of closed ticks in a usual week of a limit, within reason."""
        resource = self.resources.get(name)
        if resource is None:
            return 0
        week = resource.capacity[-7 * self.clock.per_day :] * 2
        runs = [len(list(run)) for shut, run in itertools.groupby(week, lambda u: u == 0) if shut]
        return min(max(runs, default=0), LONGEST_WAIT * self.clock.per_day)

    def _way(
        self,
        order: Order,
        steps: tuple[Step, ...],
        plant: Plant | None,
        suite: str,
        waits: tuple[int, ...],
    ) -> Way:
        offset, cost = 0, 0.0
        demands: list[Demand] = []
        pieces = []
        for step, wait in zip(steps, waits, strict=True):
            offset += wait
            ticks = self._ticks(order, step, plant)
            demands += self.demands(order, step, plant, suite, offset, ticks)
            cost += self._price(order, step, plant)
            place = self._place(order, step, plant, suite)
            pieces.append(self.piece(step, place, offset, ticks))
            offset += ticks
        places = [piece.place for piece in pieces if piece.kind == "manufacture"]
        shown = (places or [piece.place for piece in pieces])[0]
        name = plant.name if plant else ""
        return Way(Mode(offset, tuple(demands), shown, cost), tuple(pieces), name)

    def piece(self, step: Step, place: str, offset: int, ticks: int) -> Piece:
        """Return a step as part of a way."""
        return Piece(
            step.step,
            step.kind,
            place,
            offset,
            ticks,
            step.duration.law,
            0.0 if step.failure is None else step.failure.value,
            step.on_failure == "lost",
            self.clock.whole(step.cleaning.value),
            self._held(step),
        )

    def _held(self, step: Step) -> int | None:
        """Return for how long a step takes its place, if not until its end."""
        if step.kind in ("ship_in", "ship_out"):
            return 1  # the courier comes once
        return None if step.occupies is None else self.clock.whole(step.occupies.value)

    def _ticks(self, order: Order, step: Step, plant: Plant | None) -> int:
        lane = self._lanes.get((order.site or "", plant.name if plant else ""))
        if lane is not None and step.kind in ("ship_in", "ship_out"):
            inward, outward, _ = lane
            return inward if step.kind == "ship_in" else outward
        return self.clock.whole(step.duration.value)

    def _price(self, order: Order, step: Step, plant: Plant | None) -> float:
        lane = self._lanes.get((order.site or "", plant.name if plant else ""))
        return lane[2] if lane is not None and step.kind == "ship_in" else 0.0

    def _place(self, order: Order, step: Step, plant: Plant | None, suite: str) -> str:
        """Return the limit that a step takes a place of; empty if it takes none."""
        site, made = order.site or "", plant.name if plant else ""
        name = {
            "apheresis": chairs_name(site),
            "ship_in": pick_up_name(site),
            "manufacture": suite_name(made, suite),
            "qc": qc_name(made),
            "ship_out": pick_up_name(made),
            "infusion": beds_name(site),
        }.get(step.kind, "")
        return name if name in self.resources else ""

    def demands(
        self,
        order: Order,
        step: Step,
        plant: Plant | None,
        suite: str,
        offset: int,
        ticks: int,
    ) -> Iterator[Demand]:
        """Yield everything that a step takes, from the start of its operation."""
        place = self._place(order, step, plant, suite)
        if place:
            held = self._held(step)
            length = (ticks if held is None else held) + self.clock.whole(step.cleaning.value)
            yield Demand(place, 1, offset, length)
        if plant is None:
            return
        if step.kind == "manufacture" and starts_name(plant.name) in self.resources:
            yield Demand(starts_name(plant.name), 1, offset, 1)
        for work in step.hands_on:
            name = operators_name(plant.name, work.operators)
            if name in self.resources:
                begin, length = self._work(work, ticks)
                yield Demand(name, work.units, offset + begin, length)

    def _work(self, work: HandsOn, ticks: int) -> tuple[int, int]:
        """Return the first tick of work by hand within its step, and its length."""
        length = 1 if work.lasts is None else self.clock.whole(work.lasts.value)
        if work.at == "start":
            return 0, length
        if work.at == "end":
            return max(ticks - length, 0), length
        return int(work.at.value * self.clock.per_day + 1e-9), length


def depends_on_plant(step: Step) -> bool:
    """Whether the plant decides what a step takes."""
    return step.kind in AT_PLANT or bool(step.hands_on)


def grouped(steps: Sequence[Step], plants: int) -> Iterator[tuple[Step, ...]]:
    """Yield steps that are planned as one piece: with a choice of plants, all that depend on it."""
    places = [number for number, step in enumerate(steps) if depends_on_plant(step)]
    if plants < 2 or not places:
        yield from ((step,) for step in steps)
        return
    first, last = places[0], places[-1] + 1
    yield from ((step,) for step in steps[:first])
    yield tuple(steps[first:last])
    yield from ((step,) for step in steps[last:])
