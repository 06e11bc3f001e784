"""The referee finds each kind of violation, and nothing in a plan that has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cartlogix.scheduling.plan import Plan, Step, Steps
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.verify import recompute, violations

MAKE = Operation(
    "make",
    (
        Mode(3, (Demand("suite", length=3), Demand("starts", length=1)), cost=10.0),
        Mode(2, (Demand("suite", length=4), Demand("starts", length=1)), cost=20.0),
    ),
)
TEST = Operation("QC", (Mode(1, (Demand("QC", amount=2),)),), min_lag=1, max_lag=2)

PROBLEM = Problem(
    (
        Job("A", (MAKE, TEST), release=1, latest_start=4, due=6, product="x"),
        Job("B", (MAKE, TEST), release=0, after=("A",), optional=True, product="y", deadline=13),
    ),
    (
        Resource("suite", (1,), changeovers={("x", "y"): 2}),
        Resource("starts", (0, 1, 2, 1), window=3),
        Resource("QC", (2, 2, 2, 2, 2, 1), overtime=1, overtime_cost=5.0),
    ),
    14,
)
PLAN = Plan(((Step(3), Step(7)), (Step(8), Step(12))))
"""A makes in 3-6 and is tested in 7; B makes in 8-11 and is tested in 12, both on overtime."""


def _with(job: int, number: int, step: Step) -> Plan:
    steps = PLAN.jobs[job]
    assert steps is not None
    changed: Steps = tuple(step if at == number else kept for at, kept in enumerate(steps))
    return Plan(tuple(changed if at == job else kept for at, kept in enumerate(PLAN.jobs)))


def _operation(problem: Problem, number: int, operation: Operation) -> Problem:
    first = problem.jobs[0]
    operations = tuple(
        operation if at == number else kept for at, kept in enumerate(first.operations)
    )
    return replace(problem, jobs=(replace(first, operations=operations), *problem.jobs[1:]))


def _resource(name: str, **changes: object) -> Problem:
    return replace(
        PROBLEM,
        resources=tuple(
            replace(each, **changes) if each.name == name else each  # type: ignore[arg-type]
            for each in PROBLEM.resources
        ),
    )


def test_a_plan_without_fault_passes_and_its_terms_are_as_by_hand() -> None:
    assert violations(PROBLEM, PLAN) == []
    terms = recompute(PROBLEM, PLAN)
    assert terms["tardiness"] == 2  # A ends at 8, due at 6
    assert terms["wait"] == (3 - 1) + 8
    assert terms["flow"] == (8 - 1) + 13
    assert terms["completion"] == 8 + 13
    assert terms["makespan"] == 13
    assert terms["max_lateness"] == 2
    assert terms["beyond_limit"] == 0
    assert terms["changeovers"] == 1
    assert terms["overtime"] == 2
    assert terms["cost"] == 2 * 10 + 2 * 5
    assert terms["mean_flow"] == 10
    assert terms["p95_flow"] == 13
    assert terms["worst_site"] == 5


def test_who_is_left_out_counts_as_at_the_horizon() -> None:
    terms = recompute(PROBLEM, Plan((PLAN.jobs[0], None)))
    assert violations(PROBLEM, Plan((PLAN.jobs[0], None))) == []
    assert terms["beyond_limit"] == 1
    assert terms["wait"] == (3 - 1) + 14
    assert terms["completion"] == 8 + 14
    assert terms["makespan"] == 14


@pytest.mark.parametrize(
    ("problem", "plan", "words"),
    [
        (PROBLEM, Plan(PLAN.jobs[:1]), "has 1 jobs, the problem 2"),
        (PROBLEM, Plan((None, PLAN.jobs[1])), "A: left out, though it must be done"),
        (
            replace(PROBLEM, jobs=(replace(PROBLEM.jobs[0], optional=True), PROBLEM.jobs[1])),
            Plan((None, PLAN.jobs[1])),
            "B: runs though A, which it needs, is left out",
        ),
        (PROBLEM, Plan(((Step(3),), PLAN.jobs[1])), "A: has 1 steps for 2 operations"),
        (PROBLEM, _with(0, 1, Step(7, 1)), "way of working that does not exist"),
        (PROBLEM, _with(0, 0, Step(3, -1)), "way of working that does not exist"),
        (PROBLEM, _with(0, 0, Step(0)), "before its release at 1"),
        (PROBLEM, _with(0, 0, Step(5)), "after its material expired at 4"),
        (PROBLEM, _with(0, 1, Step(6)), "QC starts 0 after the step before, not 1"),
        (PROBLEM, _with(0, 1, Step(9)), "QC starts 3 after the step before, over 2"),
        (PROBLEM, _with(1, 0, Step(7)), "B: starts before A has ended"),
        (replace(PROBLEM, horizon=12), PLAN, "ends at 13, beyond the horizon at 12"),
        (
            _operation(PROBLEM, 0, replace(MAKE, pinned=2)),
            PLAN,
            "make is at 3, but decided for 2",
        ),
        (
            _operation(PROBLEM, 0, replace(MAKE, pinned_mode=1)),
            PLAN,
            "make is done in another way than decided",
        ),
        (_resource("suite", changeovers={("x", "y"): 3}), PLAN, "suite: no 3 ticks of changeover"),
        (_resource("suite", capacity=(1, 1, 1, 1, 0)), PLAN, "suite: 1 used of 0 at 4"),
        (_resource("starts", capacity=(0, 0, 1)), PLAN, "starts: 1 used of 0 at 3"),
        (_resource("QC", overtime=0), PLAN, "QC: 2 used of 1 at 7"),
    ],
)
def test_every_kind_of_violation_is_found(problem: Problem, plan: Plan, words: str) -> None:
    found = violations(problem, plan)
    assert any(words in text for text in found), found


@pytest.mark.parametrize(("day", "used"), [(0, 2), (6, 2), (7, 0)])
def test_a_quota_counts_by_its_window(day: int, used: int) -> None:
    """Two a week: a third start on the same week's last day is one too many, the next day not."""
    start = Operation("start", (Mode(0, (Demand("quota", length=1),)),))
    problem = Problem(
        tuple(Job(f"J{place}", (start,)) for place in range(3)),
        (Resource("quota", (2,), window=7),),
        20,
    )
    plan = Plan(((Step(1),), (Step(3),), (Step(day),)))
    assert violations(problem, plan) == (["quota: 3 used of 2 at 0"] if used else [])


def test_nothing_is_taken_before_tick_0_and_after_an_end_it_may_go_on() -> None:
    way = Mode(2, (Demand("bed", start=-1, length=5),))
    problem = Problem(
        (Job("A", (Operation("stay", (way,)),)), Job("B", (Operation("stay", (way,)),))),
        (Resource("bed", (1,)),),
        7,
    )
    assert violations(problem, Plan(((Step(0),), (Step(5),)))) == []
    assert violations(problem, Plan(((Step(0),), (Step(4),)))) == ["bed: 2 used of 1 at 3"]


def test_overtime_is_a_limit_too() -> None:
    made = Operation("make", (Mode(2, (Demand("suite"),)),))
    jobs = tuple(Job(name, (made,)) for name in "ABC")
    problem = Problem(jobs, (Resource("suite", (1,), overtime=1),), 5)
    together = Plan(((Step(0),), (Step(0),), (Step(0),)))
    assert violations(problem, together) == [
        "suite: 3 used of 2 at 0", "suite: 3 used of 2 at 1",
    ]  # fmt: skip
    assert violations(problem, Plan(((Step(0),), (Step(0),), (Step(2),)))) == []
