"""Campaigns: product families that share units, and what changing between them takes."""

from __future__ import annotations

from pydantic import Field, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount
from cartlogix.scenario.quantity import Duration, FixedDuration


class Campaigns(Part):
    """How a unit changes from one product family to another, and when it does.

    The family of a patient's step is that of the pathway, that of a lot's step that of the stock.
    A unit that was never used takes any family at once. What follows each use, whatever comes next,
    is the resource's `changeover`.
    """

    between: Duration
    """Time to change a unit from one family to another, before the work starts."""
    to: dict[Name, Duration] = Field(default_factory=dict)
    """Time to change to single families instead."""
    most: PositiveCount | None = 1
    """Starts of one family in a row on a unit while others wait; `null` means as long as somebody
    of the family waits. With 1, units follow the line, whatever the change takes."""
    least: PositiveCount = 1
    """Of a family, so many must wait before a unit changes to it."""
    longest_wait: FixedDuration | None = None
    """Who has waited so long has a unit changed, however few wait."""

    @model_validator(mode="after")
    def _none_waits_for_ever(self) -> Campaigns:
        if self.least > 1 and self.longest_wait is None:
            raise ValueError(
                "'least' needs 'longest_wait', for example 14 d: else the last few wait for ever"
            )
        return self
