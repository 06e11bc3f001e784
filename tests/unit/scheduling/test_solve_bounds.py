"""A bound of a later level holds only for the values on the levels before it."""

from __future__ import annotations

import math

import pytest

from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.solve import _Attempt, never
from tests.unit.scheduling.textbook import machines

LEVELS = Objective(({"late": 1.0}, {"wait": 1.0}))


def _plan(first: int, second: int) -> Plan:
    return Plan(((Step(first),), (Step(second),)))


@pytest.mark.parametrize(
    ("better", "bounds"),
    [
        (_plan(0, 3), [0.0, -math.inf]),  # one late lot less: what was proven of waits is void
        (_plan(4, 0), [0.0, 2.0]),  # as many late lots, less wait: it stands
    ],
)
def test_a_better_plan_voids_the_bounds_of_later_levels_only(
    better: Plan, bounds: list[float]
) -> None:
    problem = machines([3, 4], weights=[1.0, 1.0], releases=[0, 0], due=[3, 9], horizon=20)
    attempt = _Attempt(problem, LEVELS, Budget(), never)
    attempt.offer("one", lambda: _plan(6, 2))  # the first lot is late, both wait
    assert attempt.values == (1.0, 8.0)
    attempt.bounds = [0.0, 2.0]
    attempt.offer("two", lambda: better)
    assert attempt.plan == better
    assert attempt.bounds == bounds
