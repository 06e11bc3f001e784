"""The referee: judges any plan by the problem's words alone, in plain Python.

It shares no computation with the rules, the solvers or the objective, so that a mistake there shows
here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from cartlogix.scheduling.objective import TERMS
from cartlogix.scheduling.plan import Plan, Steps
from cartlogix.scheduling.problem import Demand, Job, Mode, Problem, Resource


def violations(problem: Problem, plan: Plan) -> list[str]:
    """Everything in which a plan breaks its problem, in words; empty when it is feasible."""
    if len(plan.jobs) != len(problem.jobs):
        return [f"the plan has {len(plan.jobs)} jobs, the problem {len(problem.jobs)}"]
    found: list[str] = []
    for job, steps in zip(problem.jobs, plan.jobs, strict=True):
        found += [f"{job.name}: {reason}" for reason in _job(problem, job, steps)]
    if not found:
        found += _order(problem, plan)
        uses = _uses(problem, plan)
        for resource in problem.resources:
            found += _resource(resource, uses[resource.name])
    return found


def recompute(problem: Problem, plan: Plan) -> dict[str, float]:
    """The terms of `objective.TERMS`, computed a second time and differently."""
    total: dict[str, float] = dict.fromkeys(TERMS, 0.0)
    flows: list[int] = []
    lateness: list[int] = []
    waits_by: dict[str, dict[str, list[int]]] = {
        "worst_site": defaultdict(list),
        "worst_indication": defaultdict(list),
    }
    latest = 0
    for job, steps in zip(problem.jobs, plan.jobs, strict=True):
        begin = problem.horizon if steps is None else steps[0].start
        end = problem.horizon if steps is None else _ends(job, steps)[-1]
        late = 0 if job.due is None else max(0, end - job.due)
        missed = steps is None or (job.deadline is not None and end > job.deadline)
        total["beyond_limit"] += missed
        total["tardiness"] += job.weight * late
        total["late"] += late > 0
        total["wait"] += job.weight * (begin - job.release)
        total["flow"] += job.weight * (end - job.release)
        total["completion"] += job.weight * end
        waited = max(0, begin - job.release)
        total["expected_loss"] += job.weight * (1 - math.exp(-job.loss_rate * waited))
        moved = 0 if job.previous is None else abs(begin - job.previous)
        total["moved"] += moved > 0
        total["moved_by"] += moved
        total["cost"] += 0 if steps is None else sum(mode.cost for mode in _modes(job, steps))
        if job.due is not None:
            lateness.append(end - job.due)
        flows.append(end - job.release)
        waits_by["worst_site"][job.site].append(begin - job.release)
        waits_by["worst_indication"][job.indication].append(begin - job.release)
        latest = max(latest, end)
    flows.sort()
    total["mean_flow"] = sum(flows) / len(flows) if flows else 0.0
    total["p95_flow"] = flows[math.ceil(len(flows) * 95 / 100) - 1] if flows else 0.0
    total["makespan"] = latest
    total["max_lateness"] = max(lateness, default=0)
    for name, groups in waits_by.items():
        total[name] = max((sum(waits) / len(waits) for waits in groups.values()), default=0.0)
    uses = _uses(problem, plan)
    for resource in problem.resources:
        beyond, changed = _extras(resource, uses[resource.name])
        total["overtime"] += beyond
        total["cost"] += beyond * resource.overtime_cost
        total["changeovers"] += changed
    return total


def _modes(job: Job, steps: Steps) -> list[Mode]:
    return [
        operation.modes[step.mode] for operation, step in zip(job.operations, steps, strict=True)
    ]


def _ends(job: Job, steps: Steps) -> list[int]:
    return [
        step.start + mode.duration for step, mode in zip(steps, _modes(job, steps), strict=True)
    ]


def _job(problem: Problem, job: Job, steps: Steps | None) -> Iterator[str]:
    if steps is None:
        if not job.optional:
            yield "left out, though it must be done"
        return
    if len(steps) != len(job.operations):
        yield f"has {len(steps)} steps for {len(job.operations)} operations"
        return
    if any(
        not 0 <= step.mode < len(operation.modes)
        for step, operation in zip(steps, job.operations, strict=True)
    ):
        yield "uses a way of working that does not exist"
        return
    yield from _times(job, steps)
    first, last = min(step.start for step in steps), max(_ends(job, steps))
    if first < 0:
        yield f"starts at {first}, before the horizon begins"
    if last > problem.horizon:
        yield f"ends at {last}, beyond the horizon at {problem.horizon}"


def _times(job: Job, steps: Steps) -> Iterator[str]:
    if job.operations[0].pinned is None:
        if steps[0].start < max(job.release, 0):
            yield f"starts at {steps[0].start}, before its release at {job.release}"
        if job.latest_start is not None and steps[0].start > job.latest_start:
            yield f"starts at {steps[0].start}, after its material expired at {job.latest_start}"
    ends = _ends(job, steps)
    for number, (operation, step) in enumerate(zip(job.operations, steps, strict=True)):
        if operation.pinned is not None and step.start != operation.pinned:
            yield f"{operation.name} is at {step.start}, but decided for {operation.pinned}"
        if operation.pinned_mode is not None and step.mode != operation.pinned_mode:
            yield f"{operation.name} is done in another way than decided"
        if number:
            lag, least, most = step.start - ends[number - 1], operation.min_lag, operation.max_lag
            if lag < least:
                yield f"{operation.name} starts {lag} after the step before, not {least}"
            if most is not None and lag > most:
                yield f"{operation.name} starts {lag} after the step before, over {most}"


def _order(problem: Problem, plan: Plan) -> Iterator[str]:
    by_name = {job.name: (job, steps) for job, steps in zip(problem.jobs, plan.jobs, strict=True)}
    for job, steps in by_name.values():
        for name in job.after:
            before, earlier = by_name[name]
            if steps is None:
                continue
            if earlier is None:
                yield f"{job.name}: runs though {name}, which it needs, is left out"
            elif _ends(before, earlier)[-1] > steps[0].start:
                yield f"{job.name}: starts before {name} has ended"


Use = tuple[int, int, int, str]
"""First tick, the one after the last, units, product of the lot."""


def _uses(problem: Problem, plan: Plan) -> dict[str, list[Use]]:
    """Everything that is taken, by resource."""
    found: dict[str, list[Use]] = defaultdict(list)
    for job, steps in zip(problem.jobs, plan.jobs, strict=True):
        if steps is None:
            continue
        for step, mode in zip(steps, _modes(job, steps), strict=True):
            for demand in mode.demands:
                first, last = _span(step.start, mode, demand)
                if last > first:
                    found[demand.resource].append((first, last, demand.amount, job.product))
    return found


def _span(start: int, mode: Mode, demand: Demand) -> tuple[int, int]:
    first = start + demand.start
    until = start + mode.duration if demand.length is None else first + demand.length
    return first, until


def _taken(resource: Resource, uses: list[Use]) -> dict[int, int]:
    taken: dict[int, int] = defaultdict(int)
    for first, last, amount, _ in uses:
        for window in range(max(first, 0) // resource.window, (last - 1) // resource.window + 1):
            taken[window] += amount
    return taken


def _regular(resource: Resource, window: int) -> int:
    return resource.capacity[min(window, len(resource.capacity) - 1)]


def _resource(resource: Resource, uses: list[Use]) -> Iterator[str]:
    for window, amount in sorted(_taken(resource, uses).items()):
        limit = _regular(resource, window) + resource.overtime
        if amount > limit:
            tick = window * resource.window
            yield f"{resource.name}: {amount} used of {limit} at {tick}"
    if resource.changeovers:
        for before, after in pairwise(sorted(uses)):
            pause = resource.changeovers.get((before[3], after[3]), 0)
            if after[0] < before[1] + pause:
                yield f"{resource.name}: no {pause} ticks of changeover before {after[0]}"


def _extras(resource: Resource, uses: list[Use]) -> tuple[int, int]:
    beyond = sum(
        max(0, amount - _regular(resource, window))
        for window, amount in _taken(resource, uses).items()
    )
    changed = sum(a[3] != b[3] for a, b in pairwise(sorted(uses)))
    return beyond, changed if resource.changeovers else 0
