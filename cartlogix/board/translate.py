"""From a board to the slot problem that it poses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cartlogix.board.checks import clock_of
from cartlogix.board.limits import bookings_name, resources
from cartlogix.board.loader import PreviousPlan
from cartlogix.board.moment import Clock
from cartlogix.board.route import Leg, Piece, Router, Way
from cartlogix.board.running import under_way
from cartlogix.board.schema import Board, Order, Product, Step
from cartlogix.ground.errors import Infeasible
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.problem import Demand, Job, Operation, Problem

WEEKEND = 2
"""Days that fresh material may wait before each step on the way to manufacture but the last."""


@dataclass(frozen=True)
class Posed:
    """A board as a problem.

    Attributes:
        board: The board.
        problem: What the solver is given; its jobs stand in the order of the board's orders.
        clock: Between ticks and dates.
        pieces: The steps within each mode, by job, operation and mode.
        objective: What counts.
        notes: What was decided on the way and a reader should know.
    """

    board: Board
    problem: Problem
    clock: Clock
    pieces: Mapping[tuple[int, int, int], tuple[Piece, ...]]
    objective: Objective
    notes: tuple[str, ...]


def pose(
    board: Board,
    previous: PreviousPlan | None = None,
    *,
    frozen: bool = True,
    free: Collection[str] = (),
) -> Posed:
    """Return the problem of a board.

    Args:
        board: a checked board.
        previous: the plan before it.
        frozen: whether what starts in the frozen zone stays where it is.
        free: orders to which the frozen zone does not apply.

    Raises:
        Infeasible: if an order needs what is not there at all.
    """
    return _Poser(board, previous or {}, frozen, free).posed()


class _Poser:
    def __init__(
        self, board: Board, previous: PreviousPlan, frozen: bool, free: Collection[str]
    ) -> None:
        self.free = frozenset(free)
        self.board = board
        self.clock = clock_of(board)
        self.previous = previous
        self.freeze = self.clock.whole(board.frozen.value) if frozen else 0
        self.resources = {resource.name: resource for resource in resources(board)}
        self.router = Router(board, self.clock, self.resources)
        self.pieces: dict[tuple[int, int, int], tuple[Piece, ...]] = {}
        self.notes: list[str] = []

    def posed(self) -> Posed:
        products = {product.name: product for product in self.board.products}
        self.notes += _rounded(self.clock, self.board.products)
        jobs = tuple(
            self._job(number, order, products[order.product])
            for number, order in enumerate(self.board.orders)
        )
        self._keep_running(jobs)
        problem = Problem(
            jobs, tuple(self.resources.values()), self.clock.ticks, 1 / self.clock.per_day
        )
        objective = Objective(tuple(dict(level) for level in self.board.objective))
        return Posed(
            self.board,
            problem,
            self.clock,
            self.pieces,
            objective,
            tuple(dict.fromkeys(self.notes)),
        )

    def _job(self, number: int, order: Order, product: Product) -> Job:
        release = 0 if order.ready is None else max(0, self.clock.first(order.ready))
        begin = 0
        if order.running is not None:
            begin = [step.step for step in product.route].index(order.running.step)
            release = 0
        legs = self.router.legs(order, product, begin)
        for leg in legs:
            if not leg.ways:
                steps = " + ".join(step.step for step in leg.steps)
                words = f"no plant of '{order.id}' has a suite for '{product.name}'"
                raise Infeasible(f"infeasible: {words} ({steps}); add one, or widen its plants")
        if order.running is not None:
            legs[0] = under_way(self.clock, order.running, legs[0])
        operations = self._operations(number, order, legs)
        operations, latest = self._fresh(order, product, legs, operations, release)
        return Job(
            name=order.id,
            operations=self._booked(order, operations),
            release=release,
            due=None if order.due is None else self.clock.after(order.due),
            deadline=None if order.deadline is None else self.clock.after(order.deadline),
            latest_start=latest,
            weight=order.weight,
            loss_rate=0.0 if order.loss is None else order.loss.value / self.clock.per_day,
            optional=order.optional,
            previous=self._previous(order, product),
            product=order.product,
            site=order.site or "",
            indication=order.indication,
            kind=order.kind,
            doses=order.doses,
            after=order.after,
        )

    def _previous(self, order: Order, product: Product) -> int | None:
        if order.running is not None:
            return None
        if order.previous is not None:
            return self.clock.first(order.previous)
        found = self.previous.get((order.id, product.route[0].step))
        return None if found is None else self.clock.first(found[0])

    def _operations(self, number: int, order: Order, legs: Sequence[Leg]) -> list[Operation]:
        operations = []
        for index, leg in enumerate(legs):
            under_way = order.running is not None and index == 0
            pinned, ways = (0, leg.ways) if under_way else self._decided(order, leg)
            for mode, way in enumerate(ways):
                self.pieces[number, index, mode] = way.pieces
            operations.append(replace(leg, ways=ways).operation(pinned))
        return operations

    def _decided(self, order: Order, leg: Leg) -> tuple[int | None, tuple[Way, ...]]:
        """Return the start of a leg in which a step is pinned, and the ways that agree with it."""
        for step in leg.steps:
            found = self._decision(order, step)
            if found is None:
                continue
            start, place = found
            offsets = {
                way: next(p.offset for p in way.pieces if p.step == step.step)
                for way in leg.ways
                if not place or place in (way.mode.place, way.mode.place.rpartition("/")[2])
            }
            if offsets:
                offset = min(offsets.values())
                kept = tuple(way for way, at in offsets.items() if at == offset)
                return start - offset, kept
        return None, leg.ways

    def _decision(self, order: Order, step: Step) -> tuple[int, str] | None:
        """Return the tick and the place for which a step is decided, if it is."""
        for pin in order.pins:
            if pin.step == step.step:
                return self.clock.first(pin.start), pin.place or ""
        moment, place = self.previous.get((order.id, step.step), (None, ""))
        product = next(one for one in self.board.products if one.name == order.product)
        if order.previous is not None and step.step == product.route[0].step:
            moment, place = order.previous, ""
        if (
            moment is None
            or order.id in self.free
            or not 0 <= self.clock.first(moment) < self.freeze
        ):
            return None
        known = place if step.kind == "manufacture" else ""
        self.notes.append(f"{order.id}: {step.step} stays on {moment} (frozen zone)")
        return self.clock.first(moment), known

    def _fresh(
        self,
        order: Order,
        product: Product,
        legs: Sequence[Leg],
        operations: list[Operation],
        release: int,
    ) -> tuple[list[Operation], int | None]:
        """Return operations and the latest start that keep the material alive to manufacture."""
        if order.material_life is None or order.running is not None:
            return operations, None
        life = int(order.material_life.value * self.clock.per_day + 1e-9)
        kinds = [step.kind for step in product.route]
        until = kinds.index("manufacture") if "manufacture" in kinds else len(kinds) - 1
        target = product.route[until].step
        since = kinds.index("apheresis") + 1 if "apheresis" in kinds[:until] else 0
        chain = [
            index
            for index, leg in enumerate(legs)
            if since <= product.route.index(leg.steps[0]) <= until
        ]
        spent = sum(min(way.mode.duration for way in legs[index].ways) for index in chain[:-1])
        spent += min(
            piece.offset for way in legs[chain[-1]].ways for piece in way.pieces
            if piece.step == target
        )  # fmt: skip
        slack = max(0, life - spent)
        if since == 0:
            return operations, release + slack
        for index in chain:
            # The sum of the waits must not exceed the slack; each but the last gets a weekend.
            share = slack if index == chain[-1] else min(slack, WEEKEND * self.clock.per_day)
            operation = operations[index]
            most = share if operation.max_lag is None else min(share, operation.max_lag)
            operations[index] = replace(operation, max_lag=max(most, operation.min_lag))
            slack -= share
        return operations, None

    def _booked(self, order: Order, operations: list[Operation]) -> tuple[Operation, ...]:
        """Return operations of which the first takes a place in the site's weekly quota."""
        name = bookings_name(order.site or "")
        if name not in self.resources or order.running is not None:
            return tuple(operations)
        first = operations[0]
        modes = tuple(
            replace(mode, demands=(*mode.demands, Demand(name, 1, 0, 1))) for mode in first.modes
        )
        return (replace(first, modes=modes), *operations[1:])

    def _keep_running(self, jobs: Sequence[Job]) -> None:
        """Raise limits to what lots under way take: they are finished, whatever happens."""
        taken: dict[str, dict[int, int]] = {}
        for job, order in zip(jobs, self.board.orders, strict=True):
            if order.running is not None:
                mode = job.operations[0].modes[0]
                for demand in mode.demands:
                    first, until = demand.ticks(mode.duration)
                    of = taken.setdefault(demand.resource, {})
                    for tick in range(max(first, 0), until):
                        of[tick] = of.get(tick, 0) + demand.amount
        for name, by_tick in taken.items():
            resource = self.resources[name]
            capacity = list(resource.capacity)
            raised = {
                tick: units for tick, units in by_tick.items()
                if tick < len(capacity) and units > capacity[tick] + resource.overtime
            }  # fmt: skip
            for tick, units in raised.items():
                capacity[tick] = units - resource.overtime
            if raised:
                day = self.clock.at(min(raised))
                self.notes.append(
                    f"{name}: lots under way take more than there is from {day}; they are finished"
                )
                self.resources[name] = replace(resource, capacity=tuple(capacity))


def _rounded(clock: Clock, products: Sequence[Product]) -> Iterator[str]:
    for product in products:
        for step in product.route:
            days = step.duration.value
            ticks = clock.whole(days)
            if abs(ticks - days * clock.per_day) > 1e-6:
                unit = "day" if clock.per_day == 1 else "half-day"
                yield (
                    f"{product.name}: {step.step} takes {days:.3g} d in the mean and is planned as"
                    f" {ticks} whole {unit}{'s' if ticks > 1 else ''}"
                )


def with_previous(posed: Posed, starts: Mapping[str, int | None]) -> Posed:
    """Return the same problem with other starts to compare with, by the name of the job."""
    jobs = tuple(
        replace(job, previous=starts.get(job.name, job.previous)) for job in posed.problem.jobs
    )
    return replace(posed, problem=replace(posed.problem, jobs=jobs))
