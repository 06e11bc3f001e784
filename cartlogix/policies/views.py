"""What a slot policy may know at one moment, and what it answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from cartlogix.scheduling.plan import Steps
from cartlogix.scheduling.problem import Job, Problem, Resource
from cartlogix.scheduling.rules import Rule
from cartlogix.scheduling.timetable import Timetable


@dataclass(frozen=True)
class View:
    """What a policy may know at one moment.

    Attributes:
        tick: Now, counted from the start of the run.
        problem: What is expected, from `now` on; what came before is there only where a suite's
            last product counts. Lots that have started are jobs whose first operation is pinned,
            all others wait. Durations are means, never what was drawn.
        typical: Mean length of a lot in ticks, which the rules of the textbooks ask for.
        free: Units of each resource that are free at this very moment.
        now: The tick of `problem` that is now.
        out: Units of resources that are out of work, by tick of `problem` from 0 until they are
            expected back. They come on top of what lots under way take.
        committed: Names of waiting lots whose promised start is kept, since their material is
            collected for it.
        booking: Whether promises are looked at again even where nobody may start now.
    """

    tick: int
    problem: Problem
    typical: float
    free: Mapping[str, int]
    now: int = 0
    out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    committed: frozenset[str] = frozenset()
    booking: bool = False

    @property
    def origin(self) -> int:
        """Tick 0 of the problem, counted from the start of the run."""
        return self.tick - self.now

    def may_start(self, job: Job) -> bool:
        """Whether what a waiting job takes at once is free now."""
        return any(
            all(
                self.free[demand.resource] >= demand.amount
                for demand in mode.demands
                if demand.start <= 0 < demand.ticks(mode.duration)[1]
            )
            for mode in job.operations[0].modes
        )


@dataclass(frozen=True)
class Start:
    """A lot that is to start now; `steps` says how, None leaves that to the plant."""

    job: str
    steps: Steps | None = None


@dataclass(frozen=True)
class Decision:
    """What a policy answers.

    Attributes:
        starts: Lots to start now, in this order, each as soon as it finds room; others wait.
        promised: Planned start of each lot that the plan covers, in ticks of the run.
        status: "rule", "trivial" (answered without a solver), a status of `solve`, or "fallback".
        value: Objective of the plan, its levels in one line; empty without a plan.
        bound: Proven lower bounds of the same levels.
    """

    starts: tuple[Start, ...]
    promised: Mapping[str, int] = field(default_factory=dict)
    status: str = "rule"
    value: tuple[float, ...] = ()
    bound: tuple[float, ...] = ()


def waiting(problem: Problem) -> list[Job]:
    """The jobs of a view that have not started, in the order in which they are listed."""
    return [job for job in problem.jobs if job.operations[0].pinned is None]


def ranked(view: View, rule: Rule) -> list[Job]:
    """The waiting jobs, the smallest index first; equal ones in the order listed."""
    return sorted(waiting(view.problem), key=lambda job: rule(job, view.now, view.typical))


def ahead(view: View, planned: list[Job]) -> Problem:
    """The problem of the planned lots alone, no longer than they need.

    Lots under way and units out of work become capacity that is taken, except where the order of
    products counts.
    """
    problem = view.problem
    running = [job for job in problem.jobs if job.operations[0].pinned is not None]
    jobs = (*running, *planned)
    out_for = max(map(len, view.out.values()), default=0)
    horizon = min(problem.horizon, _enough(jobs, problem.resources) + out_for)
    short = replace(problem, jobs=jobs, horizon=horizon)
    if any(resource.changeovers or resource.overtime for resource in problem.resources):
        return short
    return replace(short, jobs=tuple(planned), resources=left_free(short, running, view.out))


def left_free(
    problem: Problem, running: list[Job], out: Mapping[str, tuple[int, ...]]
) -> tuple[Resource, ...]:
    """The resources without what lots under way are expected to take, and what is out of work."""
    table = Timetable(problem)
    for job in running:
        steps = table.at_once(job, job.operations[0].pinned or 0)
        if steps is not None:
            table.add(job, steps)
    for resource, free in zip(problem.resources, table.free, strict=True):
        if resource.name in out:
            gone = out[resource.name][: len(free)]
            free[: len(gone)] -= gone
    return tuple(
        replace(resource, capacity=tuple(np.maximum(free, 0).tolist()))
        for resource, free in zip(problem.resources, table.free, strict=True)
    )


def _enough(jobs: tuple[Job, ...], resources: tuple[Resource, ...]) -> int:
    """Ticks by which any reasonable plan of the jobs has ended."""
    longest = max((_length(job) for job in jobs), default=0)
    latest = max((job.release for job in jobs), default=0)
    needed = 0
    work_of = _work(jobs)
    for resource in resources:
        work = work_of[resource.name]
        free = np.cumsum(resource.capacity) * resource.window
        at = int(np.searchsorted(free, work)) * resource.window
        if at >= len(resource.capacity) * resource.window and resource.capacity[-1] > 0:
            at += math.ceil((work - int(free[-1])) / resource.capacity[-1])
        needed = max(needed, at)
    return max(latest, 0) + needed + 2 * longest + 7


def _length(job: Job) -> int:
    lags = sum(max(operation.min_lag, 0) for operation in job.operations)
    return lags + sum(max(m.duration for m in operation.modes) for operation in job.operations)


def _work(jobs: tuple[Job, ...]) -> Counter[str]:
    """Units x ticks that the first way of each operation takes of each resource."""
    work: Counter[str] = Counter()
    for job in jobs:
        for operation in job.operations:
            mode = operation.modes[0]
            for demand in mode.demands:
                first, until = demand.ticks(mode.duration)
                work[demand.resource] += demand.amount * (until - first)
    return work
