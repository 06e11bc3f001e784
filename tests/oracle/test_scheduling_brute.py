"""Small random problems against every plan, every order, and every assignment."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import linear_sum_assignment

from cartlogix.scheduling.cp_sat import solve_cp
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import recompute, violations
from tests.unit.scheduling.brute import optimum
from tests.unit.scheduling.instances import any_objective, any_problem
from tests.unit.scheduling.textbook import machines

CLOSE = 1e-9
BLOCK = 20
"""Instances in one test."""

BLOCKS = [0, 1, 2]
MANY = [pytest.param(block, marks=pytest.mark.nightly) for block in range(100, 250)]


def _seeds(block: int) -> range:
    return range(block * BLOCK, (block + 1) * BLOCK)


@pytest.mark.parametrize("block", [*range(10), *MANY])
def test_constraint_programming_equals_every_plan(block: int) -> None:
    for seed in _seeds(block):
        problem, objective = any_problem(seed), any_objective(seed)
        found = solve_cp(problem, objective, effort=20.0)
        best = optimum(problem, objective)
        if best is None:
            assert (found.plan, found.status) == (None, "infeasible"), seed
            continue
        assert found.plan is not None, seed
        assert not violations(problem, found.plan), seed
        assert found.status == "optimal", seed
        values = objective.values(recompute(problem, found.plan))
        assert values == pytest.approx(best, abs=CLOSE), seed
        assert found.bounds == pytest.approx(best, abs=CLOSE), seed


@pytest.mark.parametrize("block", [*BLOCKS, *MANY])
def test_solve_equals_every_plan(block: int) -> None:
    for seed in _seeds(block + 1000):
        problem, objective = any_problem(seed), any_objective(seed)
        outcome = solve(problem, objective, Budget(effort=0.2))
        best = optimum(problem, objective)
        if best is None:
            assert (outcome.plan, outcome.status) == (None, "infeasible"), seed
            continue
        assert outcome.plan is not None, seed
        assert not violations(problem, outcome.plan), seed
        assert outcome.status == "optimal", seed
        assert outcome.values == pytest.approx(best, abs=CLOSE), seed
        assert outcome.bounds == pytest.approx(best, abs=CLOSE), seed


@pytest.mark.parametrize("block", [*BLOCKS, *MANY])
def test_a_bound_never_lies_above_the_optimum_however_little_is_spent(block: int) -> None:
    for seed in _seeds(block + 2000):
        problem, objective = any_problem(seed), any_objective(seed)
        best = optimum(problem, objective)
        found = solve_cp(problem, objective, effort=1e-4)
        if found.plan is None or best is None:
            assert found.status in {"unknown", "infeasible"}, seed
            assert best is None or found.status == "unknown", seed
            continue
        values = objective.values(recompute(problem, found.plan))
        for value, bound, least in zip(values, found.bounds, best, strict=True):
            assert bound <= value + CLOSE, seed
            if value > least + CLOSE:
                assert bound <= least + CLOSE, seed
                break
        assert found.status != "optimal" or values == pytest.approx(best, abs=CLOSE), seed


@pytest.mark.parametrize("block", [*BLOCKS, *MANY])
def test_no_rule_breaks_a_limit_and_none_beats_the_optimum(block: int) -> None:
    for seed in _seeds(block + 3000):
        problem, objective = any_problem(seed), any_objective(seed)
        best = optimum(problem, objective)
        for name, rule in RULES.items():
            plan = dispatch(problem, rule)
            if plan is None:
                continue
            assert best is not None, (seed, name)
            assert not violations(problem, plan), (seed, name)
            values = objective.values(recompute(problem, plan))
            assert tuple(round(value, 9) for value in values) >= best, (seed, name)


def _best_order(problem: Problem) -> float:
    """Least weighted tardiness on one machine, over all orders."""
    orders = np.array(list(permutations(range(len(problem.jobs)))))
    lengths = np.array([job.shortest for job in problem.jobs])
    releases = np.array([job.release for job in problem.jobs])
    due = np.array([job.due for job in problem.jobs])
    weights = np.array([job.weight for job in problem.jobs])
    now = np.zeros(len(orders), dtype=np.int64)
    cost = np.zeros(len(orders))
    for place in orders.T:
        now = np.maximum(now, releases[place]) + lengths[place]
        cost += weights[place] * np.maximum(now - due[place], 0)
    return float(cost.min())


def _one_machine(seed: int) -> Problem:
    draw = random.Random(seed)
    count = draw.randint(2, 8)
    lengths = [draw.randint(1, 6) for _ in range(count)]
    return machines(
        lengths,
        weights=[float(draw.randint(1, 5)) for _ in range(count)],
        releases=[draw.randint(0, 8) for _ in range(count)],
        due=[draw.randint(2, 25) for _ in range(count)],
    )


@pytest.mark.parametrize("block", [*BLOCKS, *MANY])
def test_one_machine_equals_every_order(block: int) -> None:
    objective = Objective(({"tardiness": 1.0},))
    for seed in _seeds(block):
        problem = _one_machine(seed)
        found = solve_cp(problem, objective, effort=20.0)
        best = _best_order(problem)
        assert found.status == "optimal", seed
        assert found.plan is not None
        assert recompute(problem, found.plan)["tardiness"] == pytest.approx(best), seed


@pytest.mark.parametrize("block", [0, *MANY])
def test_solve_on_one_machine_equals_every_order(block: int) -> None:
    objective = Objective(({"tardiness": 1.0},))
    for seed in _seeds(block):
        problem = _one_machine(seed)
        outcome = solve(problem, objective, Budget(effort=0.5))
        assert outcome.status == "optimal", seed
        assert outcome.values == pytest.approx((_best_order(problem),)), seed


def _slots(seed: int) -> tuple[Problem, Objective, npt.NDArray[np.float64]]:
    """Lots of one tick, units by day, and what each lot costs in each unit."""
    draw = random.Random(seed)
    count, days = draw.randint(2, 12), 8
    problem = machines(
        [1] * count,
        count=draw.randint(2, 3),
        weights=[draw.choice([0.5, 1.0, 2.0, 5.0]) for _ in range(count)],
        releases=[draw.randint(0, 3) for _ in range(count)],
        due=[draw.randint(1, 8) for _ in range(count)],
        horizon=days,
    )
    costs = np.full((count, days * problem.resources[0].capacity[0]), 1e6)
    for place, job in enumerate(problem.jobs):
        for unit in range(costs.shape[1]):
            day = unit % days
            if day >= job.release:
                assert job.due is not None
                late = max(0, day + 1 - job.due)
                costs[place, unit] = job.weight * (late + 0.1 * (day - job.release))
    return problem, Objective(({"tardiness": 1.0, "wait": 0.1},)), costs


@pytest.mark.parametrize("block", [*BLOCKS, *MANY])
def test_equal_slots_are_an_assignment(block: int) -> None:
    for seed in _seeds(block):
        problem, objective, costs = _slots(seed)
        least = float(costs[linear_sum_assignment(costs)].sum())
        outcome = solve(problem, objective, Budget(effort=0.2))
        if least >= 1e6:
            assert outcome.status == "infeasible", seed
            continue
        assert outcome.status == "optimal", seed
        assert outcome.values == pytest.approx((least,)), seed
        assert outcome.bounds == pytest.approx((least,)), seed
