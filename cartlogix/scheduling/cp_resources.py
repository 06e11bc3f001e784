"""Capacity in the constraint model: what may go on at the same time, and one lot after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from cartlogix.scheduling.cp_jobs import Choices, Expression, Literal, Tick
from cartlogix.scheduling.problem import Operation, Resource

Units = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Use:
    """What one operation takes of one resource, if it runs in one way.

    Attributes:
        literal: Whether it does.
        start: Start of the operation.
        first: First tick of the use, counted from there.
        until: Tick after the last, counted from there.
        amount: Units.
        product: Of the job.
        kept: Whether its time is certain.
    """

    literal: Literal
    start: Tick
    first: int
    until: int
    amount: int
    product: str
    kept: bool


@dataclass(frozen=True)
class Extras:
    """What an objective may count of a resource.

    Attributes:
        overtime: Units beyond the regular ones, by window: the expression and its largest value.
        changes: Literals of a product that follows another one.
    """

    overtime: tuple[tuple[Expression, int], ...]
    changes: tuple[Literal, ...]


def limit(choices: Choices, resource: Resource, *, count_overtime: bool) -> Extras:
    """Keeps a resource within its units, and its lots apart by their changeovers."""
    uses = _uses(choices, resource)
    overtime = _capacity(choices, resource, uses, count_overtime=count_overtime)
    changes = _sequence(choices.model, resource, uses) if resource.changeovers else ()
    return Extras(tuple(overtime), tuple(changes))


def _uses(choices: Choices, resource: Resource) -> list[Use]:
    """Uses of a resource; ways of an operation that take the same make one use."""
    found: list[Use] = []
    for job, choice in zip(choices.problem.jobs, choices.jobs, strict=True):
        if choice.kept and choice.steps is None:
            continue
        for number, (operation, chosen) in enumerate(
            zip(job.operations, choice.operations, strict=True)
        ):
            only = None if choice.steps is None else choice.steps[number].mode
            for (first, until, amount, _), ways in _alike(operation, resource.name, only).items():
                everywhere = len(ways) == len(operation.modes) or choice.kept
                literals = [choice.present] if everywhere else [chosen.ways[way] for way in ways]
                found += [
                    Use(literal, chosen.start, first, until, amount, job.product, choice.kept)
                    for literal in literals
                ]
    return found


def _alike(
    operation: Operation, resource: str, only: int | None
) -> dict[tuple[int, int, int, int], list[int]]:
    """Modes by what they take: first and last tick, units, and a count of equal demands."""
    alike: dict[tuple[int, int, int, int], list[int]] = {}
    for index, mode in enumerate(operation.modes):
        equal: Counter[tuple[int, int, int]] = Counter()
        for demand in mode.demands:
            first, until = demand.ticks(mode.duration)
            if demand.resource == resource and until > first and only in {None, index}:
                key = (first, until, demand.amount)
                equal[key] += 1
                alike.setdefault((*key, equal[key]), []).append(index)
    return alike


def _capacity(
    choices: Choices, resource: Resource, uses: list[Use], *, count_overtime: bool
) -> list[tuple[Expression, int]]:
    """Keeps the uses within the units; returns the overtime of each window, where it counts."""
    model, window = choices.model, resource.window
    count = -(-choices.problem.span // window)
    counted = count_overtime and resource.overtime > 0
    left = resource.units(count, overtime=not counted)
    free = [use for use in uses if not use.kept]
    for use in uses:
        if use.kept:
            first, last = _touched(use.start.low, use, window)
            left[first:last] -= use.amount
    if not counted and sum(use.amount for use in free) <= left.min(initial=0):
        return []
    beyond = [
        (model.new_int_var(0, resource.overtime, ""), resource.overtime)
        for _ in range(count if counted else 0)
    ]
    top = int(left.max(initial=0)) + (resource.overtime if counted else 0)
    intervals = [_interval(model, use, window) for use in free]
    if top == 1 and not counted and all(use.amount == 1 for use in free):
        model.add_no_overlap(intervals + [block for block, _ in _blocks(model, left, 1)])
        return []
    demands: list[cp_model.LinearExprT] = [use.amount for use in free]
    for at, (extra, _) in enumerate(beyond):
        intervals.append(model.new_fixed_size_interval_var(at, 1, ""))
        demands.append(top - int(left[at]) - extra)
    for block, lacking in () if counted else _blocks(model, left, top):
        intervals.append(block)
        demands.append(lacking)
    model.add_cumulative(intervals, demands, top)
    return list(beyond)


def _blocks(
    model: cp_model.CpModel, left: Units, top: int
) -> Iterator[tuple[cp_model.IntervalVar, int]]:
    """Intervals that take away what is not there, one for each run of equal windows."""
    edges = [0, *(np.flatnonzero(np.diff(left)) + 1).tolist(), len(left)]
    for begin, end in pairwise(edges):
        if end > begin and left[begin] < top:
            block = model.new_fixed_size_interval_var(begin, end - begin, "")
            yield block, top - int(left[begin])


def _touched(start: int, use: Use, window: int) -> tuple[int, int]:
    """First window that a use touches, and the one after the last; none lies before tick 0."""
    first, until = max(start + use.first, 0), max(start + use.until, 0)
    return first // window, -(-until // window)


def _interval(model: cp_model.CpModel, use: Use, window: int) -> cp_model.IntervalVar:
    """The windows that a use touches."""
    size = use.until - use.first
    first, until = use.start.at + use.first, use.start.at + use.until
    clipped = use.start.low + use.first < 0
    if window == 1 and not clipped:
        return model.new_optional_fixed_size_interval_var(first, size, use.literal, "")
    if clipped:
        first = _maximum(model, first, use.start.high + use.first)
        until = _maximum(model, until, use.start.high + use.until)
    begin = _quotient(model, first, use.start.high + use.first, window)
    if size == 1 and not clipped:
        return model.new_optional_fixed_size_interval_var(begin, 1, use.literal, "")
    end = _quotient(model, until + window - 1, use.start.high + use.until + window - 1, window)
    windows = model.new_int_var(0, (size - 1) // window + 2, "")
    return model.new_optional_interval_var(begin, windows, end, use.literal, "")


def _maximum(model: cp_model.CpModel, value: Expression, high: int) -> cp_model.IntVar:
    """The value, or 0 where it is negative."""
    positive = model.new_int_var(0, max(high, 0), "")
    model.add_max_equality(positive, [value, 0])
    return positive


def _quotient(
    model: cp_model.CpModel, value: Expression, high: int, divisor: int
) -> cp_model.IntVar:
    """The value, which is 0 or more, divided and rounded down."""
    whole = model.new_int_var(0, max(high, 0) // divisor, "")
    model.add_linear_constraint(value - divisor * whole, 0, divisor - 1)
    return whole


def _sequence(model: cp_model.CpModel, resource: Resource, uses: list[Use]) -> list[Literal]:
    """One lot after another, with the pause between neighbours; the changes of product."""
    arcs: list[cp_model.ArcT] = []
    changes: list[Literal] = []
    kept = {use.start.low + use.first for use in uses if use.kept}
    for node, use in enumerate(uses, start=1):
        arcs += [(0, node, model.new_bool_var("")), (node, 0, model.new_bool_var(""))]
        if not use.kept:
            arcs.append((node, node, ~use.literal))
        for other, after in enumerate(uses, start=1):
            pause = resource.changeovers.get((use.product, after.product), 0)
            if node == other or not _may_follow(use, after, pause, kept):
                continue
            follows = model.new_bool_var("")
            arcs.append((node, other, follows))
            gap = after.start.at + after.first - use.start.at - use.until
            model.add(gap >= pause).only_enforce_if(follows)
            if use.product != after.product:
                changes.append(follows)
    arcs.append((0, 0, model.new_bool_var("")))
    model.add_circuit(arcs)
    return changes


def _may_follow(use: Use, after: Use, pause: int, kept: set[int]) -> bool:
    """Whether one use may come right after another."""
    if use.start.low + use.until + pause > after.start.high + after.first:
        return False
    if use.kept and after.kept:
        begin, end = use.start.low + use.first, after.start.low + after.first
        return not any(begin < between < end for between in kept)
    return True
