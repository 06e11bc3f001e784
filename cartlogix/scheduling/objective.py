"""What makes one plan better than another: named terms, weighted within a level, levels in order.

A job that is left out of a plan counts as one that starts and ends at the horizon, in every term:
leaving somebody out never looks better than serving them late.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from cartlogix.scheduling.plan import Plan, mode_of
from cartlogix.scheduling.problem import Job, Problem

Ticks = npt.NDArray[np.int64]
Values = npt.NDArray[np.floating]
PerJob = Callable[[Job, Ticks], Values]


@dataclass(frozen=True)
class Term:
    """One thing that a plan can be judged by.

    Attributes:
        unit: "lots", "ticks", "weighted ticks", "patients", "units" or "money".
        meaning: One line for reports.
    """

    unit: str
    meaning: str


TERMS: Mapping[str, Term] = MappingProxyType(
    {
        "beyond_limit": Term("lots", "lots that end after their hard limit, or are left out"),
        "tardiness": Term("weighted ticks", "sum of weight x time past the due date"),
        "expected_loss": Term(
            "patients", "sum of weight x chance of being lost between release and start"
        ),
        "late": Term("lots", "lots that end after their due date"),
        "wait": Term("weighted ticks", "sum of weight x time from release to start"),
        "flow": Term("weighted ticks", "sum of weight x time from release to the end"),
        "completion": Term("weighted ticks", "sum of weight x end, counted from tick 0"),
        "mean_flow": Term("ticks", "mean time from release to the end"),
        "p95_flow": Term("ticks", "time from release to the end that 95 % of lots do not exceed"),
        "makespan": Term("ticks", "end of the last lot"),
        "max_lateness": Term("ticks", "largest end minus due date; negative if all are early"),
        "worst_site": Term("ticks", "mean wait for a start at the site that waits longest"),
        "worst_indication": Term(
            "ticks", "mean wait for a start of the indication that waits longest"
        ),
        "moved": Term("lots", "lots that start at another time than in the previous plan"),
        "moved_by": Term("ticks", "sum of time by which starts moved against the previous plan"),
        "overtime": Term("units", "units of capacity used beyond the regular ones"),
        "changeovers": Term("changeovers", "times that a suite changes its product"),
        "cost": Term("money", "price of the chosen ways and of overtime"),
    }
)


@dataclass(frozen=True)
class Objective:
    """Levels of weighted terms; a level matters only between plans that are equal on those before.

    Attributes:
        levels: Each maps names of `TERMS` to weights of 0 or more; all are minimised.

    Raises:
        ValueError: An unknown term, or a weight that is negative or not finite.
    """

    levels: tuple[Mapping[str, float], ...]

    def __post_init__(self) -> None:
        for level in self.levels:
            for name, weight in level.items():
                if name not in TERMS:
                    raise ValueError(f"unknown objective term {name!r}; one of {', '.join(TERMS)}")
                if not (math.isfinite(weight) and weight >= 0):
                    raise ValueError(f"weight of {name!r} is {weight}, not a number of 0 or more")

    def values(self, terms: Mapping[str, float]) -> tuple[float, ...]:
        """The value of each level, from the value of each term."""
        return tuple(
            math.fsum(weight * terms[name] for name, weight in level.items() if weight)
            for level in self.levels
        )


DEFAULT = Objective(({"beyond_limit": 1.0}, {"tardiness": 1.0, "wait": 0.1}))
"""Nobody beyond a hard limit if that can be; then little weighted lateness and waiting."""


def _past(limit: int | None, ends: Ticks) -> Values:
    return np.zeros(len(ends)) if limit is None else np.maximum(ends - limit, 0).astype(float)


def _moved_by(job: Job, starts: Ticks) -> Values:
    return np.zeros(len(starts)) if job.previous is None else np.abs(starts - job.previous) * 1.0


BY_START: Mapping[str, PerJob] = MappingProxyType(
    {
        "wait": lambda job, starts: job.weight * (starts - job.release),
        "expected_loss": lambda job, starts: (
            -job.weight * np.expm1(-job.loss_rate * np.maximum(starts - job.release, 0))
        ),
        "moved": lambda job, starts: (_moved_by(job, starts) > 0) * 1.0,
        "moved_by": _moved_by,
    }
)
"""Terms that are sums over jobs of a function of the start."""

BY_END: Mapping[str, PerJob] = MappingProxyType(
    {
        "beyond_limit": lambda job, ends: (_past(job.deadline, ends) > 0) * 1.0,
        "tardiness": lambda job, ends: job.weight * _past(job.due, ends),
        "late": lambda job, ends: (_past(job.due, ends) > 0) * 1.0,
        "flow": lambda job, ends: job.weight * (ends - job.release),
        "completion": lambda job, ends: job.weight * ends.astype(float),
    }
)
"""Terms that are sums over jobs of a function of the end."""

GROUPS: Mapping[str, Callable[[Job], str]] = MappingProxyType(
    {"worst_site": lambda job: job.site, "worst_indication": lambda job: job.indication}
)
"""Fairness terms, and what groups the jobs."""


def members(problem: Problem, term: str) -> dict[str, list[int]]:
    """Places of the jobs of each group of a fairness term."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, job in enumerate(problem.jobs):
        groups[GROUPS[term](job)].append(index)
    return dict(groups)


