"""Pathways as data: routes of steps, and what each step takes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount, Text
from cartlogix.scenario.course import OutcomeLevel, Repeat
from cartlogix.scenario.failure import Branch, Failure, Fresh
from cartlogix.scenario.quantity import (
    Duration,
    FixedDuration,
    Number,
    days,
    number,
)

Milestone = Literal["donor", "apheresis", "manufacture", "release", "lymphodepletion", "infusion"]
MILESTONES: tuple[Milestone, ...] = (
    "apheresis",
    "manufacture",
    "release",
    "lymphodepletion",
    "infusion",
)


class Ship(Part):
    """Transport between two sites; time and price come from the lane."""

    from_: Name | None = Field(None, alias="from")
    """`centre`, `plant`, or a site's name; where the material is now if left out."""
    to: Name
    """`centre` (the patient's), `plant` (the one that serves it), or a site's name."""
    mode: Name | None = None
    """Transport mode; the lane's first one if left out."""
    fresh: bool = False
    """Whether fresh material travels, which fails when transit exceeds `max_transit`."""


LOCAL = "local"
"""Stands for the stock of the patient's centre in a draw."""


class Draw(Part):
    """Taking one dose from stock."""

    stock: Annotated[tuple[Name, ...], Field(min_length=1)]
    """The stock, or a list of stocks in order of preference; who must wait waits at the first.
    `local` stands for the `stock` of the patient's centre."""
    stock_out: Literal["wait", "lost"] | Branch = "wait"
    """What follows when nothing can be issued: wait in line, be lost, or switch pathway."""

    @field_validator("stock", mode="before")
    @classmethod
    def _short_stock(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("stock_out")
    @classmethod
    def _only_switch(cls, given: str | Branch) -> str | Branch:
        if isinstance(given, Branch) and given.action != "switch":
            raise ValueError("write wait, lost, or {action: switch, pathway: ...}")
        return given


class Need(Part):
    """Units of one resource that a step holds."""

    name: Name
    """Name of the resource at the step's site."""
    units: PositiveCount = 1
    """Units held."""
    qualification: Name | None = None
    """Qualification that people must have, where the resource is a crew."""
    for_: FixedDuration | None = Field(None, alias="for")
    """Time for which the units are needed (hands-on); the whole step if left out."""
    at: Literal["start", "end"] = "start"
    """Whether that time is the first or the last of the step. For the last, the step waits for
    the units and keeps what else it holds; the wait comes on top of the step's duration."""

    @model_validator(mode="after")
    def _some_time(self) -> Need:
        if self.at == "end" and self.for_ is None:
            raise ValueError("'at: end' goes with 'for', the time for which the units are needed")
        if self.for_ is not None and self.for_.value <= 0:
            raise ValueError("'for' must be longer than 0")
        return self


class Step(Part):
    """One step of a route: work for a time with what it needs, or a shipment, or a draw."""

    name: Name
    """Name of the step. A step named apheresis, manufacture, release, lymphodepletion or
    infusion is that milestone unless it says otherwise."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    duration: Duration = days("0 d")
    """How long the step takes once it has started; a shipment takes its lane's time instead."""
    clock: Literal["elapsed", "working"] = "elapsed"
    """Whether the duration runs on (a culture) or counts only the opening hours (a signature)."""
    start: Literal["any", "opening"] = "any"
    """Whether a step without resources may start at any time or in opening hours only; work with
    resources always starts in theirs."""
    end: Literal["any", "opening"] = "any"
    """Whether a step that is over outside opening hours ends then or at the next opening."""
    shift_end: Literal["wait", "pause", "hand_over"] | None = None
    """What a closing does to the step: it does not start unless its mean time fits before it
    (`wait`), stands still until the next opening (`pause`, the only way of working time), or goes
    on (`hand_over`, the default of elapsed time). With hands-on times `wait` is about those."""
    needs: tuple[Need, ...] = ()
    """Resources held for the whole step or a part of it: one name, or a list of names or of
    mappings with `name` and `units`. The first one keeps the queue."""
    at: Literal["centre", "plant"] | None = None
    """Where the resources are; found by their names if left out."""
    ship: Ship | None = None
    """Makes the step a shipment."""
    draw: Draw | None = None
    """Makes the step a draw from stock."""
    with_previous: bool = False
    """Starts together with the step before; the route goes on when both have ended."""
    milestone: Milestone | Literal["none"] | None = None
    """Which clock this step starts or ends; by its name if left out. `donor`, of a lot only and
    never by its name, is the screening of a donor."""
    slot: bool | None = None
    """Whether the wait for this step is the wait for a slot; by default the step with the
    milestone manufacture."""
    failure: Failure | None = None
    """What can go wrong at the end of the step."""
    fresh: Fresh | None = None
    """Fresh material that must not be too old when the step starts, in transit and in line."""

    @field_validator("needs", mode="before")
    @classmethod
    def _short_needs(cls, given: Any) -> Any:
        listed = (given,) if isinstance(given, str | dict) else given
        if not isinstance(listed, tuple):
            return given
        return tuple({"name": item} if isinstance(item, str) else item for item in listed)

    @field_validator("ship", mode="before")
    @classmethod
    def _short_ship(cls, given: Any) -> Any:
        return {"to": given} if isinstance(given, str) else given

    @field_validator("draw", mode="before")
    @classmethod
    def _short_draw(cls, given: Any) -> Any:
        return {"stock": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        if self.ship and self.draw:
            raise ValueError("a step is a shipment or a draw, not both")
        if (self.ship or self.draw) and self.needs:
            raise ValueError("a shipment or a draw holds no resources; make it two steps")
        if (self.ship or self.draw) and self.duration.value > 0:
            raise ValueError("a shipment takes its lane's time and a draw takes none")
        if self.with_previous and (self.needs or self.draw or self.failure):
            raise ValueError("a step 'with_previous' cannot hold resources, draw or fail")
        return self

    @model_validator(mode="after")
    def _fresh_in_line(self) -> Step:
        if self.fresh is not None and not self.needs:
            raise ValueError("'fresh' is for a step that needs resources, for which it may wait")
        if self.fresh is not None and any(b.queue == "same_suite" for b in self.fresh.then):
            raise ValueError("material that is too old has no suite yet to be made again in")
        if self.fresh is not None and any(b.action == "infuse" for b in self.fresh.then):
            raise ValueError("material that is too old cannot be infused: nothing was made of it")
        return self

    @model_validator(mode="after")
    def _sensible_hours(self) -> Step:
        timed = self.start != "any" or self.end != "any" or self.shift_end is not None
        if timed and (self.ship or self.draw):
            raise ValueError(
                "'start', 'end' and 'shift_end' are for work; a lane says when a courier comes "
                "('pick_up') and when a shipment is received ('receive')"
            )
        if self.start == "opening" and self.needs:
            raise ValueError("work with resources starts in their hours anyway; remove 'start'")
        if self.shift_end == "pause" and self.clock == "elapsed":
            raise ValueError("a step that pauses counts working time: write 'clock: working'")
        if self.shift_end == "hand_over" and self.clock == "working":
            raise ValueError("a step that is handed over goes on: write 'clock: elapsed'")
        if self.end == "opening" and (self.clock == "working" or self.shift_end == "wait"):
            raise ValueError("this step ends in opening hours anyway; remove 'end'")
        return self

    @model_validator(mode="after")
    def _sensible_hands(self) -> Step:
        parts = [need for need in self.needs if need.for_ is not None]
        if not parts:
            return self
        if self.needs[0].for_ is not None:
            raise ValueError(
                "the first of 'needs' keeps the queue and is held throughout; put what is needed "
                "'for' a part of the step behind it"
            )
        if self.clock == "working":
            raise ValueError("hands-on times ('for') go with 'clock: elapsed'")
        if self.end == "opening":
            raise ValueError("with hands-on times ('for') a step cannot say 'end: opening'")
        again = self.failure.then if self.failure else ()
        if any(branch.queue == "same_suite" for branch in again):
            raise ValueError("a step with hands-on times cannot be repeated in the 'same_suite'")
        if len({need.for_.value for need in self.ending if need.for_}) > 1:
            raise ValueError("what is needed 'at: end' is needed for the same time")
        longest = max((n.for_.value for n in parts if n.for_ and n.at == "start"), default=0.0)
        longest += max((n.for_.value for n in parts if n.for_ and n.at == "end"), default=0.0)
        if self.duration.law.is_constant and longest > self.duration.value + 1e-9:
            raise ValueError(
                f"hands-on times of {longest * 24:g} h do not fit into a step of "
                f"{self.duration.value * 24:g} h"
            )
        return self

    @property
    def ending(self) -> tuple[Need, ...]:
        """What is needed for the last part of the step only."""
        return tuple(need for need in self.needs if need.at == "end")

    @property
    def ending_days(self) -> float:
        """Days of the last part; 0 if nothing is needed for it only."""
        return max((need.for_.value for need in self.ending if need.for_), default=0.0)

    @property
    def kind(self) -> Literal["work", "ship", "draw"]:
        """What the step is: work, a shipment, or a draw from stock."""
        return "ship" if self.ship else "draw" if self.draw else "work"

    @property
    def marks(self) -> Milestone | None:
        """The milestone that this step is, if any."""
        if self.milestone is not None:
            return None if self.milestone == "none" else self.milestone
        return next((m for m in MILESTONES if m == self.name), None)


def slot_steps(route: tuple[Step, ...]) -> frozenset[str]:
    """Return the names of the steps whose wait is the wait for a slot.

    These are the steps marked `slot: true`; if there are none, the manufacture, unless it says
    `slot: false`.
    """
    marked = frozenset(step.name for step in route if step.slot)
    made = frozenset(s.name for s in route if s.marks == "manufacture" and s.slot is None)
    return marked or made


class Pathway(Part):
    """One way to supply patients: the route that they walk from enrolment to infusion."""

    name: Name
    """Name of the pathway."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    modality: Literal["autologous", "off_the_shelf", "in_vivo"]
    """What kind of supply this is; decides which clocks apply (vein-to-vein: autologous)."""
    family: Name | None = None
    """Product family, where units are changed between families; the pathway's name if left out."""
    share: Number = number(1)
    """Relative share of patients who start on this pathway."""
    share_by_indication: dict[Name, Number] = Field(default_factory=dict)
    """Share for single indications instead."""
    route: Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)]
    """The steps, in order."""
    repeat: Repeat | None = None
    """Repeat doses; none if left out."""
    outcomes: tuple[OutcomeLevel, ...] = ()
    """Exclusive clinical outcomes after infusion; not modelled if left out."""
