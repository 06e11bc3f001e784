"""Every term of an objective, counted twice: by the objective and by the referee."""

from __future__ import annotations

import pytest

from cartlogix.scheduling.objective import evaluate
from cartlogix.scheduling.verify import recompute
from tests.unit.scheduling.brute import plans
from tests.unit.scheduling.instances import any_problem

BLOCK = 20
"""Problems in one test."""

MANY = [pytest.param(block, marks=pytest.mark.nightly) for block in range(100, 250)]


@pytest.mark.parametrize("block", [*range(10), *MANY])
def test_the_referee_and_the_objective_count_alike(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        problem = any_problem(seed)
        for number, plan in enumerate(plans(problem)):
            if number % 37 == 0:
                counted = evaluate(problem, plan)
                assert counted == pytest.approx(recompute(problem, plan), abs=1e-9), seed
