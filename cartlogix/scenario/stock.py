"""Stocks of doses, the lots that fill them, and the rules by which lots are ordered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from cartlogix.scenario.base import Count, Name, Part, PositiveCount, Text
from cartlogix.scenario.matching import Donors
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.quantity import (
    FixedDuration,
    Number,
    NumberLaw,
    PositiveDuration,
    Probability,
    Rate,
    days,
    number,
)


class NoSupply(Part):
    """Nothing is ordered: the initial stock is all there is."""

    rule: Literal["none"] = "none"
    """Chooses this rule."""


class BaseStock(Part):
    """One-for-one: each issue, expiry or failure orders a replacement (S-1, S)."""

    rule: Literal["base_stock"]
    """Chooses this rule."""
    level: PositiveCount
    """S: the inventory position that is restored, in doses."""


class ReorderQuantity(Part):
    """(r, Q): when the position falls to r or below, order multiples of Q above it."""

    rule: Literal["r_Q"]
    """Chooses this rule."""
    reorder_point: Count
    """r: position, in doses, at which an order is placed."""
    quantity: PositiveCount
    """Q: doses of one order."""


class ReorderUpTo(Part):
    """(s, S): when the position falls to s or below, order up to S."""

    rule: Literal["s_S"]
    """Chooses this rule."""
    reorder_point: Count
    """s: position, in doses, at which an order is placed."""
    level: PositiveCount
    """S: position, in doses, up to which is ordered."""

    @model_validator(mode="after")
    def _level_above(self) -> ReorderUpTo:
        if self.level <= self.reorder_point:
            raise ValueError("level S must be above reorder_point s")
        return self


class PeriodicReview(Part):
    """(R, S): every R, order up to S."""

    rule: Literal["R_S"]
    """Chooses this rule."""
    review: PositiveDuration
    """R: time between reviews; the first one is at day 0."""
    level: PositiveCount
    """S: position, in doses, up to which is ordered."""


class Delivery(Part):
    """One lot that arrives whatever the demand."""

    at: FixedDuration
    """Day on which the lot is released and received."""
    doses: PositiveCount
    """Doses in the lot."""


class ExogenousSupply(Part):
    """Lots that arrive on stated days, or like clockwork, whatever the demand."""

    rule: Literal["exogenous"]
    """Chooses this rule."""
    deliveries: tuple[Delivery, ...] = ()
    """Lots on stated days."""
    every: PositiveDuration | None = None
    """Time between regular lots; the first one is at day 0."""
    doses: PositiveCount | None = None
    """Doses of each regular lot."""

    @model_validator(mode="after")
    def _something(self) -> ExogenousSupply:
        if (self.every is None) != (self.doses is None):
            raise ValueError("'every' and 'doses' go together")
        if self.every is None and not self.deliveries:
            raise ValueError("give 'deliveries', or 'every' with 'doses'")
        return self


class ComputedLevel(Part):
    """Order up to a level that follows from expectations: demand, lead time, yield, expiry."""

    rule: Literal["computed_S"]
    """Chooses this rule."""
    review: PositiveDuration | None = None
    """Time between reviews, the first at day 0; every change is looked at if left out."""
    service: Probability
    """Chance that demand over lead time and review does not exceed the level."""
    demand: Rate | None = None
    """Doses asked for; by the scenario's demand, at its highest rate, if left out."""
    lead: FixedDuration | None = None
    """From order to receipt; the mean of the supply route without waiting if left out."""

    @model_validator(mode="after")
    def _sensible(self) -> ComputedLevel:
        if not 0 < self.service.value < 1:
            raise ValueError("'service' lies between 0 and 1, both excluded; for example 0.95")
        return self


class AgeAware(ComputedLevel):
    """The same level, but doses that are expected to expire before the next receipt do not count.

    Estimated withdrawal and ageing (EWA), Broekmeulen and van Donselaar, Computers & Operations
    Research 36 (2009) 3013.
    """

    rule: Literal["EWA"]  # type: ignore[assignment]
    """Chooses this rule."""


