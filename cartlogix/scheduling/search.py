"""Local search: takes a few jobs out of a plan and puts each back where it then costs least.

A large neighbourhood in the sense of Shaw (1998): the jobs taken out run near each other in time,
so that they can change places.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np

from cartlogix.scheduling.plan import Plan, Steps, end_of
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.timetable import Worth, filled

INSERTIONS_PER_EFFORT = 4_000
"""Insertions that are about a second of work."""

LEEWAY = 0.02
"""Largest share by which the last level may be worse than the best."""

SMALLEST, LARGEST = 2, 9
"""Jobs taken out at a time."""


def construct(problem: Problem, tariff: Tariff, order: Sequence[int]) -> Plan | None:
    """The plan that comes of adding jobs in an order, each where it then costs least.

    None where a job that must be done finds no place. Pinned jobs should come first in the order.
    """
    empty = Plan((None,) * len(problem.jobs))
    search = LocalSearch(problem, tariff, empty, seed=0)
    done = [search.insert(place) for place in order]
    return search.plan() if all(done) else None


class LocalSearch:
    """A plan that is being changed in place, and the best that it has been.

    Changes for the worse are taken as long as the last level stays within a leeway of the best,
    which shrinks to nothing (record-to-record travel, Dueck, 1993).

    Args:
        problem: What is planned.
        tariff: What it costs.
        plan: Where to begin.
        seed: Of the jobs that are taken out.
        free: Places of the jobs that may move; all if left out.
    """

    def __init__(
        self,
        problem: Problem,
        tariff: Tariff,
        plan: Plan,
        seed: int,
        free: Sequence[int] | None = None,
    ) -> None:
        self.problem = problem
        self.tariff = tariff
        self.jobs: list[Steps | None] = list(plan.jobs)
        self.table = filled(problem, plan)
        self.random = random.Random(seed)
        self.worths = [tariff.worth(place) for place in range(len(problem.jobs))]
        self.free = [
            place
            for place in (range(len(problem.jobs)) if free is None else free)
            if any(operation.pinned is None for operation in problem.jobs[place].operations)
        ]
        self.followers: dict[str, list[int]] = {}
        for place, job in enumerate(problem.jobs):
            for name in job.after:
                self.followers.setdefault(name, []).append(place)
        self.values = tariff.values(plan)
        self.best = self.values, plan
        self.leeway = 0.0
        self.insertions = 0

    def plan(self) -> Plan:
        """The plan as it is now."""
        return Plan(tuple(self.jobs))

    def run(self, effort: float, stopped: Callable[[], bool], patience: int | None = None) -> Plan:
        """The best plan found until the effort is spent, or somebody stops it.

        With `patience` also after so many insertions per job that moves without a better plan.
        """
        first, budget = self.insertions, effort * INSERTIONS_PER_EFFORT
        hope = math.inf if patience is None else patience * len(self.free)
        until = first + hope
        while self.free and self.insertions < min(first + budget, until) and not stopped():
            left = 1 - (self.insertions - first) / budget
            self.leeway = LEEWAY * left * abs(self.best[0][-1])
            if self.step(self._neighbours()) and self.values < self.best[0]:
                self.best = self.values, self.plan()
                until = self.insertions + hope
        return self.best[1]

    def step(self, places: list[int]) -> bool:
        """Takes jobs out and puts them back; keeps the result if it is within the leeway."""
        before = [self.jobs[place] for place in places]
        for place in places:
            self._remove(place)
        old = self._cost(places, before) if self.tariff.additive else None
        if all(self.insert(place) for place in places) and self._accept(places, old):
            return True
        for place, steps in zip(places, before, strict=True):
            self._remove(place)
            self._put(place, steps)
        return False

    def _accept(self, places: list[int], old: np.ndarray | None) -> bool:
        if old is None:
            values = self.tariff.values(self.plan())
        else:
            new = self._cost(places, [self.jobs[place] for place in places])
            change = new - old
            change[np.abs(change) <= 1e-9 * np.maximum(np.abs(old), 1.0)] = 0.0
            values = tuple(v + float(c) for v, c in zip(self.values, change, strict=True))
        best = self.best[0]
        if values > self.values and values > (*best[:-1], best[-1] + self.leeway):
            return False
        self.values = values
        return True

    def _cost(self, places: list[int], steps: list[Steps | None]) -> np.ndarray:
        return sum(
            (
                self.tariff.of_steps(place, planned)
                for place, planned in zip(places, steps, strict=True)
            ),
            start=np.zeros(len(self.values)),
        )

    def _neighbours(self) -> list[int]:
        """A random job, and others that run at about the same time."""
        pivot = self.random.choice(self.free)
        count = min(self.random.randint(SMALLEST, LARGEST), len(self.free))
        wanted = self._nearness(pivot)
        nearest = sorted(self.random.sample(self.free, min(len(self.free), 6 * count)), key=wanted)
        chosen = [pivot, *(place for place in nearest if place != pivot)][:count]
        self.random.shuffle(chosen)
        if self.random.random() < 0.5:
            chosen.sort(key=lambda place: -self.problem.jobs[place].weight)
        return chosen

    def _nearness(self, pivot: int) -> Callable[[int], float]:
        around = self._at(pivot)

        def distance(place: int) -> float:
            return abs(self._at(place) - around)

        return distance

    def _at(self, place: int) -> int:
        steps = self.jobs[place]
        return self.problem.jobs[place].release if steps is None else steps[0].start

    def insert(self, place: int) -> bool:
        """Adds a job where it costs least; False if there is no place and it must be done."""
        self.insertions += 1
        found = self.table.best(self.problem.jobs[place], self._worth(place))
        if found is None or found[0] > self.tariff.rejection(place):
            self._put(place, None)
            return self.problem.jobs[place].optional
        self._put(place, found[1])
        return True

    def _worth(self, place: int) -> Worth:
        """The job's costs, barred where jobs before or after it stand in the way."""
        job, worth = self.problem.jobs[place], self.worths[place]
        followers = self.followers.get(job.name, ())
        if not job.after and not followers:
            return worth
        by_start, by_end = worth.by_start.copy(), worth.by_end.copy()
        for name in job.after:
            index = self.problem.job_index[name]
            steps = self.jobs[index]
            end = math.inf if steps is None else end_of(self.problem.jobs[index], steps)
            by_start[: min(int(min(end, len(by_start))), len(by_start))] = np.inf
        for follower in followers:
            steps = self.jobs[follower]
            if steps is not None:
                by_end[steps[0].start + 1 :] = np.inf
        return Worth(by_start, by_end, worth.per_cost)

    def _put(self, place: int, steps: Steps | None) -> None:
        self.jobs[place] = steps
        if steps is not None:
            self.table.add(self.problem.jobs[place], steps)

    def _remove(self, place: int) -> None:
        steps = self.jobs[place]
        if steps is not None:
            self.table.remove(self.problem.jobs[place], steps)
        self.jobs[place] = None
