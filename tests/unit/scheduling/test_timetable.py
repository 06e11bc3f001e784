"""What is remembered of a timetable is what a new one would find."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from cartlogix.scheduling.plan import Step, Steps
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.timetable import Timetable, Worth
from tests.unit.scheduling.instances import any_problem


def _masks(problem: Problem, table: Timetable) -> list[list[bool]]:
    return [
        table.fits(mode, job.product).tolist()
        for job in problem.jobs
        for operation in job.operations
        for mode in operation.modes
    ]


@pytest.mark.parametrize("seed", range(40))
def test_room_is_forgotten_when_somebody_takes_or_gives_back(seed: int) -> None:
    draw, problem = random.Random(seed), any_problem(seed)
    table = Timetable(problem)
    there: list[tuple[Job, Steps]] = []
    for _ in range(8):
        if there and draw.random() < 0.4:
            table.remove(*there.pop(draw.randrange(len(there))))
        else:
            job = draw.choice(problem.jobs)
            steps = tuple(
                Step(draw.randrange(problem.horizon), draw.randrange(len(operation.modes)))
                for operation in job.operations
            )
            table.add(job, steps)
            there.append((job, steps))
        fresh = Timetable(problem)
        for job, steps in there:
            fresh.add(job, steps)
        assert _masks(problem, table) == _masks(problem, fresh)


def _straight(problem: Problem) -> Problem:
    """The same with twice the operations, each with one mode and no greatest lag."""
    jobs = (
        replace(
            job,
            operations=tuple(
                replace(operation, modes=operation.modes[:1], max_lag=None, pinned_mode=None)
                for operation in job.operations * 2
            ),
        )
        for job in problem.jobs
    )
    return replace(problem, jobs=tuple(jobs))


@pytest.mark.parametrize("seed", range(300))
def test_starting_at_once_is_the_best_way_among_those_that_start_then(seed: int) -> None:
    draw, problem = random.Random(seed), any_problem(seed, jobs=8, horizon=12)
    problem = _straight(problem) if seed % 2 else problem
    table = Timetable(problem)
    ticks = np.arange(problem.horizon + 1)
    for job in problem.jobs:
        at = draw.randrange(problem.horizon // 2)
        only = Worth(np.where(ticks == at, 0.0, np.inf), ticks.astype(float))
        best = table.best(job, only)
        steps = table.at_once(job, at)
        assert steps == (None if best is None else best[1])
        if steps is not None:
            table.add(job, steps)


def test_a_straight_job_waits_on_its_way_where_it_must() -> None:
    make = Operation("make", (Mode(2, (Demand("suite"),)),))
    test = Operation("test", (Mode(3, (Demand("qc"),)),), min_lag=1)
    jobs = tuple(Job(name, (make, test)) for name in "ABC")
    problem = Problem(jobs, (Resource("suite", (2,)), Resource("qc", (1,))), horizon=12)
    assert problem.takes.straight == {"A", "B", "C"}
    table = Timetable(problem)
    for job, first, second in zip(jobs, (0, 0, 2), (3, 6, 9), strict=True):
        steps = table.at_once(job, first)
        assert steps == (Step(first), Step(second))
        table.add(job, steps)
    assert table.at_once(jobs[0], 0) is None  # no suite
    assert table.at_once(jobs[0], 4) is None  # its test would end after the horizon


def test_a_pinned_operation_that_comes_too_soon_or_finds_no_room_stops_a_straight_job() -> None:
    make = Operation("make", (Mode(2, (Demand("suite"),)),))
    test = Operation("test", (Mode(3, (Demand("qc"),)),), pinned=4)
    job, other = Job("A", (make, test)), Job("B", (make, test))
    problem = Problem((job, other), (Resource("suite", (2,)), Resource("qc", (1,))), horizon=12)
    table = Timetable(problem)
    assert table.at_once(job, 3) is None
    steps = table.at_once(job, 1)
    assert steps == (Step(1), Step(4))
    table.add(job, steps)
    assert table.at_once(other, 1) is None
