"""The bound of the time-indexed form against every order of the lots, wherever it is left off."""

from __future__ import annotations

import math
import random
from itertools import permutations

import pytest

from cartlogix.scheduling import time_indexed
from cartlogix.scheduling.columns import build
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.solve import never, solve
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.time_indexed import Clock, Level, relax, tighten
from cartlogix.scheduling.verify import recompute, violations
from tests.unit.scheduling.brute import optimum
from tests.unit.scheduling.instances import any_objective, any_problem
from tests.unit.scheduling.textbook import machines

FRACTIONS = Objective(({"tardiness": 1.0, "wait": 0.1},))
"""Values are no whole numbers, so that a bound cannot be rounded up."""
SEEDS = range(25)


def _lots(seed: int) -> Problem:
    draw = random.Random(seed)
    count = draw.randint(4, 6)
    return machines(
        [draw.randint(1, 5) for _ in range(count)],
        weights=[float(draw.randint(1, 5)) for _ in range(count)],
        releases=[draw.randint(0, 6) for _ in range(count)],
        due=[draw.randint(2, 15) for _ in range(count)],
    )


def _least(problem: Problem) -> float:
    """Weighted tardiness and a tenth of the weighted wait on one machine, of the best order."""

    def cost(order: tuple[int, ...]) -> float:
        now, total = 0, 0.0
        for place in order:
            job = problem.jobs[place]
            start = max(now, job.release)
            now = start + job.shortest
            late = max(0, now - (job.due or 0))
            total += job.weight * (late + 0.1 * (start - job.release))
        return total

    return min(cost(order) for order in permutations(range(len(problem.jobs))))


@pytest.mark.parametrize(("rounds", "near"), [(40, 8), (1, 0), (2, 0)])
def test_no_bound_lies_above_the_optimum_even_if_pricing_is_left_off(
    rounds: int, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_indexed, "ROUNDS", rounds)
    monkeypatch.setattr(time_indexed, "NEAR", near)
    for seed in SEEDS:
        problem = _lots(seed)
        columns = build(problem, Tariff(problem, FRACTIONS), None)
        assert columns is not None
        level = Level(columns, 0, ())
        found = relax(level, dispatch(problem, RULES["FIFO"]), Clock(None, never))
        assert found is not None
        assert level.rounded(found.bound) <= _least(problem) + 1e-9, seed


def test_the_program_has_the_plans_of_the_problem_and_no_others() -> None:
    """Every start of an operation, or none of its job: never a job of which a part is left out."""
    whole = 0
    for seed in range(200):
        problem, objective = any_problem(seed), any_objective(seed)
        best = optimum(problem, objective)
        columns = build(problem, Tariff(problem, objective), None)
        assert columns is not None
        if best is None or not columns.complete:
            continue
        whole += 1
        found = tighten(Level(columns, 0, ()), None, math.inf, None, Clock(None, never), None)
        assert found.plan is not None, seed
        assert not violations(problem, found.plan), seed
        value = objective.values(recompute(problem, found.plan))[0]
        assert value == pytest.approx(best[0], abs=1e-6), seed
        assert found.bound == pytest.approx(best[0], abs=1e-6), seed
    assert whole > 20


def test_what_is_called_optimal_is() -> None:
    for seed in SEEDS:
        problem = _lots(seed)
        outcome = solve(problem, FRACTIONS, Budget(effort=0.2))
        assert outcome.status == "optimal"
        assert outcome.values == pytest.approx((_least(problem),)), seed
        assert outcome.bounds[0] <= outcome.values[0] + 1e-9
