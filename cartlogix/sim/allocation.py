"""Choosing the pathway at the moment of enrolment, from the lines as they are then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cartlogix.sim.station import Station


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as somebody who enrols may see it: what is there and what is expected.

    Attributes:
        waiting: Patients and lots in line.
        free: Free units, or doses on hand.
        capacity: Units that serve the line; 1 for a stock.
        between: Mean days that a unit is held, or between two starts, or the mean days that a lot
            takes for a stock.
        units: Units that one visit takes.
    """

    waiting: int
    free: float
    capacity: float
    between: float
    units: int = 1


ExpectedWait = Callable[[Sequence[LineView]], float]
"""A policy: the expected days in these lines, one after the other."""


def lines_ahead(route: Sequence[Station], lead_time: Callable[[str], float]) -> list[LineView]:
    """Return the lines of a route up to the infusion, as they are now."""
    views = []
    for station in route:
        if station.pools:
            pool, units = station.pools[0]
            starts = pool.rules.starts
            between = starts.every / starts.number if starts else station.mean
            capacity = 1.0 if starts else pool.capacity
            views.append(LineView(pool.waiting, pool.free, capacity, between, units))
        elif station.stocks:
            stock = station.stocks[0]
            on_hand = max(each.on_hand for each in station.stocks)
            lead = lead_time(stock.name)
            views.append(LineView(stock.waiting, on_hand, 1.0, lead))
        if station.starts == "infusion":
            break
    return views
