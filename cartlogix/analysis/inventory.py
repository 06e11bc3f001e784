"""Stocks of doses: service, what lies in store, what expires, and the lots that were made.

All figures cover the measured window, whoever asked. A request belongs to the stock that served
it, otherwise to the first stock that its step names.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cartlogix.analysis.assays import lot_error_figures
from cartlogix.analysis.occupancy import path_integral
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import (
    ALL,
    Figure,
    clipped,
    inside,
    is_one_of,
    mean,
    numbers,
    observed,
    once,
    ratio,
)
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import LOCAL
from cartlogix.trace.tables import Trace


def inventory_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures of the family inventory."""
    for stock in scenario.stocks:
        requests = draw_requests(trace, scenario)
        mine = requests[is_one_of(requests["stock"], stock.name)]
        yield from _service(trace, stock.name, mine)
        yield from _store(trace, stock.name)
        yield from _supply(trace, stock.name)
        yield from lot_error_figures(trace, stock)
        yield from _transfers(trace, stock.name)


@once
def draw_requests(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return `stock, patient, queued, until, served, lost` of every request for a dose.

    `until` is when the dose was issued or the patient left; NaN while still waiting.
    """
    activities = trace["activities"]
    draws = activities[is_one_of(activities["kind"], "draw")]
    asked = pd.Series(first_asked(trace, scenario, draws), index=draws.index, dtype=object)
    started = numbers(draws, "started")
    return pd.DataFrame(
        {
            "stock": _issuing_stock(trace, draws).fillna(asked).astype("category"),
            "patient": draws["id"],
            "queued": draws["queued"],
            "until": np.where(np.isnan(started), numbers(draws, "ended"), started),
            "served": ~np.isnan(started),
            "lost": is_one_of(draws["outcome"], "stock_out"),
        }
    )


def first_asked(trace: Trace, scenario: Scenario, draws: pd.DataFrame) -> list[str]:
    """Return the stock that each draw asks first, where who must wait waits; empty if unknown."""
    first = {
        (p.name, s.name): s.draw.stock[0] for p in scenario.pathways for s in p.route if s.draw
    }
    asked = [first.get(key, "") for key in zip(draws["route"], draws["step"], strict=True)]
    if LOCAL not in asked:
        return asked
    stocks = {centre.name: centre.stock or "" for centre in scenario.network.centres}
    centres = trace["patients"]["centre"].set_axis(trace["patients"]["patient"])
    homes = centres.reindex(draws["id"]).tolist()
    return [
        stocks.get(home, "") if name == LOCAL else name
        for name, home in zip(asked, homes, strict=True)
    ]


def _issuing_stock(trace: Trace, draws: pd.DataFrame) -> pd.Series[str]:
    """Return the stock that issued a dose at the end of each draw; missing if none did."""
    issues = trace["doses"][["patient", "issued", "stock"]].drop_duplicates(["patient", "issued"])
    asked = draws[["id", "started"]].rename(columns={"id": "patient", "started": "issued"})
    found = asked.merge(issues, on=["patient", "issued"], how="left")
    return pd.Series(found["stock"].astype(object).to_numpy(), index=draws.index, dtype=object)


def _service(trace: Trace, stock: str, requests: pd.DataFrame) -> Iterator[Figure]:
    window = observed(trace)
    queued, until = numbers(requests, "queued"), numbers(requests, "until")
    backorders = clipped(queued, until, window).sum()
    recent = inside(queued, window)
    waits = (np.where(np.isnan(until), trace.stop, until) - queued)[recent]
    at_once = int((requests["served"].to_numpy()[recent] & (waits <= 0)).sum())
    asked = int(recent.sum())
    lost = int(requests["lost"].to_numpy()[recent].sum())
    yield Figure("stock.requests", stock, ALL, asked)
    yield Figure("stock.fill_rate", stock, ALL, ratio(at_once, asked))
    yield Figure("stock.stock_out", stock, ALL, ratio(asked - at_once, asked))
    yield Figure("stock.lost", stock, ALL, lost)
    yield Figure("stock.mean_wait", stock, ALL, mean(waits))
    yield Figure("stock.backorders", stock, ALL, ratio(float(backorders), window[1] - window[0]))


def _store(trace: Trace, stock: str) -> Iterator[Figure]:
    window = observed(trace)
    length = window[1] - window[0]
    on_hand = ratio(dose_days(trace, stock), length)
    issued, expired = _moved(trace, stock, "issue"), _moved(trace, stock, "expiry")
    received = _moved(trace, stock, "receipt", "transfer_in")
    yield Figure("stock.on_hand", stock, ALL, on_hand)
    yield Figure("stock.issued", stock, ALL, issued)
    yield Figure("stock.expired", stock, ALL, expired)
    yield Figure("stock.outdate_rate", stock, ALL, ratio(expired, length))
    yield Figure("stock.outdate_fraction", stock, ALL, ratio(expired, received))
    yield Figure("stock.days_of_cover", stock, ALL, ratio(on_hand * length, issued))


def dose_days(trace: Trace, stock: str) -> float:
    """Return the area under the doses on hand, within the window."""
    moves = trace["stock_moves"]
    mine = moves[is_one_of(moves["stock"], stock)]
    return path_integral(numbers(mine, "time"), numbers(mine, "on_hand"), observed(trace))


def _moved(trace: Trace, stock: str, *reasons: str) -> int:
    moves = trace["stock_moves"]
    wanted = is_one_of(moves["stock"], stock) & is_one_of(moves["reason"], *reasons)
    wanted &= inside(numbers(moves, "time"), observed(trace))
    return abs(int(moves["quantity"].to_numpy()[wanted].sum()))


def _supply(trace: Trace, stock: str) -> Iterator[Figure]:
    window = observed(trace)
    length = window[1] - window[0]
    lots, doses = trace["lots"], trace["doses"]
    mine = lots[is_one_of(lots["stock"], stock) & ~is_one_of(lots["origin"], "initial")]
    orders = mine[is_one_of(mine["origin"], "order")]
    weights = numbers(orders, "doses_ordered")
    on_order = clipped(numbers(orders, "ordered"), settled(trace, orders), window) @ weights
    asked = trace["transfers"][is_one_of(trace["transfers"]["stock"], stock)]
    on_order += clipped(numbers(asked, "ordered"), numbers(asked, "arrived"), window).sum()
    begun = mine[inside(numbers(mine, "ordered"), window)]
    made = inside(numbers(mine, "received"), window)
    lost_states = ("expired", "orphaned", "recalled")
    spoilt = is_one_of(doses["stock"], stock) & is_one_of(doses["state"], *lost_states)
    spoilt &= inside(numbers(doses, "ended"), window)
    ordered = int(inside(numbers(orders, "ordered"), window).sum())
    yield Figure("stock.on_order", stock, ALL, ratio(float(on_order), length))
    yield Figure("stock.order_rate", stock, ALL, ratio(ordered, length))
    yield Figure("stock.lots_started", stock, ALL, len(begun))
    yield Figure("stock.lots_made", stock, ALL, int(is_one_of(begun["status"], "received").sum()))
    yield Figure("stock.lots_failed", stock, ALL, int(is_one_of(begun["status"], "failed").sum()))
    yield Figure("stock.doses_made", stock, ALL, float(numbers(mine, "doses_made")[made].sum()))
    yield Figure("stock.wasted", stock, ALL, int(spoilt.sum()))


def _transfers(trace: Trace, stock: str) -> Iterator[Figure]:
    """Yield what went to and came from other stocks; nothing for a stock by itself."""
    rows, window = trace["transfers"], observed(trace)
    asked, gave = (rows[is_one_of(rows[key], stock)] for key in ("stock", "source"))
    if len(asked):
        came = asked[inside(numbers(asked, "arrived"), window)]
        lateral = int(is_one_of(came["kind"], "lateral").sum())
        recent = asked[inside(numbers(asked, "ordered"), window)]
        sent = numbers(recent, "sent")
        waits = np.where(np.isnan(sent), trace.stop, sent) - numbers(recent, "ordered")
        yield Figure("stock.came", stock, ALL, len(came))
        yield Figure("stock.lateral", stock, ALL, lateral)
        yield Figure("stock.order_wait", stock, ALL, mean(waits))
    if len(gave):
        yield Figure("stock.sent", stock, ALL, int(inside(numbers(gave, "sent"), window).sum()))


def settled(trace: Trace, lots: pd.DataFrame) -> Floats:
    """Return when each lot went off the order book: received, or failed at its last activity.

    NaN while it is in process.
    """
    activities = trace["activities"]
    steps = activities[is_one_of(activities["entity"], "lot")]
    last = steps.groupby("id")["ended"].max().reindex(lots["lot"])
    failed = np.fmax(last.to_numpy(), numbers(lots, "ordered"))  # no step: it failed at once
    ended = np.where(is_one_of(lots["status"], "failed"), failed, numbers(lots, "received"))
    return np.asarray(ended, dtype=np.float64)
