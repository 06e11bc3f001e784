"""Slot policies: which of the waiting lots start now, decided from expectations alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

from cartlogix.policies.following import follow, guarded, kept
from cartlogix.policies.views import Decision, Start, View, ahead, ranked
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan, Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.rules import Rule
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.timetable import Timetable


class SlotPolicy(Protocol):
    """Decides who starts."""

    def decide(self, view: View) -> Decision:
        """The lots that start now."""


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
        hold: Ticks ahead for which a free unit waits for a promised start that the start of a lot
            beyond the plan, or between two plans, would break.
        patience: Insertions per lot without a better plan after which a solve ends; None is never.
    """

    def __init__(
        self,
        objective: Objective,
        effort: float,
        fallback: Rule,
        lots: int = 40,
        freeze: int = 0,
        hold: int = 0,
        patience: int | None = None,
    ) -> None:
        self.objective = objective
        self.budget = Budget(effort=effort, exact=False, patience=patience)
        self.fallback = fallback
        self.lots = lots
        self.freeze = freeze
        self.hold = hold
        self._promised: dict[str, int] = {}

    def decide(self, view: View) -> Decision:
        """The lots that the plan starts now, in its order."""
        order = ranked(view, self.fallback)
        if not view.booking and not self._must_plan(view, order):
            return Decision((), dict(self._promised), "trivial")
        if view.committed:
            order.sort(key=lambda job: job.name not in view.committed)
        planned, beyond = order[: self.lots], order[self.lots :]
        problem = ahead(view, planned)
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
        rest = guarded(view, self._promised, beyond, self.hold)
        return Decision((*now, *rest), dict(self._promised), status, value, bound)

    def _must_plan(self, view: View, order: list[Job]) -> bool:
        """Whether somebody may start, or waits to be told when; who comes later must be told."""
        return any(
            view.may_start(job)
            if job.release <= view.now
            else self._promised.get(job.name, -1) < view.origin + job.release
            for job in order
        )

    def follow(self, view: View) -> Decision:
        """The lots that start now by the last plan, which is not made anew."""
        return follow(view, self._promised, self.fallback, self.hold)

    def _plan(
        self, view: View, problem: Problem
    ) -> tuple[Plan | None, str, tuple[float, ...], tuple[float, ...]]:
        """A plan that keeps the frozen promises, or one that does not where that cannot be."""
        committed = kept(view, problem, self._promised)
        frozen = self._frozen(view, committed)
        found = self._solved(frozen)
        if found[0] is None and frozen is not committed:
            found = self._solved(committed)
        return self._solved(problem) if found[0] is None and committed is not problem else found

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
