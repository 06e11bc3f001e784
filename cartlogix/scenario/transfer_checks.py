"""What a schema cannot say of stocks that send doses to each other."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.itinerary import first_source, home_route, stock_site, transfer_mode
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.stock import Stock


def check_transfers(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of who supplies whom: names, circles, and what a depot cannot have."""
    stocks = {stock.name: stock for stock in scenario.stocks}
    for i, stock in enumerate(scenario.stocks):
        for path, name in _sources(("stocks", i), stock):
            if name not in stocks:
                yield unknown(path, "stock", name, stocks)
            elif name == stock.name:
                yield Problem(path, f"'{name}' cannot be supplied by itself; name another stock")
        circle = _circle(stock, stocks)
        if circle:
            message = f"stocks supply each other in a circle: {' < '.join(circle)}; let one of "
            yield Problem(("stocks", i, "supplied_by"), message + "them be supplied by a plant")
        yield from _depot(("stocks", i), stock)
        yield from _help(scenario, ("stocks", i, "transship"), stock)


def check_transfer_lanes(scenario: Scenario) -> Iterator[Problem]:
    """Yield every pair of stocks with no lane between them, or with different products."""
    for i, stock in enumerate(scenario.stocks):
        for path, name in _sources(("stocks", i), stock):
            way = stock.supplied_by if "supplied_by" in path else stock.transship
            mode = way.mode if way else None
            if transfer_mode(scenario, name, stock.name, mode) is None:
                sites = [stock_site(scenario, each) for each in (name, stock.name)]
                by = f" by '{mode}'" if mode else ""
                yield Problem(
                    path,
                    f"no lane leads from '{sites[0]}' to '{sites[1]}'{by}: add it to network.lanes",
                )
            first, second = (first_source(scenario, each) for each in (name, stock.name))
            if first is not second:
                message = f"'{name}' holds doses of '{first.name}', '{stock.name}' of "
                message += f"'{second.name}': doses are sent over only where both have one source"
                yield Problem(path, message)


def _sources(path: Path, stock: Stock) -> Iterator[tuple[Path, str]]:
    if stock.supplied_by is not None:
        yield (*path, "supplied_by"), stock.supplied_by.stock
    for k, name in enumerate(stock.transship.from_ if stock.transship else ()):
        yield (*path, "transship", "from", k), name


def _circle(stock: Stock, stocks: dict[str, Stock]) -> list[str]:
    """Return the names of a circle that begins and ends with a stock; empty if there is none."""
    names, at = [stock.name], stock
    while at.supplied_by is not None and at.supplied_by.stock in stocks:
        at = stocks[at.supplied_by.stock]
        names.append(at.name)
        if at is stock:
            return names if len(names) > 2 else []
        if len(names) > len(stocks):
            return []  # the circle is further up, and found there
    return []


def _depot(path: Path, stock: Stock) -> Iterator[Problem]:
    if stock.supplied_by is None:
        return
    lot = stock.lot
    for key, given in (
        ("route", lot.route),
        ("doses", lot.doses),
        ("plant", lot.plant),
        ("donors", lot.donors),
    ):
        if given:
            message = (
                f"'{stock.name}' is supplied by '{stock.supplied_by.stock}' and makes no lots: "
                f"write '{key}' there"
            )
            yield Problem((*path, "lot", key), message)
    if stock.replenishment.rule in ("none", "exogenous"):
        message = "a stock that another one supplies must order: choose base_stock, r_Q, s_S or R_S"
        yield Problem((*path, "replenishment", "rule"), message)


def _help(scenario: Scenario, path: Path, stock: Stock) -> Iterator[Problem]:
    """Yield a warning where nobody ever waits at a stock that would have doses sent over."""
    if stock.transship is None:
        return
    draws = [
        step.draw
        for pathway in range(len(scenario.pathways))
        for centre in range(len(scenario.network.centres))
        for step in home_route(scenario, pathway, centre)
        if step.draw
    ]
    if not any(draw.stock_out == "wait" and stock.name in draw.stock for draw in draws):
        message = f"nobody waits at '{stock.name}', so that no dose is ever sent over"
        yield Problem(path, message, "warning")
