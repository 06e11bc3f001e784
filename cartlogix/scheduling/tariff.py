"""What each job costs at each tick, level by level: one table for a problem and an objective."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cartlogix.scheduling.objective import BY_END, BY_START, Objective, evaluate
from cartlogix.scheduling.plan import Plan, Steps, end_of, mode_of
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.timetable import Worth

Values = npt.NDArray[np.float64]

LARGEST = 1e12
"""Ratio of the weights of two levels beyond which a sum in floating point would mix them up."""


class Tariff:
    """Costs by tick, of the part of an objective that is a sum over jobs.

    Attributes:
        by_start: Shape (levels, jobs, horizon + 1); infinite where a job must not start.
        by_end: Shape (levels, jobs, horizon + 1).
        left_out: Shape (levels, jobs): cost of leaving a job out; infinite where it must be done.
        price: Weight of money on each level, shape (levels,).
        additive: Whether the sum over jobs is the whole objective.
    """

    def __init__(self, problem: Problem, objective: Objective) -> None:
        self.problem = problem
        self.objective = objective
        ticks = np.arange(problem.horizon + 1)
        shape = (len(objective.levels), len(problem.jobs), len(ticks))
        self.by_start, self.by_end = np.zeros(shape), np.zeros(shape)
        self.left_out = np.zeros(shape[:2])
        self.price = np.array([level.get("cost", 0.0) for level in objective.levels])
        for level, weights in enumerate(objective.levels):
            for place, job in enumerate(problem.jobs):
                for name, weight in weights.items():
                    self._add(level, place, job, name, weight, ticks)
        self.left_out += self.by_start[:, :, -1] + self.by_end[:, :, -1]
        for place, job in enumerate(problem.jobs):
            self.by_start[:, place] += _barred(job, ticks)
            if not job.optional:
                self.left_out[:, place] = np.inf
        self.additive = self._is_additive()
        self._weights = self._level_weights()
        self._money = bool(self.price.any())
        self._rejections = [
            float(self._weights @ self.left_out[:, place]) for place in range(len(problem.jobs))
        ]

    def worth(self, place: int) -> Worth:
        """All levels of one job in one number, the first by far the heaviest."""
        return Worth(
            by_start=self._weights @ self.by_start[:, place],
            by_end=self._weights @ self.by_end[:, place],
            per_cost=float(self._weights @ self.price),
        )

    def rejection(self, place: int) -> float:
        """The same number for leaving the job out."""
        return self._rejections[place]

    def of_steps(self, place: int, steps: Steps | None) -> Values:
        """Cost of one job so planned, shape (levels,)."""
        if steps is None:
            return self.left_out[:, place]
        job = self.problem.jobs[place]
        begun, ended = steps[0].start, end_of(job, steps)
        cost = self.by_start[:, place, begun] + self.by_end[:, place, ended]
        if self._money:
            cost += self.price * sum(mode_of(job, steps, at).cost for at in range(len(steps)))
        return cost

    def values(self, plan: Plan) -> tuple[float, ...]:
        """Value of each level of the whole objective."""
        if not self.additive:
            return self.objective.values(evaluate(self.problem, plan))
        total = np.zeros(len(self.objective.levels))
        for place in range(len(self.problem.jobs)):
            total += self.of_steps(place, plan.jobs[place])
        return tuple(float(value) for value in total)

    def _add(
        self,
        level: int,
        place: int,
        job: Job,
        name: str,
        weight: float,
        ticks: npt.NDArray[np.int64],
    ) -> None:
        if name == "mean_flow":
            share = weight / len(self.problem.jobs)
            self.by_end[level, place] += share * (ticks - job.release)
        elif name in BY_START:
            self.by_start[level, place] += weight * BY_START[name](job, ticks)
        elif name in BY_END:
            self.by_end[level, place] += weight * BY_END[name](job, ticks)
        if name == "beyond_limit" and (
            job.deadline is None or job.deadline >= self.problem.horizon
        ):
            self.left_out[level, place] += weight

    def _is_additive(self) -> bool:
        names = {
            name for level in self.objective.levels for name, weight in level.items() if weight
        }
        money = any(resource.overtime_cost for resource in self.problem.resources)
        sums = BY_START.keys() | BY_END.keys() | {"mean_flow"} | (set() if money else {"cost"})
        return names <= sums

    def _level_weights(self) -> Values:
        finite = np.where(np.isfinite(self.by_start), self.by_start, 0.0)
        span = np.abs(finite).max(axis=2).sum(axis=1) + np.abs(self.by_end).max(axis=2).sum(axis=1)
        weights = np.ones(len(span))
        for level in range(len(span) - 2, -1, -1):
            weights[level] = min(weights[level + 1] * max(span[level + 1], 1.0), LARGEST)
        return weights


def _barred(job: Job, ticks: npt.NDArray[np.int64]) -> Values:
    barred = np.zeros(len(ticks))
    if job.operations[0].pinned is None:
        barred[: max(job.release, 0)] = np.inf
        if job.latest_start is not None:
            barred[max(job.latest_start + 1, 0) :] = np.inf
    return barred
