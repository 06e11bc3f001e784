"""Replanning with few moves, and what each move is for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cartlogix.board.loader import PreviousPlan
from cartlogix.board.release import Release
from cartlogix.board.repair import carried, impossible, pinned, repaired
from cartlogix.board.rows import Move, moves, starts
from cartlogix.board.translate import Posed, pose, with_previous
from cartlogix.board.what_if import Changed
from cartlogix.scheduling.outcome import Budget, Outcome
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import recompute

Stopped = Callable[[], bool]

SHARE = 0.6
"""Part of the time that is left in which the orders that move are chosen; of the rest, the same
part goes into their plan, and what then remains into the reasons."""

EXPLAINED = 20
"""Most moves of which the reason is looked for."""


@dataclass(frozen=True)
class Reason:
    """Why an order moves.

    Attributes:
        must: What makes its old place impossible, whatever the others do; empty if nothing does.
        stayed: Every term of the best plan found in which it stays where it was; None if none was
            found, or none was looked for.
        moved: How many orders move in that plan.
    """

    must: str
    stayed: Mapping[str, float] | None = None
    moved: int = 0


@dataclass(frozen=True)
class _Time:
    """What is left of the time limit of a replan: all of its searches share it."""

    budget: Budget
    until: float | None
    stopped: Stopped

    def part(self, share: float) -> Budget:
        """Return the budget of a search that may take a part of the time that is left."""
        if self.until is None:
            return self.budget
        left = max(0.0, self.until - time.monotonic())
        return replace(self.budget, seconds=share * left)

    def over(self, share: float) -> Stopped:
        """Return what says that a part of the time that is left is over."""
        seconds = self.part(share).seconds
        end = None if seconds is None else time.monotonic() + seconds
        return lambda: self.stopped() or (end is not None and time.monotonic() > end)


@dataclass(frozen=True)
class Replan:
    """A plan after a change, and what differs from the plan before it.

    Attributes:
        posed: The problem after the change.
        outcome: The plan, with a bound for plans in which nobody else moves.
        moves: What differs.
        reasons: Why an order moves, by order; of the first ones only, if there are many.
        before: Every term of the plan before the change.
        unfrozen: Whether the frozen zone had to give way.
    """

    posed: Posed
    outcome: Outcome
    moves: tuple[Move, ...]
    reasons: Mapping[str, Reason]
    before: Mapping[str, float]
    unfrozen: bool


def replan(
    changed: Changed,
    previous: PreviousPlan,
    base: tuple[Posed, Plan],
    budget: Budget,
    stopped: Stopped,
) -> Replan:
    """Return a plan of a changed board that moves few orders of the plan before.

    Orders stay as they were unless they cannot, or a move saves as much as the board says that it
    must. The frozen zone gives way where nothing else is possible. The outcome holds no plan if
    the changed board has none. A time limit of the budget holds for all searches together.
    """
    until = None if budget.seconds is None else time.monotonic() + budget.seconds
    limit = _Time(budget, until, stopped)
    before, plan = base
    terms = recompute(before.problem, plan)
    for frozen in (True, False):
        posed = pose(changed.board, previous, frozen=frozen, free=changed.orders)
        posed = with_previous(posed, starts(before, plan))
        release = _release(posed, base, limit.over(SHARE))
        start = repaired(posed.problem, release.old, release.judged)
        if start is None:
            outcome = solve(posed.problem, posed.objective, limit.part(SHARE), stopped=stopped)
            if outcome.plan is None:
                continue
            start = outcome.plan
        chosen = release.run(start)
        outcome = _finished(release, chosen, limit.part(SHARE), stopped)
        assert outcome.plan is not None
        found = tuple(moves(base, (posed, outcome.plan)))
        release.stopped = limit.over(1.0)
        reasons = {move.order: _reason(release, outcome.plan, move) for move in found[:EXPLAINED]}
        return Replan(posed, outcome, found, reasons, terms, not frozen)
    return Replan(posed, outcome, (), {}, terms, True)


def _release(posed: Posed, base: tuple[Posed, Plan], stopped: Stopped) -> Release:
    before, plan = base
    old = carried(before.problem, plan, posed.problem)
    ticks = posed.board.move_worth.value * posed.clock.per_day
    return Release(posed.problem, old, posed.objective, ticks, stopped)


def _finished(release: Release, plan: Plan, budget: Budget, stopped: Stopped) -> Outcome:
    """Return the best plan found in which only the same orders move."""
    free = release.moved(plan)
    jobs = tuple(
        job if number in free or steps is None else pinned(job, steps)
        for number, (job, steps) in enumerate(zip(release.problem.jobs, plan.jobs, strict=True))
    )
    narrowed = replace(release.problem, jobs=jobs)
    return solve(narrowed, release.objective, budget, plan, stopped)


def _reason(release: Release, plan: Plan, move: Move) -> Reason:
    number = release.problem.job_index[move.order]
    was = release.old[number]
    if was is None:
        return Reason("was not planned so")
    must = impossible(release.problem, number, was)
    if must:
        return Reason(must)
    stayed = release.kept(plan, number)
    if stayed is None:
        return Reason("")
    return Reason("", recompute(release.problem, stayed), len(release.moved(stayed)))
