"""Textbook scheduling problems whose optimum is known without us."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cartlogix.scheduling.cp_sat import solve_cp
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import recompute, violations
from tests.unit.scheduling.textbook import machines, optional, shop

FT06 = [
    [2, 1, 0, 3, 1, 6, 3, 7, 5, 3, 4, 6],
    [1, 8, 2, 5, 4, 10, 5, 10, 0, 10, 3, 4],
    [2, 5, 3, 4, 5, 8, 0, 9, 1, 1, 4, 7],
    [1, 5, 0, 5, 2, 5, 3, 3, 4, 8, 5, 9],
    [2, 9, 1, 3, 4, 5, 5, 4, 0, 3, 3, 1],
    [1, 3, 3, 3, 5, 9, 0, 10, 4, 4, 2, 1],
]
"""Fisher and Thompson (1963), pairs of machine and length."""

LA01 = [
    [1, 21, 0, 53, 4, 95, 3, 55, 2, 34],
    [0, 21, 3, 52, 4, 16, 2, 26, 1, 71],
    [3, 39, 4, 98, 1, 42, 2, 31, 0, 12],
    [1, 77, 0, 55, 4, 79, 2, 66, 3, 77],
    [0, 83, 3, 34, 2, 64, 1, 19, 4, 37],
    [1, 54, 2, 43, 4, 79, 0, 92, 3, 62],
    [3, 69, 4, 77, 1, 87, 2, 87, 0, 93],
    [2, 38, 0, 60, 1, 41, 3, 24, 4, 83],
    [3, 17, 1, 49, 4, 25, 0, 44, 2, 98],
    [4, 77, 3, 79, 2, 43, 1, 75, 0, 96],
]
"""Lawrence (1984)."""

FIRST, SECOND = (3, 5, 1, 6, 7), (6, 2, 2, 6, 5)
"""Johnson (1954): lengths on the first and on the second machine."""

READY, WEIGHT = (0, 0, 1, 1, 8, 2), (1.0, 3.0, 5.0, 2.0, 4.0, 4.0)
"""Six patients and the importance of a day of their wait."""


def _pairs(rows: list[list[int]]) -> list[list[tuple[int, int]]]:
    return [list(zip(row[::2], row[1::2], strict=True)) for row in rows]


def _weekly() -> Problem:
    """Two starts on each of the days 0, 7 and 14."""
    starts = tuple(2 if day % 7 == 0 and day < 21 else 0 for day in range(22))
    problem = machines([1] * 6, releases=READY, weights=WEIGHT, horizon=21)
    return replace(problem, resources=(Resource("machine", starts),))


def _fresh(suites: int, horizon: int = 30) -> Problem:
    """Material collected on days 0, 1 and 2 that must be started within two days."""
    problem = machines([5, 5, 5], count=suites, releases=[0, 1, 2], horizon=horizon)
    jobs = tuple(replace(job, latest_start=job.release + 2) for job in problem.jobs)
    return replace(problem, jobs=jobs)


def _one(name: str) -> Objective:
    return Objective(({name: 1.0},))


CASES: dict[str, tuple[Problem, Objective, float]] = {
    # Smith (1956)
    "1||sum wC": (
        machines([4, 2, 6, 3, 5], weights=[3, 1, 4, 5, 2]),
        _one("completion"),
        143,
    ),
    # Jackson (1955)
    "1||Lmax": (machines([3, 2, 4, 1, 5], due=[6, 3, 12, 5, 14]), _one("max_lateness"), 1),
    # Moore (1968)
    "1||sum U": (
        machines([10, 3, 4, 8, 10, 6], due=[15, 6, 9, 23, 20, 30]),
        _one("late"),
        2,
    ),
    # Shortest first on parallel machines
    "P3||sum C": (machines([2, 3, 5, 7, 8, 9, 4], count=3), _one("completion"), 54),
    # Graham (1969): longest first ends at 11
    "P3||Cmax": (machines([5, 5, 4, 4, 3, 3, 3], count=3), _one("makespan"), 9),
    "F2||Cmax": (
        shop([[(0, a), (1, b)] for a, b in zip(FIRST, SECOND, strict=True)], 43),
        _one("makespan"),
        24,
    ),
    "P2|r,p=7|sum w(C-r)": (
        machines([7] * 6, count=2, releases=[0, 1, 2, 3, 8, 9], weights=[1, 3, 2, 5, 4, 1]),
        _one("flow"),
        151,
    ),
    "weekly starts": (_weekly(), _one("wait"), 100),
    "J6||Cmax ft06": (shop(_pairs(FT06), 80), _one("makespan"), 55),
    "J5||Cmax la01": (shop(_pairs(LA01), 900), _one("makespan"), 666),
    # Lenstra, Rinnooy Kan and Brucker (1977) show 1||sum wT hard; by hand: B, A, C costs 3 x 1
    "1||sum wT": (
        machines([3, 2, 4], due=[5, 2, 8], weights=[2, 4, 3]),
        _one("tardiness"),
        3,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_optimum_is_found_and_proven(name: str) -> None:
    problem, objective, optimum = CASES[name]
    outcome = solve(problem, objective, Budget(effort=1.0))
    assert outcome.plan is not None
    assert not violations(problem, outcome.plan)
    assert outcome.status == "optimal"
    assert outcome.values == pytest.approx((optimum,), abs=1e-9)
    assert outcome.bounds == pytest.approx((optimum,), abs=1e-9)
    assert outcome.gap == 0


@pytest.mark.parametrize("name", CASES)
def test_constraint_programming_proves_the_optimum(name: str) -> None:
    problem, objective, optimum = CASES[name]
    found = solve_cp(problem, objective, effort=30.0)
    assert found.plan is not None
    assert not violations(problem, found.plan)
    assert found.status == "optimal"
    assert objective.values(recompute(problem, found.plan)) == pytest.approx((optimum,), abs=1e-9)
    assert found.bounds == pytest.approx((optimum,), abs=1e-9)


def test_first_come_first_served_costs_114_where_100_is_the_optimum() -> None:
    problem = _weekly()
    plan = dispatch(problem, RULES["FIFO"])
    assert plan is not None
    assert recompute(problem, plan)["wait"] == 114


@pytest.mark.parametrize(("suites", "started"), [(1, 1), (2, 2), (3, 3)])
def test_material_that_spoils_needs_a_suite_each(suites: int, started: int) -> None:
    problem = optional(_fresh(suites))
    outcome = solve(problem, _one("beyond_limit"), Budget(effort=5.0))
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    assert sum(steps is not None for steps in outcome.plan.jobs) == started
    assert outcome.values == (3 - started,)


@pytest.mark.parametrize("suites", [1, 2])
def test_material_that_spoils_cannot_all_be_used(suites: int) -> None:
    outcome = solve(_fresh(suites), _one("wait"), Budget(effort=5.0))
    assert outcome.status == "infeasible"
    assert outcome.plan is None
    assert solve_cp(_fresh(suites), _one("wait"), effort=5.0).status == "infeasible"


def test_two_lots_in_line_use_the_pause_between_products_once() -> None:
    """A, A, B, B with a pause of 3 between products: 4 + 3 ticks, one changeover."""
    pauses = {("A", "B"): 3, ("B", "A"): 3}
    problem = replace(
        machines([1] * 4, horizon=20),
        jobs=tuple(
            Job(f"J{n}", (Operation("run", (Mode(1, (Demand("suite"),)),)),), product="ABAB"[n])
            for n in range(4)
        ),
        resources=(Resource("suite", (1,), changeovers=pauses),),
    )
    outcome = solve(
        problem, Objective(({"makespan": 1.0}, {"changeovers": 1.0})), Budget(effort=5.0)
    )
    assert outcome.status == "optimal"
    assert outcome.values == (7, 1)
