"""How a scenario is run: window, replications, seed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Part
from cartlogix.scenario.calendar import Zone
from cartlogix.scenario.quantity import FixedDuration, PositiveDuration, days

LONGEST = 1e6
"""Longest run in days: a limit against slips of the pen that leaves room for theory."""

MOST_PERIODS = 500
"""Most periods for which figures are reported one by one."""


class Run(Part):
    """The measured cohort and how often the run is repeated."""

    start: Annotated[dt.date, Field(strict=False)] = dt.date(2027, 1, 4)
    """Calendar date of day 0; weekdays follow from it."""
    time_zone: Zone = "UTC"
    """Time zone of day 0, and of the sites and calendars that name none. The clock of the run is
    the time elapsed since midnight of the start date in this zone."""
    study: Literal["terminating", "steady_state"] = "terminating"
    """A terminating study starts from the stated state; a steady-state study needs a warm-up."""
    warm_up: FixedDuration = days("0 d")
    """Time before enrolment is measured."""
    enrolment: PositiveDuration = days("365 d")
    """Length of the measured window: patients enrolled in it are the cohort."""
    drain: Literal["until_done", "none"] = "until_done"
    """Follow the cohort until everybody is infused or lost (arrivals go on and keep the load
    on), or stop at the end of the window."""
    cap: FixedDuration = days("1825 d")
    """Hard cap on the time after the window; who is then under way is counted as such."""
    periods: PositiveDuration | None = None
    """Length of the periods of the window for which figures are reported one by one, such as
    `91.25 d` for quarters; none if left out."""
    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    """Independent repetitions."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    """Seed of all random numbers."""

    @model_validator(mode="after")
    def _not_endless(self) -> Run:
        total = self.warm_up.value + self.enrolment.value + self.cap.value
        if total > LONGEST:
            raise ValueError(
                f"warm_up + enrolment + cap is {total:g} d; the limit is {LONGEST:g} d"
            )
        return self

    @model_validator(mode="after")
    def _not_countless(self) -> Run:
        if self.periods is not None and self.enrolment.value / self.periods.value > MOST_PERIODS:
            raise ValueError(f"'periods' would be more than {MOST_PERIODS}; lengthen them")
        return self

    @property
    def window(self) -> tuple[float, float]:
        """Start and end of the measured window, in days from the start."""
        return self.warm_up.value, self.warm_up.value + self.enrolment.value

    @property
    def horizon(self) -> float:
        """Latest day to which a replication can run."""
        end = self.window[1]
        return end + self.cap.value if self.drain == "until_done" else end
