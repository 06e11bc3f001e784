"""CP-SAT: incumbents, neighbourhoods, limits, and numbers that are hard to round."""

from __future__ import annotations

import random
import time

import pytest

from cartlogix.scheduling.cp_costs import LARGEST
from cartlogix.scheduling.cp_sat import solve_cp
from cartlogix.scheduling.objective import DEFAULT, Objective
from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.verify import recompute, violations
from tests.unit.scheduling.instances import any_objective, any_problem
from tests.unit.scheduling.textbook import machines

TARDINESS = Objective(({"tardiness": 1.0},))


def _plant(count: int, seed: int = 1) -> Problem:
    """Suites, starts by day without weekends, operators and QC."""
    draw = random.Random(seed)
    horizon = count + 40
    resources = (
        Resource("suite", (8,)),
        Resource("starts", tuple(2 * (day % 7 < 5) for day in range(horizon))),
        Resource("operators", tuple(6 * (day % 7 < 5) for day in range(horizon))),
        Resource("QC", (3,)),
    )
    making = Mode(
        7, (Demand("suite"), Demand("starts", length=1), Demand("operators", 2, length=1))
    )
    operations = (
        Operation("make", (making,)),
        Operation("QC", (Mode(2, (Demand("QC"),)),), max_lag=3),
    )
    jobs = []
    for place in range(count):
        release = draw.randrange(count)
        due, weight = release + draw.randint(10, 20), draw.choice([1.0, 2.0, 5.0])
        jobs.append(Job(f"P{place}", operations, release=release, due=due, weight=weight))
    return Problem(tuple(jobs), resources, horizon)


def _values(problem: Problem, plan: Plan | None, objective: Objective) -> tuple[float, ...]:
    assert plan is not None
    assert not violations(problem, plan)
    return objective.values(recompute(problem, plan))


def test_it_keeps_the_incumbent_when_it_has_nothing_to_spend() -> None:
    problem = _plant(40)
    rule = dispatch(problem, RULES["FIFO"])
    found = solve_cp(problem, DEFAULT, rule, effort=0.0)
    assert found.plan == rule
    assert found.status == "feasible"
    assert all(
        bound <= value
        for bound, value in zip(found.bounds, _values(problem, rule, DEFAULT), strict=True)
    )


def test_without_an_incumbent_and_nothing_to_spend_it_knows_nothing() -> None:
    found = solve_cp(_plant(40), DEFAULT, effort=0.0)
    assert (found.plan, found.status) == (None, "unknown")


def test_an_incumbent_that_breaks_a_limit_does_not_count() -> None:
    problem = machines([2, 2], due=[1, 1])
    wrong = Plan(((Step(0),), (Step(0),)))
    assert violations(problem, wrong)
    found = solve_cp(problem, TARDINESS, wrong, effort=5.0)
    assert found.status == "optimal"
    assert _values(problem, found.plan, TARDINESS) == (4,)


def test_it_stays_in_the_neighbourhood_and_improves_it() -> None:
    problem = _plant(60)
    rule = dispatch(problem, RULES["FIFO"])
    assert rule is not None
    free = set(range(0, 60, 5))
    found = solve_cp(problem, DEFAULT, rule, effort=1.0, fixed=set(range(60)) - free)
    assert found.plan is not None
    moved = {place for place in range(60) if found.plan.jobs[place] != rule.jobs[place]}
    assert moved <= free
    assert _values(problem, found.plan, DEFAULT) <= _values(problem, rule, DEFAULT)


@pytest.mark.parametrize("seed", range(60))
def test_all_fixed_is_the_incumbent_and_some_fixed_is_no_worse(seed: int) -> None:
    problem, objective = any_problem(seed, jobs=4), any_objective(seed)
    first = solve_cp(problem, Objective(({"completion": 1.0},)), effort=5.0).plan
    if first is None:
        return
    every = range(len(problem.jobs))
    kept = solve_cp(problem, objective, first, effort=5.0, fixed=every)
    assert kept.plan == first
    assert kept.status == "optimal"
    assert kept.bounds == pytest.approx(_values(problem, first, objective), abs=1e-9)
    some = solve_cp(problem, objective, first, effort=5.0, fixed=every[1:])
    best = solve_cp(problem, objective, first, effort=5.0)
    order = [
        tuple(round(value, 6) for value in _values(problem, plan, objective))
        for plan in (best.plan, some.plan, first)
    ]
    assert order == sorted(order)


def test_it_repeats_exactly_under_effort_alone() -> None:
    problem = _plant(30)
    rule = dispatch(problem, RULES["FIFO"])
    one, two = (solve_cp(problem, DEFAULT, rule, effort=1.0, seed=3) for _ in range(2))
    assert one == two


def test_it_stops_soon_when_asked_and_in_time_when_limited() -> None:
    problem = _plant(60)
    rule = dispatch(problem, RULES["FIFO"])
    begun = time.monotonic()
    found = solve_cp(problem, DEFAULT, rule, stopped=lambda: time.monotonic() - begun > 0.5)
    assert found.plan is not None
    solve_cp(problem, DEFAULT, rule, seconds=0.5)
    assert time.monotonic() - begun < 60  # left alone it works for many minutes


@pytest.mark.parametrize("weight", [1e-4, 1 / 3, 1e9])
def test_weights_of_any_size_are_neither_lost_nor_overflow(weight: float) -> None:
    problem = machines([3, 5, 2, 4], due=[4, 4, 4, 4], weights=[weight, 2 * weight, weight, weight])
    found = solve_cp(problem, TARDINESS, effort=5.0)
    value = _values(problem, found.plan, TARDINESS)[0]
    unit = solve_cp(
        machines([3, 5, 2, 4], due=[4] * 4, weights=[1, 2, 1, 1]), TARDINESS, effort=5.0
    )
    assert value == pytest.approx(unit.bounds[0] * weight, rel=1e-9)
    assert found.bounds[0] <= value * (1 + 1e-12)
    assert found.bounds[0] == pytest.approx(value, abs=max(1e-9, value * 1e-9))
    assert LARGEST < 2**53


def test_no_jobs_and_no_levels_are_answered() -> None:
    empty = Problem((), (), 5)
    assert solve_cp(empty, DEFAULT).plan == Plan(())
    assert solve_cp(empty, DEFAULT).status == "optimal"
    found = solve_cp(machines([2, 2]), Objective(()), effort=1.0)
    assert found.status == "optimal"
    assert _values(machines([2, 2]), found.plan, Objective(())) == ()
