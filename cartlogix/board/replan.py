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
from cartlogix.scheduling.plan import Plan, Steps
from cartlogix.scheduling.problem import Job, Problem
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.timetable import Timetable, Worth
from cartlogix.scheduling.verify import recompute, violations

MOVE = 1.0
"""What moving one start costs in a replan: as much as one tick of lateness of weight 1."""
SLOTS = 5
"""Most slots that are suggested."""
_CANDIDATES = 40
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
    """Every term of the plan before the change."""
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
    later: float
    """Days by which the end of the worst hit of them moves."""


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
    terms = recompute(before.problem, plan)
    for frozen in (True, False):
        posed = pose(changed.board, previous, frozen=frozen, free=changed.orders)
        posed = with_previous(posed, starts(before, plan))
        start = repaired(posed.problem, base, gently(posed.objective))
        outcome = solve(
            posed.problem, gently(posed.objective), budget, start=start, stopped=stopped
        )
        if outcome.plan is not None:
            found = moves(base, (posed, outcome.plan))
            return Replan(posed, outcome, tuple(found), terms, not frozen)
    return Replan(posed, outcome, (), terms, True)


def repaired(
    problem: Problem, base: tuple[Posed, Plan], objective: Objective, first: int | None = None
) -> Plan | None:
    """Return a plan near an old one: what still fits stays, the rest finds another place.

    What no longer fits is put in at its turn, pushing those behind it, or last, into what is left
    free; the better of the two counts. None if neither leads to a plan.

    Args:
        problem: what is to be planned now.
        base: the old plan.
        objective: by which the better one is told.
        first: a job that is placed before all others.
    """
    tries = [_repair(problem, base, first, at_once) for at_once in (True, False)]
    plans = [plan for plan in tries if plan is not None and not violations(problem, plan)]
    return min(plans, key=lambda plan: objective.values(recompute(problem, plan)), default=None)


def _repair(
    problem: Problem, base: tuple[Posed, Plan], first: int | None, at_once: bool
) -> Plan | None:
    before, plan = base
    old = {
        number: plan.jobs[before.problem.job_index[job.name]]
        for number, job in enumerate(problem.jobs)
        if job.name in before.problem.job_index
    }
    turn = {number: steps[0].start for number, steps in old.items() if steps is not None}
    queue = sorted(range(len(problem.jobs)), key=lambda number: turn.get(number, problem.horizon))
    pinned = [n for n in queue if any(o.pinned is not None for o in problem.jobs[n].operations)]
    queue = list(dict.fromkeys([*([] if first is None else [first]), *pinned, *queue]))
    table = Timetable(problem)
    found: dict[int, Steps | None] = {}
    displaced = []
    for number in queue:
        steps = old.get(number)
        kept = None if steps is None else _kept(table, problem.jobs[number], steps)
        if kept is None and not at_once and number != first:
            displaced.append(number)
            continue
        found[number] = kept or _soonest(table, problem, problem.jobs[number])
        if found[number] is not None:
            table.add(problem.jobs[number], found[number] or ())
    for number in displaced:
        found[number] = _soonest(table, problem, problem.jobs[number])
        if found[number] is not None:
            table.add(problem.jobs[number], found[number] or ())
    plans = tuple(found[number] for number in range(len(problem.jobs)))
    missing = any(
        steps is None and not job.optional for steps, job in zip(plans, problem.jobs, strict=True)
    )
    return None if missing else Plan(plans)


def _kept(table: Timetable, job: Job, steps: Steps) -> Steps | None:
    """Return the steps of a job if they are still possible just so."""
    if len(steps) != len(job.operations) or any(
        step.mode >= len(operation.modes)
        or operation.pinned not in {None, step.start}
        or operation.pinned_mode not in {None, step.mode}
        for step, operation in zip(steps, job.operations, strict=True)
    ):
        return None
    if job.operations[0].pinned is None and steps[0].start < job.release:
        return None
    operations = tuple(
        replace(operation, pinned=step.start, pinned_mode=step.mode)
        for step, operation in zip(steps, job.operations, strict=True)
    )
    free = np.zeros(table.horizon + 1)
    found = table.best(replace(job, operations=operations), Worth(free, free))
    return None if found is None else found[1]


def _soonest(table: Timetable, problem: Problem, job: Job) -> Steps | None:
    """Return the steps of a job that end first, in what is free."""
    ticks = np.arange(problem.horizon + 1, dtype=float)
    barred = np.zeros(problem.horizon + 1)
    if job.operations[0].pinned is None:
        barred[: max(job.release, 0)] = np.inf
        if job.latest_start is not None:
            barred[max(job.latest_start, -1) + 1 :] = np.inf
    found = table.best(job, Worth(barred, ticks))
    return None if found is None else found[1]


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
    objective = gently(posed.objective)
    found: dict[tuple[object, ...], tuple[tuple[float, ...], Slot]] = {}
    for start in _candidates(posed.problem, number):
        if stopped():
            break
        booked = _pinned(posed.problem, number, start)
        plan = repaired(booked, base, objective, first=number)
        if plan is not None:
            slot = _slot(posed, number, plan, base)
            values = objective.values(recompute(booked, plan))
            found.setdefault((slot.end, len(slot.moves)), (values, slot))
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
        piece.place.rpartition("/")[2] if piece.kind == "manufacture" else ""
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
