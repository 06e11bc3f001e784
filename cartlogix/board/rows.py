"""A plan as rows with dates, and what differs between two plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cartlogix.board.moment import Moment
from cartlogix.board.translate import Posed
from cartlogix.ground.csv_text import csv_text
from cartlogix.scheduling.plan import Plan

COLUMNS = (
    "order", "kind", "product", "site", "indication", "step", "place", "start", "end", "due",
    "days_late", "p50", "p90", "on_time",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One step of one order on the board; ticks count from the start of the board.

    `free` is when its place is free again, without cleaning.
    """

    order: str
    job: int
    step: str
    kind: str
    place: str
    start: int
    end: int
    free: int
    first: Moment
    last: Moment


@dataclass(frozen=True)
class Lateness:
    """An order that ends late or is left out.

    `ticks` is how late; None if it is left out.
    """

    job: int
    order: str
    ticks: int | None
    beyond: bool


@dataclass(frozen=True)
class Move:
    """An order whose start, end or place is not what it was; None where there is none."""

    order: str
    start: tuple[Moment | None, Moment | None]
    end: tuple[Moment | None, Moment | None]
    place: tuple[str, str]
    later: int
    """Ticks by which its end moved; 0 where one of them is not known."""


def rows(posed: Posed, plan: Plan) -> list[Row]:
    """Return every step of a plan in the order of the board's orders."""
    return list(_rows(posed, plan))


def _rows(posed: Posed, plan: Plan) -> Iterator[Row]:
    for number, steps in enumerate(plan.jobs):
        for index, step in enumerate(steps or ()):
            for piece in posed.pieces[number, index, step.mode]:
                start = step.start + piece.offset
                end = start + piece.ticks
                free = end if piece.holds is None else start + piece.holds
                yield Row(
                    posed.problem.jobs[number].name, number, piece.step, piece.kind, piece.place,
                    start, end, free,
                    posed.clock.at(start), posed.clock.last(max(end, start + 1)),
                )  # fmt: skip


def starts(posed: Posed, plan: Plan) -> dict[str, int | None]:
    """Return the start of every order."""
    return {job.name: plan.start(number) for number, job in enumerate(posed.problem.jobs)}


def late(posed: Posed, plan: Plan) -> list[Lateness]:
    """Return the orders that end after their due date or deadline, or are left out."""
    found = []
    for number, job in enumerate(posed.problem.jobs):
        end = plan.end(posed.problem, number)
        if end is None:
            found.append(Lateness(number, job.name, None, True))
            continue
        past = max(0 if job.due is None else end - job.due, 0)
        beyond = job.deadline is not None and end > job.deadline
        if past or beyond:
            found.append(Lateness(number, job.name, past, beyond))
    found.sort(key=lambda one: (not one.beyond, -(one.ticks or 0)))
    return found


def moves(before: tuple[Posed, Plan], after: tuple[Posed, Plan]) -> list[Move]:
    """Return what differs between two plans, by the order of the second board."""
    (posed, plan), (posed_after, plan_after) = before, after
    found = []
    old = {job.name: number for number, job in enumerate(posed.problem.jobs)}
    for number, job in enumerate(posed_after.problem.jobs):
        earlier = old.get(job.name)
        was = (None, None, "") if earlier is None else _place(posed, plan, earlier)
        now = _place(posed_after, plan_after, number)
        if was != now:
            clock = posed_after.clock
            moment = [(None if tick is None else clock.at(tick)) for tick in (was[0], now[0])]
            ends = [(None if tick is None else clock.last(tick)) for tick in (was[1], now[1])]
            later = 0 if was[1] is None or now[1] is None else now[1] - was[1]
            found.append(
                Move(job.name, (moment[0], moment[1]), (ends[0], ends[1]), (was[2], now[2]), later)
            )
    return found


def _place(posed: Posed, plan: Plan, number: int) -> tuple[int | None, int | None, str]:
    steps = plan.jobs[number]
    if steps is None:
        return None, None, ""
    places = [
        piece.place
        for index, step in enumerate(steps)
        for piece in posed.pieces[number, index, step.mode]
        if piece.kind == "manufacture"
    ]
    return steps[0].start, plan.end(posed.problem, number), ", ".join(places)


def moved_from_previous(posed: Posed, plan: Plan) -> list[Move]:
    """Return the orders that start at another time than in the plan before."""
    found = []
    for number, job in enumerate(posed.problem.jobs):
        start = plan.start(number)
        if job.previous is not None and start != job.previous:
            was = posed.clock.at(job.previous)
            now = None if start is None else posed.clock.at(start)
            later = 0 if start is None else start - job.previous
            place = _place(posed, plan, number)[2]
            found.append(Move(job.name, (was, now), (None, None), ("", place), later))
    return found


def move_text(move: Move) -> str:
    """Say how an order moved."""
    was, now = (str(moment or "not planned") for moment in move.start)
    where = f", {move.place[0]} -> {move.place[1]}" if move.place[0] != move.place[1] else ""
    where = where if all(move.place) else ""
    if was != now:
        return f"{move.order}: start {was} -> {now}{where}"
    if move.end[0] != move.end[1]:
        return f"{move.order}: end {move.end[0]} -> {move.end[1]}{where}"
    return f"{move.order}: {where.removeprefix(', ')}"


def board_csv(posed: Posed, plan: Plan, promises: Mapping[str, tuple[str, str, str]]) -> str:
    """Return a plan as CSV: a line for each step, readable as the next board's previous plan.

    Args:
        posed: the problem.
        plan: its plan.
        promises: P50, P90 and chance of being on time by order, as text.
    """
    orders = {order.id: order for order in posed.board.orders}
    lines = []
    for row in rows(posed, plan):
        order = orders[row.order]
        job = posed.problem.jobs[row.job]
        end = plan.end(posed.problem, row.job) or 0
        days = 0.0 if job.due is None else max(0, end - job.due) / posed.clock.per_day
        place = row.place.rpartition("/")[2] if row.kind == "manufacture" else row.place
        lines.append([
            row.order, order.kind, order.product, order.site or "", order.indication, row.step,
            place, str(row.first), str(row.last), str(order.due or ""), f"{days:g}",
            *promises.get(row.order, ("", "", "")),
        ])  # fmt: skip
    return csv_text(COLUMNS, lines)
