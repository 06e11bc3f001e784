"""Why a lot is late or a problem has no plan, and what one more unit of something would change.

A limit holds a job back if the job could end sooner with that limit lifted and every other job
where it is. What one more unit changes is measured: the problem with it is solved again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan, end_of, mode_of
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.solve import never, solve
from cartlogix.scheduling.timetable import Timetable, Worth, filled

_PLENTY = 1_000_000
_MOST_CLASHING = 12
"""Lots among which the smallest clashing set is looked for."""

Day = Callable[[int], str]
"""Names a tick, such as by its date."""
Stopped = Callable[[], bool]
Fails = Callable[[Sequence[int]], tuple[bool, bool]]
"""Whether no plan was found for some jobs, and whether that is proven."""


@dataclass(frozen=True)
class Hold:
    """What holds a job back.

    Attributes:
        job: Name of the job.
        end: Its end in the plan; None if it is left out.
        alone: Its end if there were no other job; None if it could not be done even then.
        limits: Names of the limits of which each alone holds it back, with the end that it would
            have without it, the strongest first.
        together: Its end without any limit; None if it could not be done even then.
    """

    job: str
    end: int | None
    alone: int | None
    limits: tuple[tuple[str, int], ...]
    together: int | None


@dataclass(frozen=True)
class Clash:
    """Jobs that cannot all be done, none of which can be spared.

    Attributes:
        jobs: Their names.
        limits: The limits that they clash at; empty if it is not a capacity.
        proven: Whether a solver has proven it; otherwise no plan was found.
        reason: In words.
    """

    jobs: tuple[str, ...]
    limits: tuple[str, ...]
    proven: bool
    reason: str


def hold(problem: Problem, plan: Plan, number: int) -> Hold:
    """Return what holds a job of a plan back, every other job staying where it is."""
    job = problem.jobs[number]
    steps = plan.jobs[number]
    table = filled(problem, plan)
    if steps is not None:
        table.remove(job, steps)
    end = plan.end(problem, number)
    free = _free_from(problem, plan, job)
    reached = []
    for name in _demanded(job):
        without = _soonest(problem, table, job, free, [name])
        if without is not None and (end is None or without < end):
            reached.append((name, without))
    reached.sort(key=lambda one: one[1])
    alone = _soonest(problem, Timetable(problem), job, free, [])
    together = _soonest(problem, table, job, free, _demanded(job))
    return Hold(job.name, end, alone, tuple(reached), together)


def words(problem: Problem, held: Hold, day: Day) -> str:
    """Say what holds a job back, in one sentence."""
    job = problem.jobs[problem.job_index[held.job]]
    aim = job.due if job.due is not None else job.deadline
    if held.alone is None:
        return f"cannot be done even alone: {_impossible(problem, job, day)}"
    if aim is not None and held.alone > aim:
        sooner = (
            f"; with no limits it could end on {day(held.together - 1)}"
            if held.together is not None and held.together < held.alone
            else ""
        )
        return f"could not end before {day(held.alone - 1)} even alone{sooner}"
    if held.limits:
        listed = [f"{name} ({day(end - 1)} without this limit)" for name, end in held.limits[:3]]
        return f"held back by {', '.join(listed)}"
    if held.together is not None and (held.end is None or held.together < held.end):
        names = ", ".join(_demanded(job)[:4])
        return f"held back by several limits at once ({names})"
    return "gives way to lots that count more"


def clashes(
    problem: Problem, objective: Objective, budget: Budget, day: Day, stopped: Stopped = never
) -> list[Clash]:
    """Return why a problem has no plan: lots that are impossible, then sets of lots that clash."""
    free = [_window(problem, job) for job in problem.jobs]
    empty = Timetable(problem)
    found = []
    for number, (job, start) in enumerate(zip(problem.jobs, free, strict=True)):
        if not job.optional and _soonest(problem, empty, job, start, []) is None:
            # Where its own steps can be in each other's way, the search above is not complete.
            alone, proven = True, True
            if job.name in problem.takes.meeting:
                alone, proven = _fails(problem, objective, budget, [number])
            if alone:
                reason = _impossible(problem, job, day)
                found.append(Clash((job.name,), _lacking(problem, job), proven, reason))
    if found:
        return found
    loose = _loosened(problem)
    outcome = solve(loose, Objective(({"beyond_limit": 1.0},)), budget, stopped=stopped)
    if outcome.plan is None:
        return []

    def fails(chosen: Sequence[int]) -> tuple[bool, bool]:
        return (False, False) if stopped() else _fails(problem, objective, budget, chosen)

    for number, steps in enumerate(outcome.plan.jobs):
        if steps is None and not problem.jobs[number].optional and not stopped():
            names = tuple(name for name, _ in hold(loose, outcome.plan, number).limits[:3])
            rivals = _rivals(problem, outcome.plan, number, names)
            chosen, proven = _smallest(problem, number, rivals, fails)
            jobs = tuple(problem.jobs[one].name for one in chosen)
            reason = _no_room(problem, number, jobs, names, day)
            found.append(Clash(jobs, names, proven, reason))
    return found


def _smallest(
    problem: Problem, number: int, rivals: Sequence[int], fails: Fails
) -> tuple[list[int], bool]:
    """Return jobs that clash with one, as few as can be found, and whether that is proven."""
    chosen = [*rivals, number]
    without, proven = fails(chosen)
    if not without:  # the others matter too
        chosen = list(range(len(problem.jobs)))
        return chosen, fails(chosen)[1]
    for other in rivals:
        fewer = [one for one in chosen if one != other]
        still, sure = fails(fewer)
        if still:
            chosen, proven = fewer, sure
    return chosen, proven


def _rivals(problem: Problem, plan: Plan, number: int, names: Sequence[str]) -> list[int]:
    """Return the planned jobs that use what one that is left out lacks, while it could."""
    return [
        other
        for other, steps in enumerate(plan.jobs)
        if steps is not None and _meet(problem, plan, other, problem.jobs[number], names)
    ][:_MOST_CLASHING]


def _no_room(
    problem: Problem, number: int, jobs: Sequence[str], names: Sequence[str], day: Day
) -> str:
    job = problem.jobs[number]
    where = f" at {' and '.join(names)}" if names else ""
    between = f"between {day(job.release)} and {day(_last_start(problem, job))}"
    who = ", ".join(name for name in jobs if name != job.name) or "what is decided"
    if len(jobs) > _MOST_CLASHING + 1:
        who = f"{len(jobs) - 1} other lots"
    return f"{job.name} finds no room{where} to start {between} beside {who}"


def _fails(
    problem: Problem, objective: Objective, budget: Budget, chosen: Sequence[int]
) -> tuple[bool, bool]:
    """Return whether no plan was found for some of the jobs, and whether that is proven."""
    kept = {problem.jobs[number].name for number in chosen}
    jobs = tuple(
        replace(job, after=tuple(name for name in job.after if name in kept))
        for job in problem.jobs
        if job.name in kept
    )
    outcome = solve(replace(problem, jobs=jobs), objective, budget)
    return outcome.plan is None, outcome.status == "infeasible"


def _meet(problem: Problem, plan: Plan, other: int, job: Job, names: Sequence[str]) -> bool:
    """Whether a job uses one of some limits while another one could."""
    steps = plan.jobs[other]
    assert steps is not None
    first, last = job.release, _last_start(problem, job) + job.shortest
    for number, step in enumerate(steps):
        mode = mode_of(problem.jobs[other], steps, number)
        for demand in mode.demands:
            begin, until = (step.start + at for at in demand.ticks(mode.duration))
            if demand.resource in names and begin < last and until > first:
                return True
    return not names and end_of(problem.jobs[other], steps) > first


def _last_start(problem: Problem, job: Job) -> int:
    latest = problem.horizon - job.shortest
    return latest if job.latest_start is None else min(latest, job.latest_start)


def _loosened(problem: Problem) -> Problem:
    jobs = tuple(replace(job, optional=True, deadline=None) for job in problem.jobs)
    return replace(problem, jobs=jobs)


def _impossible(problem: Problem, job: Job, day: Day) -> str:
    """Say why a job cannot be done even alone."""
    if job.latest_start is not None and job.latest_start < job.release:
        return f"its material expires before it is ready on {day(job.release)}"
    if job.release + job.shortest > problem.horizon:
        return (
            f"its steps take {job.shortest} ticks from {day(job.release)},"
            f" and the board ends on {day(problem.horizon - 1)}; lengthen the horizon"
        )
    names = _lacking(problem, job)
    if names:
        return f"there is never enough of {' or '.join(names)} when it could use it"
    return "its decided dates, waits and material life do not fit together"


def _lacking(problem: Problem, job: Job) -> tuple[str, ...]:
    """Return the limits of which each alone would have to be lifted for a job to be possible."""
    free, empty = _window(problem, job), Timetable(problem)
    return tuple(
        name for name in _demanded(job) if _soonest(problem, empty, job, free, [name]) is not None
    )


def _demanded(job: Job) -> list[str]:
    return list(
        dict.fromkeys(
            demand.resource
            for operation in job.operations
            for mode in operation.modes
            for demand in mode.demands
        )
    )


def _window(problem: Problem, job: Job) -> tuple[int, int]:
    """Return the first and the last tick in which a job may start."""
    pinned = job.operations[0].pinned
    if pinned is not None:
        return pinned, pinned
    latest = problem.horizon if job.latest_start is None else job.latest_start
    return max(0, job.release), latest


def _free_from(problem: Problem, plan: Plan, job: Job) -> tuple[int, int]:
    """Return the same, behind the jobs that it waits for."""
    first, last = _window(problem, job)
    if job.operations[0].pinned is None:
        for name in job.after:
            end = plan.end(problem, problem.job_index[name])
            first = max(first, problem.horizon if end is None else end)
    return first, last


def _soonest(
    problem: Problem, table: Timetable, job: Job, window: tuple[int, int], lifted: Sequence[str]
) -> int | None:
    """Return the earliest end of one more job, with some limits lifted."""
    ticks = np.arange(problem.horizon + 1, dtype=float)
    barred = (ticks < window[0]) | (ticks > window[1])
    lots = dict(table.lots)
    for name in lifted:
        index = problem.resource_index[name]
        table.lift(index, _PLENTY)
        table.lots.pop(index, None)
    best = table.best(job, Worth(np.where(barred, np.inf, 0.0), ticks))
    for name in lifted:
        table.lift(problem.resource_index[name], -_PLENTY)
    table.lots.update(lots)
    return None if best is None else end_of(job, best[1])
