"""What is expected of a stock before anything is simulated: demand, lead time, yield, life.

Means only, without queues: what a replenishment rule may know that computes its own level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cartlogix.scenario.failure import Failure
from cartlogix.scenario.itinerary import (
    home_route,
    lot_itinerary,
    transfer_mode,
    transport_mode,
)
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.offered_load import arriving
from cartlogix.scenario.pathway import Pathway
from cartlogix.scenario.stock import Stock


@dataclass(frozen=True)
class Outlook:
    """Expectations of a stock.

    Attributes:
        demand: Doses asked for per day, at the highest arrival rate.
        lead: Days from order to receipt: work and transport, without waiting.
        good: Share of ordered doses that arrive: the chance that a lot does not fail.
        lot: Doses that a lot is expected to yield; 1 where lots are as large as ordered.
        spread: Variance of the doses of a lot that passes.
        life: Days for which a dose can be issued after its receipt; infinite if it keeps.
    """

    demand: float
    lead: float
    good: float = 1.0
    lot: float = 1.0
    spread: float = 0.0
    life: float = math.inf


def outlook(scenario: Scenario, stock: Stock) -> Outlook:
    """Return what is expected of a stock."""
    shelf, doses = stock.shelf_life, stock.lot.doses
    lead, after_release = _lead(scenario, stock)
    life = shelf.life.value - shelf.at_issue.value if shelf else math.inf
    if shelf is not None and shelf.starts == "release":
        life -= after_release
    good = 1.0
    for step in stock.lot.route:
        good *= 1 - _lost(step.failure)
    law = doses.law if doses else None
    return Outlook(
        demand=expected_demand(scenario, stock.name),
        lead=lead,
        good=good,
        lot=max(1.0, math.floor(law.mean)) if law else 1.0,
        spread=law.variance if law else 0.0,
        life=max(0.0, life),
    )


def expected_demand(scenario: Scenario, stock: str) -> float:
    """Return the doses per day that patients, and stocks that it supplies, ask a stock for.

    A patient asks the first stock that the step names, once for each dose of the course.
    """
    asked = 0.0
    for pathway, centre, rate in arriving(scenario):
        route = home_route(scenario, pathway, centre)
        draws = sum(1 for step in route if step.draw and step.draw.stock[0] == stock)
        asked += rate * draws * _doses(scenario.pathways[pathway])
    supplied = [s.name for s in scenario.stocks if s.supplied_by and s.supplied_by.stock == stock]
    return asked + sum(expected_demand(scenario, name) for name in supplied)


def _doses(pathway: Pathway) -> float:
    """Return the mean doses of a course."""
    if pathway.repeat is None:
        return 1.0
    chance = pathway.repeat.probability
    p = 1.0 if chance is None else chance.value
    return sum(p**k for k in range(pathway.repeat.doses))


def _lead(scenario: Scenario, stock: Stock) -> tuple[float, float]:
    """Return the mean days from order to receipt, and how many of them follow the release."""
    if stock.supplied_by is not None:
        mode = transfer_mode(scenario, stock.supplied_by.stock, stock.name, stock.supplied_by.mode)
        return (mode.time.value if mode else 0.0), 0.0
    index = scenario.stocks.index(stock)
    total, released = 0.0, math.inf  # without a release, it is the receipt
    for step, stop in zip(stock.lot.route, lot_itinerary(scenario, index), strict=True):
        days = step.duration.value
        if stop.destination is not None:
            mode = transport_mode(scenario, step, stop.origins[0], stop.destination)
            days = mode.time.value if mode else 0.0
        total += days
        if step.marks == "release":
            released = total
    return total, max(0.0, total - released)


def _lost(failure: Failure | None) -> float:
    """Return the chance that a lot is lost at a step, remakes counted: for p, K attempts, share r.

    The sum over k < K of (p r)^k p (1 - r), and the (p r)^K that find no attempt left.
    """
    if failure is None:
        return 0.0
    shares = sum(branch.share.value for branch in failure.then)
    remade = sum(branch.share.value for branch in failure.then if branch.action == "remake")
    p = failure.seen(failure.probability.value)
    again = p * remade / shares
    if again >= 1:
        return 0.0 if failure.max_attempts is None else 1.0
    if failure.max_attempts is None:
        return (p - again) / (1 - again)
    last = again**failure.max_attempts
    return (p - again) * (1 - last) / (1 - again) + last
