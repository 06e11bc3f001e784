"""Between two plans: the last one is an order with promised days, not a timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cartlogix.policies.views import Decision, Start, View, ahead, ranked, waiting
from cartlogix.scheduling.plan import Steps
from cartlogix.scheduling.problem import Job
from cartlogix.scheduling.rules import Rule
from cartlogix.scheduling.timetable import Timetable


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
    problem = ahead(view.problem, waiting(view.problem))
    table = Timetable(problem)
    kept: dict[str, Steps] = {}
    for job in problem.jobs:
        at = job.operations[0].pinned
        at = soon.get(job.name) if at is None else at
        steps = None if at is None else table.at_once(job, at)
        if steps is not None:
            kept[job.name] = steps
            table.add(job, steps)
    for job in order:
        if job.name in kept:
            table.remove(job, kept[job.name])
        steps = table.at_once(job, view.now)
        if steps is not None:
            yield Start(job.name, steps)
        else:
            steps = kept.get(job.name)
        if steps is not None:
            table.add(job, steps)
