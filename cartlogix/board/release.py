"""Which orders a replan lets go: one at a time, and only where that is worth a move.

Every order stays exactly where it was (start, end and place) unless it cannot. Then orders are let
go, or put back, one by one, as long as what that saves is worth the move: a search over the set of
orders that may move, in the spirit of ejection chains (Glover, 1996).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cartlogix.board.repair import OldSteps, pinned, repaired
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.search import LocalSearch
from cartlogix.scheduling.tariff import Tariff

Stopped = Callable[[], bool]
Values = tuple[float, ...]

TICKS = ("tardiness", "wait", "flow", "completion", "mean_flow", "p95_flow")
"""Terms in ticks, in the order in which they set the price of a move."""

CANDIDATES = 30
"""Most orders that are tried in one round: those that start nearest to one that may move."""

EFFORT = 0.01
"""Local search for each set of orders that may move; 1 is about a second on a usual core."""


def exchange(objective: Objective, ticks: float) -> tuple[int, float]:
    """Return the level on which moves are paid, and what one costs in its unit.

    A move costs as much as so many ticks of lateness of weight 1, on the level that counts
    lateness (or else the first that counts time). Levels before it are worth any move, those after
    it none. Without such a level moves come after all levels.
    """
    for name in TICKS:
        for number, level in enumerate(objective.levels):
            if level.get(name, 0.0):
                return number, ticks * level[name]
    return len(objective.levels), 1.0


@dataclass
class Release:
    """A plan after a change, in which few orders are elsewhere than before it.

    Args:
        problem: What is to be planned now.
        old: Steps of each job before the change; None for a job that had none.
        objective: What counts, without moves.
        ticks: Ticks of lateness of weight 1 that one move counts as.
        stopped: Asked now and then; once true, it is left at what has been found.
    """

    problem: Problem
    old: OldSteps
    objective: Objective
    ticks: float
    stopped: Stopped

    def __post_init__(self) -> None:
        self.tariff = Tariff(self.problem, self.objective)
        self.level, self.price = exchange(self.objective, self.ticks)

    def moved(self, plan: Plan) -> list[int]:
        """Return the jobs that are elsewhere than before; those that are new count too."""
        pairs = zip(plan.jobs, self.old, strict=True)
        return [number for number, (now, was) in enumerate(pairs) if now != was]

    def judged(self, plan: Plan) -> Values:
        """Return the value of each level, with the price of the moves."""
        values = [*self.tariff.values(plan), 0.0][: max(len(self.objective.levels), self.level + 1)]
        values[self.level] += self.price * len(self.moved(plan))
        return tuple(round(value, 9) for value in values)

    def run(self, plan: Plan) -> Plan:
        """Return a plan in which no order more and no order less should move."""
        better: Plan | None = plan
        while better is not None and not self.stopped():
            plan = better
            better = self._next(plan)
        return plan

    def _next(self, plan: Plan) -> Plan | None:
        """Return a better plan in which fewer orders, the same ones, or one more has moved."""
        best = plan
        for number in self.moved(plan):
            best = self._better(best, self.kept(best, number))
        if best is plan:
            best = self._better(plan, self._searched(plan, self.moved(plan)))
        if best is plan:
            for number in self._candidates(plan):
                best = self._better(best, self._searched(plan, [*self.moved(plan), number]))
        return None if best is plan else best

    def _better(self, plan: Plan, other: Plan | None) -> Plan:
        return plan if other is None or self.judged(other) >= self.judged(plan) else other

    def kept(self, plan: Plan, number: int) -> Plan | None:
        """Return the best plan found in which a job is back where it was, None if it cannot be."""
        was = self.old[number]
        if was is None or self.stopped():
            return None
        jobs = list(self.problem.jobs)
        jobs[number] = pinned(jobs[number], was)
        start = repaired(replace(self.problem, jobs=tuple(jobs)), plan.jobs, self.judged, number)
        return start and self._searched(start, [n for n in self.moved(start) if n != number])

    def _searched(self, plan: Plan, free: Sequence[int]) -> Plan:
        if not free or self.stopped():
            return plan
        search = LocalSearch(self.problem, self.tariff, plan, seed=1, free=sorted(free))
        found = search.run(EFFORT, self.stopped)
        return self._better(plan, found)

    def _candidates(self, plan: Plan) -> list[int]:
        moved = self.moved(plan)
        places = {tick for number in moved for tick in (plan.start(number), self._was(number))}
        near = [tick for tick in places if tick is not None]
        others = [
            number
            for number, steps in enumerate(self.old)
            if number not in moved and steps is not None and self._is_free(number)
        ]
        others.sort(key=lambda n: min((abs((self._was(n) or 0) - t) for t in near), default=0))
        return others[:CANDIDATES]

    def _was(self, number: int) -> int | None:
        steps = self.old[number]
        return None if steps is None else steps[0].start

    def _is_free(self, number: int) -> bool:
        return any(one.pinned is None for one in self.problem.jobs[number].operations)
