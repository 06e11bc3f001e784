"""One way to solve a slot problem, for the planner's command and for the rolling policy."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from functools import partial

from cartlogix.scheduling.assignment import assign, slots
from cartlogix.scheduling.checks import check
from cartlogix.scheduling.columns import Columns, build
from cartlogix.scheduling.cp_sat import solve_cp
from cartlogix.scheduling.objective import DEFAULT, Objective
from cartlogix.scheduling.outcome import Budget, Outcome, Status, Trial
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.search import LocalSearch, construct
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.time_indexed import (
    NODES_PER_EFFORT,
    Clock,
    Ints,
    Level,
    Relaxation,
    integral,
    order,
    relax,
    tighten,
)
from cartlogix.scheduling.verify import recompute, violations

TOLERANCE = 1e-6
"""Relative gap at which a level counts as proven: what is left is rounding."""

WHOLE = 20_000
"""Operations x ticks up to which CP-SAT is given everything at once."""

PART_JOBS, PART_SECONDS = 40, 3.0
"""Jobs that CP-SAT is given at a time beyond that, and for how long."""

FIRST_SHARE = 0.4
"""Part of the budget that CP-SAT takes where it goes before the time-indexed form."""

ENTRIES_PER_EFFORT = 400_000
"""Entries of the time-indexed matrix that are allowed for about a second of work."""

SEARCH_SHARE = 0.04
"""Part of the budget that the local search takes before the exact methods."""


def never() -> bool:
    """The answer of a solve that nobody stops."""
    return False


def solve(
    problem: Problem,
    objective: Objective = DEFAULT,
    budget: Budget = Budget(seconds=60.0),  # noqa: B008 - a frozen value
    start: Plan | None = None,
    stopped: Callable[[], bool] = never,
) -> Outcome:
    """The best plan that the budget allows, with a bound on how much better any plan could be.

    Never worse than the best rule or than `start`; "optimal" only where that is proven; each plan
    is judged by the referee before it counts.

    Args:
        problem: What is to be scheduled.
        objective: What is wanted, level by level.
        budget: What may be spent.
        start: A plan to begin with, such as the previous one; ignored where it is not feasible.
        stopped: Asked now and then; once true, the best plan so far is returned.

    Raises:
        InvalidInput: The problem contradicts itself; with every finding.
    """
    check(problem)
    attempt = _Attempt(problem, objective, budget, stopped)
    if start is not None:
        attempt.offer("previous", lambda: start)
    for name, rule in RULES.items():
        if attempt.plan is None or not attempt.clock.over():
            stop = None if attempt.plan is None else attempt.clock.over
            attempt.offer(name, partial(dispatch, problem, rule, stop))
    if attempt.plan is None:
        attempt.offer("insertion", attempt.inserted)
    attempt.search(SEARCH_SHARE if budget.exact else 1.0)
    if budget.exact and problem.jobs and not attempt.clock.over():
        attempt.exact()
    return attempt.outcome()


class _Attempt:
    """The best plan so far, the bounds so far, and what was tried."""

    def __init__(
        self, problem: Problem, objective: Objective, budget: Budget, stopped: Callable[[], bool]
    ) -> None:
        self.problem, self.objective, self.budget = problem, objective, budget
        self.begun = time.perf_counter()
        self.clock = Clock(budget.seconds, stopped)
        self.tariff = Tariff(problem, objective)
        self.plan: Plan | None = None
        self.values: tuple[float, ...] = (math.inf,) * len(objective.levels)
        self.method = ""
        self.bounds = [-math.inf] * len(objective.levels)
        self.trials: list[Trial] = []
        self.infeasible = False

    def offer(self, method: str, make: Callable[[], Plan | None]) -> None:
        """Tries a method; its plan counts if the referee passes it, and wins if it is better."""
        since = time.perf_counter()
        plan = make()
        seconds = time.perf_counter() - since
        if plan is None or violations(self.problem, plan):
            self.trials.append(Trial(method, None, None, seconds))
            return
        terms = recompute(self.problem, plan)
        values = self.objective.values(terms)
        self.trials.append(Trial(method, terms, values, seconds))
        if self.plan is None or values < self.values:
            better = next(i for i, v in enumerate((*values, 0.0)) if (*self.values, 1.0)[i] != v)
            self.bounds[better + 1 :] = [-math.inf] * len(self.bounds[better + 1 :])
            self.plan, self.values, self.method = plan, values, method

    def inserted(self) -> Plan | None:
        """Jobs added one after the other, the pinned and the urgent first."""
        jobs = self.problem.jobs
        urgency = sorted(
            range(len(jobs)),
            key=lambda place: (
                jobs[place].operations[0].pinned is None,
                jobs[place].latest_start or jobs[place].due or self.problem.horizon,
                -jobs[place].weight,
            ),
        )
        return construct(self.problem, self.tariff, urgency)

    def search(self, share: float) -> None:
        """Local search on the best plan, for a share of the budget."""
        if self.plan is None or not self.problem.jobs or self.clock.over():
            return
        plan = self.plan
        total = self.budget.effort if self.budget.seconds is None else self.budget.seconds
        search = LocalSearch(self.problem, self.tariff, plan, self.budget.seed)
        effort = (1.0 if total is None else total) * share
        patience = self.budget.patience
        self.offer("local search", lambda: search.run(effort, self.clock.over, patience))

    def exact(self) -> None:
        """Bounds and better plans: by the time-indexed form, then by constraint programming."""
        # Chains of operations leave the linear relaxation loose, and make it large.
        chained = any(len(job.operations) > 1 or job.after for job in self.problem.jobs)
        if self.plan is None or (chained and self._size() <= WHOLE):
            self._constraints(FIRST_SHARE)
            if self._all_proven():
                return
        if self.clock.over():
            return
        most = None if self.budget.effort is None else self.budget.effort * ENTRIES_PER_EFFORT
        columns = build(self.problem, self.tariff, most, self.clock.over)
        if columns is not None and not self.infeasible:
            self._time_indexed(columns)
        if not self.infeasible and not self._all_proven() and not self.clock.over():
            self._constraints(1.0)

    def _size(self) -> int:
        return sum(len(job.operations) for job in self.problem.jobs) * self.problem.horizon

    def _constraints(self, share: float) -> None:
        """CP-SAT: on everything where that is small enough, else on one part after the other."""
        left, effort = self.clock.left(), self.budget.effort
        effort = None if effort is None else effort * share
        if self.plan is None or self._size() <= WHOLE:
            self._constraint_program((), None if left is None else left * share, effort)
        elif self.budget.seconds is None:
            self._constraint_program(self._all_but_some(0), None, effort)
        else:
            part = 0
            while not self.clock.over() and not self._all_proven():
                self._constraint_program(self._all_but_some(part), PART_SECONDS, None)
                part += 1

    def _constraint_program(
        self, fixed: Collection[int], seconds: float | None, effort: float | None
    ) -> None:
        found = solve_cp(
            self.problem,
            self.objective,
            self.plan,
            seconds=seconds,
            effort=effort,
            seed=self.budget.seed,
            stopped=self.clock.over,
            fixed=fixed,
        )
        self.infeasible = found.status == "infeasible" and self.plan is None
        if found.plan is not self.plan:
            self.offer("CP-SAT", lambda: found.plan)
        if fixed or found.plan is None:
            return
        values = self.objective.values(recompute(self.problem, found.plan))
        for index, bound in enumerate(found.bounds):
            if values[:index] == self.values[:index]:
                self.bounds[index] = max(self.bounds[index], bound)

    def _all_but_some(self, part: int) -> list[int]:
        """All jobs but those that run together in one part of the plan."""
        assert self.plan is not None
        starts = [self.plan.start(place) or 0 for place in range(len(self.problem.jobs))]
        ranked = sorted(range(len(starts)), key=lambda place: starts[place])
        first = (part * PART_JOBS // 2) % max(len(ranked) - PART_JOBS // 2, 1)
        return ranked[:first] + ranked[first + PART_JOBS :]

    def _time_indexed(self, columns: Columns) -> None:
        slot = slots(columns)
        if slot is not None:
            self._assign(columns, slot)
            return
        for index in range(len(self.objective.levels)):
            level = Level(columns, index, self.values[:index])
            self._level(level)
            if self.infeasible or not self._proven(index) or self.clock.over():
                return

    def _assign(self, columns: Columns, slot: Ints) -> None:
        found = assign(columns, slot)
        if found is None:
            self.infeasible = self.plan is None
            return
        self.offer("assignment", lambda: found[0])
        self.bounds[0] = found[1]

    def _level(self, level: Level) -> None:
        index = level.index
        cheapest = level.cheapest()
        self.bounds[index] = max(self.bounds[index], level.rounded(cheapest))
        if self._proven(index):
            return
        relaxation = relax(level, self.plan, self.clock)
        if relaxation is not None:
            self.bounds[index] = max(self.bounds[index], level.rounded(relaxation.bound))
            self._follow(level, relaxation)
            if self._proven(index):
                return
        nodes = None if self.budget.effort is None else int(self.budget.effort * NODES_PER_EFFORT)
        value = self.values[index]
        answer = tighten(level, self.plan, value, relaxation, self.clock, nodes)
        self.infeasible = answer.infeasible
        self.bounds[index] = max(self.bounds[index], level.rounded(answer.bound))
        self.offer("time-indexed", lambda: answer.plan)

    def _follow(self, level: Level, relaxation: Relaxation) -> None:
        """Plans that the relaxation suggests: its own, or one put together in its order."""
        plan = integral(level, relaxation)
        if plan is not None:
            self.offer("linear program", lambda: plan)
        else:
            starts = order(level, relaxation)
            places = sorted(range(len(self.problem.jobs)), key=lambda place: starts[place])
            self.offer("order", lambda: construct(self.problem, self.tariff, places))
            self.search(SEARCH_SHARE / 2)

    def _proven(self, index: int) -> bool:
        value, bound = self.values[index], self.bounds[index]
        return self.plan is not None and value - bound <= TOLERANCE * max(1.0, abs(value))

    def _all_proven(self) -> bool:
        return all(self._proven(index) for index in range(len(self.bounds)))

    def outcome(self) -> Outcome:
        """The answer as it stands."""
        bounds = tuple(
            value if self._proven(index) else bound
            for index, (value, bound) in enumerate(zip(self.values, self.bounds, strict=True))
        )
        return Outcome(
            plan=self.plan,
            status=self._status(),
            method=self.method,
            terms={} if self.plan is None else recompute(self.problem, self.plan),
            values=self.values if self.plan is not None else (),
            bounds=bounds if self.plan is not None else (),
            trials=tuple(self.trials),
            seconds=time.perf_counter() - self.begun,
        )

    def _status(self) -> Status:
        if self.plan is None:
            return "infeasible" if self.infeasible else "unknown"
        if not self.problem.jobs or all(self._proven(index) for index in range(len(self.bounds))):
            return "optimal"
        exact = self.method in {"assignment", "linear program", "time-indexed", "CP-SAT"}
        return "feasible" if exact else "heuristic"
