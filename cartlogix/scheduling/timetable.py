"""What is still free while a plan is put together, and the best place for one more job."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartlogix.scheduling.plan import Plan, Step, Steps, mode_of
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem

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
        self.windows = [resource.window for resource in problem.resources]
        self.free = [
            resource.units(-(-problem.span // resource.window)) for resource in problem.resources
        ]
        self.lots: dict[int, list[tuple[int, int, str]]] = {
            index: [] for index, resource in enumerate(problem.resources) if resource.changeovers
        }
        self._ticks = np.arange(problem.horizon + 1)

    def add(self, job: Job, steps: Steps) -> None:
        """Takes what a job uses, whether or not it is free."""
        self._take(job, steps, 1)

    def remove(self, job: Job, steps: Steps) -> None:
        """Gives back what `add` took."""
        self._take(job, steps, -1)

    def fits(self, mode: Mode, product: str) -> Mask:
        """Starts at which one operation finds everything that it takes, shape (horizon + 1,)."""
        mask = self._ticks + mode.duration <= self.horizon
        for demand in mode.demands:
            self._narrow(mask, demand, mode.duration, product)
        return mask

    def may_start(self, job: Job, tick: int) -> bool:
        """Whether the first operation may find room at a tick, quicker than by `fits`.

        With changeovers and demands that meet in one window, False is certain and True is not.
        """
        return any(self._has_room(mode, tick) for mode in job.operations[0].modes)

    def best(self, job: Job, worth: Worth) -> tuple[float, Steps] | None:
        """The cheapest way to add a job to what is there, None if there is no way.

        Works from the last operation to the first: the least cost of the rest of the job, by the
        start of an operation, follows from that of the next one over the lags that are allowed.
        """
        operations = job.operations
        count = len(operations)
        rest: list[Values] = [np.empty(0)] * count
        chosen: list[npt.NDArray[np.int64]] = [np.empty(0, dtype=np.int64)] * count
        for number in reversed(range(count)):
            following = None if number + 1 == count else (operations[number + 1], rest[number + 1])
            ways = [
                self._way(operations[number], index, job.product, worth, following)
                for index in range(len(operations[number].modes))
            ]
            costs = np.array(ways)
            chosen[number] = costs.argmin(axis=0)
            rest[number] = costs.min(axis=0)
        first = rest[0] + worth.by_start
        while True:
            start = int(first.argmin())
            if not np.isfinite(first[start]):
                return None
            steps = _trace_back(job, start, rest, chosen)
            if self._holds(job, steps):
                return float(first[start]), steps
            first[start] = np.inf

    def _way(
        self,
        operation: Operation,
        index: int,
        product: str,
        worth: Worth,
        following: tuple[Operation, Values] | None,
    ) -> Values:
        cost = np.full(self.horizon + 1, np.inf)
        if operation.pinned_mode not in {None, index}:
            return cost
        mode = operation.modes[index]
        starts = np.flatnonzero(self.fits(mode, product))
        if operation.pinned is not None:
            starts = starts[starts == operation.pinned]
        if following is None:
            cost[starts] = worth.by_end[starts + mode.duration]
        else:
            cost[starts] = _least_ahead(*following)[starts + mode.duration]
        return cost + worth.per_cost * mode.cost

    def _has_room(self, mode: Mode, tick: int) -> bool:
        if tick + mode.duration > self.horizon:
            return False
        for demand in mode.demands:
            index = self.problem.resource_index[demand.resource]
            first, until = (tick + at for at in demand.ticks(mode.duration))
            window = self.windows[index]
            span = self.free[index][max(first, 0) // window : (until - 1) // window + 1]
            if until > max(first, 0) and span.min() < demand.amount:
                return False
        return True

    def _narrow(self, mask: Mask, demand: Demand, duration: int, product: str) -> None:
        index = self.problem.resource_index[demand.resource]
        begin, until = demand.ticks(duration)
        if until <= begin:
            return
        window = self.windows[index]
        lacking = np.zeros(len(self.free[index]) + 1, dtype=np.int64)
        np.cumsum(self.free[index] < demand.amount, out=lacking[1:])
        first = np.clip((self._ticks + begin) // window, 0, len(lacking) - 1)
        last = np.clip((self._ticks + until - 1) // window + 1, first, len(lacking) - 1)
        mask &= lacking[last] == lacking[first]
        for start, end, other in self.lots.get(index, ()):
            between = self.problem.resources[index].changeovers
            before, after = between.get((product, other), 0), between.get((other, product), 0)
            mask[max(0, start - before - until + 1) : max(0, end + after - begin)] = False

    def _holds(self, job: Job, steps: Steps) -> bool:
        """Whether the steps fit together too: two demands of one job may meet in one window."""
        self.add(job, steps)
        enough = all(
            self.free[self.problem.resource_index[demand.resource]].min() >= 0
            for number in range(len(steps))
            for demand in mode_of(job, steps, number).demands
        )
        self.remove(job, steps)
        return enough

    def _take(self, job: Job, steps: Steps, sign: int) -> None:
        for number, step in enumerate(steps):
            mode = mode_of(job, steps, number)
            for demand in mode.demands:
                index = self.problem.resource_index[demand.resource]
                first, until = (step.start + at for at in demand.ticks(mode.duration))
                if until > max(first, 0):
                    window = self.windows[index]
                    span = slice(max(first, 0) // window, (until - 1) // window + 1)
                    self.free[index][span] -= sign * demand.amount
                    if index in self.lots:
                        lot = (first, until, job.product)
                        (self.lots[index].append if sign > 0 else self.lots[index].remove)(lot)


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
    job: Job, start: int, rest: list[Values], chosen: list[npt.NDArray[np.int64]]
) -> Steps:
    steps = [Step(start, int(chosen[0][start]))]
    for number in range(1, len(job.operations)):
        operation = job.operations[number]
        mode = job.operations[number - 1].modes[steps[-1].mode]
        end = steps[-1].start + mode.duration
        low = max(0, end + operation.min_lag)
        high = len(rest[number]) if operation.max_lag is None else end + operation.max_lag + 1
        at = low + int(rest[number][low:high].argmin())
        steps.append(Step(at, int(chosen[number][at])))
    return tuple(steps)
