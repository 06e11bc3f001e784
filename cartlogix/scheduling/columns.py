"""The time-indexed form of a problem: one yes-or-no column for each start of each operation.

Its linear relaxation is the tightest known for such problems (Sousa and Wolsey, 1992): the row of a
resource in one window holds every column that runs there, and no large constant weakens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cartlogix.scheduling.objective import GROUPS, members
from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.timetable import Timetable

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEFT_OUT = -1
"""Start of the column that stands for leaving a job out."""

MOST_ENTRIES = 6_000_000
"""Entries of a matrix beyond which this form is too large to be of use."""

LARGEST_TERMS = frozenset({"makespan", "max_lateness", *GROUPS})
"""Terms that are the largest of several sums, each of which gets a row."""


@dataclass(frozen=True)
class Columns:
    """A problem as a matrix.

    Attributes:
        group: Operation of each column, numbered over all jobs; one column of each is taken.
        place, number, mode, start: What each column stands for.
        cost: Shape (levels, columns + extras).
        matrix: Rows x (columns + extras); the first `groups` rows are the groups.
        lower, upper: Limits of the rows.
        least, most: Bounds of each extra: units of overtime, or the value of a largest term.
        groups: Number of operations.
        complete: Whether the objective is represented whole; if not, it is a lower estimate.
    """

    group: Ints
    place: Ints
    number: Ints
    mode: Ints
    start: Ints
    cost: Floats
    matrix: sparse.csc_array
    lower: Floats
    upper: Floats
    least: Floats
    most: Floats
    groups: int
    complete: bool

    def taken(self, plan: Plan) -> Ints:
        """Places of the columns that make up a plan."""
        starts = np.full(self.groups, LEFT_OUT)
        modes = np.zeros(self.groups, dtype=np.int64)
        first = np.concatenate([[0], np.cumsum(np.bincount(self.group, minlength=self.groups))])
        for group in range(self.groups):
            column = first[group]
            steps = plan.jobs[self.place[column]]
            if steps is not None:
                step = steps[self.number[column]]
                starts[group], modes[group] = step.start, step.mode
        hits = (self.start == starts[self.group]) & (self.mode == modes[self.group])
        return np.flatnonzero(hits)

    def plan(self, jobs: int, chosen: Ints) -> Plan:
        """The plan that chosen columns make up."""
        steps: list[dict[int, Step]] = [{} for _ in range(jobs)]
        for column in chosen.tolist():
            if column < len(self.start) and self.start[column] != LEFT_OUT:
                step = Step(int(self.start[column]), int(self.mode[column]))
                steps[self.place[column]][int(self.number[column])] = step
        return Plan(tuple(tuple(v for _, v in sorted(found.items())) or None for found in steps))


def build(
    problem: Problem,
    tariff: Tariff,
    most: float | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Columns | None:
    """The matrix of a problem; None where it would have more than so many entries, or once stopped.

    Args:
        problem: What is planned.
        tariff: What it costs.
        most: Entries.
        stopped: Asked once for each operation.
    """
    return _Builder(problem, tariff, MOST_ENTRIES if most is None else most).build(stopped)


class _Builder:
    def __init__(self, problem: Problem, tariff: Tariff, most: float) -> None:
        self.problem, self.tariff, self.most = problem, tariff, min(most, MOST_ENTRIES)
        self.table = Timetable(problem)
        self.fields: list[Ints] = []
        self.costs: list[Floats] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.size = 0
        self.columns = 0
        self.limits: list[tuple[Floats, Floats]] = []
        self.rows = 0
        self.ways: dict[tuple[int, int], list[tuple[int, Ints, int]]] = {}
        self.left_out: dict[int, int] = {}

    def build(self, stopped: Callable[[], bool] | None) -> Columns | None:
        groups = [
            (place, number)
            for place, job in enumerate(self.problem.jobs)
            for number in range(len(job.operations))
        ]
        self._rows(np.ones(len(groups)), np.ones(len(groups)))
        bases = []
        for free in self.table.free:
            bases.append(self.rows)
            self._rows(np.full(len(free), -np.inf), free.astype(float))
        for group, (place, number) in enumerate(groups):
            self._operation(group, place, number, bases)
            if self.size > self.most or (stopped is not None and stopped()):
                return None
        for earlier, later, least, most in self._lags():
            self._lag(earlier, later, least, most)
            if self.size > self.most:
                return None
        return self._finish(len(groups), bases)

    def _finish(self, groups: int, bases: list[int]) -> Columns:
        fields = np.concatenate([*self.fields, np.zeros((5, 0), dtype=np.int64)], axis=1)
        levels = len(self.tariff.price)
        cost = np.concatenate([*self.costs, np.zeros((levels, 0))], axis=1)
        extras = [*self._overtime(bases), *self._largest(fields)]
        cost = np.concatenate([cost, *(extra[0][:, None] for extra in extras)], axis=1)
        rows, columns, data = (
            np.concatenate([entry[part] for entry in self.entries] or [np.zeros(0)])
            for part in range(3)
        )
        lower, upper = (np.concatenate([limit[part] for limit in self.limits]) for part in (0, 1))
        shape = (self.rows, self.columns)
        matrix = sparse.csc_array(
            sparse.coo_array((data, (rows.astype(np.int64), columns.astype(np.int64))), shape=shape)
        )
        names = {
            name
            for level in self.tariff.objective.levels
            for name, weight in level.items()
            if weight
        }
        group, place, number, mode, start = fields
        return Columns(
            group=group,
            place=place,
            number=number,
            mode=mode,
            start=start,
            cost=cost,
            matrix=matrix,
            lower=lower,
            upper=upper,
            least=np.array([extra[1] for extra in extras]),
            most=np.array([extra[2] for extra in extras]),
            groups=groups,
            complete=not names & {"p95_flow", "changeovers"}
            and not any(resource.changeovers for resource in self.problem.resources),
        )

    def _operation(self, group: int, place: int, number: int, bases: list[int]) -> None:
        job = self.problem.jobs[place]
        operation = job.operations[number]
        self.ways[place, number] = []
        for index, mode in enumerate(operation.modes):
            if operation.pinned_mode not in {None, index}:
                continue
            starts = self._starts(place, number, index)
            self.ways[place, number].append((self.columns, starts, mode.duration))
            first = self.columns
            self._add(
                (group, place, number, index), starts, self._cost(place, number, index, starts)
            )
            for take in self.table.takes(mode):
                low = np.maximum(starts + take.first, 0) // take.window
                high = np.maximum((starts + take.until - 1) // take.window + 1, low)
                lengths = high - low
                offsets = np.arange(lengths.sum()) - np.repeat(
                    np.cumsum(lengths) - lengths, lengths
                )
                rows = bases[take.index] + np.repeat(low, lengths) + offsets
                columns = first + np.repeat(np.arange(len(starts)), lengths)
                self._entries(rows, columns, float(take.amount))
        if job.optional:
            cost = self.tariff.left_out[:, place] * (number == 0)
            self._add((group, place, number, 0), np.array([LEFT_OUT]), cost[:, None])
            self._together(place, number)

    def _together(self, place: int, number: int) -> None:
        """Leaves out an operation, of which the last column says so, if and only if the first."""
        if number == 0:
            self.left_out[place] = self.columns - 1
            return
        row = np.array([self.rows])
        self._entries(row, np.array([self.columns - 1]), 1.0)
        self._entries(row, np.array([self.left_out[place]]), -1.0)
        self._rows(np.zeros(1), np.zeros(1))

    def _starts(self, place: int, number: int, index: int) -> Ints:
        job = self.problem.jobs[place]
        operation = job.operations[number]
        fits = self.table.fits(operation.modes[index], job.product)
        if operation.pinned is not None:
            fits &= np.arange(len(fits)) == operation.pinned
        elif number == 0:
            fits &= np.isfinite(self.tariff.by_start[0, place])
        return np.flatnonzero(fits)

    def _cost(self, place: int, number: int, index: int, starts: Ints) -> Floats:
        operations = self.problem.jobs[place].operations
        mode = operations[number].modes[index]
        cost = np.repeat((self.tariff.price * mode.cost)[:, None], len(starts), axis=1)
        if number == 0:
            cost = cost + self.tariff.by_start[:, place, starts]
        if number == len(operations) - 1:
            cost = cost + self.tariff.by_end[:, place, starts + mode.duration]
        return cost

    def _lags(self) -> Iterator[tuple[tuple[int, int], tuple[int, int], int, int | None]]:
        for place, job in enumerate(self.problem.jobs):
            for number, operation in enumerate(job.operations[1:], start=1):
                lags = operation.min_lag, operation.max_lag
                yield (place, number - 1), (place, number), *lags
            for name in job.after:
                before = self.problem.job_index[name]
                last = len(self.problem.jobs[before].operations) - 1
                yield (before, last), (place, 0), 0, None

    def _lag(
        self, earlier: tuple[int, int], later: tuple[int, int], least: int, most: int | None
    ) -> None:
        """Whoever has started by t has seen the one before end by t - least; and the reverse."""
        starts = np.unique(np.concatenate([way[1] for way in self.ways[later]]))
        ends = np.unique(np.concatenate([way[1] + way[2] for way in self.ways[earlier]]))
        for tick in starts:
            self._before(later, int(tick), 1.0)
            self._before(earlier, int(tick) - least, -1.0, ended=True)
            self._rows(np.array([-np.inf]), np.array([0.0]))
        if most is not None:
            for end in ends:
                self._before(earlier, int(end), 1.0, ended=True)
                self._before(later, int(end) + most, -1.0)
                self._rows(np.array([-np.inf]), np.array([0.0]))

    def _before(self, key: tuple[int, int], tick: int, sign: float, *, ended: bool = False) -> None:
        for first, starts, duration in self.ways[key]:
            count = int(np.searchsorted(starts + (duration if ended else 0), tick, side="right"))
            self._entries(np.full(count, self.rows), first + np.arange(count), sign)

    def _overtime(self, bases: list[int]) -> Iterator[tuple[Floats, float, float]]:
        weights = [level.get("overtime", 0.0) for level in self.tariff.objective.levels]
        for index, resource in enumerate(self.problem.resources):
            price = np.array(weights) + self.tariff.price * resource.overtime_cost
            if resource.overtime and price.any():
                windows = len(self.table.free[index])
                rows = bases[index] + np.arange(windows)
                self._entries(rows, self.columns + np.arange(windows), -1.0)
                self._loosen(rows, -float(resource.overtime))
                self.columns += windows
                yield from ((price, 0.0, float(resource.overtime)) for _ in range(windows))

    def _loosen(self, rows: Ints, by: float) -> None:
        uppers = [limit[1] for limit in self.limits]
        ends = np.cumsum([len(upper) for upper in uppers])
        part = int(np.searchsorted(ends, rows[0], side="right"))
        uppers[part] += by

    def _largest(self, fields: Ints) -> Iterator[tuple[Floats, float, float]]:
        for name in sorted(LARGEST_TERMS):
            price = np.array([level.get(name, 0.0) for level in self.tariff.objective.levels])
            sums = list(self._sums(name, fields)) if price.any() else []
            if sums:
                extra = self.columns
                self.columns += 1
                for columns, value in sums:
                    self.entries.append((np.full(len(columns), self.rows), columns, value))
                    self._entries(np.array([self.rows]), np.array([extra]), -1.0)
                    self._rows(np.array([-np.inf]), np.array([0.0]))
                yield price, -np.inf, np.inf

    def _sums(self, name: str, fields: Ints) -> Iterator[tuple[Ints, Floats]]:
        _, place, number, mode, start = fields
        out = start == LEFT_OUT
        at = np.where(out, self.problem.horizon, start).astype(float)
        if name in GROUPS:
            for group in members(self.problem, name).values():
                columns = np.flatnonzero(np.isin(place, group) & (number == 0))
                releases = np.array([self.problem.jobs[job].release for job in place[columns]])
                yield columns, (at[columns] - releases) / len(group)
            return
        for index, job in enumerate(self.problem.jobs):
            if name == "makespan" or job.due is not None:
                last = len(job.operations) - 1
                columns = np.flatnonzero((place == index) & (number == last))
                lengths = np.array([way.duration for way in job.operations[last].modes])
                end = at[columns] + np.where(out[columns], 0, lengths[mode[columns]])
                yield columns, end - (0 if name == "makespan" else job.due or 0)

    def _add(self, key: tuple[int, int, int, int], starts: Ints, cost: Floats) -> None:
        count = len(starts)
        fields = np.repeat(np.array(key, dtype=np.int64)[:, None], count, axis=1)
        self.fields.append(np.concatenate([fields, starts[None, :]]))
        self.costs.append(cost)
        self._entries(np.full(count, key[0]), self.columns + np.arange(count), 1.0)
        self.columns += count

    def _entries(self, rows: Ints, columns: Ints, value: float) -> None:
        self.entries.append((rows, columns, np.full(len(rows), value)))
        self.size += len(rows)

    def _rows(self, lower: Floats, upper: Floats) -> None:
        self.limits.append((lower, upper))
        self.rows += len(lower)
