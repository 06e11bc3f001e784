"""What is remembered of a timetable is what a new one would find."""

from __future__ import annotations

import random

import pytest

from cartlogix.scheduling.plan import Step, Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.timetable import Timetable
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
