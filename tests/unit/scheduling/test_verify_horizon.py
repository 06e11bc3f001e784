"""The referee: every operation lies within the horizon, not only the last one."""

from __future__ import annotations

import pytest

from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.problem import Job, Mode, Operation, Problem
from cartlogix.scheduling.verify import violations


@pytest.mark.parametrize(
    "plan",
    [
        Plan(((Step(3), Step(-1)),)),
        Plan(((Step(3), Step(2)),)),
    ],
)
def test_no_operation_lies_outside_the_horizon(plan: Plan) -> None:
    """Lags may be negative, so a later step may begin, and an earlier one end, outside."""
    problem = Problem(
        (
            Job(
                "A",
                (Operation("long", (Mode(5),)), Operation("short", (Mode(1),), min_lag=-9)),
            ),
        ),
        (),
        7,
    )
    assert violations(problem, plan)
