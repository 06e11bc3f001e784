"""Laws of an optimum: what relaxes a problem never makes it worse, what only renames it nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from cartlogix.scheduling.cp_sat import solve_cp
from cartlogix.scheduling.objective import TERMS, Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.problem import Job, Operation, Problem
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import recompute, violations
from tests.unit.scheduling.instances import any_objective, any_problem

CLOSE = 1e-7
SEEDS = [*range(12), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(100, 1100))]

SHARED_OUT = {"mean_flow", "p95_flow", "worst_site", "worst_indication"}
"""Terms that a job less may raise: a mean over fewer of them."""


def _best(problem: Problem, objective: Objective) -> tuple[float, ...] | None:
    found = solve_cp(problem, objective, effort=20.0)
    if found.plan is None:
        assert found.status == "infeasible"
        return None
    assert found.status == "optimal"
    assert not violations(problem, found.plan)
    return objective.values(recompute(problem, found.plan))


def _no_worse(new: tuple[float, ...] | None, old: tuple[float, ...] | None) -> bool:
    if old is None:
        return True
    if new is None:
        return False
    for one, other in zip(new, old, strict=True):
        if abs(one - other) > CLOSE:
            return one < other
    return True


def _more_capacity(problem: Problem) -> Problem:
    return replace(
        problem,
        resources=tuple(
            each
            if each.changeovers
            else replace(each, capacity=tuple(units + 1 for units in each.capacity))
            for each in problem.resources
        ),
    )


def _more_overtime(problem: Problem) -> Problem:
    return replace(
        problem,
        resources=tuple(
            each if each.changeovers else replace(each, overtime=each.overtime + 1)
            for each in problem.resources
        ),
    )


def _later_due(problem: Problem) -> Problem:
    return _with_jobs(
        problem,
        lambda job: replace(
            job,
            due=None if job.due is None else job.due + 1,
            deadline=None if job.deadline is None else job.deadline + 1,
        ),
    )


def _longer_lags(problem: Problem) -> Problem:
    def looser(operation: Operation) -> Operation:
        most = None if operation.max_lag is None else operation.max_lag + 1
        return replace(operation, min_lag=operation.min_lag - 1, max_lag=most)

    return _with_jobs(
        problem, lambda job: replace(job, operations=tuple(map(looser, job.operations)))
    )


def _longer_life(problem: Problem) -> Problem:
    return _with_jobs(problem, lambda job: replace(job, latest_start=None))


def _nobody_waits_for_another(problem: Problem) -> Problem:
    return _with_jobs(problem, lambda job: replace(job, after=()))


def _all_optional(problem: Problem) -> Problem:
    return _with_jobs(problem, lambda job: replace(job, optional=True))


def _with_jobs(problem: Problem, change: Callable[[Job], Job]) -> Problem:
    return replace(problem, jobs=tuple(map(change, problem.jobs)))


@pytest.mark.parametrize(
    "relaxed",
    [
        _more_capacity,
        _more_overtime,
        _later_due,
        _longer_lags,
        _longer_life,
        _nobody_waits_for_another,
        _all_optional,
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_looser_limit_never_makes_the_optimum_worse(
    seed: int, relaxed: Callable[[Problem], Problem]
) -> None:
    problem, objective = any_problem(seed + 10_000), any_objective(seed)
    assert _no_worse(_best(relaxed(problem), objective), _best(problem, objective))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_job_less_never_makes_the_optimum_worse(seed: int) -> None:
    problem = any_problem(seed + 20_000, jobs=4)
    names = [name for name in sorted(TERMS) if name not in SHARED_OUT]
    term = random.Random(seed).choice(names)
    lot = problem.jobs[-1]
    began = any(each.pinned is not None and each.pinned < lot.release for each in lot.operations)
    # A lot between two others may save a change; the largest of none is 0; and a lot that is pinned
    # before its release waits for less than nothing.
    if term in {"changeovers", "max_lateness"} or (began and term in {"wait", "flow"}):
        term = "tardiness"
    objective = Objective(({term: 1.0},))
    last = lot.name
    rest = replace(problem, jobs=problem.jobs[:-1])
    assert all(last not in job.after for job in rest.jobs)
    # The last job may be what bars a changeover: only limits that add up are left.
    rest, whole = (
        replace(each, resources=tuple(replace(r, changeovers={}) for r in each.resources))
        for each in (rest, problem)
    )
    assert _no_worse(_best(rest, objective), _best(whole, objective))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_and_names_do_not_matter(seed: int) -> None:
    problem, objective = any_problem(seed + 30_000, jobs=4), any_objective(seed)
    jobs = [
        replace(job, name=f"<{job.name}>", after=tuple(f"<{name}>" for name in job.after))
        for job in problem.jobs
    ]
    random.Random(seed).shuffle(jobs)
    other = replace(problem, jobs=tuple(jobs), resources=problem.resources[::-1])
    one, two = _best(problem, objective), _best(other, objective)
    assert _no_worse(one, two)
    assert _no_worse(two, one)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_dates_later_change_nothing_but_the_dates(seed: int) -> None:
    problem = any_problem(seed + 40_000)
    # A demand before a start may fall before tick 0, where nothing is taken; here it cannot.
    resources = tuple(
        replace(each, window=1, capacity=(*each.capacity, each.capacity[-1]))
        for each in problem.resources
    )
    problem = replace(
        problem,
        resources=resources,
        jobs=tuple(replace(job, release=max(job.release, 2)) for job in problem.jobs),
    )
    later = 3
    shifted = replace(
        _with_jobs(problem, lambda job: _shifted(job, later)),
        horizon=problem.horizon + later,
        resources=tuple(
            replace(each, capacity=(each.capacity[0],) * later + each.capacity)
            for each in resources
        ),
    )
    objective = Objective(({"beyond_limit": 1.0}, {"tardiness": 1.0, "flow": 0.1}, {"cost": 1.0}))
    if _pinned_early(problem):
        return
    one, two = _best(problem, objective), _best(shifted, objective)
    assert _no_worse(one, two)
    assert _no_worse(two, one)


def _shifted(job: Job, later: int) -> Job:
    def at(tick: int | None) -> int | None:
        return None if tick is None else tick + later

    return replace(
        job,
        release=job.release + later,
        due=at(job.due),
        deadline=at(job.deadline),
        latest_start=at(job.latest_start),
        previous=at(job.previous),
        operations=tuple(
            replace(operation, pinned=at(operation.pinned)) for operation in job.operations
        ),
    )


def _pinned_early(problem: Problem) -> bool:
    """Whether something is taken of the time before tick 0, which has no limit."""
    return any(
        operation.pinned is not None or operation.min_lag < 0
        for job in problem.jobs
        for operation in job.operations
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_weights_times_ten_are_values_times_ten(seed: int) -> None:
    problem, objective = any_problem(seed + 50_000), any_objective(seed)
    times = Objective(
        tuple({name: 10 * weight for name, weight in level.items()} for level in objective.levels)
    )
    one, ten = _best(problem, objective), _best(problem, times)
    assert (one is None) == (ten is None)
    if one is not None and ten is not None:
        assert ten == pytest.approx(tuple(10 * value for value in one), abs=CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_solve_is_never_worse_than_a_rule_and_repeats_exactly(seed: int) -> None:
    problem, objective = any_problem(seed + 60_000, jobs=6, horizon=12), any_objective(seed)
    one, two = (solve(problem, objective, Budget(effort=0.05)) for _ in range(2))
    assert (one.plan, one.values, one.bounds, one.status) == (
        two.plan,
        two.values,
        two.bounds,
        two.status,
    )
    for rule in RULES.values():
        plan = dispatch(problem, rule)
        if plan is not None:
            assert one.plan is not None
            assert _no_worse(one.values, objective.values(recompute(problem, plan)))
