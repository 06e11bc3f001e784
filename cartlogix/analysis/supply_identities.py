"""Sample-path identities of supply: doses, lots, shelf life, who is given what.

As in :mod:`cartlogix.analysis.identities`, each check returns its violations in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartlogix.analysis.breaches import TIME, bad
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import Mask, is_one_of, numbers
from cartlogix.scenario.itinerary import first_source
from cartlogix.scenario.matching import match_ranks
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.stock import Stock
from cartlogix.trace.tables import Trace


def doses(trace: Trace, scenario: Scenario) -> list[str]:
    """Doses received = issued + expired + under way between stocks + on hand, lot by lot."""
    del scenario
    lots, moves, issued = trace["lots"], trace["stock_moves"], trace["doses"]
    into = is_one_of(moves["reason"], "initial", "receipt")
    made = _quantity(moves[into], lots)
    left = _quantity(moves, lots)
    out = _per_lot(moves[is_one_of(moves["reason"], "issue")], lots)
    ended = _per_lot(issued[is_one_of(issued["state"], *_DOSE_STATES)], lots)
    found = bad(lots, made != lots["doses_made"], "lot", "doses made are not those received")
    found += bad(lots, left < 0, "lot", "more doses went out than came in")
    found += bad(lots, out != ended, "lot", "issues and issued doses differ")
    for stock in scenario_stocks(moves):
        mine = moves[is_one_of(moves["stock"], stock)]
        level = np.cumsum(mine["quantity"].to_numpy())
        found += bad(mine, level != mine["on_hand"], "time", f"doses on hand of {stock}")
        found += bad(lots, _quantity(mine, lots) < 0, "lot", f"more doses left {stock} than came")
    return found


def transfers(trace: Trace, scenario: Scenario) -> list[str]:
    """Doses sent and arrived are those that the stocks moved, by lot and stock."""
    del scenario
    table, moves, lots = trace["transfers"], trace["stock_moves"], trace["lots"]
    found = bad(table, numbers(table, "sent") < numbers(table, "ordered"), "stock", "sent too soon")
    arrived = numbers(table, "arrived")
    found += bad(table, arrived < numbers(table, "sent"), "stock", "arrived before it left")
    sent = table[table["sent"].notna().to_numpy()]
    for stock in scenario_stocks(moves):
        mine = moves[is_one_of(moves["stock"], stock)]
        for reason, rows in (
            ("transfer_out", sent[is_one_of(sent["source"], stock)]),
            ("transfer_in", table[is_one_of(table["stock"], stock) & ~np.isnan(arrived)]),
        ):
            moved = np.abs(_quantity(mine[is_one_of(mine["reason"], reason)], lots))
            wrong = moved != _per_lot(rows, lots)
            found += bad(lots, wrong, "lot", f"{reason} of {stock} is not what travelled")
    return found


def _quantity(moves: pd.DataFrame, lots: pd.DataFrame) -> Floats:
    """Return the doses moved, by lot."""
    moved = moves["quantity"].groupby(moves["lot"].to_numpy()).sum()
    return np.asarray(moved.reindex(lots["lot"], fill_value=0).to_numpy(), dtype=np.float64)


_DOSE_STATES = ("infused", "expired", "orphaned", "recalled", "in_transit")


def scenario_stocks(moves: pd.DataFrame) -> list[str]:
    """Return the stocks that moved."""
    return [str(name) for name in moves["stock"].unique()]


def _per_lot(rows: pd.DataFrame, lots: pd.DataFrame) -> Floats:
    counts = rows.groupby("lot").size().reindex(lots["lot"], fill_value=0)
    return np.asarray(counts.to_numpy(), dtype=np.float64)


def donors(trace: Trace, scenario: Scenario) -> list[str]:
    """Screened = deferred + collected + under way; every lot received has one donor, of its class.

    The cells of a donor go into no more lots than they suffice for.
    """
    most = {s.name: s.lot.donors.lots_each for s in scenario.stocks if s.lot.donors}
    table, lots = trace["donors"], trace["lots"]
    collected = is_one_of(table["status"], "collected")
    known = is_one_of(table["status"], "deferred", "screened") | collected
    found = bad(table, ~known, "donor", "neither screened, deferred nor collected")
    found += bad(table, collected != table["collected"].notna(), "donor", "status and collection")
    found += bad(table, table.duplicated("donor"), "donor", "one number, two donors")
    asked = lots[lots["stock"].isin(table["stock"].unique()).to_numpy()]
    made = asked[is_one_of(asked["status"], "received")]
    giving = table[collected].set_index("donor")
    unknown_ = ~made["donor"].isin(giving.index).to_numpy()
    found += bad(made, unknown_, "lot", "received, but of no donor who was collected")
    mine = giving.reindex(made["donor"])
    shared = lots.groupby("donor").size().reindex(giving.index, fill_value=0).to_numpy()
    limit = np.array([most.get(str(name), 1) for name in giving["stock"]], dtype=np.int64)
    found += bad(giving.reset_index(), shared > limit, "donor", "more lots than cells suffice for")
    classes = mine["match_class"].astype(object).to_numpy() != made["match_class"].astype(object)
    return found + bad(made, classes & ~unknown_, "lot", "of another class than its donor")


def chain_of_identity(trace: Trace, scenario: Scenario) -> list[str]:
    """A dose goes to one patient, from a lot that was received; none is infused beyond the plan."""
    issued, lots, table = trace["doses"], trace["lots"], trace["patients"]
    known = issued["lot"].isin(lots.loc[lots["received"].notna().to_numpy(), "lot"]).to_numpy()
    found = bad(issued, ~known, "patient", "a dose from a lot that was never received")
    used = issued[is_one_of(issued["state"], "infused")]
    twice = used.duplicated(["patient", "dose"]).to_numpy()
    found += bad(used, twice, "patient", "two doses infused as one")
    most = {p.name: p.repeat.doses if p.repeat else 1 for p in scenario.pathways}
    limit = np.array([most[str(name)] for name in table["pathway"]], dtype=np.int64)
    # Who changed pathway between two doses goes on with the count of the first one.
    changed = table["pathway"].astype(str) != table["first_pathway"].astype(str)
    limit = np.where(changed, max(most.values()), limit)
    received = table["doses"].to_numpy()
    return found + bad(table, received > limit, "patient", "more infusions than planned")


def shelf_life(trace: Trace, scenario: Scenario) -> list[str]:
    """No dose is issued too old, and every one that ages goes out at its due time."""
    moves, lots = trace["stock_moves"], trace["lots"].set_index("lot")
    margin = {s.name: s.shelf_life.at_issue.value if s.shelf_life else 0 for s in scenario.stocks}
    expires = lots["expires"].fillna(np.inf).reindex(moves["lot"]).to_numpy()
    leaves = expires - np.array([margin[str(name)] for name in moves["stock"]], dtype=np.float64)
    time = numbers(moves, "time")
    issue, expiry = is_one_of(moves["reason"], "issue"), is_one_of(moves["reason"], "expiry")
    issue &= ~_issued_before(moves, scenario)
    arrived = lots["received"].reindex(moves["lot"]).to_numpy()
    due = np.maximum(leaves, arrived)  # a lot that comes in too old is discarded on arrival
    # What came from another stock may have come too old, or have had a shorter life there.
    own = ~is_one_of(moves["stock"], *(s.name for s in scenario.stocks if _gets_doses(s)))
    found = bad(moves, issue & (time >= leaves), "time", "issued when too old")
    off = expiry & own & (np.abs(time - due) > TIME)
    return found + bad(moves, off, "time", "expired off its time")


def _issued_before(moves: pd.DataFrame, scenario: Scenario) -> Mask:
    """Return which moves are doses that a snapshot found in patients' hands on day 0."""
    entries = enumerate(scenario.snapshot.by_enrolment())
    given = [number for number, entry in entries if entry.dose_from is not None]
    return moves["patient"].isin(given).to_numpy() & (numbers(moves, "time") <= 0)


