"""Repairing a plan after a change: what still fits stays, the rest finds another place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from cartlogix.scheduling.plan import Plan, Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.timetable import Timetable, Worth
from cartlogix.scheduling.verify import violations

OldSteps = Sequence[Steps | None]
"""What each job of a problem did in the plan before; None for one that did nothing."""


def carried(before: Problem, plan: Plan, problem: Problem) -> list[Steps | None]:
    """Return what each job of a problem did in a plan of another one, in its own words.

    None for a job that was not planned, or not in a way that there still is.
    """
    return [
        _carried(before.jobs[number], plan.jobs[number], job)
        if (number := before.job_index.get(job.name)) is not None
        else None
        for job in problem.jobs
    ]


def _carried(before: Job, steps: Steps | None, job: Job) -> Steps | None:
    if steps is None or len(steps) != len(job.operations):
        return None
    found = []
    for was, step, operation in zip(before.operations, steps, job.operations, strict=True):
        mode = was.modes[step.mode]
        if mode not in operation.modes:
            return None
        found.append(replace(step, mode=operation.modes.index(mode)))
    return tuple(found)


def repaired(
    problem: Problem,
    old: OldSteps,
    judged: Callable[[Plan], tuple[float, ...]],
    first: int | None = None,
) -> Plan | None:
    """Return a plan near an old one: what still fits stays, the rest finds another place.

    What no longer fits is put in at its turn, pushing those behind it, or last, into what is left
    free; the better of the two counts. None if neither leads to a plan.

    Args:
        problem: what is to be planned now.
        old: what each of its jobs did before.
        judged: by which the better one is told; the smaller the better.
        first: a job that is placed before all others.
    """
    tries = [_repair(problem, old, first, at_once) for at_once in (True, False)]
    plans = [plan for plan in tries if plan is not None and not violations(problem, plan)]
    return min(plans, key=judged, default=None)


def _repair(problem: Problem, old: OldSteps, first: int | None, at_once: bool) -> Plan | None:
    turn = {number: steps[0].start for number, steps in enumerate(old) if steps is not None}
    queue = sorted(range(len(problem.jobs)), key=lambda number: turn.get(number, problem.horizon))
    pinned = [n for n in queue if any(o.pinned is not None for o in problem.jobs[n].operations)]
    queue = list(dict.fromkeys([*([] if first is None else [first]), *pinned, *queue]))
    table = Timetable(problem)
    found: dict[int, Steps | None] = {}
    displaced = []
    for number in queue:
        steps = old[number]
        kept = None if steps is None else _kept(table, problem.jobs[number], steps)
        if kept is None and not at_once and number != first:
            displaced.append(number)
            continue
        found[number] = kept or _soonest(table, problem, problem.jobs[number])
        if found[number] is not None:
            table.add(problem.jobs[number], found[number] or ())
    for number in displaced:
        found[number] = _soonest(table, problem, problem.jobs[number])
        if found[number] is not None:
            table.add(problem.jobs[number], found[number] or ())
    plans = tuple(found[number] for number in range(len(problem.jobs)))
    missing = any(
        steps is None and not job.optional for steps, job in zip(plans, problem.jobs, strict=True)
    )
    return None if missing else Plan(plans)


def pinned(job: Job, steps: Steps) -> Job:
    """Return a job of which every operation is decided."""
    operations = tuple(
        replace(operation, pinned=step.start, pinned_mode=step.mode)
        for step, operation in zip(steps, job.operations, strict=True)
    )
    return replace(job, operations=operations)


def _kept(table: Timetable, job: Job, steps: Steps) -> Steps | None:
    """Return the steps of a job if they are still possible just so."""
    if any(
        operation.pinned not in {None, step.start} or operation.pinned_mode not in {None, step.mode}
        for step, operation in zip(steps, job.operations, strict=True)
    ):
        return None
    if job.operations[0].pinned is None and steps[0].start < job.release:
        return None
    free = np.zeros(table.horizon + 1)
    found = table.best(pinned(job, steps), Worth(free, free))
    return None if found is None else found[1]


def _soonest(table: Timetable, problem: Problem, job: Job) -> Steps | None:
    """Return the steps of a job that end first, in what is free."""
    ticks = np.arange(problem.horizon + 1, dtype=float)
    barred = np.zeros(problem.horizon + 1)
    if job.operations[0].pinned is None:
        barred[: max(job.release, 0)] = np.inf
        if job.latest_start is not None:
            barred[max(job.latest_start, -1) + 1 :] = np.inf
    found = table.best(job, Worth(barred, ticks))
    return None if found is None else found[1]


def impossible(problem: Problem, number: int, steps: Steps) -> str:
    """Say why a job can no longer do what it did, even if only what is decided stays; or nothing.

    "" means that it could, if others gave way.
    """
    job = problem.jobs[number]
    if job.operations[0].pinned is None and steps[0].start < job.release:
        return "is not ready then"
    for operation, step in zip(job.operations, steps, strict=True):
        if operation.pinned not in {None, step.start}:
            return f"{operation.name} is decided otherwise"
    alone = Timetable(problem)
    for other in problem.jobs:
        decided = [operation.pinned for operation in other.operations]
        if other is not job and all(at is not None for at in decided):
            placed = _soonest(alone, problem, other)
            if placed is not None:
                alone.add(other, placed)
    alone.add(job, steps)
    lacking = [
        resource.name
        for resource, units in zip(problem.resources, alone.free, strict=True)
        if units.min() < 0
    ]
    return f"no room at {', '.join(lacking)}" if lacking else ""
