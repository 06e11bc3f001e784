"""What cannot be solved at all: contradictions in a slot problem, said before anything is tried.

A lot that finds no place is not among them: that is infeasible, not invalid.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scheduling.problem import Job, Mode, Operation, Problem, Resource

LONGEST = 100_000
"""Ticks of a horizon: eleven years of hours."""

LARGEST = 10_000_000
"""Jobs x ticks, each of which has its own cost: beyond it, memory runs to gigabytes."""

HEAVIEST = 1e9
"""Weight or price beyond which sums are no longer exact to what is shown of them."""

MOST_UNITS = 1_000_000
"""Units of a resource."""


def check(problem: Problem, file: str = "problem") -> None:
    """Refuses a problem that contradicts itself.

    Raises:
        InvalidInput: With every finding.
    """
    found = findings(problem)
    if found:
        raise InvalidInput(Finding(file, 0, 0, "", message) for message in found)


def findings(problem: Problem) -> list[str]:
    """Everything that is wrong with a problem's structure and numbers, in words."""
    found = list(_sizes(problem))
    if found:
        return found
    for kind, names in (
        ("resource", [resource.name for resource in problem.resources]),
        ("job", [job.name for job in problem.jobs]),
    ):
        found += [f"{kind} {name!r} is given {n} times" for name, n in _repeated(names)]
        found += [f"a {kind} has no name"] * (not all(names))
    for resource in problem.resources:
        found += [f"resource {resource.name!r}: {text}" for text in _resource(resource)]
    for job in problem.jobs:
        found += [f"job {job.name!r}: {text}" for text in _job(problem, job)]
    return found + list(_cycles(problem))


def _sizes(problem: Problem) -> Iterator[str]:
    if not 1 <= problem.horizon <= LONGEST:
        yield f"the horizon is {problem.horizon} ticks, not between 1 and {LONGEST}"
    elif len(problem.jobs) * problem.horizon > LARGEST:
        yield (
            f"{len(problem.jobs)} jobs over {problem.horizon} ticks are more than {LARGEST} "
            "together; plan fewer jobs, a shorter horizon or longer ticks"
        )
    if not (math.isfinite(problem.days_per_tick) and problem.days_per_tick > 0):
        yield f"a tick is {problem.days_per_tick} days long, not more than 0"


def _resource(resource: Resource) -> Iterator[str]:
    if not resource.capacity:
        yield "has no capacity"
    for units in sorted(set(resource.capacity)):
        if not 0 <= units <= MOST_UNITS:
            yield f"capacity {units} is not between 0 and {MOST_UNITS}"
    if not 1 <= resource.window <= LONGEST:
        yield f"window is {resource.window} ticks, not 1 or more"
    if not 0 <= resource.overtime <= MOST_UNITS:
        yield f"overtime of {resource.overtime} units is not between 0 and {MOST_UNITS}"
    yield from _amount("overtime_cost", resource.overtime_cost)
    if resource.changeovers and max(resource.capacity, default=0) + resource.overtime > 1:
        yield "changeovers need a capacity of 1, without overtime; name each suite on its own"
    for (before, after), pause in resource.changeovers.items():
        if not 0 <= pause <= LONGEST:
            yield f"changeover from {before!r} to {after!r} is {pause} ticks, not 0 or more"


def _job(problem: Problem, job: Job) -> Iterator[str]:
    yield from _amount("weight", job.weight)
    yield from _amount("loss_rate", job.loss_rate)
    times = {
        "release": job.release,
        "due": job.due,
        "deadline": job.deadline,
        "latest_start": job.latest_start,
        "previous": job.previous,
    }
    for key, tick in times.items():
        if tick is not None and not abs(tick) <= LARGEST:
            yield f"{key} {tick} is farther than {LARGEST} ticks away"
    if job.doses < 0:
        yield f"brings {job.doses} doses, fewer than 0"
    yield from (f"comes after {name!r} twice" for name, _ in _repeated(job.after))
    for name in job.after:
        if name not in problem.job_index:
            yield f"comes after {name!r}, which is no job"
    if not job.operations:
        yield "has no operations"
    for operation in job.operations:
        yield from (
            f"operation {operation.name!r}: {text}" for text in _operation(problem, operation)
        )


def _operation(problem: Problem, operation: Operation) -> Iterator[str]:
    if not operation.modes:
        yield "has no mode"
    if not abs(operation.min_lag) <= LONGEST:
        yield f"min_lag {operation.min_lag} is farther than {LONGEST} ticks"
    if operation.max_lag is not None and not operation.max_lag >= operation.min_lag:
        yield f"max_lag {operation.max_lag} is less than min_lag {operation.min_lag}"
    if operation.pinned is not None and not 0 <= operation.pinned <= problem.horizon:
        yield f"is pinned at {operation.pinned}, not between 0 and the horizon {problem.horizon}"
    mode = operation.pinned_mode
    if mode is not None and not 0 <= mode < len(operation.modes):
        yield f"is pinned to mode {mode} of {len(operation.modes)}, counted from 0"
    for way in operation.modes:
        yield from _mode(problem, way)


def _mode(problem: Problem, mode: Mode) -> Iterator[str]:
    if not 0 <= mode.duration <= LONGEST:
        yield f"lasts {mode.duration} ticks, not between 0 and {LONGEST}"
    yield from _amount("cost", mode.cost)
    for demand in mode.demands:
        if demand.resource not in problem.resource_index:
            yield f"takes of {demand.resource!r}, which is no resource"
        if not 1 <= demand.amount <= MOST_UNITS:
            yield f"takes {demand.amount} of {demand.resource!r}, not 1 or more"
        if demand.length is not None and not 0 <= demand.length <= LONGEST:
            yield f"takes {demand.resource!r} for {demand.length} ticks, not 0 or more"
        if not abs(demand.start) <= LONGEST:
            yield f"takes {demand.resource!r} {demand.start} ticks from its start"


def _cycles(problem: Problem) -> Iterator[str]:
    """Jobs that wait for each other, found by taking out whoever waits for nobody."""
    waiting = {
        job.name: {name for name in job.after if name in problem.job_index} for job in problem.jobs
    }
    followers: dict[str, list[str]] = {name: [] for name in waiting}
    for name, needed in waiting.items():
        for before in needed:
            followers[before].append(name)
    free = [name for name, needed in waiting.items() if not needed]
    while free:
        done = free.pop()
        del waiting[done]
        for name in followers[done]:
            waiting[name].discard(done)
            if not waiting[name]:
                free.append(name)
    if waiting:
        yield f"jobs wait for each other in a circle: {' < '.join(_circle(waiting))}"


def _circle(waiting: Mapping[str, Iterable[str]]) -> list[str]:
    """One circle among jobs of which each waits for another."""
    path: list[str] = []
    name = min(waiting)
    while name not in path:
        path.append(name)
        name = min(waiting[name])
    return [*path[path.index(name) :], name]


def _amount(key: str, value: float) -> Iterator[str]:
    if not (math.isfinite(value) and 0 <= value <= HEAVIEST):
        yield f"{key} is {value}, not a number between 0 and {HEAVIEST:g}"


def _repeated(names: Iterable[str]) -> list[tuple[str, int]]:
    return [(name, n) for name, n in sorted(Counter(names).items()) if n > 1]