Replenishment = Annotated[
    NoSupply
    | BaseStock
    | ReorderQuantity
    | ReorderUpTo
    | PeriodicReview
    | ComputedLevel
    | AgeAware
    | ExogenousSupply,
    Field(discriminator="rule"),
]


class ShelfLife(Part):
    """How long a dose can be used, from when, and where that is checked."""

    life: PositiveDuration
    """Shelf life."""
    starts: Literal["release", "receipt"] = "release"
    """Event that starts the clock: the lot's release, or its receipt in stock."""
    checked_at: Literal["issue", "infusion"] = "issue"
    """A dose must be alive when issued, or still when infused (else it is drawn again)."""
    at_issue: FixedDuration = days("0 d")
    """Least life that must remain when a dose is issued; with less it is taken out of stock."""

    @model_validator(mode="after")
    def _issuable(self) -> ShelfLife:
        if self.at_issue.value >= self.life.value:
            raise ValueError(
                f"no dose could ever be issued: 'at_issue' ({self.at_issue.value:g} d) must be "
                f"below 'life' ({self.life.value:g} d)"
            )
        return self


class LotSupply(Part):
    """How a lot is made."""

    route: tuple[Step, ...] = ()
    """Steps of the supply route, from donor to receipt; empty means at once."""
    doses: NumberLaw | None = None
    """Doses that a lot yields, rounded down; a lot yields what was ordered if left out."""
    plant: Name | None = None
    """Plant where the lot is made; the first plant if left out."""
    urgency: Number = number(1)
    """Urgency weight of a lot in priority queues that it shares with patients."""
    family: Name | None = None
    """Product family, where units are changed between families; the stock's name if left out."""
    donors: Donors | None = None
    """Donors and their match classes; doses fit everybody if left out."""


class FromStock(Part):
    """Another stock that orders go to, instead of a plant."""

    stock: Name
    """Name of the stock that sends the doses, one by one as it has them."""
    mode: Name | None = None
    """Transport mode between the two sites; the lane's first one if left out."""


class Transshipment(Part):
    """Doses from a stock alongside: a patient who must wait has one sent over at once."""

    from_: Annotated[tuple[Name, ...], Field(alias="from", min_length=1)]
    """Stocks that are asked, in this order; the first that can spare a dose sends it."""
    mode: Name | None = None
    """Transport mode between the two sites; the lane's first one if left out."""
    keep: Count = 0
    """Doses that the sending stock keeps for its own patients."""


class Stock(Part):
    """An inventory of finished doses at a site."""

    name: Name
    """Name of the stock."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    at: Name | None = None
    """Site that holds the stock; the first plant if left out."""
    initial: Count = 0
    """Doses on hand at day 0, received then as one fresh lot; with donors of several classes, as
    one lot of each, by their frequencies."""
    shelf_life: ShelfLife | None = None
    """Shelf life; doses keep for ever if left out."""
    issue: Literal["fefo", "fifo", "lifo"] = "fefo"
    """Which dose is issued first: first expiring, first received, last received."""
    matching: Literal["exact_first", "best_first", "issue_order"] = "exact_first"
    """Which of the doses that fit goes first, before the order of issue decides: those of the
    patient's own class; those named first in what the patient's class accepts; or all alike."""
    discipline: Literal["fifo", "priority", "due_date"] = "fifo"
    """Who is served first of those who wait for a dose."""
    replenishment: Replenishment = NoSupply()
    """When new lots are ordered."""
    lot: LotSupply = LotSupply()
    """How a lot is made."""
    supplied_by: FromStock | None = None
    """The stock that orders go to, by name or as a mapping; lots are made if left out."""
    transship: Transshipment | None = None
    """Where a dose comes from if a patient must wait; none is sent over if left out."""

    @field_validator("supplied_by", mode="before")
    @classmethod
    def _short_supply(cls, given: Any) -> Any:
        return {"stock": given} if isinstance(given, str) else given
