"""Slot policies: which of the waiting lots start now, decided from expectations alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan, Steps
from cartlogix.scheduling.problem import Job, Problem, Resource
from cartlogix.scheduling.rules import Rule
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.timetable import Timetable, Worth


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
    """

    tick: int
    problem: Problem
    typical: float
    free: Mapping[str, int]
    now: int = 0

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


class SlotPolicy(Protocol):
    """Decides who starts."""

    def decide(self, view: View) -> Decision:
        """The lots that start now."""


def waiting(problem: Problem) -> list[Job]:
    """The jobs of a view that have not started, in the order in which they are listed."""
    return [job for job in problem.jobs if job.operations[0].pinned is None]


def ranked(view: View, rule: Rule) -> list[Job]:
    """The waiting jobs, the smallest index first; equal ones in the order listed."""
    return sorted(waiting(view.problem), key=lambda job: rule(job, view.now, view.typical))


@dataclass(frozen=True)
class ByRule:
    """A dispatching rule: whoever fits starts, in the order of the rule's index."""

    rule: Rule

    def decide(self, view: View) -> Decision:
        """Everybody, in order."""
        return Decision(tuple(Start(job.name) for job in ranked(view, self.rule)))


class Rolling:
    """Plans the waiting lots anew whenever something may start, and starts what is due now.

    The plan is an order with promised days. Where it lets a free suite wait, it does so because
    that is better for its objective; lots beyond its reach go by the rule as soon as they fit.

    Args:
        objective: What is wanted.
        effort: Deterministic work of each solve; 1 is about a second.
        fallback: The rule that chooses which lots are planned when there are too many, and that
            decides where no plan is found.
        lots: Most lots that are planned at a time.
        freeze: Ticks ahead within which a promised start is kept if that is still possible.
    """

    def __init__(
        self,
        objective: Objective,
        effort: float,
        fallback: Rule,
        lots: int = 40,
        freeze: int = 0,
    ) -> None:
        self.objective = objective
        self.budget = Budget(effort=effort, exact=False)
        self.fallback = fallback
        self.lots = lots
        self.freeze = freeze
        self._promised: dict[str, int] = {}

    def decide(self, view: View) -> Decision:
        """The lots that the plan starts now, in its order."""
        order = ranked(view, self.fallback)
        if not any(view.may_start(job) for job in order):
            return Decision((), dict(self._promised), "trivial")
        planned, beyond = order[: self.lots], order[self.lots :]
        problem = _ahead(view.problem, planned)
        plan, status, value, bound = self._plan(view, problem)
        if plan is None:
            return Decision(tuple(Start(job.name) for job in order), {}, "fallback")
        starts = [
            (steps[0].start, place)
            for place, steps in enumerate(plan.jobs)
            if steps is not None and problem.jobs[place].operations[0].pinned is None
        ]
        self._promised = {problem.jobs[place].name: view.origin + at for at, place in starts}
        now = [
            Start(problem.jobs[place].name, plan.jobs[place])
            for at, place in sorted(starts)
            if at == view.now
        ]
        rest = [Start(job.name) for job in beyond]
        return Decision((*now, *rest), dict(self._promised), status, value, bound)

    def _plan(
        self, view: View, problem: Problem
    ) -> tuple[Plan | None, str, tuple[float, ...], tuple[float, ...]]:
        """A plan that keeps the frozen promises, or one that does not where that cannot be."""
        frozen = self._frozen(view, problem)
        found = self._solved(frozen)
        return self._solved(problem) if found[0] is None and frozen is not problem else found

    def _solved(
        self, problem: Problem
    ) -> tuple[Plan | None, str, tuple[float, ...], tuple[float, ...]]:
        tariff = Tariff(problem, self.objective)
        first, alone = _insert_all(problem, tariff, self._order(problem))
        if first is not None and alone:
            value = tariff.values(first)
            return first, "trivial", value, value
        outcome = solve(problem, self.objective, self.budget, first)
        return outcome.plan, outcome.status, outcome.values, outcome.bounds

    def _order(self, problem: Problem) -> list[int]:
        """Lots under way, then as promised, then the new ones as listed."""
        free = [job.operations[0].pinned is None for job in problem.jobs]
        return sorted(
            range(len(problem.jobs)),
            key=lambda place: (
                free[place],
                self._promised.get(problem.jobs[place].name, math.inf),
            ),
        )

    def _frozen(self, view: View, problem: Problem) -> Problem:
        if not self.freeze:
            return problem
        return replace(problem, jobs=tuple(self._kept(job, view) for job in problem.jobs))

    def _kept(self, job: Job, view: View) -> Job:
        """The job, held to its promise if that lies in the frozen zone."""
        at = self._promised.get(job.name, -1) - view.origin
        first = job.operations[0]
        if first.pinned is not None or not view.now <= at < view.now + self.freeze:
            return job
        return replace(job, operations=(replace(first, pinned=at), *job.operations[1:]))


def _insert_all(problem: Problem, tariff: Tariff, order: list[int]) -> tuple[Plan | None, bool]:
    """Each job where it costs least, one after the other; and whether nobody is in another's way.

    Where each job costs as little as it would alone, no plan can be better.
    """
    table = Timetable(problem)
    steps: list[Steps | None] = [None] * len(problem.jobs)
    under_way = [p for p in order if problem.jobs[p].operations[0].pinned is not None]
    others = [p for p in order if problem.jobs[p].operations[0].pinned is None]
    for place in under_way:
        found = table.best(problem.jobs[place], tariff.worth(place))
        if found is None:
            return None, False
        steps[place] = found[1]
        table.add(problem.jobs[place], found[1])
    ideal = [table.best(problem.jobs[place], tariff.worth(place)) for place in others]
    alone = tariff.additive and not under_way
    for place, least in zip(others, ideal, strict=True):
        found = table.best(problem.jobs[place], tariff.worth(place))
        if found is None or found[0] > tariff.rejection(place):
            if not problem.jobs[place].optional:
                return None, False
            alone = False
            continue
        assert least is not None
        alone = alone and found[0] <= least[0] + 1e-9 * abs(least[0])
        steps[place] = found[1]
        table.add(problem.jobs[place], found[1])
    return Plan(tuple(steps)), alone


def _ahead(problem: Problem, planned: list[Job]) -> Problem:
    """The problem of the planned lots alone, no longer than they need.

    Lots under way become capacity that is taken, except where the order of products counts.
    """
    running = [job for job in problem.jobs if job.operations[0].pinned is not None]
    jobs = (*running, *planned)
    horizon = min(problem.horizon, _enough(jobs, problem.resources))
    short = replace(problem, jobs=jobs, horizon=horizon)
    if any(resource.changeovers or resource.overtime for resource in problem.resources):
        return short
    return replace(short, jobs=tuple(planned), resources=left_free(short, running))


def left_free(problem: Problem, running: list[Job]) -> tuple[Resource, ...]:
    """The resources without what lots under way are expected to take of them."""
    table = Timetable(problem)
    soonest = np.arange(problem.horizon + 1, dtype=float)
    for job in running:
        found = table.best(job, Worth(np.zeros(problem.horizon + 1), soonest))
        if found is not None:
            table.add(job, found[1])
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
