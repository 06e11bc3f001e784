"""What the last plan means for the next moment: an order with promised days, not a timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from cartlogix.policies.views import Decision, Start, View, ahead, ranked, waiting
from cartlogix.scheduling.plan import Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.rules import Rule
from cartlogix.scheduling.timetable import Timetable, Worth


def follow(view: View, promised: Mapping[str, int], rule: Rule, hold: int) -> Decision:
    """Return who starts now by the last plan, which is not made anew.

    Everybody who fits starts, in the plan's order: a free unit waits only for a promised start
    within `hold` ticks that another start would break.

    Args:
        view: What is known now.
        promised: Planned start of each lot of the last plan, in ticks of the run.
        rule: Says where those go whom the plan does not know.
        hold: Ticks ahead for which promised starts are guarded.
    """
    order = in_order(view, promised, rule)
    return Decision(tuple(guarded(view, promised, order, hold)), dict(promised), "order")


def in_order(view: View, promised: Mapping[str, int], rule: Rule) -> list[Job]:
    """Return who waits, as promised; the others each before the first whom the rule puts behind."""
    by_rule = ranked(view, rule)
    rank = {job.name: place for place, job in enumerate(by_rule)}
    order = sorted(
        (job for job in by_rule if job.name in promised), key=lambda job: promised[job.name]
    )
    for job in by_rule:
        if job.name not in promised:
            behind = (n for n, other in enumerate(order) if rank[other.name] > rank[job.name])
            order.insert(next(behind, len(order)), job)
    return order


def guarded(
    view: View, promised: Mapping[str, int], order: Sequence[Job], hold: int
) -> Iterable[Start]:
    """Yield the starts of lots, in order, that break no promised start within `hold` ticks.

    Args:
        view: What is known now.
        promised: Planned starts, in ticks of the run.
        order: Lots that may start.
        hold: Ticks ahead.
    """
    soon = {
        job.name: promised[job.name] - view.origin
        for job in waiting(view.problem)
        if 0 <= promised.get(job.name, -1) - view.tick <= hold
    }
    if max(soon.values(), default=view.now) == view.now:  # nobody is promised a later day
        yield from (Start(job.name) for job in order)
        return
    problem = ahead(view, waiting(view.problem))
    table = Timetable(problem)
    held: dict[str, Steps] = {}
    for job in problem.jobs:
        at = job.operations[0].pinned
        at = soon.get(job.name) if at is None else at
        steps = None if at is None else table.at_once(job, at)
        if steps is not None:
            held[job.name] = steps
            table.add(job, steps)
    for job in order:
        if job.name in held:
            table.remove(job, held[job.name])
        steps = table.at_once(job, view.now) if job.release <= view.now else None
        if steps is not None:
            yield Start(job.name, steps)
        else:
            steps = held.get(job.name)
        if steps is not None:
            table.add(job, steps)


def kept(view: View, problem: Problem, promised: Mapping[str, int]) -> Problem:
    """Return the problem with the promised starts of committed lots pinned.

    Who cannot start when it was promised is shifted to the right, in the order of the promises;
    whose material is there already starts as soon as it can.
    """
    if not view.committed:
        return problem
    table = Timetable(problem)
    ticks = np.arange(problem.horizon + 1, dtype=float)
    pins: dict[str, int] = {}
    committed = [job for job in problem.jobs if job.name in view.committed]
    for job in sorted(committed, key=lambda job: promised.get(job.name, job.release)):
        earliest = max(job.release, view.now)
        if job.release > view.now:
            earliest = max(earliest, promised.get(job.name, 0) - view.origin)
        found = table.best(job, Worth(np.where(ticks < earliest, np.inf, 0.0), ticks))
        if found is not None:
            table.add(job, found[1])
            pins[job.name] = found[1][0].start
    return _pinned(problem, pins) if pins else problem


def _pinned(problem: Problem, pins: Mapping[str, int]) -> Problem:
    def pinned(job: Job) -> Job:
        first = replace(job.operations[0], pinned=pins[job.name])
        return replace(job, operations=(first, *job.operations[1:]))

    jobs = tuple(pinned(job) if job.name in pins else job for job in problem.jobs)
    return replace(problem, jobs=jobs)
