"""Slots for one more order: where it could go, and what that does to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import ValidationError

from cartlogix.board.checks import check
from cartlogix.board.moment import Moment
from cartlogix.board.release import Release
from cartlogix.board.repair import carried, repaired
from cartlogix.board.rows import Move, moves, starts
from cartlogix.board.schema import Board, Order
from cartlogix.board.translate import Posed, with_previous
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.findings import suggest as closest
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.timetable import Timetable, Worth

SLOTS = 5
"""Most slots that are suggested."""
_CANDIDATES = 40
_NEW = "new order"
_KEYS = tuple(name for name in Order.model_fields if name not in ("pins", "running", "previous"))

Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Slot:
    """One slot for an order, and what it does to the others."""

    start: Moment
    place: str
    end: Moment
    days_late: float
    moves: tuple[Move, ...]
    later: float
    """Days by which the end of the worst hit of them moves."""


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


def slots(posed: Posed, name: str, base: tuple[Posed, Plan], stopped: Stopped) -> list[Slot]:
    """Return the best few slots for an order of a problem, the best first.

    The order is booked at each start that it could have if it were alone; the others stay where
    they are if they can, and otherwise find another place.

    Args:
        posed: the board with the order.
        name: the order.
        base: the plan of the board without it.
        stopped: whether to leave it at what has been found.
    """
    number = posed.problem.job_index[name]
    posed = with_previous(posed, {**starts(*base), name: None})
    old = carried(base[0].problem, base[1], posed.problem)
    ticks = posed.board.move_worth.value * posed.clock.per_day
    judged = Release(posed.problem, old, posed.objective, ticks, stopped).judged
    found: dict[tuple[object, ...], tuple[tuple[float, ...], Slot]] = {}
    for start in _candidates(posed.problem, number):
        if stopped():
            break
        booked = _pinned(posed.problem, number, start)
        plan = repaired(booked, old, judged, first=number)
        if plan is not None:
            slot = _slot(posed, number, plan, base)
            found.setdefault((slot.end, len(slot.moves)), (judged(plan), slot))
    ranked = [slot for _, slot in sorted(found.values(), key=lambda one: one[0])]
    # The best one, the best that moves nobody, and the earliest, whatever they rank.
    free = [slot for slot in ranked if not slot.moves][:1]
    soonest = sorted(ranked, key=lambda slot: slot.end)[:1]
    chosen = list({id(slot): slot for slot in [*ranked[:1], *free, *soonest, *ranked]}.values())
    return sorted(chosen[:SLOTS], key=ranked.index)


def _pinned(problem: Problem, number: int, start: int) -> Problem:
    job = problem.jobs[number]
    first = replace(job.operations[0], pinned=start)
    jobs = list(problem.jobs)
    jobs[number] = replace(job, operations=(first, *job.operations[1:]), optional=False)
    return replace(problem, jobs=tuple(jobs))


def _candidates(problem: Problem, number: int) -> list[int]:
    """Return the starts that an order could have beside what is decided."""
    job, table = problem.jobs[number], Timetable(problem)
    ticks = np.arange(problem.horizon + 1, dtype=float)
    last = problem.horizon if job.latest_start is None else job.latest_start
    found: list[int] = []
    for start in range(max(job.release, 0), min(last, problem.horizon) + 1):
        if len(found) == _CANDIDATES:
            break
        only = np.where(ticks == start, 0.0, np.inf)
        if table.may_start(job, start) and table.best(job, Worth(only, ticks)) is not None:
            found.append(start)
    return found


def _slot(posed: Posed, number: int, plan: Plan, base: tuple[Posed, Plan]) -> Slot:
    job = posed.problem.jobs[number]
    steps, end = plan.jobs[number], plan.end(posed.problem, number)
    assert steps is not None
    assert end is not None
    places = [
        piece.place if piece.kind == "manufacture" else ""
        for index, step in enumerate(steps)
        for piece in posed.pieces[number, index, step.mode]
    ]
    late = 0.0 if job.due is None else max(0, end - job.due) / posed.clock.per_day
    others = tuple(move for move in moves(base, (posed, plan)) if move.order != job.name)
    later = max((move.later for move in others), default=0) / posed.clock.per_day
    return Slot(
        posed.clock.at(steps[0].start),
        next((place for place in places if place), ""),
        posed.clock.last(end),
        late,
        others,
        later,
    )


def without_order(board: Board, name: str) -> Board:
    """Return a board without one order, which others then no longer wait for."""
    orders: Sequence[Order] = tuple(
        order.model_copy(update={"after": tuple(one for one in order.after if one != name)})
        for order in board.orders
        if order.id != name
    )
    return board.model_copy(update={"orders": orders})
