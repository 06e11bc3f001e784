"""Solves the time-indexed form: its linear relaxation by columns, then what can still matter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cartlogix.scheduling.columns import LEFT_OUT, Columns
from cartlogix.scheduling.mip import Answer, Program, solve_program
from cartlogix.scheduling.plan import Plan

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NEAR = 8
"""Ticks around the start in the incumbent from which the first columns are taken."""

ROUNDS = 40
"""Times that columns are priced at most."""

SMALL = 1e-7
"""What is zero, relative to a value."""

FIRST_GUESS, GROWTH = 1 / 32, 3.0
"""Share of the gap that the optimum is first guessed to lie within, and how the guess grows."""

GUESS_SHARE = 0.3
"""Share of the time left that a guess may take."""

NODES_PER_EFFORT = 50
"""Nodes of a branch-and-bound tree that are allowed for about a second of work."""


class Clock:
    """What is left of a wall-clock limit, and whether somebody stopped the solve."""

    def __init__(self, seconds: float | None, stopped: Callable[[], bool]) -> None:
        self.end = None if seconds is None else time.perf_counter() + seconds
        self.stopped = stopped

    def left(self) -> float | None:
        """Seconds left, None without a limit."""
        return None if self.end is None else max(self.end - time.perf_counter(), 0.0)

    def over(self) -> bool:
        """Whether to stop now."""
        return self.stopped() or (self.end is not None and time.perf_counter() >= self.end)


@dataclass(frozen=True)
class Level:
    """One level of an objective over columns, with the values of the levels before as limits."""

    columns: Columns
    index: int
    limits: tuple[float, ...]

    @property
    def cost(self) -> Floats:
        """Of each column and extra."""
        cost: Floats = self.columns.cost[self.index]
        return cost

    @property
    def whole(self) -> bool:
        """Whether every value of this level is a whole number."""
        return not len(self.columns.most) and bool((self.cost == np.round(self.cost)).all())

    def program(self, active: Mask, *, integer: bool) -> Program:
        """The program over active columns and all extras."""
        columns, matrix = self.columns, self.columns.matrix[:, active]
        lower, upper = columns.lower, columns.upper
        if self.index:
            before = sparse.csc_array(columns.cost[: self.index, active])
            matrix = sparse.csc_array(sparse.vstack([matrix, before]))
            lower = np.concatenate([lower, np.full(self.index, -np.inf)])
            slack = SMALL * np.maximum(np.abs(self.limits), 1.0)
            upper = np.concatenate([upper, np.array(self.limits) + slack])
        count = int(active[: len(columns.start)].sum())
        return Program(
            cost=self.cost[active],
            matrix=matrix,
            lower=lower,
            upper=upper,
            least=np.concatenate([np.zeros(count), columns.least]),
            most=np.concatenate([np.full(count, 1.0 if integer else np.inf), columns.most]),
            integer=np.concatenate([np.full(count, integer), np.zeros(len(columns.most), bool)]),
        )

    def cheapest(self) -> float:
        """What it costs if every operation has the best start that it could have alone."""
        best = np.full(self.columns.groups, np.inf)
        np.minimum.at(best, self.columns.group, self.cost[: len(self.columns.start)])
        return -np.inf if len(self.columns.most) else float(best.sum())

    def rounded(self, bound: float) -> float:
        """The least value of the level that a bound allows."""
        slack = SMALL * max(1.0, abs(bound))
        return float(np.ceil(bound - slack)) if self.whole and np.isfinite(bound) else bound - slack


@dataclass(frozen=True)
class Relaxation:
    """The linear relaxation of a level.

    Attributes:
        bound: Proven lower bound of the level's value.
        reduced: What each column adds to the bound at least if it is taken; 0 for extras.
        x: The solution, over all columns and extras.
    """

    bound: float
    reduced: Floats
    x: Floats


@dataclass(frozen=True)
class LevelAnswer:
    """What was found for a level: a better plan, if any, and a proven bound."""

    plan: Plan | None
    bound: float
    infeasible: bool = False


def relax(level: Level, incumbent: Plan | None, clock: Clock) -> Relaxation | None:
    """The linear relaxation, by columns; None if the clock ran out before the first bound.

    Begins with the columns near the incumbent and adds those whose reduced cost is negative, until
    there are none. In every round the value, less what the best column of each group would save,
    is a lower bound already (Lagrange), so that it may stop early.
    """
    columns, count = level.columns, len(level.columns.start)
    rows = columns.matrix.shape[0]
    active = _near(columns, incumbent)
    found: Relaxation | None = None
    for _ in range(ROUNDS):
        program = level.program(active, integer=False)
        answer = solve_program(program, seconds=clock.left(), stopped=clock.stopped)
        if answer.x is None or answer.duals is None:
            break
        reduced = level.cost - columns.matrix.T @ answer.duals[:rows]
        reduced -= answer.duals[rows:] @ columns.cost[: level.index]
        best = np.full(columns.groups, np.inf)
        np.minimum.at(best, columns.group, reduced[:count])
        best = np.minimum(best, 0.0)
        bound = answer.value + float(best.sum())
        if found is None or bound > found.bound:
            x = np.zeros(len(level.cost))
            x[active] = answer.x
            above = np.zeros(len(level.cost))
            above[:count] = reduced[:count] - best[columns.group]
            found = Relaxation(bound, above, x)
        wanted = reduced < -SMALL * max(1.0, abs(answer.value) / columns.groups)
        wanted[count:] = False
        if not (wanted & ~active).any() or clock.over():
            break
        active |= wanted
    return found


def tighten(
    level: Level,
    incumbent: Plan | None,
    value: float,
    relaxation: Relaxation | None,
    clock: Clock,
    nodes: int | None,
) -> LevelAnswer:
    """A better plan for a level, or the proof that there is none, or at least a better bound.

    A column whose reduced cost is above the gap between bound and incumbent cannot be part of a
    better plan (Dantzig, Fulkerson and Johnson, 1954). The gap is guessed to be small first, which
    leaves few columns: a plan that is then found within the guess is the best of all plans.

    Args:
        level: The level.
        incumbent: A plan that keeps to the levels before, None if none is known.
        value: Its value on this level.
        relaxation: The level's relaxation, None if there was no time for one.
        clock: When to stop.
        nodes: Limit of the tree, for a solve that repeats.
    """
    if incumbent is None or relaxation is None:
        everything = np.ones(len(level.cost), dtype=bool)
        answer = _branch(level, incumbent, everything, clock.left(), nodes, clock.stopped)
        infeasible = answer.infeasible and incumbent is None
        return LevelAnswer(_plan(level, everything, answer), answer.bound, infeasible)
    bound, best, plan = relaxation.bound, value, None
    guess = (value - bound) * FIRST_GUESS
    while best - bound > SMALL * max(1.0, abs(best)) and not clock.over():
        guess = min(guess, best - relaxation.bound)
        last = guess >= best - relaxation.bound
        keep = relaxation.reduced <= guess + SMALL * max(1.0, abs(best))
        left = clock.left()
        seconds = left if left is None or last else left * GUESS_SHARE
        answer = _branch(level, plan or incumbent, keep, seconds, nodes, clock.stopped)
        bound = max(bound, min(answer.bound, relaxation.bound + guess))
        if answer.x is not None and answer.value < best:
            best, plan = answer.value, _plan(level, keep, answer)
        if last:
            break
        guess *= GROWTH
    return LevelAnswer(plan, bound)


def _branch(
    level: Level,
    incumbent: Plan | None,
    keep: Mask,
    seconds: float | None,
    nodes: int | None,
    stopped: Callable[[], bool],
) -> Answer:
    """Branch and bound over some columns, and those of the incumbent; marks these in `keep`."""
    hint = None
    if incumbent is not None:
        taken = level.columns.taken(incumbent)
        keep[taken] = True
        keep[len(level.columns.start) :] = True
        hint = np.zeros(len(level.cost))
        hint[taken] = 1.0
    return solve_program(
        level.program(keep, integer=True),
        seconds=seconds,
        nodes=nodes,
        hint=None if hint is None or len(level.columns.most) else hint[keep],
        tolerance=0.999 if level.whole else SMALL,
        stopped=stopped,
    )


def _plan(level: Level, keep: Mask, answer: Answer) -> Plan | None:
    if answer.x is None:
        return None
    x = np.zeros(len(level.cost))
    x[keep] = answer.x
    return level.columns.plan(_jobs(level.columns), np.flatnonzero(x > 0.5))


def integral(level: Level, relaxation: Relaxation) -> Plan | None:
    """The relaxation's plan, where it happens to take every column wholly or not at all."""
    x = relaxation.x[: len(level.columns.start)]
    if ((x > SMALL * 10) & (x < 1 - SMALL * 10)).any():
        return None
    return level.columns.plan(_jobs(level.columns), np.flatnonzero(x > 0.5))


def order(level: Level, relaxation: Relaxation) -> Floats:
    """Mean start of each job in the relaxation, an order to put a plan together by."""
    columns = level.columns
    first = columns.number == 0
    x = relaxation.x[: len(columns.start)] * first
    total = np.bincount(columns.place, weights=x * columns.start)
    return total / np.maximum(np.bincount(columns.place, weights=x), SMALL)


def _jobs(columns: Columns) -> int:
    return int(columns.place.max(initial=-1)) + 1


def _near(columns: Columns, incumbent: Plan | None) -> Mask:
    if incumbent is None:
        return np.ones(columns.matrix.shape[1], dtype=bool)
    taken = columns.taken(incumbent)
    at = np.zeros(columns.groups, dtype=np.int64)
    at[columns.group[taken]] = columns.start[taken]
    near = np.abs(columns.start - at[columns.group]) <= NEAR
    near |= columns.start == LEFT_OUT
    near[taken] = True
    return np.concatenate([near, np.ones(len(columns.most), dtype=bool)])
