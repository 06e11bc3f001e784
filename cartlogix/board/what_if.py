"""What if: changes of a board in a planner's words, and what a day or a unit more or less does."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from cartlogix.board.capacity import Change, Limit, Plant, Site
from cartlogix.board.moment import Moment, Span, read_span
from cartlogix.board.schema import Board, Order
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.base import Part
from cartlogix.scenario.findings import suggest

PartType = TypeVar("PartType", bound=Part)
SiteOrPlant = TypeVar("SiteOrPlant", Plant, Site)

OPTION = "--what-if"
FORMS = (
    '"suite NAME down 2027-03-04..08"',
    '"plant NAME down 2027-03-04"',
    '"patient ID apheresis +2 d"',
    '"order ID ready 2027-03-06"',
    '"operator NAME -1 2027-03-06"',
    '"qc PLANT -1 2027-03-06"',
    '"beds SITE -1 2027-03-06"',
)
_SHUT = re.compile(r"(suite|plant)\s+(.+?)\s+down\s+(\S+)", re.IGNORECASE)
_LATER = re.compile(
    r"(?:patient|order|lot)\s+(.+?)\s+(?:apheresis|ready|release)\s+([+-]\s*\d{1,3})\s*d",
    re.IGNORECASE,
)
_READY = re.compile(
    r"(?:patient|order|lot)\s+(.+?)\s+(?:apheresis|ready|release)\s+(\d{4}-\S+)", re.IGNORECASE
)
_UNITS = re.compile(
    r"(operators?|starts|qc|beds?|chairs?|pick-?ups?)\s+(.+?)\s+([+-]\s*\d{1,4})\s+(\S+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Changed:
    """A board after a change, and the orders that the change is about."""

    board: Board
    orders: tuple[str, ...] = ()


def apply(board: Board, texts: Sequence[str]) -> Changed:
    """Return a board with changes in a planner's words, such as `suite 2 down 2027-03-04..08`.

    Raises:
        InvalidInput: with a finding for every text that is not understood.
    """
    findings, orders = [], list[str]()
    for text in texts:
        try:
            changed = _one(board, " ".join(text.split()))
        except ValueError as error:
            findings.append(Finding(f"{OPTION} {text}", 0, 0, "", str(error)))
            continue
        board = changed.board
        orders += changed.orders
    if findings:
        raise InvalidInput(findings)
    return Changed(board, tuple(orders))


def _one(board: Board, text: str) -> Changed:
    readers: tuple[tuple[re.Pattern[str], Callable[..., Changed]], ...] = (
        (_SHUT, _shut),
        (_LATER, _later),
        (_READY, _ready),
        (_UNITS, _units),
    )
    for pattern, reader in readers:
        found = pattern.fullmatch(text)
        if found:
            return reader(board, *found.groups())
    raise ValueError(f"not understood; write one of {', '.join(FORMS)}")


def _span(board: Board, text: str) -> Span:
    span = read_span(text)
    if span.last < board.start.date:
        raise ValueError(f"{span} is before the board begins on {board.start}")
    return span


def _edited(part: PartType, **changes: object) -> PartType:
    """Return a part with some of its values replaced."""
    return part.model_copy(update=changes)


def _shut(board: Board, kind: str, name: str, days: str) -> Changed:
    span = _span(board, days)
    if kind.lower() == "plant":
        plant = _named(board.plants, name, "plant")
        suites = {(plant.name, suite.name) for suite in plant.suites}
    else:
        suites = {_suite(board, name)}
    plants = tuple(
        _edited(
            plant,
            suites=tuple(
                _edited(suite, down=(*suite.down, span))
                if (plant.name, suite.name) in suites
                else suite
                for suite in plant.suites
            ),
        )
        for plant in board.plants
    )
    return Changed(board.model_copy(update={"plants": plants}))


def _suite(board: Board, name: str) -> tuple[str, str]:
    """Return plant and name of a suite: by its name, its number, or PLANT/SUITE."""
    every = [(plant.name, suite.name) for plant in board.plants for suite in plant.suites]
    wanted = name.casefold()
    found = [
        pair
        for pair in every
        if wanted in (pair[1].casefold(), "/".join(pair).casefold())
        or f"suite {wanted}" == pair[1].casefold()
    ]
    known = ["/".join(pair) for pair in every]
    if not found:
        raise ValueError(f"no suite '{name}'{suggest(name, known)}; known: {', '.join(known[:12])}")
    if len(found) > 1:
        both = " or ".join("/".join(pair) for pair in found)
        raise ValueError(f"several suites are called '{name}'; write {both}")
    return found[0]


def _later(board: Board, name: str, days: str) -> Changed:
    order = _order(board, name)
    shift = timedelta(days=int(days.replace(" ", "")))
    ready = order.ready or board.start
    return _with_ready(board, order, Moment(ready.date + shift, ready.half), shift)


def _ready(board: Board, name: str, day: str) -> Changed:
    order = _order(board, name)
    span = _span(board, day)
    ready = order.ready or board.start
    moved = span.first - ready.date
    return _with_ready(board, order, Moment(span.first, ready.half), moved)


def _with_ready(board: Board, order: Order, ready: Moment, shift: timedelta) -> Changed:
    """Return the board with an order that is ready on another day; decided starts move along."""
    if order.running is not None:
        raise ValueError(f"'{order.id}' is under way; it cannot start on another day")
    first = next(one for one in board.products if one.name == order.product).route[0].step
    pins = tuple(
        _edited(pin, start=Moment(pin.start.date + shift, pin.start.half))
        if pin.step == first
        else pin
        for pin in order.pins
    )
    orders = tuple(
        _edited(one, ready=ready, pins=pins) if one.id == order.id else one for one in board.orders
    )
    return Changed(board.model_copy(update={"orders": orders}), (order.id,))


def _order(board: Board, name: str) -> Order:
    return _named_order(board.orders, name)


def _named_order(orders: Sequence[Order], name: str) -> Order:
    for order in orders:
        if order.id.casefold() == name.casefold():
            return order
    known = [order.id for order in orders]
    raise ValueError(f"no order '{name}'{suggest(name, known)}")


def _named(parts: Sequence[Plant], name: str, what: str) -> Plant:
    for part in parts:
        if part.name.casefold() == name.casefold():
            return part
    known = [part.name for part in parts]
    raise ValueError(f"no {what} '{name}'{suggest(name, known)}; known: {', '.join(known[:12])}")


def _units(board: Board, kind: str, name: str, by: str, days: str) -> Changed:
    change = Change(days=_span(board, days), by=int(by.replace(" ", "")))
    word = kind.lower().rstrip("s").replace("-", "")
    if word == "operator":
        return _operators(board, name, change)
    key = {"start": "starts", "qc": "qc", "bed": "beds", "chair": "chairs", "pickup": "pick_up"}[
        word
    ]
    hits = 0

    def changed(part: SiteOrPlant) -> SiteOrPlant:
        nonlocal hits
        limit: Limit | None = getattr(part, key, None)
        if part.name.casefold() != name.casefold() or limit is None:
            return part
        hits += 1
        return part.model_copy(update={key: _more(limit, change)})

    plants = tuple(changed(plant) for plant in board.plants)
    sites = tuple(changed(site) for site in board.sites)
    if not hits:
        every: tuple[Plant | Site, ...] = (*board.plants, *board.sites)
        known = [part.name for part in every if getattr(part, key, None) is not None]
        raise ValueError(
            f"'{name}' has no limit on {key}{suggest(name, known)}; "
            f"there is one at {', '.join(known[:12]) or 'none'}"
        )
    return Changed(board.model_copy(update={"plants": plants, "sites": sites}))


def _operators(board: Board, name: str, change: Change) -> Changed:
    every = [(plant.name, one.name) for plant in board.plants for one in plant.operators]
    wanted = name.casefold()
    found = [pair for pair in every if wanted in (pair[1].casefold(), "/".join(pair).casefold())]
    known = ["/".join(pair) for pair in every]
    if not found:
        listed = ", ".join(known[:12]) or "none"
        raise ValueError(f"no operators '{name}'{suggest(name, known)}; known: {listed}")
    if len(found) > 1:
        both = " or ".join("/".join(pair) for pair in found)
        raise ValueError(f"several plants have operators '{name}'; write {both}")
    plants = tuple(
        plant.model_copy(
            update={
                "operators": tuple(
                    _more(one, change) if (plant.name, one.name) == found[0] else one
                    for one in plant.operators
                )
            }
        )
        for plant in board.plants
    )
    return Changed(board.model_copy(update={"plants": plants}))


def _more(limit: Limit, change: Change) -> Limit:
    return limit.model_copy(update={"changes": (*limit.changes, change)})
