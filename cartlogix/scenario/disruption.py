"""What goes wrong from outside: outages, strikes, missed lots, surges of demand, recalls."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount, Text
from cartlogix.scenario.quantity import Duration, Number
from cartlogix.scenario.when import When


class Happening(Part):
    """When something goes wrong: on stated days, or at random."""

    name: Name
    """Name of the disruption. Its random numbers depend on the name and on nothing else, so that
    scenarios that are compared meet the same one."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    at: tuple[When, ...] = ()
    """Days on which it begins: `60 d` from the start of the run, or dates."""
    after: Duration | None = None
    """Law of the time until it begins, from day 0 and then from the end of the last one, instead
    of stated days."""

    @model_validator(mode="after")
    def _dated_or_random(self) -> Happening:
        if bool(self.at) == (self.after is not None):
            raise ValueError("give either 'at' (days) or 'after' (a law of the time until then)")
        return self


class Outage(Happening):
    """Units of a resource, or a whole site, are out of work for a time."""

    kind: Literal["outage"]
    """Chooses this kind. Suites or a plant down, an instrument out, staff absent, contamination."""
    lasts: Duration
    """How long it lasts; of a contamination, how long it takes to clean."""
    site: Name
    """Site that is hit."""
    resource: Name | None = None
    """Resource that is hit; every resource of the site if left out."""
    group: Name | None = None
    """Group of people who are absent, where the resource has groups."""
    units: PositiveCount | None = None
    """Units that are out, or people who are absent; all of them if left out."""
    in_process: Literal["finish", "pause", "destroy"] = "finish"
    """What becomes of work in units that are hit: it is finished (units go out as they fall
    free), it stands still and goes on afterwards, or it is destroyed, which is a failure of the
    step. Idle units are hit first; by what destroys, busy ones."""


class Strike(Happening):
    """Shipments of a lane leave only when it is over; what is on its way arrives."""

    kind: Literal["strike"]
    """Chooses this kind."""
    lasts: Duration
    """How long it lasts."""
    from_: Name = Field("*", alias="from")
    """Site of departure, or `*`."""
    to: Name = "*"
    """Site of arrival, or `*`."""


class MissedLot(Happening):
    """The next lots that a stock is due to receive do not come."""

    kind: Literal["missed_lot"]
    """Chooses this kind."""
    stock: Name
    """Stock that misses the lots; the rule of replenishment takes them for failed."""
    lots: PositiveCount = 1
    """Lots that are missed."""


class Surge(Happening):
    """More, or fewer, patients arrive for a time."""

    kind: Literal["surge"]
    """Chooses this kind."""
    lasts: Duration
    """How long it lasts."""
    factor: Number
    """By what the arrival rate is multiplied."""
    indication: Name | None = None
    """Indication that it concerns; all of them if left out."""


class Between(Part):
    """A span of time."""

    from_: When = Field(alias="from")
    """When it begins: `60 d` from the start of the run, or a date."""
    to: When
    """When it ends."""


class Recall(Happening):
    """Released lots are called back: their doses are destroyed, in whichever stock they are."""

    kind: Literal["recall"]
    """Chooses this kind."""
    stock: Name
    """Stock that received the lot from the plant; doses that went on to others are found there."""
    lot: PositiveCount | Literal["latest"] = "latest"
    """Which lot: the latest one received, or the n-th one (an initial stock is the first lot)."""
    made: Between | None = None
    """Instead, every lot that was being made, from its order to its release, at some time then;
    lots that still are do not come."""
    donor: bool = False
    """Whether all lots of the same donors are called back too, and no more are made of their
    cells."""

    @model_validator(mode="after")
    def _lot_or_time(self) -> Recall:
        if self.made is not None and self.lot != "latest":
            raise ValueError("give 'lot' or 'made', not both")
        return self


Disruption = Annotated[
    Outage | Strike | MissedLot | Surge | Recall,
    Field(discriminator="kind"),
]
