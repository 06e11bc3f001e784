"""Replanning with few moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from cartlogix.board.loader import PreviousPlan
from cartlogix.board.rows import Move, moves, starts
from cartlogix.board.translate import Posed, pose, with_previous
from cartlogix.board.what_if import Changed
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget, Outcome
from cartlogix.scheduling.plan import Plan, Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.timetable import Timetable, Worth
from cartlogix.scheduling.verify import recompute, violations

MOVE = 1.0
"""What moving one start costs in a replan: as much as one tick of lateness of weight 1."""

Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Replan:
    """A plan after a change, and what differs from the plan before it."""

    posed: Posed
    outcome: Outcome
    moves: tuple[Move, ...]
    before: Mapping[str, float]
    """Every term of the plan before the change."""
    unfrozen: bool
    """Whether the frozen zone had to give way."""


def gently(objective: Objective) -> Objective:
    """Return an objective under which every move counts, on its last level."""
    *first, last = objective.levels
    return Objective((*first, {**last, "moved": last.get("moved", 0.0) + MOVE}))


def replan(
    changed: Changed,
    previous: PreviousPlan,
    base: tuple[Posed, Plan],
    budget: Budget,
    stopped: Stopped,
) -> Replan:
    """Return a plan of a changed board that moves few orders of the plan before.

    The frozen zone gives way where nothing else is possible. The outcome holds no plan if the
    changed board has none.
    """
    before, plan = base
    terms = recompute(before.problem, plan)
    for frozen in (True, False):
        posed = pose(changed.board, previous, frozen=frozen, free=changed.orders)
        posed = with_previous(posed, starts(before, plan))
        start = repaired(posed.problem, base, gently(posed.objective))
        outcome = solve(
            posed.problem, gently(posed.objective), budget, start=start, stopped=stopped
        )
        if outcome.plan is not None:
            found = moves(base, (posed, outcome.plan))
            return Replan(posed, outcome, tuple(found), terms, not frozen)
    return Replan(posed, outcome, (), terms, True)


def repaired(
    problem: Problem, base: tuple[Posed, Plan], objective: Objective, first: int | None = None
) -> Plan | None:
    """Return a plan near an old one: what still fits stays, the rest finds another place.

    What no longer fits is put in at its turn, pushing those behind it, or last, into what is left
    free; the better of the two counts. None if neither leads to a plan.

    Args:
        problem: what is to be planned now.
        base: the old plan.
        objective: by which the better one is told.
        first: a job that is placed before all others.
    """
    tries = [_repair(problem, base, first, at_once) for at_once in (True, False)]
    plans = [plan for plan in tries if plan is not None and not violations(problem, plan)]
    return min(plans, key=lambda plan: objective.values(recompute(problem, plan)), default=None)


def _repair(
    problem: Problem, base: tuple[Posed, Plan], first: int | None, at_once: bool
) -> Plan | None:
    before, plan = base
    old = {
        number: plan.jobs[before.problem.job_index[job.name]]
        for number, job in enumerate(problem.jobs)
        if job.name in before.problem.job_index
    }
    turn = {number: steps[0].start for number, steps in old.items() if steps is not None}
    queue = sorted(range(len(problem.jobs)), key=lambda number: turn.get(number, problem.horizon))
    pinned = [n for n in queue if any(o.pinned is not None for o in problem.jobs[n].operations)]
    queue = list(dict.fromkeys([*([] if first is None else [first]), *pinned, *queue]))
    table = Timetable(problem)
    found: dict[int, Steps | None] = {}
    displaced = []
    for number in queue:
        steps = old.get(number)
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


def _kept(table: Timetable, job: Job, steps: Steps) -> Steps | None:
    """Return the steps of a job if they are still possible just so."""
    if len(steps) != len(job.operations) or any(
        step.mode >= len(operation.modes)
        or operation.pinned not in {None, step.start}
        or operation.pinned_mode not in {None, step.mode}
        for step, operation in zip(steps, job.operations, strict=True)
    ):
        return None
    if job.operations[0].pinned is None and steps[0].start < job.release:
        return None
    operations = tuple(
        replace(operation, pinned=step.start, pinned_mode=step.mode)
        for step, operation in zip(steps, job.operations, strict=True)
    )
    free = np.zeros(table.horizon + 1)
    found = table.best(replace(job, operations=operations), Worth(free, free))
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
