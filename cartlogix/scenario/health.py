"""States of health before treatment: how patients worsen while they wait, and what that changes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.quantity import Duration, Number, Rate


class HealthState(Part):
    """One state of health of patients who wait."""

    name: Name
    """Name of the state, as transitions, outcomes and the report refer to it."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    share: Number | None = None
    """Relative share of patients who enrol in it; all enrol in the first state if nobody says."""
    urgency: Number | None = None
    """Urgency weight while in it; that of the indication if left out."""
    end: Literal["lost", "death"] | None = None
    """Whoever comes to it before infusion is lost, for example as no longer eligible; `death`
    counts as dead, too."""
    mortality: Rate | None = None
    """Constant hazard of death after infusion, for those who were in this state when infused."""


class Transition(Part):
    """A way from one state to another; those that lead out of a state compete."""

    from_: Name = Field(alias="from")
    """State that is left."""
    to: Name
    """State that is entered."""
    hazard: Rate | None = None
    """Constant hazard, for example `0.01 /d`; 0 switches the transition off."""
    after: Duration | None = None
    """Law of the time in the state until the transition."""

    @model_validator(mode="after")
    def _one_law(self) -> Transition:
        if (self.hazard is None) == (self.after is None):
            raise ValueError("give either 'hazard' (a rate) or 'after' (a law of time)")
        return self


class Health(Part):
    """The states of health of an indication's patients, from enrolment to the first infusion."""

    states: Annotated[tuple[HealthState, ...], Field(min_length=1, max_length=50)]
    """The states, the usual one at enrolment first."""
    transitions: tuple[Transition, ...] = ()
    """How patients come from one to another."""
