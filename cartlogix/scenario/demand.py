"""Who needs treatment: arrivals, indications, and how patients are lost while they wait."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Count, Name, Part, PositiveCount, Text
from cartlogix.scenario.health import Health
from cartlogix.scenario.matching import MatchClass
from cartlogix.scenario.quantity import (
    Duration,
    FixedDuration,
    Number,
    PositiveDuration,
    Rate,
    days,
    number,
)
from cartlogix.scenario.when import When

Scope = Literal["enrolment_to_infusion", "waiting_for_slot"] | tuple[Name, ...]


class DropOut(Part):
    """One cause by which patients are lost; several causes compete and the first one wins."""

    name: Name
    """The cause as the report shows it, for example death or withdrawal."""
    scope: Scope = "enrolment_to_infusion"
    """While what the clock of this cause runs: `enrolment_to_infusion`, `waiting_for_slot`
    (the wait for a manufacturing slot only), or a list of step names (waiting and working)."""
    hazard: Rate | None = None
    """Constant hazard, for example `0.0035 /d`; 0 switches the cause off."""
    after: Duration | None = None
    """Law of the exposed time until drop-out; a constant is a fixed deadline."""

    @model_validator(mode="after")
    def _one_law(self) -> DropOut:
        if (self.hazard is None) == (self.after is None):
            raise ValueError("give either 'hazard' (a rate) or 'after' (a law of time)")
        return self


class UptakePoint(Part):
    """How much of an indication's demand there is from one day on."""

    at: When
    """Day or date from which the factor holds (step) or through which the line passes (linear)."""
    factor: Number
    """Factor on the indication's arrivals: 1 is all of its share, 0 is nobody."""


class Prevalent(Part):
    """Patients who have the disease already when treatment opens to them."""

    patients: PositiveCount
    """Patients who enrol in all."""
    at: When = days("0 d")
    """Day or date from which they enrol, such as that of a label expansion."""
    per_week: PositiveCount | None = None
    """Most who enrol in a week, evenly spaced; all enrol at once and wait if left out."""
    urgency: Number | None = None
    """Urgency weight of these patients; the indication's if left out. With one below that of
    everybody else, and `discipline: priority`, they are served with the capacity that others
    leave, as it falls free."""


class Indication(Part):
    """A disease group that patients are enrolled for."""

    name: Name
    """Name by which pathways, failures and reports refer to the indication."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    share: Number = number(1)
    """Relative share of patients; shares are divided by their sum."""
    urgency: Number = number(1)
    """Urgency weight: orders priority queues and weighs tardiness; 1 is ordinary."""
    target: FixedDuration | None = None
    """Target for enrolment to infusion: the due date is enrolment plus this."""
    drop_out: tuple[DropOut, ...] = ()
    """Competing causes of loss before infusion."""
    uptake: tuple[UptakePoint, ...] = ()
    """Factors on this indication's arrivals from stated days on, 0 before the first: a label
    expansion, a launch. The other indications' arrivals stay as they are."""
    uptake_shape: Literal["step", "linear"] = "step"
    """Whether the factor jumps at each point or runs in a straight line between points."""
    health: Health | None = None
    """States of health while waiting: eligibility, urgency, loss, and response; none if left
    out."""
    prevalent: Prevalent | None = None
    """Patients who have waited for treatment to open, beside those who arrive."""


class RatePoint(Part):
    """The arrival rate from one day on."""

    at: FixedDuration
    """Day from which the rate holds (step) or through which the ramp passes (linear)."""
    rate: Rate
    """Patients per time, for example `500 /y`."""


class Season(Part):
    """A yearly rhythm of arrivals: factors by month, or a sine wave with its peak day."""

    by_month: tuple[Number, ...] = ()
    """Twelve factors on the rate, January first."""
    amplitude: Number | None = None
    """Height of the wave over its mean, from 0 to 1."""
    peak: When = days("0 d")
    """Day or date on which the wave is highest."""
    period: PositiveDuration = days("365 d")
    """Length of the wave."""

    @model_validator(mode="after")
    def _one_form(self) -> Season:
        if bool(self.by_month) == (self.amplitude is not None):
            raise ValueError("give either 'by_month' (twelve factors) or 'amplitude'")
        if self.by_month and len(self.by_month) != 12:
            raise ValueError(f"'by_month' needs twelve factors, found {len(self.by_month)}")
        if self.amplitude is not None and self.amplitude.value > 1:
            raise ValueError("'amplitude' lies between 0 and 1: a rate cannot be negative")
        return self


class PoissonArrivals(Part):
    """Patients arrive at random, at a constant, stepwise, ramped or seasonal rate."""

    process: Literal["poisson"]
    """Chooses this arrival process."""
    rate: Rate | None = None
    """Constant rate, for example `500 /y`."""
    rates: tuple[RatePoint, ...] = ()
    """Rate by day instead of a constant one; 0 before the first point."""
    shape: Literal["step", "linear"] = "step"
    """Whether the rate jumps at each point or runs in a straight line between points."""
    season: Season | None = None
    """Rhythm by which the rate is multiplied; none if left out."""
    until: FixedDuration | None = None
    """Nobody arrives at or after this day; never if left out."""

    @model_validator(mode="after")
    def _one_rate(self) -> PoissonArrivals:
        if (self.rate is None) == (not self.rates):
            raise ValueError("give either 'rate' or 'rates'")
        starts = [point.at.value for point in self.rates]
        if any(b <= a for a, b in pairwise(starts)):
            raise ValueError("the days of 'rates' must increase")
        return self


class IntervalArrivals(Part):
    """One patient every so often, like clockwork."""

    process: Literal["interval"]
    """Chooses this arrival process."""
    every: PositiveDuration
    """Time between two patients."""
    first: FixedDuration = days("0 d")
    """When the first patient arrives."""
    until: FixedDuration | None = None
    """Nobody arrives at or after this day; never if left out."""


class ListedPatient(Part):
    """One named arrival."""

    at: FixedDuration
    """Day of enrolment."""
    indication: Name | None = None
    """Indication; drawn by share if left out."""
    centre: Name | None = None
    """Treatment centre; drawn by share if left out."""


class ListedArrivals(Part):
    """An explicit list of patients."""

    process: Literal["list"]
    """Chooses this arrival process."""
    patients: Annotated[tuple[ListedPatient | FixedDuration, ...], Field(max_length=1_000_000)]
    """Days of enrolment (`5 d`), or mappings with `at`, `indication`, `centre`."""


class FileArrivals(Part):
    """Patients from a CSV file beside the scenario."""

    process: Literal["file"]
    """Chooses this arrival process."""
    file: Name
    """CSV file, relative to the scenario, with a column `day` and optionally `indication`
    and `centre`."""


Arrivals = Annotated[
    PoissonArrivals | IntervalArrivals | ListedArrivals | FileArrivals,
    Field(discriminator="process"),
]


class Demand(Part):
    """Everything about who arrives, when, and how long they can wait."""

    arrivals: Arrivals
    """How new patients arrive."""
    backlog: Count = 0
    """Patients already enrolled and waiting at day 0 (a prevalent pool)."""
    indications: Annotated[tuple[Indication, ...], Field(min_length=1)]
    """The disease groups served."""
    match_classes: tuple[MatchClass, ...] = ()
    """Which patients can take which donors' doses; anybody takes any dose if left out."""
