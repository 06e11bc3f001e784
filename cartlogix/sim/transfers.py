"""Doses on their way from one stock to another: orders to a central stock, and lateral help."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from simpy import Event

from cartlogix.ground.streams import DrawColumn
from cartlogix.sim.clock import Clock
from cartlogix.sim.departures import Departures
from cartlogix.sim.line import Waiting
from cartlogix.sim.stock import Lot, Stock, Withdrawal

Kind = Literal["supply", "lateral"]


@dataclass(frozen=True, slots=True)
class Depot:
    """A stock that waits in another's line, among its patients."""

    urgency: float
    number: int = -1
    course: int = 1
    match_class: int = -1
    due: float = math.inf


@dataclass(slots=True)
class Transfer:
    """A dose that one stock asked another for: a row of the table transfers."""

    stock: str
    source: str
    kind: Kind
    ordered: float
    place: str
    sent: float = math.nan
    arrived: float = math.nan
    shipment: int = -1
    lot: int = -1


class TransferRequest(Withdrawal):
    """A wish for one dose for another stock, handed to a lane when it is filled."""

    __slots__ = ("_lane", "transfer")

    def __init__(self, who: Waiting, lane: TransferLane, transfer: Transfer) -> None:
        super().__init__(who)
        self.transfer = transfer
        self._lane = lane

    def fill(self, stock: Stock, lot: Lot) -> None:
        """Take a dose of a lot out of the stock, for the next shipment."""
        stock.send(lot)
        self._lane.pack(self.transfer, lot)


@dataclass
class TransferLane:
    """The way from one stock to another: what is filled at one moment travels as one shipment.

    `arrived` is told how many doses came, and takes them into stock.
    """

    env: Clock
    source: Stock
    stock: Stock
    kind: Kind
    place: str
    times: DrawColumn
    who: Depot
    arrived: Callable[[Lot, int], None]
    strikes: Departures | None = None
    transfers: list[Transfer] = field(default_factory=list)
    _parcel: list[tuple[Transfer, Lot]] = field(default_factory=list)
    _shipments: int = 0

    def order(self, doses: int) -> None:
        """Ask the source for doses; what it lacks, it sends later."""
        new = [self._transfer() for _ in range(doses)]
        self.source.order([TransferRequest(self.who, self, one) for one in new])
        self._dispatch()

    def fetch(self, lot: Lot) -> None:
        """Have the source send one dose of a lot on hand, at once."""
        transfer = self._transfer()
        self.source.send(lot)
        self.pack(transfer, lot)
        self._dispatch()
        self.source.on_change("issue")

    def pack(self, transfer: Transfer, lot: Lot) -> None:
        """Put a dose on the shipment of this moment."""
        if not self._parcel:
            self.env.soon(self._dispatch)
        self._parcel.append((transfer, lot))

    def _transfer(self) -> Transfer:
        stock, source = self.stock.name, self.source.name
        transfer = Transfer(stock, source, self.kind, self.env.now, self.place)
        self.transfers.append(transfer)
        return transfer

    def _dispatch(self) -> None:
        parcel, self._parcel = self._parcel, []
        if not parcel:
            return
        now, number = self.env.now, self._shipments
        self._shipments += 1
        leaves = now if self.strikes is None else self.strikes.leave(now)
        days = leaves - now + self.times[number]
        for transfer, lot in parcel:
            transfer.sent, transfer.arrived = now, now + days
            transfer.shipment, transfer.lot = number, lot.number
        self.env.after(days, self._receive, [lot for _, lot in parcel])

    def _receive(self, event: Event) -> None:
        assert isinstance(event.value, list)
        for lot, doses in Counter(event.value).items():
            self.arrived(lot, doses)
