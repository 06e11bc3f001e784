"""How a line is planned: what the plan weighs, when it is made anew, what it promises."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount
from cartlogix.scenario.quantity import (
    FixedDuration,
    Number,
    PositiveDuration,
    days,
    number,
)

Aim = Literal["tardiness", "flow", "wait", "expected_loss"]


def _usual_objective() -> dict[Aim, Number]:
    return {"tardiness": number(1), "flow": number(0.1)}


Trigger = Literal["arrival", "urgent", "failure", "release", "outage"]


class Replanning(Part):
    """When a plan is made anew; only ever at a moment at which somebody may start."""

    every: PositiveDuration | None = None
    """At the latest after this time; never for that reason if left out."""
    on: tuple[Trigger, ...] = ("arrival", "failure", "release", "outage")
    """What else it is made anew for: somebody joins the line, somebody more urgent than everybody
    in it does, a failed lot comes back, units become free, units go out of work or come back."""

    @model_validator(mode="after")
    def _some_reason(self) -> Replanning:
        if self.every is None and not self.on:
            raise ValueError(
                "without 'every' and 'on' no plan would ever be made; give one of them"
            )
        return self


class SlotPolicy(Part):
    """How a line is planned; expectations only."""

    tick: PositiveDuration = days("1 d")
    """Smallest step of the plan; durations are rounded to it."""
    window: PositiveDuration = days("365 d")
    """How far the plan looks ahead at most."""
    book: Name | None = None
    """Step before this one, such as apheresis, that waits at home for a promised start: the patient
    is called so that the material is there when its slot starts. Nothing is booked if left out."""
    freeze: FixedDuration = days("0 d")
    """Starts promised for the time up to here are kept where that is still possible."""
    replan: Replanning = Replanning()
    """When the plan is made anew. In between, the last one is an order: new ones are put where the
    fallback rule puts them, and whoever fits starts."""
    hold: FixedDuration = days("1 d")
    """How long a free unit waits at most for somebody who is promised a start then, where another
    start would break that promise."""
    lots: PositiveCount = 40
    """Most lots that are planned at a time; the fallback rule chooses them."""
    effort: Number = number(0.05)
    """Deterministic work of each plan; 1 is about a second."""
    fallback: Literal["fifo", "due_date", "atc", "index"] = "atc"
    """The rule that decides where there is no plan."""
    objective: dict[Aim, Number] = Field(default_factory=_usual_objective)
    """Weights of what the plan makes small: weighted days late, from joining to the end, from
    joining to the start, and the chance of being lost before the start."""

    @model_validator(mode="after")
    def _sensible(self) -> SlotPolicy:
        if self.effort.value <= 0:
            raise ValueError("'effort' must be above 0, for example 0.05")
        weights = [weight.value for weight in self.objective.values()]
        if min(weights, default=0.0) < 0 or not any(weights):
            raise ValueError("'objective' needs weights of 0 or more, one of them above 0")
        if self.window.value < self.tick.value:
            raise ValueError("'window' must not be shorter than 'tick'")
        return self