def evaluate(problem: Problem, plan: Plan) -> dict[str, float]:
    """Every term of a plan (which need not be feasible, but lies within the horizon)."""
    jobs = range(len(problem.jobs))
    late_out = problem.horizon
    starts = np.array([_or(plan.start(job), late_out) for job in jobs], dtype=np.int64)
    ends = np.array([_or(plan.end(problem, job), late_out) for job in jobs], dtype=np.int64)
    terms = {name: _total(problem, how, starts) for name, how in BY_START.items()}
    terms |= {name: _total(problem, how, ends) for name, how in BY_END.items()}
    terms["beyond_limit"] += sum(
        steps is None and (job.deadline is None or job.deadline >= late_out)
        for job, steps in zip(problem.jobs, plan.jobs, strict=True)
    )
    flow = ends - np.array([job.release for job in problem.jobs], dtype=np.int64)
    wait = starts - np.array([job.release for job in problem.jobs], dtype=np.int64)
    terms["mean_flow"] = float(flow.mean()) if len(flow) else 0.0
    terms["p95_flow"] = percentile_95(flow)
    terms["makespan"] = float(ends.max(initial=0))
    lateness = [
        end - job.due for end, job in zip(ends, problem.jobs, strict=True) if job.due is not None
    ]
    terms["max_lateness"] = float(max(lateness, default=0))
    for name in GROUPS:
        means = [wait[group].mean() for group in members(problem, name).values()]
        terms[name] = float(max(means, default=0.0))
    terms["overtime"], overtime_cost = _overtime(problem, plan)
    terms["changeovers"] = float(sum(1 for _ in changes(problem, plan)))
    terms["cost"] = overtime_cost + _cost(problem, plan)
    return terms


def percentile_95(flow: Ticks) -> float:
    """The smallest value that 95 % of them do not exceed; 0 of none."""
    if not len(flow):
        return 0.0
    return float(np.sort(flow)[rank_95(len(flow)) - 1])


def rank_95(count: int) -> int:
    """Place, from 1, of the 95th percentile among `count` sorted values."""
    return -(-count * 95 // 100)


def used(problem: Problem, plan: Plan) -> list[npt.NDArray[np.int64]]:
    """Units taken of each resource in each of its windows within the problem's span."""
    amounts = [
        np.zeros(-(-problem.span // resource.window), dtype=np.int64)
        for resource in problem.resources
    ]
    for job, steps in zip(problem.jobs, plan.jobs, strict=True):
        for number in range(len(steps or ())):
            assert steps is not None
            mode = mode_of(job, steps, number)
            for demand in mode.demands:
                index = problem.resource_index[demand.resource]
                window = problem.resources[index].window
                first, until = (steps[number].start + at for at in demand.ticks(mode.duration))
                if until > max(first, 0):
                    last = (until - 1) // window
                    amounts[index][max(first, 0) // window : last + 1] += demand.amount
    return amounts


def changes(problem: Problem, plan: Plan) -> Iterable[tuple[str, int]]:
    """Where a resource with changeovers passes to another product: its name, and the tick."""
    for resource in problem.resources:
        if resource.changeovers:
            lots = sorted(visits(problem, plan, resource.name))
            for (_, _, before), (start, _, after) in pairwise(lots):
                if before != after:
                    yield resource.name, start


def visits(problem: Problem, plan: Plan, resource: str) -> Iterable[tuple[int, int, str]]:
    """First tick, tick after the last, and product of every use of a resource."""
    for job, steps in zip(problem.jobs, plan.jobs, strict=True):
        for number in range(len(steps or ())):
            assert steps is not None
            mode = mode_of(job, steps, number)
            for demand in mode.demands:
                first, until = demand.ticks(mode.duration)
                if demand.resource == resource and until > first:
                    yield steps[number].start + first, steps[number].start + until, job.product


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _total(problem: Problem, how: PerJob, ticks: Ticks) -> float:
    return math.fsum(
        float(how(job, ticks[index : index + 1])[0]) for index, job in enumerate(problem.jobs)
    )


def _overtime(problem: Problem, plan: Plan) -> tuple[float, float]:
    units, cost = 0.0, 0.0
    if not any(resource.overtime for resource in problem.resources):
        return units, cost
    for resource, taken in zip(problem.resources, used(problem, plan), strict=True):
        beyond = np.maximum(taken - resource.units(len(taken), overtime=False), 0).sum()
        units += float(beyond)
        cost += float(beyond) * resource.overtime_cost
    return units, cost


def _cost(problem: Problem, plan: Plan) -> float:
    return math.fsum(
        mode_of(job, steps, number).cost
        for job, steps in zip(problem.jobs, plan.jobs, strict=True)
        if steps is not None
        for number in range(len(steps))
    )