def _gets_doses(stock: Stock) -> bool:
    """Whether doses of other stocks come into a stock."""
    return stock.supplied_by is not None or stock.transship is not None


def order_of_issue(trace: Trace, scenario: Scenario) -> list[str]:
    """Each issue takes the dose that goes first: by matching, then first to expire or received."""
    lots, patients = trace["lots"].set_index("lot"), trace["patients"]
    asked = patients["match_class"].astype(object)
    classes = dict(zip(patients["patient"].tolist(), asked, strict=True))
    donors = dict(zip(lots.index.tolist(), lots["match_class"].astype(object), strict=True))
    found = []
    for stock in scenario.stocks:
        by_own_age = stock.issue == "fifo" or stock.shelf_life is not None
        if stock.issue != "lifo" and not (_gets_doses(stock) and by_own_age):
            age = lots["expires" if stock.issue == "fefo" else "received"].fillna(np.inf)
            order = _IssueOrder(
                _fits(scenario, stock),
                classes,
                donors,
                dict(zip(lots.index.tolist(), age.tolist(), strict=True)),
            )
            moves = trace["stock_moves"]
            mine = moves[is_one_of(moves["stock"], stock.name)]
            found += _passed_over(mine, order, _issued_before(mine, scenario).tolist())
    return found


@dataclass(frozen=True)
class _IssueOrder:
    """What decides which lot a patient's dose is taken from."""

    fits: Mapping[str, Mapping[str, int]]
    """Rank of each donor class that fits, by the class of the patient."""
    patients: Mapping[int, str]
    lots: Mapping[int, str]
    ages: Mapping[int, float]

    def rank(self, lot: int, patient: int) -> tuple[float, float]:
        """Return the place of a lot in the order, infinite first if it does not fit."""
        fits = self.fits[self.patients.get(patient, "")]
        return fits.get(self.lots[lot], math.inf), self.ages[lot]


def _fits(scenario: Scenario, stock: Stock) -> Mapping[str, Mapping[str, int]]:
    classes = scenario.demand.match_classes
    donors = first_source(scenario, stock.name).lot.donors
    if donors is None or not donors.classes:
        return {name: {"": 0} for name in [item.name for item in classes] or [""]}
    ranks = match_ranks(classes, stock.matching)
    return {item.name: rank for item, rank in zip(classes, ranks, strict=True)}


def _passed_over(moves: pd.DataFrame, order: _IssueOrder, before: list[bool]) -> list[str]:
    """Return which issues passed over a lot on hand that goes before theirs, or do not fit.

    What was issued `before` the run was chosen by nobody in it.
    """
    on_hand: dict[int, int] = {}
    found = []
    columns = [moves[name] for name in ("time", "lot", "quantity", "reason", "patient")]
    for time, lot, quantity, reason, patient, earlier in zip(*columns, before, strict=True):
        if reason == "issue" and not earlier:
            mine = order.rank(lot, patient)
            if mine[0] == math.inf:
                found.append(f"a dose that does not fit its patient: time {time}")
            elif mine > min(order.rank(other, patient) for other in on_hand):
                found.append(f"not the first lot to issue: time {time}")
        on_hand[lot] = on_hand.get(lot, 0) + quantity
        if on_hand[lot] == 0:
            del on_hand[lot]
    return found[:5]
