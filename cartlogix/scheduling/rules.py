"""Dispatching rules: what a plant does without an optimizer, and where the optimizer starts from.

Every rule goes through time; whenever something can start, the waiting job with the smallest index
does. The indices are those of the textbooks (Pinedo, Scheduling, 2016, chapter 14).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from cartlogix.scheduling.plan import Plan, Steps, end_of
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.timetable import Timetable, Worth

Rule = Callable[[Job, int, float], float]
"""Index of a job at a tick, given the mean length of all jobs; the smallest goes first."""

LOOK_AHEAD = 2.0
"""ATC's parameter k: how many mean lengths ahead a due date is felt (Vepsalainen, Morton, 1987)."""


def fifo(job: Job, tick: int, mean: float) -> float:
    """First released, first served."""
    del tick, mean
    return job.release


def edd(job: Job, tick: int, mean: float) -> float:
    """Earliest due date first; who has none comes last."""
    del tick, mean
    return math.inf if job.due is None else job.due


def atc(job: Job, tick: int, mean: float) -> float:
    """Apparent tardiness cost: weight per length, discounted by the slack that is left."""
    slack = 0.0 if job.due is None else max(0.0, job.due - job.shortest - tick)
    return -job.weight / max(job.shortest, 1) * math.exp(-slack / (LOOK_AHEAD * mean))


def index(job: Job, tick: int, mean: float) -> float:
    """Expected loss per tick of suite time: hazard x weight while it waits, weight once late."""
    late = job.due is not None and tick + job.shortest > job.due
    waited = max(0, tick - job.release)
    rate = job.loss_rate * math.exp(-job.loss_rate * waited) if job.loss_rate else 1.0 / mean
    return -job.weight * (rate + late) / max(job.shortest, 1)


RULES: Mapping[str, Rule] = MappingProxyType({"FIFO": fifo, "EDD": edd, "ATC": atc, "index": index})


def dispatch(problem: Problem, rule: Rule) -> Plan | None:
    """The plan that a rule makes; None where it runs into a corner and leaves a job undone.

    Pinned jobs come first, wherever they stand.
    """
    table = Timetable(problem)
    plan: list[Steps | None] = [None] * len(problem.jobs)
    ends: dict[str, int] = {}
    waiting: list[int] = []
    soonest = np.arange(problem.horizon + 1, dtype=float)
    for place, job in enumerate(problem.jobs):
        if job.operations[0].pinned is None:
            waiting.append(place)
        elif not _start(problem, table, plan, place, job.operations[0].pinned, soonest):
            return None
    waiting.sort(key=lambda place: problem.jobs[place].release)
    mean = sum(job.shortest for job in problem.jobs) / max(len(problem.jobs), 1) or 1.0
    ends = {
        problem.jobs[place].name: end_of(problem.jobs[place], steps)
        for place, steps in enumerate(plan)
        if steps is not None
    }
    for tick in range(problem.horizon + 1):
        ready = [
            place
            for place in waiting
            if problem.jobs[place].release <= tick
            and all(ends.get(name, math.inf) <= tick for name in problem.jobs[place].after)
        ]
        ready.sort(key=lambda place: rule(problem.jobs[place], tick, mean))
        for place in ready:
            job = problem.jobs[place]
            if job.latest_start is not None and tick > job.latest_start:
                waiting.remove(place)
            elif _start(problem, table, plan, place, tick, soonest):
                waiting.remove(place)
                steps = plan[place]
                assert steps is not None
                ends[job.name] = end_of(job, steps)
        if not waiting:
            break
    undone = [job for job, steps in zip(problem.jobs, plan, strict=True) if steps is None]
    return None if any(not job.optional for job in undone) else Plan(tuple(plan))


def _start(
    problem: Problem,
    table: Timetable,
    plan: list[Steps | None],
    place: int,
    tick: int,
    soonest: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> bool:
    """Starts a job at a tick, if it then can be carried through; the rest as soon as possible."""
    job = problem.jobs[place]
    if not table.may_start(job, tick):
        return False
    only = np.full(problem.horizon + 1, np.inf)
    only[tick] = 0.0
    found = table.best(job, Worth(only, soonest))
    if found is None:
        return False
    table.add(job, found[1])
    plan[place] = found[1]
    return True
