"""Every limit of a board as a resource with a capacity in each tick."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from cartlogix.board.capacity import Limit, Plant, Site, Suite
from cartlogix.board.checks import clock_of
from cartlogix.board.moment import Clock, Span
from cartlogix.board.schema import Board
from cartlogix.scheduling.problem import Resource

WEEK = 7


def suite_name(plant: str, suite: str) -> str:
    """Name of a suite among all limits."""
    return f"{plant}/{suite}"


def starts_name(plant: str) -> str:
    """Name of a plant's limit on starts."""
    return f"{plant} starts"


def operators_name(plant: str, qualification: str) -> str:
    """Name of the operators of a qualification in a plant."""
    return f"{plant}/{qualification} operators"


def qc_name(plant: str) -> str:
    """Name of a plant's QC places."""
    return f"{plant} QC places"


def pick_up_name(where: str) -> str:
    """Name of the courier's pick-ups at a site or plant."""
    return f"{where} pick-ups"


def chairs_name(site: str) -> str:
    """Name of a site's apheresis chairs."""
    return f"{site} chairs"


def beds_name(site: str) -> str:
    """Name of a site's infusion beds."""
    return f"{site} beds"


def bookings_name(site: str) -> str:
    """Name of a site's weekly quota."""
    return f"{site} bookings per week"


def resources(board: Board) -> list[Resource]:
    """Return every limit of a board, plants first, each with what the plan may take of it."""
    clock = clock_of(board)
    ticks = {product.name: clock.whole(product.changeover.value) for product in board.products}
    found: list[Resource] = []
    for plant in board.plants:
        found += [_suite(clock, plant, suite, ticks) for suite in plant.suites]
        found += _of_plant(clock, plant)
    for site in board.sites:
        found += _of_site(clock, site)
    return found


def _of_plant(clock: Clock, plant: Plant) -> Iterator[Resource]:
    if plant.starts is not None:
        yield _limit(clock, starts_name(plant.name), "starts", plant.starts)
    for operators in plant.operators:
        yield _limit(clock, operators_name(plant.name, operators.name), "operators", operators)
    if plant.qc is not None:
        yield _limit(clock, qc_name(plant.name), "QC", plant.qc)
    if plant.pick_up is not None:
        yield _limit(clock, pick_up_name(plant.name), "courier", plant.pick_up)


def _of_site(clock: Clock, site: Site) -> Iterator[Resource]:
    if site.chairs is not None:
        yield _limit(clock, chairs_name(site.name), "chairs", site.chairs)
    if site.beds is not None:
        yield _limit(clock, beds_name(site.name), "beds", site.beds)
    if site.pick_up is not None:
        yield _limit(clock, pick_up_name(site.name), "courier", site.pick_up)
    if site.bookings_per_week is not None:
        name, quota = bookings_name(site.name), site.bookings_per_week
        yield Resource(name, (quota,), window=WEEK * clock.per_day, kind="bookings")


def _suite(clock: Clock, plant: Plant, suite: Suite, ticks: Mapping[str, int]) -> Resource:
    taken = [name for name in ticks if not suite.products or name in suite.products]
    between = {
        (before, after): ticks[after]
        for before in taken
        for after in taken
        if before != after and (ticks[after] or ticks[before])
    }
    capacity = [0 if _within(day, suite.down) else 1 for day, _ in _ticks(clock)]
    name = suite_name(plant.name, suite.name)
    return Resource(name, tuple(capacity), kind="suite", changeovers=between)


def _limit(clock: Clock, name: str, kind: str, limit: Limit) -> Resource:
    capacity = [
        max(
            0,
            limit.units.on(day, half)
            + sum(change.by for change in limit.changes if _within(day, [change.days])),
        )
        for day, half in _ticks(clock)
    ]
    return Resource(
        name,
        tuple(capacity),
        kind=kind,
        overtime=limit.overtime,
        overtime_cost=limit.overtime_price,
    )


def _ticks(clock: Clock) -> Iterator[tuple[dt.date, int]]:
    """Yield the day and the half of every tick, with a week beyond the board."""
    for tick in range(clock.ticks + WEEK * clock.per_day):
        yield clock.at(tick).date, clock.half_of(tick) if clock.per_day == 2 else 0


def _within(day: dt.date, spans: Iterable[Span]) -> bool:
    return any(span.first <= day <= span.last for span in spans)
