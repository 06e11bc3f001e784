"""The course after the first infusion: repeat doses, and clinical outcomes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cartlogix.scenario.base import Name, Part
from cartlogix.scenario.quantity import FixedDuration, Probability


class Repeat(Part):
    """Repeat doses after the first infusion."""

    doses: Annotated[int, Field(ge=2, le=100)]
    """Doses of a full course, the first included."""
    interval: FixedDuration
    """Time from the end of one course to the order of the next dose."""
    from_step: Name
    """Step at which the next dose starts, for example the draw from stock."""
    probability: Probability | None = None
    """Probability that a further dose is needed each time; always if left out."""


class OutcomeLevel(Part):
    """One clinical outcome and its probability."""

    name: Name
    """For example drug-free remission, remission on low-dose maintenance, response."""
    probability: Probability
    """Probability among infused patients."""
    by_indication: dict[Name, Probability] = Field(default_factory=dict)
    """Probability for single indications instead."""
    by_health: dict[Name, Probability] = Field(default_factory=dict)
    """Probability for those who are in a state of health when infused, before all others."""
