"""The optimum of a small problem by looking at every plan, with the referee as the only judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.plan import Plan, Step, Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.verify import recompute, violations


def optimum(problem: Problem, objective: Objective) -> tuple[float, ...] | None:
    """The least value, level by level; None where no plan is feasible."""
    best: tuple[float, ...] | None = None
    for plan in plans(problem):
        values = tuple(round(value, 9) for value in objective.values(recompute(problem, plan)))
        if best is None or values < best:
            best = values
    return best


def plans(problem: Problem) -> Iterator[Plan]:
    """Every feasible plan."""
    ways = [_ways(problem, job) for job in problem.jobs]
    for jobs in _combined(problem, ways, ()):
        plan = Plan(jobs)
        if not violations(problem, plan):
            yield plan


def _combined(
    problem: Problem, ways: list[list[Steps | None]], chosen: tuple[Steps | None, ...]
) -> Iterator[tuple[Steps | None, ...]]:
    if len(chosen) == len(ways):
        yield chosen
        return
    for steps in ways[len(chosen)]:
        if not _overfull(problem, (*chosen, steps)):
            yield from _combined(problem, ways, (*chosen, steps))


def _ways(problem: Problem, job: Job) -> list[Steps | None]:
    """Every way to run a job on its own: a plan with more jobs leaves it no other."""
    alone = Problem(
        (replace(job, after=()),),
        tuple(replace(resource, changeovers={}) for resource in problem.resources),
        problem.horizon,
    )
    single = [
        [
            Step(start, mode)
            for mode, way in enumerate(operation.modes)
            for start in range(problem.horizon - way.duration + 1)
        ]
        for operation in job.operations
    ]
    every: list[Steps | None] = [None] if job.optional else []
    every += [steps for steps in product(*single) if not violations(alone, Plan((steps,)))]
    return every


def _overfull(problem: Problem, chosen: tuple[Steps | None, ...]) -> bool:
    """Whether the jobs so far take more than there is."""
    taken: dict[tuple[str, int], int] = {}
    windows = {resource.name: resource.window for resource in problem.resources}
    for job, steps in zip(problem.jobs, chosen, strict=False):
        for operation, step in zip(job.operations, steps or (), strict=False):
            mode = operation.modes[step.mode]
            for demand in mode.demands:
                length = demand.length
                first = step.start + demand.start
                until = step.start + mode.duration if length is None else first + length
                window = windows[demand.resource]
                for at in {tick // window for tick in range(max(first, 0), until)}:
                    key = demand.resource, at
                    taken[key] = taken.get(key, 0) + demand.amount
    for resource in problem.resources:
        for (name, at), amount in taken.items():
            if name == resource.name:
                units = resource.capacity[min(at, len(resource.capacity) - 1)]
                if amount > units + resource.overtime:
                    return True
    return False
