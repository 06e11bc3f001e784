"""Dispatching rules in corners: what is decided already, and changeovers within a job."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.verify import violations
from tests.unit.scheduling.instances import any_problem

SUITE = Resource("suite", (1,))
LONG = Mode(3, (Demand("suite", 1),))
SHORT = Mode(1, ())


def _job(name: str, *operations: Operation, after: tuple[str, ...] = ()) -> Job:
    return Job(name, operations, 0, after=after)


def _plan(*jobs: Job, resources: tuple[Resource, ...] = (SUITE,), horizon: int = 12) -> Plan | None:
    problem = Problem(jobs, resources, horizon)
    plan = dispatch(problem, RULES["FIFO"])
    assert plan is None or not violations(problem, plan)
    return plan


def test_a_job_ends_before_a_pinned_one_that_needs_it() -> None:
    either = _job("first", Operation("make", (LONG, replace(SHORT, cost=1.0))))
    pinned = _job("second", Operation("fill", (SHORT,), pinned=5), after=("first",))
    other = _job("other", Operation("make", (LONG,)))
    plan = _plan(other, either, pinned)
    assert plan is not None
    assert [steps[0].start for steps in plan.jobs if steps] == [0, 0, 5]
    # The suite is taken until day 3, so the first job would end on day 6: a day too late.
    slow = replace(either, operations=(Operation("make", (LONG,)),))
    assert _plan(other, slow, pinned) is None
    assert _plan(slow, other, pinned) is not None


def test_a_pinned_job_does_not_stand_without_what_it_needs() -> None:
    never = replace(_job("first", Operation("make", (Mode(20, ()),))), optional=True)
    pinned = _job("second", Operation("fill", (SHORT,), pinned=5), after=("first",))
    assert _plan(never, pinned) is None


def test_a_job_changes_over_between_its_own_steps() -> None:
    changing = replace(SUITE, changeovers={("A", "A"): 2})
    fill = Operation("fill", (replace(LONG, duration=1),), min_lag=2)
    twice = replace(_job("lot", Operation("make", (LONG,)), fill), product="A")
    plan = _plan(twice, resources=(changing,))
    assert plan is not None
    assert plan.jobs[0] == (Step(0), Step(5))
    soon = replace(twice, operations=(twice.operations[0], replace(fill, min_lag=0, max_lag=1)))
    assert _plan(soon, resources=(changing,)) is None
    # The same where both demands belong to one step: from 3 before it to 2 before, and during it.
    both = Mode(1, (Demand("suite", 1, -3, 1), Demand("suite", 1)))
    one = replace(twice, operations=(Operation("make", (both,)),))
    assert _plan(one, resources=(changing,)) is not None
    near = replace(both, demands=(Demand("suite", 1, -2, 1), Demand("suite", 1)))
    one = replace(twice, operations=(Operation("make", (near,)),))
    assert _plan(one, resources=(changing,)) is None


def test_what_is_used_before_the_first_day_is_changed_over_too() -> None:
    changing = replace(SUITE, changeovers={("A", "A"): 0})
    early = Mode(1, (Demand("suite", 1, -1, 1),))
    jobs = [replace(_job(name, Operation("make", (early,))), product="A") for name in "ab"]
    plan = _plan(*jobs, resources=(changing,))
    assert plan is not None
    assert [steps[0].start for steps in plan.jobs if steps] == [0, 1]


@pytest.mark.parametrize("block", range(4))
def test_the_referee_accepts_every_plan_of_a_rule(block: int) -> None:
    plans = 0
    for seed in range(block * 500, block * 500 + 500):
        problem = any_problem(seed)
        for name, rule in RULES.items():
            plan = dispatch(problem, rule)
            if plan is not None:
                plans += 1
                assert not violations(problem, plan), (seed, name)
    assert plans > 1000
