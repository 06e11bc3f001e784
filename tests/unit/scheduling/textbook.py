"""Textbook problems as slot problems: machines are resources, time is in ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource


def machines(
    lengths: Sequence[int],
    *,
    count: int = 1,
    weights: Sequence[float] = (),
    releases: Sequence[int] = (),
    due: Sequence[int] = (),
    horizon: int | None = None,
) -> Problem:
    """Jobs of one operation on identical parallel machines."""
    jobs = tuple(
        Job(
            f"J{place}",
            (Operation("run", (Mode(length, (Demand("machine"),)),)),),
            release=releases[place] if releases else 0,
            due=due[place] if due else None,
            weight=weights[place] if weights else 1.0,
        )
        for place, length in enumerate(lengths)
    )
    end = max(releases, default=0) + sum(lengths) if horizon is None else horizon
    return Problem(jobs, (Resource("machine", (count,)),), end)


def shop(rows: Sequence[Sequence[tuple[int, int]]], horizon: int) -> Problem:
    """A job shop: for each job its machines and lengths, in their order."""
    used = sorted({machine for row in rows for machine, _ in row})
    jobs = tuple(
        Job(
            f"J{place}",
            tuple(
                Operation(f"O{number}", (Mode(length, (Demand(f"M{machine}"),)),))
                for number, (machine, length) in enumerate(row)
            ),
        )
        for place, row in enumerate(rows)
    )
    return Problem(jobs, tuple(Resource(f"M{machine}", (1,)) for machine in used), horizon)


def optional(problem: Problem) -> Problem:
    """The same problem, in which every job may be left out."""
    return replace(problem, jobs=tuple(replace(job, optional=True) for job in problem.jobs))
