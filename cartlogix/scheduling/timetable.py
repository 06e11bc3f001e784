"""What is still free while a plan is put together, and the best place for one more job."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cartlogix.scheduling.plan import Plan, Step, Steps, mode_of
from cartlogix.scheduling.problem import Job, Mode, Operation, Problem, Take

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """What a job costs by the tick of its start and of its end, within the horizon.

    Attributes:
        by_start: Of each start, shape (horizon + 1,); infinite where it must not be.
        by_end: Of each end, shape (horizon + 1,).
        per_cost: Weight of a mode's price.
    """

    by_start: Values
    by_end: Values
    per_cost: float = 0.0


class Timetable:
    """Free units of every resource, by window, of a plan under construction."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.horizon = problem.horizon
        self._demands = problem.takes
        every = [take for takes in self._demands.of_mode.values() for take in takes]
        reach = max((take.until for take in every), default=0)
        last = max(problem.span, problem.horizon + reach) + 1
        self.free = [resource.units(-(-last // resource.window)) for resource in problem.resources]
        self.lots: dict[int, list[tuple[int, int, str]]] = {
            index: [] for index, resource in enumerate(problem.resources) if resource.changeovers
        }
        self._ticks = np.arange(problem.horizon + 1)
        self._never = np.full(problem.horizon + 1, np.inf)
        # Masks of room stay valid until somebody takes or gives back units of the resource.
        self._changes = [0] * len(problem.resources)
        self._rooms: dict[tuple[int, str], tuple[int, Mask]] = {}

    def lift(self, index: int, units: int) -> None:
        """Adds units of a resource in every window; negative ones are taken away again."""
        self._changes[index] += 1
        self.free[index] += units

    def add(self, job: Job, steps: Steps) -> None:
        """Takes what a job uses, whether or not it is free."""
        self._take(job, steps, 1)

    def remove(self, job: Job, steps: Steps) -> None:
        """Gives back what `add` took."""
        self._take(job, steps, -1)

    def takes(self, mode: Mode) -> tuple[Take, ...]:
        """What an operation takes, with its resources looked up."""
        return self._demands.of_mode[id(mode)]

    def fits(self, mode: Mode, product: str) -> Mask:
        """Starts at which one operation finds everything that it takes, shape (horizon + 1,)."""
        mask = np.ones(self.horizon + 1, dtype=bool)
        mask[max(0, self.horizon + 1 - mode.duration) :] = False
        for take in self._demands.of_mode[id(mode)]:
            mask &= self._room(take, product)
        return mask

    def at_once(self, job: Job, tick: int) -> Steps | None:
        """How to start a job at a tick and end it soonest, None if that cannot be."""
        if len(job.operations) == 1 and job.name not in self._demands.meeting and not self.lots:
            operation = job.operations[0]
            ways = [
                (mode.duration, index)
                for index, mode in enumerate(operation.modes)
                if operation.pinned in {None, tick}
                and operation.pinned_mode in {None, index}
                and self._has_room(mode, tick)
            ]
            return (Step(tick, min(ways)[1]),) if ways else None
        if not self.may_start(job, tick):
            return None
        if job.name in self._demands.straight and not self.lots:
            return self._forward(job, tick)
        only = self._never.copy()
        only[tick] = 0.0
        found = self.best(job, Worth(only, self._ticks.astype(float)))
        return None if found is None else found[1]

    def may_start(self, job: Job, tick: int) -> bool:
        """Whether the first operation may find room at a tick, quicker than by `fits`.

        With changeovers and demands that meet in one window, False is certain and True is not.
        """
        return any(self._has_room(mode, tick) for mode in job.operations[0].modes)

    def _forward(self, job: Job, tick: int) -> Steps | None:
        """Each operation as soon as it can be, which ends a straight job soonest."""
        steps: list[Step] = []
        earliest = tick
        for operation in job.operations:
            if steps:
                earliest = max(0, earliest + operation.min_lag)
            start = self._soonest(operation, earliest)
            if start is None or (not steps and start != tick):
                return None
            steps.append(Step(start))
            earliest = start + operation.modes[0].duration
        return tuple(steps)

    def _soonest(self, operation: Operation, tick: int) -> int | None:
        """The first start from a tick on at which a straight operation finds what it takes."""
        mode = operation.modes[0]
        if operation.pinned is not None:
            kept = operation.pinned >= tick and self._has_room(mode, operation.pinned)
            return operation.pinned if kept else None
        if self._has_room(mode, tick):
            return tick
        fits = np.flatnonzero(self.fits(mode, "")[tick:])
        return tick + int(fits[0]) if len(fits) else None

    def best(self, job: Job, worth: Worth) -> tuple[float, Steps] | None:
        """The cheapest way to add a job to what is there, None if there is no way.

        Works from the last operation to the first: the least cost of the rest of the job, by the
        start of an operation, follows from that of the next one over the lags that are allowed.
        """
        operations = job.operations
        count = len(operations)
        rest: list[Values] = [np.empty(0)] * count
        chosen: list[npt.NDArray[np.int64] | None] = [None] * count
        for number in reversed(range(count)):
            ahead = (
                worth.by_end
                if number + 1 == count
                else _least_ahead(operations[number + 1], rest[number + 1])
            )
            ways = [
                self._way(operations[number], index, job.product, ahead, worth.per_cost)
                for index in range(len(operations[number].modes))
            ]
            if len(ways) == 1:
                rest[number] = ways[0]
                continue
            costs = np.array(ways)
            chosen[number] = costs.argmin(axis=0)
            rest[number] = costs.min(axis=0)
        first = rest[0] + worth.by_start
        while True:
            start = int(first.argmin())
            if not np.isfinite(first[start]):
                return None
            steps = _trace_back(job, start, rest, chosen)
            if job.name not in self._demands.meeting or self._holds(job, steps):
                return float(first[start]), steps
            first[start] = np.inf

    def _way(
        self,
        operation: Operation,
        index: int,
        product: str,
        ahead: Values,
        per_cost: float,
    ) -> Values:
        cost = self._never.copy()
        if operation.pinned_mode is not None and operation.pinned_mode != index:
            return cost
        mode = operation.modes[index]
        fits = self.fits(mode, product)
        if operation.pinned is not None:
            fits &= self._ticks == operation.pinned
        last = self.horizon + 1 - mode.duration
        if last > 0:
            np.copyto(cost[:last], ahead[mode.duration :], where=fits[:last])
        return cost + per_cost * mode.cost if per_cost else cost

    def _has_room(self, mode: Mode, tick: int) -> bool:
        if tick + mode.duration > self.horizon:
            return False
        for take in self._demands.of_mode[id(mode)]:
            span = self._span(take, tick)
            if span is not None and self.free[take.index][span].min() < take.amount:
                return False
        return True

    def _room(self, take: Take, product: str) -> Mask:
        """Starts at which a demand finds its units, shape (horizon + 1,)."""
        lots = self.lots.get(take.index)
        key = take.number, "" if lots is None else product
        changes, mask = self._rooms.get(key, (-1, None))
        if mask is None or changes != self._changes[take.index]:
            mask = self._looked_for(take)
            for lot in lots or ():
                self._keep_apart(mask, take, product, lot)
            self._rooms[key] = self._changes[take.index], mask
        return mask

    def _looked_for(self, take: Take) -> Mask:
        free, size = self.free[take.index], self.horizon + 1
        if take.window == 1 and take.first >= 0 and take.until == take.first + 1:
            found: Mask = free[take.first : take.first + size] >= take.amount
            return found
        lacking = np.zeros(len(free) + 1, dtype=np.int64)
        np.add.accumulate(free < take.amount, out=lacking[1:], dtype=np.int64)
        if take.window == 1 and take.first >= 0:
            until = lacking[take.until : take.until + size]
            kept: Mask = until == lacking[take.first : take.first + size]
            return kept
        first = np.maximum(self._ticks + take.first, 0) // take.window
        last = np.maximum((self._ticks + take.until - 1) // take.window + 1, first)
        within: Mask = lacking[last] == lacking[first]
        return within

    def _keep_apart(self, mask: Mask, take: Take, product: str, lot: tuple[int, int, str]) -> None:
        start, end, other = lot
        between = self.problem.resources[take.index].changeovers
        before, after = between.get((product, other), 0), between.get((other, product), 0)
        barred = slice(max(0, start - before - take.until + 1), max(0, end + after - take.first))
        mask[barred] = False

    def _holds(self, job: Job, steps: Steps) -> bool:
        """Whether the steps fit together too."""
        self.add(job, steps)
        taken = {
            take.index
            for number in range(len(steps))
            for take in self._demands.of_mode[id(mode_of(job, steps, number))]
        }
        enough = all(self.free[index].min() >= 0 and self._are_apart(index) for index in taken)
        self.remove(job, steps)
        return enough

    def _are_apart(self, index: int) -> bool:
        """Whether lots that follow each other on a resource leave time to change over."""
        between = self.problem.resources[index].changeovers
        return all(
            end + between.get((product, following), 0) <= start
            for (_, end, product), (start, _, following) in pairwise(
                sorted(self.lots.get(index, ()))
            )
        )

    def _take(self, job: Job, steps: Steps, sign: int) -> None:
        of_mode = self._demands.of_mode
        for operation, step in zip(job.operations, steps, strict=True):
            for take in of_mode[id(operation.modes[step.mode])]:
                self._changes[take.index] += 1
                if self.lots and take.index in self.lots:
                    lot = (step.start + take.first, step.start + take.until, job.product)
                    lots = self.lots[take.index]
                    (lots.append if sign > 0 else lots.remove)(lot)
                span = self._span(take, step.start)
                if span is not None:
                    units = self.free[take.index][span]
                    units -= sign * take.amount

    @staticmethod
    def _span(take: Take, tick: int) -> slice | None:
        """The windows that a demand touches, None if it lies before tick 0."""
        first, until = tick + take.first, tick + take.until
        if until <= 0:
            return None
        first = max(first, 0)
        if take.window == 1:
            return slice(first, until)
        return slice(first // take.window, (until - 1) // take.window + 1)


def filled(problem: Problem, plan: Plan) -> Timetable:
    """The timetable that a plan leaves."""
    table = Timetable(problem)
    for job, steps in zip(problem.jobs, plan.jobs, strict=True):
        if steps is not None:
            table.add(job, steps)
    return table


def _least_ahead(operation: Operation, rest: Values) -> Values:
    """Least cost from the operation on, by the end of the one before it."""
    size = len(rest)
    if operation.max_lag is None:
        ahead = np.minimum.accumulate(rest[::-1])[::-1]
        if operation.min_lag == 0:
            return ahead
        return _shifted(ahead, operation.min_lag, float(ahead[0]))
    best = np.full(size, np.inf)
    for lag in range(operation.min_lag, min(operation.max_lag, size) + 1):
        best = np.minimum(best, _shifted(rest, lag, np.inf))
    return best


def _shifted(values: Values, lag: int, before: float) -> Values:
    """`values[i + lag]` at each i; `before` left of the array, infinite right of it."""
    size = len(values)
    shifted = np.full(size, np.inf)
    if lag >= 0:
        shifted[: max(size - lag, 0)] = values[lag:]
    else:
        shifted[-lag:] = values[:lag]
        shifted[:-lag] = before
    return shifted


def _trace_back(
    job: Job, start: int, rest: list[Values], chosen: list[npt.NDArray[np.int64] | None]
) -> Steps:
    steps = [_step(start, chosen[0])]
    for number in range(1, len(job.operations)):
        operation = job.operations[number]
        mode = job.operations[number - 1].modes[steps[-1].mode]
        end = steps[-1].start + mode.duration
        low = max(0, end + operation.min_lag)
        high = len(rest[number]) if operation.max_lag is None else end + operation.max_lag + 1
        at = low + int(rest[number][low:high].argmin())
        steps.append(_step(at, chosen[number]))
    return tuple(steps)


def _step(start: int, chosen: npt.NDArray[np.int64] | None) -> Step:
    """An operation in the way that was chosen for its start; in the only one without a choice."""
    return Step(start) if chosen is None else Step(start, int(chosen[start]))
