"""Replanning with few moves, and slots for one more order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import ValidationError

from cartlogix.board.checks import check
from cartlogix.board.loader import PreviousPlan
from cartlogix.board.moment import Moment
from cartlogix.board.rows import Move, moves, starts
from cartlogix.board.schema import Board, Order
from cartlogix.board.translate import Posed, pose, with_previous
from cartlogix.board.what_if import Changed
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.findings import suggest as closest
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget, Outcome
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.timetable import Timetable, Worth, filled

MOVE = 1.0
"""What moving one start costs in a replan: as much as one tick of lateness of weight 1."""
SLOTS = 5
"""Most slots that are suggested."""
_CANDIDATES = 12
_NEW = "new order"
_KEYS = tuple(name for name in Order.model_fields if name not in ("pins", "running", "previous"))

Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Replan:
    """A plan after a change, and what differs from the plan before it."""

    posed: Posed
    outcome: Outcome
    moves: tuple[Move, ...]
    before: Mapping[str, float]
    """Every term of the plan before."""
    unfrozen: bool
    """Whether the frozen zone had to give way."""


@dataclass(frozen=True)
class Slot:
    """One slot for an order, and what it does to the others."""

    start: Moment
    place: str
    end: Moment
    days_late: float
    moves: tuple[Move, ...]
    added: tuple[float, ...]
    """How much worse each level of the objective becomes for the other orders."""


def gently(objective: Objective) -> Objective:
    """Return an objective under which every move counts, on its last level."""
    *first, last = objective.levels
    return Objective((*first, {**last, "moved": last.get("moved", 0.0) + MOVE}))


def replan(
    changed: Changed,
    previous: PreviousPlan,
    base: tuple[Posed, Plan],
    budget: Budget,
    stopped: Stopped,
) -> Replan:
    """Return a plan of a changed board that moves few orders of the plan before.

    The frozen zone gives way where nothing else is possible. The outcome holds no plan if the
    changed board has none.
    """
    before, plan = base
    terms: Mapping[str, float] = {}
    for frozen in (True, False):
        posed = pose(changed.board, previous, frozen=frozen, free=changed.orders)
        posed = with_previous(posed, starts(before, plan))
        outcome = solve(posed.problem, gently(posed.objective), budget, start=plan, stopped=stopped)
        if outcome.plan is not None:
            found = moves(base, (posed, outcome.plan))
            return Replan(posed, outcome, tuple(found), terms, not frozen)
    return Replan(posed, outcome, (), terms, True)


def with_order(board: Board, text: str) -> tuple[Board, str]:
    """Return a board with the order that `--suggest` is about, and its id.

    Args:
        board: the board.
        text: the id of an order of the board, or keys of a new one:
            `product=cart, site=Utrecht, ready=2027-03-05`.

    Raises:
        InvalidInput: with what is wrong with it.
    """
    where = f"--suggest {text}"
    if "=" not in text:
        known = [order.id for order in board.orders]
        if text not in known:
            words = f"no order is called '{text}'{closest(text, known)}; or describe a new one: "
            words += '"product=NAME, site=NAME, ready=2027-03-05"'
            raise InvalidInput([Finding(where, 0, 0, "", words)])
        return board, text
    order = _read(board, text, where)
    wider = board.model_copy(update={"orders": (*board.orders, order)})
    place = len(board.orders)
    findings = [
        Finding(where, 0, 0, ".".join(map(str, problem.path[2:])), problem.message)
        for problem in check(wider)
        if problem.severity == "error" and problem.path[:2] == ("orders", place)
    ]
    if findings:
        raise InvalidInput(findings)
    return wider, order.id


def _read(board: Board, text: str, where: str) -> Order:
    given: dict[str, object] = {}
    for part in text.split(","):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or key not in _KEYS:
            words = (
                f"'{part.strip()}' is not KEY=VALUE{closest(key, _KEYS)}; keys: {', '.join(_KEYS)}"
            )
            raise InvalidInput([Finding(where, 0, 0, "", words)])
        given[key] = float(value) if key == "weight" and _is_number(value) else value
    taken = {order.id for order in board.orders}
    name = next(
        name for name in (_NEW, *(f"{_NEW} {n}" for n in range(2, 9999))) if name not in taken
    )
    try:
        return Order.model_validate({"id": name, **given})
    except ValidationError as error:
        findings = [
            Finding(where, 0, 0, ".".join(map(str, item["loc"])), item["msg"].split(", ", 1)[-1])
            for item in error.errors(include_url=False)
        ]
        raise InvalidInput(findings) from None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def slots(
    posed: Posed, name: str, base: tuple[Posed, Plan], budget: Budget, stopped: Stopped
) -> list[Slot]:
    """Return the best few slots for an order of a problem, the best first.

    Slots that are free beside the other orders come from the plan; others are tried by booking the
    order there and replanning the others with few moves.

    Args:
        posed: the board with the order.
        name: the order.
        base: the plan of the board without it.
        budget: for each replanning.
        stopped: whether to leave it at what has been found.
    """
    number = posed.problem.job_index[name]
    posed = with_previous(posed, {**starts(*base), name: None})
    job = posed.problem.jobs[number]
    found: list[Slot] = []
    for start in _candidates(posed, number, base):
        if stopped():
            break
        booked = replace(posed, problem=_pinned(posed.problem, number, job, start))
        plan = solve(booked.problem, gently(posed.objective), budget, stopped=stopped).plan
        if plan is not None:
            found.append(_slot(posed, number, plan, base))
    unique = {(slot.start, slot.end, slot.place, len(slot.moves)): slot for slot in found}
    return sorted(unique.values(), key=lambda slot: _rank(posed, slot))[:SLOTS]


def _rank(posed: Posed, slot: Slot) -> tuple[float, ...]:
    late = slot.days_late * posed.clock.per_day
    own = posed.clock.after(slot.end)
    return (*slot.added[:-1], slot.added[-1] + late + MOVE * len(slot.moves) + 0.1 * own)


def _pinned(problem: Problem, number: int, job: Job, start: int) -> Problem:
    first = replace(job.operations[0], pinned=start)
    jobs = list(problem.jobs)
    jobs[number] = replace(job, operations=(first, *job.operations[1:]), optional=False)
    return replace(problem, jobs=tuple(jobs))


def _candidates(posed: Posed, number: int, base: tuple[Posed, Plan]) -> list[int]:
    """Return starts worth trying: free ones and, before them, ones at which others must give way."""
    job, problem = posed.problem.jobs[number], posed.problem
    others = filled(problem, _without(posed, number, base))
    free = _starts(problem, others, job, 0)
    alone = _starts(problem, Timetable(problem), job, 0)
    soonest = free[0] if free else problem.horizon
    pushing = [start for start in alone if start < soonest]
    half = _CANDIDATES // 2
    spread = pushing[:: max(1, len(pushing) // half)][:half]
    return sorted({*free[: _CANDIDATES - len(spread)], *spread})


def _without(posed: Posed, number: int, base: tuple[Posed, Plan]) -> Plan:
    before, plan = base
    old = before.problem.job_index
    return Plan(
        tuple(
            None if place == number or job.name not in old else plan.jobs[old[job.name]]
            for place, job in enumerate(posed.problem.jobs)
        )
    )


def _starts(problem: Problem, table: Timetable, job: Job, least: int) -> list[int]:
    """Return the starts at which a job finds room for all its steps."""
    ticks = np.arange(problem.horizon + 1, dtype=float)
    first = max(least, job.release, 0)
    last = problem.horizon if job.latest_start is None else job.latest_start
    found: list[int] = []
    for start in range(first, min(last, problem.horizon) + 1):
        if len(found) == _CANDIDATES:
            break
        if table.may_start(job, start):
            only = np.where(ticks == start, 0.0, np.inf)
            if table.best(job, Worth(only, ticks)) is not None:
                found.append(start)
    return found


def _slot(posed: Posed, number: int, plan: Plan, base: tuple[Posed, Plan]) -> Slot:
    job = posed.problem.jobs[number]
    steps, end = plan.jobs[number], plan.end(posed.problem, number)
    assert steps is not None
    assert end is not None
    places = [
        piece.place.rpartition("/")[2] if piece.kind == "manufacture" else ""
        for index, step in enumerate(steps)
        for piece in posed.pieces[number, index, step.mode]
    ]
    late = 0.0 if job.due is None else max(0, end - job.due) / posed.clock.per_day
    others = tuple(move for move in moves(base, (posed, plan)) if move.order != job.name)
    return Slot(
        posed.clock.at(steps[0].start),
        next((place for place in places if place), steps[0] and ""),
        posed.clock.last(end),
        late,
        others,
        _added(posed, number, plan, base),
    )


def _added(posed: Posed, number: int, plan: Plan, base: tuple[Posed, Plan]) -> tuple[float, ...]:
    """Return how much worse the other orders fare than without the order."""
    from cartlogix.scheduling.verify import recompute

    before, old = base
    rest = [place for place in range(len(posed.problem.jobs)) if place != number]
    jobs = tuple(posed.problem.jobs[place] for place in rest)
    others = replace(posed.problem, jobs=jobs)
    after = posed.objective.values(recompute(others, Plan(tuple(plan.jobs[p] for p in rest))))
    index = before.problem.job_index
    kept = [index[job.name] for job in jobs]
    same = replace(before.problem, jobs=tuple(before.problem.jobs[place] for place in kept))
    value = posed.objective.values(recompute(same, Plan(tuple(old.jobs[place] for place in kept))))
    return tuple(now - was for now, was in zip(after, value, strict=True))


def without_order(board: Board, name: str) -> Board:
    """Return a board without one order, which others then no longer wait for."""
    orders: Sequence[Order] = tuple(
        order.model_copy(update={"after": tuple(one for one in order.after if one != name)})
        for order in board.orders
        if order.id != name
    )
    return board.model_copy(update={"orders": orders})
