"""A plan: when and how every operation runs, and which jobs are left out."""

from __future__ import annotations

from dataclasses import dataclass

from cartlogix.scheduling.problem import Job, Mode, Problem


@dataclass(frozen=True)
class Step:
    """One planned operation: its first tick, and which of its modes."""

    start: int
    mode: int = 0


Steps = tuple[Step, ...]
"""The operations of one job, in their order."""


@dataclass(frozen=True)
class Plan:
    """Steps for each job of a problem, in the problem's order; None where a job is left out."""

    jobs: tuple[Steps | None, ...]

    def start(self, index: int) -> int | None:
        """First tick of a job, None if it is left out."""
        steps = self.jobs[index]
        return None if steps is None else steps[0].start

    def end(self, problem: Problem, index: int) -> int | None:
        """First tick after a job's last operation, None if it is left out."""
        steps = self.jobs[index]
        return None if steps is None else end_of(problem.jobs[index], steps)


def mode_of(job: Job, steps: Steps, number: int) -> Mode:
    """The way in which an operation is carried out."""
    return job.operations[number].modes[steps[number].mode]


def end_of(job: Job, steps: Steps) -> int:
    """First tick after the last operation."""
    return steps[-1].start + mode_of(job, steps, len(steps) - 1).duration
