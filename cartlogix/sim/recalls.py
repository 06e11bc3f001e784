"""Recalls: which lots are called back, and what had become of each of their doses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from cartlogix.scenario.disruption import Recall
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.when import day_when
from cartlogix.sim.replenisher import Replenisher
from cartlogix.sim.stock import ARRIVAL, DEPARTURE, Lot, Stock

RecallRow = tuple[str, float, str, int, int, int, str, int]
"""Disruption, day, stock, lot, patient (-1: none), dose, state, doses."""


def recalled_stocks(scenario: Scenario) -> frozenset[str]:
    """Return the stocks that doses of recalled lots can have come to, from stock to stock."""
    reached = {d.stock for d in scenario.disruptions if isinstance(d, Recall)}
    while True:
        found = {
            stock.name
            for stock in scenario.stocks
            if (stock.supplied_by is not None and stock.supplied_by.stock in reached)
            or (stock.transship is not None and not reached.isdisjoint(stock.transship.from_))
        }
        if found <= reached:
            return frozenset(reached)
        reached |= found


def call_back(
    recall: Recall,
    now: float,
    start: dt.date,
    stocks: Mapping[str, Stock],
    replenisher: Replenisher,
) -> Iterator[RecallRow]:
    """Destroy the lots that are called back, wherever their doses are; yield what became of each.

    Lots that are still being made do not come.
    """
    called = _chosen(recall, start, replenisher.lots)
    if recall.donor:
        donors = {lot.donor for lot in called if lot.donor >= 0}
        replenisher.drop_donors(donors)
        also = [lot for lot in replenisher.lots if lot.donor in donors and lot.status != "failed"]
        called = list(dict.fromkeys((*called, *also)))
    for lot in sorted(called, key=lambda one: (one.status != "received", one.number)):
        if lot.status == "received":
            yield from _lot(recall, now, lot, stocks)
        else:
            replenisher.called_back.add(lot.number)
            yield recall.name, now, recall.stock, lot.number, -1, 0, "in_process", 0


def _chosen(recall: Recall, start: dt.date, lots: list[Lot]) -> list[Lot]:
    if recall.made is not None:
        low, high = day_when(recall.made.from_, start), day_when(recall.made.to, start)
        return [
            lot
            for lot in lots
            if lot.status != "failed"
            and lot.origin != "initial"
            and lot.ordered < high
            and not lot.released <= low  # NaN: not released yet
        ]
    received = sorted(
        (lot for lot in lots if lot.status == "received"), key=lambda x: (x.received, x.number)
    )
    place = -1 if recall.lot == "latest" else recall.lot - 1
    return [received[place]] if received and place < len(received) else []


def _lot(recall: Recall, now: float, lot: Lot, stocks: Mapping[str, Stock]) -> Iterator[RecallRow]:
    """Destroy a lot wherever its doses are, and yield what became of each."""

    def row(stock: str, patient: int, dose: int, state: str, doses: int) -> RecallRow:
        return recall.name, now, stock, lot.number, patient, dose, state, doses

    gone, travelling = lot.doses_made, 0
    for stock in stocks.values():
        sent = (m for m in stock.moves if m[2] == lot.number and m[4] in (DEPARTURE, ARRIVAL))
        travelling -= sum(move[3] for move in sent)
        in_store = stock.recall(lot.number)
        issued = [dose for dose in stock.doses if dose.lot.number == lot.number]
        gone -= in_store + len(issued)
        if in_store:
            yield row(stock.name, -1, 0, "in_store", in_store)
        for dose in issued:
            yield row(stock.name, dose.patient, dose.course, dose.state, 1)
    if travelling:
        yield row(recall.stock, -1, 0, "between_stocks", travelling)
    if gone - travelling:
        yield row(recall.stock, -1, 0, "expired_in_store", gone - travelling)
