"""Ordering lots: watches a stock, asks its rule, and starts lots along the supply route."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Protocol

from simpy import Event

from cartlogix.ground.distributions import Law
from cartlogix.sim.clock import Clock
from cartlogix.sim.donors import DonorDesk
from cartlogix.sim.stock import Lot, Stock

Decision = tuple[float, str, str, str, int, int, int]
"""A row of the table decisions."""


@dataclass(frozen=True, slots=True)
class StockView:
    """What a replenishment rule may know when it decides: expectations, never the future."""

    on_hand: int
    on_order: int
    backorders: int
    ages: tuple[tuple[float, int], ...] = ()
    """Days for which doses on hand can still be issued, and how many: only where a rule asks."""

    @property
    def position(self) -> int:
        """Inventory position: on hand + on order - backorders, in doses."""
        return self.on_hand + self.on_order - self.backorders


class ReplenishmentRule(Protocol):
    """Decides which lots to order."""

    @property
    def name(self) -> str:
        """Name of the rule, for the table decisions."""

    @property
    def review(self) -> float | None:
        """Days between reviews; None means that every change is looked at."""

    @property
    def looks_at_age(self) -> bool:
        """Whether the rule asks for the ages of the doses on hand."""

    def order(self, view: StockView) -> tuple[int, ...]:
        """Return the doses of each lot to order now; empty for none."""


class Replenisher:
    """Keeps one stock supplied by one rule.

    `place` starts an order, given as the doses of each lot, that is on the order book already.
    """

    place: Callable[[list[int]], None]

    def __init__(
        self,
        env: Clock,
        stock: Stock,
        rule: ReplenishmentRule,
        lot_yield: Law | None,
        next_number: Callable[[], int],
        donors: DonorDesk | None,
    ) -> None:
        self.on_order = 0
        self.missed = 0
        """Lots due next that a disruption keeps from coming."""
        self.called_back: set[int] = set()
        """Numbers of lots that were called back while they were made, and do not come."""
        self.lots: list[Lot] = []
        self.decisions: list[Decision] = []
        self._env = env
        self._stock = stock
        self._rule = rule
        self._yield = lot_yield
        self._next_number = next_number
        self._donors = donors

    def open(self) -> None:
        """Take the first decision and begin to watch the stock."""
        if self._rule.review is None:
            self._stock.on_change = self.decide
            self.decide("start")
        else:
            self._review(None)

    def deliver(
        self, origin: str, doses: int, number: int | None = None, match_class: str = ""
    ) -> None:
        """Take a lot into stock that nobody ordered: an initial one or an exogenous one."""
        number = self._next_number() if number is None else number
        lot = self._new_lot(origin, doses, number, match_class)
        if self.missed and origin != "initial":
            self.missed -= 1
            lot.status = "failed"
            return
        self._stock.receive(lot, doses, "initial" if origin == "initial" else "receipt")

    def resume(self, doses: int, ordered: float, match_class: str) -> Lot:
        """Return a lot that was ordered before the run and is still on its way."""
        self.on_order += doses
        lot = self._new_lot("snapshot", doses, self._next_number(), match_class)
        lot.ordered = ordered
        return lot

    def restore(
        self, doses: int, issued: int, received: float, expires: float, match_class: str
    ) -> Lot:
        """Take a lot into stock that was received on an earlier day, and return it.

        Args:
            doses: doses on hand.
            issued: doses that patients have already, who are to be issued them again at once.
            received: day of receipt.
            expires: day from which its doses are dead; infinity: by the shelf life.
            match_class: class of its donor; drawn if empty.
        """
        lot = self._new_lot("snapshot", doses + issued, self._next_number(), match_class)
        lot.ordered = lot.released = lot.received = received
        lot.expires = expires
        self._stock.receive(lot, doses + issued, "initial", issued)
        return lot

    def lot_ended(self, lot: Lot, doses: int, *, again: bool = True) -> None:
        """Take a lot off the order book and into stock; less than ordered may be ordered again.

        A lot that failed, or that yields no dose, counts as failed. If not `again`, what is
        missing is ordered at the next change of the stock: a lot that was turned away would only
        be turned away again.
        """
        self.on_order -= lot.doses_ordered
        if doses and self.missed:
            self.missed -= 1
            doses = 0
        if lot.number in self.called_back:
            doses = 0
        if doses:
            self._stock.receive(lot, doses, "receipt")
        else:
            lot.status = "failed"
        if again and doses < lot.doses_ordered and self._rule.review is None:
            self.decide("short_yield" if doses else "failure")

    def drop_donors(self, donors: Set[int]) -> None:
        """Make no more lots of what is left of some donors' cells."""
        if self._donors is not None:
            self._donors.drop(donors)

    def arrived(self, lot: Lot, doses: int) -> None:
        """Take doses from another stock off the order book and into stock."""
        self.on_order -= doses
        self._stock.arrive(lot, doses)

    def decide(self, trigger: str) -> None:
        """Ask the rule, record what it decided, and start the lots."""
        stock = self._stock
        ages = stock.ages() if self._rule.looks_at_age else ()
        view = StockView(stock.on_hand, self.on_order, stock.waiting, ages)
        sizes = self._lot_sizes(self._rule.order(view))
        if not sizes:
            return
        self.decisions.append(
            (
                self._env.now,
                self._rule.name,
                trigger,
                stock.name,
                view.position,
                view.on_order,
                sum(sizes),
            )
        )
        self.on_order += sum(sizes)
        self.place(sizes)

    def _lot_sizes(self, wanted: tuple[int, ...]) -> list[int]:
        """Turn wanted doses into lots of the expected yield, if lots have one."""
        if self._yield is None or not wanted:
            return list(wanted)
        expected = max(1, math.floor(self._yield.mean))
        return [expected] * math.ceil(sum(wanted) / expected)

    def book(self, doses: int) -> Lot:
        """Make a lot that was ordered."""
        return self._new_lot("order", doses, self._next_number())

    def _new_lot(self, origin: str, doses: int, number: int, match_class: str = "") -> Lot:
        lot = Lot(number, self._stock.name, origin, self._env.now, doses, match_class=match_class)
        self.lots.append(lot)
        if self._donors is not None:
            self._donors.assign(lot, match_class)
        return lot

    def _review(self, event: Event | None) -> None:
        del event
        assert self._rule.review is not None
        self.decide("review")
        self._env.after(self._rule.review, self._review)
