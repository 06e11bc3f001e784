"""The terms of an objective in the constraint model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from cartlogix.scheduling.cp_costs import Level, Values
from cartlogix.scheduling.cp_jobs import Choices, Tick
from cartlogix.scheduling.cp_resources import Extras
from cartlogix.scheduling.objective import BY_END, BY_START, GROUPS, members, rank_95

FINEST = 10_000
"""Largest common multiple of the sizes of groups that is used as it is, in a mean."""


def priced(choices: Choices, extras: Sequence[Extras], weights: Mapping[str, float]) -> Level:
    """One level of an objective.

    Args:
        choices: The decisions.
        extras: Overtime and changes of product of each resource, in the problem's order.
        weights: Weight of each term.
    """
    level = Level(choices.model)
    for name, weight in weights.items():
        if not weight:
            continue
        if name in BY_START or name in BY_END or name == "mean_flow":
            _sum_over_jobs(level, choices, name, weight)
        elif name in GROUPS:
            _worst_group(level, choices, name, weight)
        elif name in OF_RESOURCES:
            OF_RESOURCES[name](level, choices, extras, weight)
        else:
            OF_ENDS[name](level, choices, weight)
    return level


def _sum_over_jobs(level: Level, choices: Choices, name: str, weight: float) -> None:
    for job, choice in zip(choices.problem.jobs, choices.jobs, strict=True):
        tick = choice.start if name in BY_START else choice.end
        ticks = np.arange(tick.low, tick.high + 1)
        values: Values
        if name == "mean_flow":
            values = (ticks - job.release) / len(choices.jobs)
        else:
            values = (BY_START if name in BY_START else BY_END)[name](job, ticks)
        level.by_tick(tick, weight * values)
        if name == "beyond_limit" and not choice.always:
            in_time = job.deadline is None or job.deadline >= choices.problem.horizon
            if in_time:
                level.constant += weight
                level.line(-weight, choice.present, 0, 0 if choice.kept else 1)


def _makespan(level: Level, choices: Choices, weight: float) -> None:
    _largest(level, [(choice.end, 0) for choice in choices.jobs], weight)


def _max_lateness(level: Level, choices: Choices, weight: float) -> None:
    ends = [
        (choice.end, job.due)
        for job, choice in zip(choices.problem.jobs, choices.jobs, strict=True)
        if job.due is not None
    ]
    _largest(level, ends, weight)


def _largest(level: Level, ticks: Sequence[tuple[Tick, int]], weight: float) -> None:
    """The largest of the ticks, each less a number."""
    if not ticks:
        return
    low = max(tick.low - number for tick, number in ticks)
    high = max(tick.high - number for tick, number in ticks)
    largest = level.model.new_int_var(low, high, "")
    for tick, number in ticks:
        level.model.add(largest >= tick.at - number)
    level.line(weight, largest, low, high)


def _p95(level: Level, choices: Choices, weight: float) -> None:
    """The least time that enough jobs do not exceed."""
    if not choices.jobs:
        return
    spans = [
        (choice.end, job.release)
        for job, choice in zip(choices.problem.jobs, choices.jobs, strict=True)
    ]
    rank = rank_95(len(spans)) - 1
    low = sorted(end.low - release for end, release in spans)[rank]
    high = sorted(end.high - release for end, release in spans)[rank]
    longest = level.model.new_int_var(low, high, "")
    within = [level.model.new_bool_var("") for _ in spans]
    for literal, (end, release) in zip(within, spans, strict=True):
        level.model.add(end.at - release <= longest).only_enforce_if(literal)
    level.model.add(sum(within) > rank)
    level.line(weight, longest, low, high)


def _worst_group(level: Level, choices: Choices, name: str, weight: float) -> None:
    """The largest mean wait, in parts of a tick so small that the means are whole."""
    groups = members(choices.problem, name).values()
    if not groups:
        return
    parts = math.lcm(*(len(group) for group in groups))
    if parts > FINEST:
        parts = FINEST
        level.error += weight / parts
    waits = [
        (choice.start, job.release)
        for job, choice in zip(choices.problem.jobs, choices.jobs, strict=True)
    ]
    low = parts * min(start.low - release for start, release in waits)
    high = parts * max(start.high - release for start, release in waits)
    worst = level.model.new_int_var(low, high, "")
    for group in groups:
        total = sum(waits[place][0].at - waits[place][1] for place in group)
        level.model.add(len(group) * worst >= parts * total)
    level.line(weight / parts, worst, low, high)


def _changeovers(level: Level, choices: Choices, extras: Sequence[Extras], weight: float) -> None:
    del choices
    for extra in extras:
        for change in extra.changes:
            level.line(weight, change, 0, 1)


def _overtime(level: Level, choices: Choices, extras: Sequence[Extras], weight: float) -> None:
    del choices
    for extra in extras:
        _beyond(level, extra, weight)


def _cost(level: Level, choices: Choices, extras: Sequence[Extras], weight: float) -> None:
    for extra, resource in zip(extras, choices.problem.resources, strict=True):
        _beyond(level, extra, weight * resource.overtime_cost)
    _ways(level, choices, weight)


def _beyond(level: Level, extra: Extras, price: float) -> None:
    for beyond, most in extra.overtime:
        level.line(price, beyond, 0, most)


def _ways(level: Level, choices: Choices, weight: float) -> None:
    for job, choice in zip(choices.problem.jobs, choices.jobs, strict=True):
        for number, (operation, chosen) in enumerate(
            zip(job.operations, choice.operations, strict=True)
        ):
            for index, (mode, way) in enumerate(zip(operation.modes, chosen.ways, strict=True)):
                if choice.steps is not None:
                    level.constant += weight * mode.cost * (choice.steps[number].mode == index)
                elif not choice.kept and choice.always and len(chosen.ways) == 1:
                    level.constant += weight * mode.cost
                elif not choice.kept:
                    level.line(weight * mode.cost, way, 0, 1)


OF_RESOURCES: Mapping[str, Callable[[Level, Choices, Sequence[Extras], float], None]] = (
    MappingProxyType({"changeovers": _changeovers, "overtime": _overtime, "cost": _cost})
)
"""Terms that count what resources do."""

OF_ENDS: Mapping[str, Callable[[Level, Choices, float], None]] = MappingProxyType(
    {"makespan": _makespan, "max_lateness": _max_lateness, "p95_flow": _p95}
)
"""Terms that look at the ends of all jobs at once."""
