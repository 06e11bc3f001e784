"""Booked starts: what was promised, what came of it, and whether the account of it holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cartlogix.analysis.breaches import TIME, bad
from cartlogix.analysis.tidy import ALL, Figure, inside, is_one_of, mean, numbers, observed, ratio
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace


def booking_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield figures of every pool whose starts are promised, by the day of the call."""
    for pool, tick in _booked_pools(scenario):
        table = trace["bookings"]
        called = numbers(table, "called")
        mine = is_one_of(table["pool"], pool) & inside(called, observed(trace))
        promised, started = numbers(table, "promised")[mine], numbers(table, "started")[mine]
        # Who is under way and not late yet has neither kept nor broken anything.
        due = is_one_of(table["outcome"][mine], "started", "void") | (promised < trace.stop)
        kept = started < promised + tick
        begun = ~np.isnan(started)
        yield Figure("booking.calls", pool, ALL, int(mine.sum()))
        yield Figure("booking.kept", pool, ALL, ratio(int((kept & due).sum()), int(due.sum())))
        yield Figure("booking.delay", pool, ALL, mean((started - promised)[begun]))
        yield Figure("booking.moved", pool, ALL, mean(numbers(table, "moved")[mine]))
        yield Figure("booking.at_home", pool, ALL, mean((called - numbers(table, "booked"))[mine]))


def _booked_pools(scenario: Scenario) -> Iterator[tuple[str, float]]:
    for site in scenario.network.sites():
        for name, resource in sorted(site.resources.items()):
            policy = resource.slot_policy
            if policy is not None and policy.book is not None:
                yield f"{site.name}/{name}", policy.tick.value


def bookings(trace: Trace, scenario: Scenario) -> list[str]:
    """Booked, called and started in this order, outcomes that fit, and one open at a time."""
    del scenario
    table = trace["bookings"]
    booked, called = numbers(table, "booked"), numbers(table, "called")
    started = numbers(table, "started")
    found = bad(table, called < booked - TIME, "patient", "called before the booking")
    found += bad(table, started < called - TIME, "patient", "started before the call")
    begun = is_one_of(table["outcome"], "started")
    found += bad(table, begun != ~np.isnan(started), "patient", "started, or not, by the outcome")
    found += bad(table, begun & np.isnan(called), "patient", "started without a call")
    left, void = (is_one_of(table["outcome"], text) for text in ("left", "void"))
    found += bad(table, left & ~np.isnan(called), "patient", "left before the call, and was called")
    found += bad(table, void & np.isnan(called), "patient", "void after a call that never came")
    open_ = table[is_one_of(table["outcome"], "open")]
    twice = open_.duplicated(["pool", "patient"]).to_numpy()
    found += bad(open_, twice, "patient", "two open bookings for one pool")
    return found + _visits(trace, table[begun])


def _visits(trace: Trace, begun: pd.DataFrame) -> list[str]:
    """Every start of a booking is the start of a visit."""
    rows = trace["activities"]
    rows = rows[is_one_of(rows["entity"], "patient")]
    starts = set(zip(rows["pool"], rows["id"], rows["started"], strict=True))
    keys = zip(begun["pool"], begun["patient"], begun["started"], strict=True)
    unknown = np.array([key not in starts for key in keys], dtype=bool)
    return bad(begun, unknown, "patient", "a booked start that no visit made")
