"""Stocks of doses: lots on hand in the order of issue, expiry, and the line of who waits."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from simpy import Event

from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Discipline, Line, Request, State, Waiting


@dataclass(slots=True, eq=False)
class Lot:
    """A lot from order to receipt, and what is left of it.

    `leaves` is when doses go out of stock for their age: at `expires`, or as long before as a dose
    must keep when it is issued.
    """

    number: int
    stock: str
    origin: str
    ordered: float
    doses_ordered: int
    released: float = math.nan
    received: float = math.nan
    expires: float = math.inf
    leaves: float = math.inf
    doses_made: int = 0
    attempts: int = 1
    status: str = "in_process"
    on_hand: int = 0
    match_class: str = ""
    donor: int = -1
    flawed: bool = False


@dataclass(slots=True)
class Dose:
    """A dose that was issued to a patient, and what became of it."""

    lot: Lot
    stock: Stock
    patient: int
    course: int
    issued: float
    ended: float = math.nan
    state: str = "in_transit"

    def end(self, time: float, state: str) -> None:
        """Put the dose in its end state: infused, expired, orphaned or recalled (for good)."""
        if self.state != "recalled":
            self.ended, self.state = time, state

    def is_dead(self, time: float) -> bool:
        """Whether the dose cannot be infused: it was recalled, or expires if that is checked."""
        if self.state == "recalled":
            return True
        if self.stock.rules.checked_at_infusion and self.lot.expires <= time:
            self.end(time, "expired")
            return True
        return False


@dataclass(frozen=True, slots=True)
class StockRules:
    """How a stock issues and how long doses keep."""

    site: str
    issue: str
    discipline: Discipline
    life: float = math.inf
    at_issue: float = 0.0
    from_receipt: bool = False
    checked_at_infusion: bool = False


class Withdrawal(Request):
    """A wish for one dose, and the dose once it is issued."""

    __slots__ = ("dose",)

    def __init__(self, who: Waiting) -> None:
        super().__init__(who)
        self.dose: Dose | None = None

    def fill(self, stock: Stock, lot: Lot) -> None:
        """Take a dose of a lot out of the stock."""
        self.dose = stock.issue(self.who, lot)


DEPARTURE, ARRIVAL = "transfer_out", "transfer_in"
"""Why doses move between stocks."""

Move = tuple[float, str, int, int, str, int, int]
"""A row of the table stock_moves."""


@dataclass(eq=False)
class Stock:
    """An inventory of lots; the only one who moves doses.

    `on_short` is told who could not be served at once, so that a dose can be sent over, and then
    `on_change` what happened (issue, expiry, backorder), so that a replenisher can order.
    """

    env: Clock
    name: str
    rules: StockRules
    on_hand: int = 0
    on_change: Callable[[str], None] = lambda trigger: None
    on_short: Callable[[Waiting], None] = lambda who: None
    moves: list[Move] = field(default_factory=list)
    doses: list[Dose] = field(default_factory=list)
    recalled: set[int] = field(default_factory=set)
    """Numbers of recalled lots: what still comes of them is destroyed."""
    _lots: list[Lot] = field(default_factory=list)
    _spoils: float = math.inf
    # Until then every lot on hand may be issued.
    _line: Line[Withdrawal] = field(init=False)

    def __post_init__(self) -> None:
        """Open the line in which patients wait for a dose."""
        self._line = Line(self.rules.discipline)

    @property
    def waiting(self) -> int:
        """Patients who wait for a dose (backorders)."""
        return self._line.waiting

    def ages(self) -> tuple[tuple[float, int], ...]:
        """Return for how long doses on hand can still be issued, and how many, the oldest first."""
        now = self.env.now
        return tuple(sorted((lot.leaves - now, lot.on_hand) for lot in self._lots))

    def receive(self, lot: Lot, doses: int, reason: str, issued: int = 0) -> None:
        """Take a lot into stock, start its clock, and serve who waits.

        `issued` of its doses are about to be issued, however old they are.
        """
        now = self.env.now
        lot.doses_made, lot.status = doses, "received"
        if math.isnan(lot.received):  # otherwise it was received before the run
            lot.received = now
        if math.isnan(lot.released):
            lot.released = now
        if math.isinf(lot.expires):
            start = lot.received if self.rules.from_receipt else lot.released
            lot.expires = start + self.rules.life
        self._shelve(lot, doses, reason, issued)

    def arrive(self, lot: Lot, doses: int) -> None:
        """Take doses from another stock; they die with their lot, or after their life here."""
        now = self.env.now
        if lot.number in self.recalled:
            self._move(lot, doses, ARRIVAL)
            self._move(lot, -doses, "recall")
            self.on_change("expiry")
            return
        expires = min(lot.expires, now + self.rules.life)
        self._shelve(replace(lot, stock=self.name, received=now, expires=expires), doses, ARRIVAL)

    def _shelve(self, lot: Lot, doses: int, reason: str, issued: int = 0) -> None:
        now = self.env.now
        lot.leaves = lot.expires - self.rules.at_issue
        lot.on_hand = doses
        self._move(lot, doses, reason)
        if doses and lot.leaves <= now:
            if doses > issued:
                self._discard(lot, keep=issued)
                self.on_change("expiry")
        elif doses:
            insort(self._lots, lot, key=_ISSUE_ORDER[self.rules.issue])
            self._spoils = min(self._spoils, lot.leaves)
            if lot.leaves < math.inf:
                self.env.after(lot.leaves - now, self._expire, lot)
        self._serve()

    def draw(self, who: Waiting) -> Dose | None:
        """Issue one dose at once, or return None if there is none or others wait already."""
        self._drop_expired()
        if self._line.waiting or not self._lots:
            return None
        dose = self.issue(who, self._lots[0])
        self.on_change("issue")
        return dose

    def serves(self, who: Waiting) -> bool:
        """Whether a dose of this stock can fit a patient."""
        del who
        return True

    def join(self, request: Withdrawal) -> None:
        """Put a patient in the line for the next dose."""
        self._line.join(request)
        self.on_short(request.who)
        self.on_change("backorder")

    def order(self, requests: Sequence[Withdrawal]) -> None:
        """Put another stock's requests in the line, and serve those that can be served."""
        self._drop_expired()
        for request in requests:
            self._line.join(request)
        self._serve()
        if any(request.state is State.WAITING for request in requests):
            self.on_change("backorder")

    def spare(self, who: Waiting, keep: int) -> Lot | None:
        """Return the lot from which a dose could go to another stock's patient, if any can."""
        self._drop_expired()
        return self._pick(who) if self.on_hand > keep else None

    def rank_again(self) -> None:
        """Put the line in order anew, after an urgency has changed."""
        self._line.rank_again()

    def give_up(self, request: Withdrawal) -> None:
        """Take a waiting patient out of the line."""
        self._line.give_up(request)

    def recall(self, number: int) -> int:
        """Destroy what is left of a lot, in store and on its way; return the doses in store."""
        self.recalled.add(number)
        called = [lot for lot in self._lots if lot.number == number]
        in_store = sum(lot.on_hand for lot in called)
        for lot in called:
            self._remove(lot, "recall")
        for dose in self.doses:
            # Whose patient walked ahead of time may already be noted as wasted later on.
            mine = dose.lot.number == number
            if mine and (dose.state == "in_transit" or dose.ended > self.env.now):
                dose.end(self.env.now, "recalled")
        if in_store:
            self.on_change("expiry")
        return in_store

    def _serve(self) -> None:
        served = False
        while self._lots and (request := self._line.first()) is not None:
            request.fill(self, self._lots[0])
            self._line.grant_first()
            served = True
        if served:
            self.on_change("issue")

    def _pick(self, who: Waiting) -> Lot | None:
        """Return the lot from which somebody's dose is taken, None if none fits."""
        del who
        return self._lots[0] if self._lots else None

    def issue(self, who: Waiting, lot: Lot) -> Dose:
        """Take a dose of a lot on hand for a patient."""
        self._take(lot, "issue", who.number)
        dose = Dose(lot, self, who.number, who.course, self.env.now)
        self.doses.append(dose)
        return dose

    def send(self, lot: Lot) -> None:
        """Take a dose of a lot on hand for another stock."""
        self._take(lot, DEPARTURE)

    def _take(self, lot: Lot, reason: str, patient: int = -1) -> None:
        lot.on_hand -= 1
        if lot.on_hand == 0 and lot in self._lots:  # not so if only its issued doses are left
            self._lots.remove(lot)
        self._move(lot, -1, reason, patient)

    def _drop_expired(self) -> None:
        # A lot may be asked for at the very instant of its expiry, before the expiry event.
        now = self.env.now
        if now < self._spoils:
            return
        dead = [lot for lot in self._lots if lot.leaves <= now]
        for lot in dead:
            self._remove(lot)
        self._spoils = min((lot.leaves for lot in self._lots), default=math.inf)
        if dead:
            self.on_change("expiry")

    def _expire(self, event: Event) -> None:
        lot = event.value
        assert isinstance(lot, Lot)
        if lot.on_hand:
            self._remove(lot)
            self.on_change("expiry")

    def _remove(self, lot: Lot, reason: str = "expiry") -> None:
        self._lots.remove(lot)
        self._discard(lot, reason)

    def _discard(self, lot: Lot, reason: str = "expiry", keep: int = 0) -> None:
        quantity, lot.on_hand = lot.on_hand - keep, keep
        self._move(lot, -quantity, reason)

    def _move(self, lot: Lot, quantity: int, reason: str, patient: int = -1) -> None:
        self.on_hand += quantity
        self.moves.append(
            (self.env.now, self.name, lot.number, quantity, reason, patient, self.on_hand)
        )


_ISSUE_ORDER: dict[str, Callable[[Lot], tuple[float, float]]] = {
    "fefo": attrgetter("expires", "number"),
    "fifo": attrgetter("received", "number"),
    "lifo": lambda lot: (-lot.received, -lot.number),
}
