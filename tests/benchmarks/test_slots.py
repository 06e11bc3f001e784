"""The slot benchmark poses what it says, and its parts agree on what a plan is worth."""

from __future__ import annotations

import pytest

from benchmarks.slot_instances import DAYS, LOAD, OBJECTIVE, instance
from benchmarks.slot_peers import blocked, plain_cp_sat
from benchmarks.slots import METHODS, SECONDS, measure
from cartlogix.scheduling.verify import recompute, violations


def test_an_instance_repeats_and_leaves_a_tenth_of_the_suites() -> None:
    problem = instance(120, 3)
    assert problem == instance(120, 3)
    assert problem != instance(120, 4)
    work = sum(job.operations[0].modes[0].demands[0].length or 0 for job in problem.jobs)
    suites = problem.resources[0].capacity[0]
    assert LOAD - 0.1 < work / DAYS / suites <= LOAD


def test_what_is_blocked_completes_each_capacity() -> None:
    problem = instance(60, 1)
    for index, resource in enumerate(problem.resources):
        left = list(resource.capacity)
        for other, begin, end, units in blocked(problem):
            if other == index:
                for tick in range(begin, end):
                    left[tick] += units
        assert set(left) == {max(resource.capacity)}


def test_every_size_named_is_measured_by_every_method() -> None:
    assert list(SECONDS) == [30, 60, 120, 250, 500, 1000]
    assert list(METHODS) == ["best rule", "PyJobShop", "plain CP-SAT", "cartlogix"]


@pytest.mark.slow
def test_ours_is_proven_and_no_worse_than_the_best_rule() -> None:
    ours, rule = measure("cartlogix", 30, 2), measure("best rule", 30, 2)
    assert ours.value == ours.bound <= rule.value


@pytest.mark.slow
def test_the_plain_model_plans_the_same_problem() -> None:
    problem = instance(12, 2)
    solved = plain_cp_sat(problem, 5.0)
    assert solved.plan is not None
    assert not violations(problem, solved.plan)
    assert solved.bound <= OBJECTIVE.values(recompute(problem, solved.plan))[0] + 1e-6
