"""Dispatching rules: what a plant does without an optimizer, and where the optimizer starts from.

Every rule goes through time; whenever something can start, the waiting job with the smallest index
does. The indices are those of the textbooks (Pinedo, Scheduling, 2016, chapter 14).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cartlogix.scheduling.plan import Plan, Steps, end_of
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.timetable import Timetable

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


def dispatch(
    problem: Problem, rule: Rule, stopped: Callable[[], bool] | None = None
) -> Plan | None:
    """The plan that a rule makes; None where it runs into a corner and leaves a job undone.

    Pinned jobs come first, wherever they stand.

    Args:
        problem: What is planned.
        rule: Who goes first.
        stopped: Asked at each tick; once true, there is no plan.
    """
    jobs = problem.jobs
    table = Timetable(problem)
    plan: list[Steps | None] = [None] * len(jobs)
    ends: dict[str, int] = {}
    ends_by = _ends_by(problem)
    waiting: list[int] = []
    for place, job in enumerate(jobs):
        pinned = job.operations[0].pinned
        if pinned is None:
            waiting.append(place)
            continue
        steps = plan[place] = _start(table, job, pinned, ends_by)
        if steps is None:
            return None
        ends[job.name] = end_of(job, steps)
    mean = sum(job.shortest for job in jobs) / max(len(jobs), 1) or 1.0
    for tick in range(problem.horizon + 1):
        if stopped is not None and stopped():
            return None
        ready = [
            place
            for place in waiting
            if jobs[place].release <= tick <= _latest(jobs[place], problem.horizon)
            and all(ends.get(name, math.inf) <= tick for name in jobs[place].after)
        ]
        ready.sort(key=lambda place: rule(jobs[place], tick, mean))
        for place in ready:
            steps = plan[place] = _start(table, jobs[place], tick, ends_by)
            if steps is not None:
                waiting.remove(place)
                ends[jobs[place].name] = end_of(jobs[place], steps)
        if not waiting:
            break
    if any(not jobs[place].optional for place in waiting):
        return None
    # A pinned job stands even if one before it has found no place.
    begun = ((job.after, steps[0].start) for job, steps in zip(jobs, plan, strict=True) if steps)
    kept = all(ends.get(name, math.inf) <= start for after, start in begun for name in after)
    return Plan(tuple(plan)) if kept else None


def _ends_by(problem: Problem) -> dict[str, int]:
    """The tick by which a job must have ended since one that is pinned comes after it."""
    found: dict[str, int] = {}
    for job in problem.jobs:
        pinned = job.operations[0].pinned
        for name in job.after if pinned is not None else ():
            found[name] = min(found.get(name, problem.horizon), pinned or 0)
    return found


def _latest(job: Job, horizon: int) -> int:
    return horizon if job.latest_start is None else job.latest_start


def _start(table: Timetable, job: Job, tick: int, ends_by: Mapping[str, int]) -> Steps | None:
    """Starts a job at a tick, if it then can be carried through; the rest as soon as possible."""
    steps = table.at_once(job, tick)
    if steps is None or end_of(job, steps) > ends_by.get(job.name, math.inf):
        return None
    table.add(job, steps)
    return steps
