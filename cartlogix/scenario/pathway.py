"""Pathways as data: a route of steps, what can fail, and what follows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount, Text
from cartlogix.scenario.quantity import Duration, FixedDuration, Number, Probability, days, number

Milestone = Literal["apheresis", "manufacture", "release", "lymphodepletion", "infusion"]
MILESTONES: tuple[Milestone, ...] = (
    "apheresis",
    "manufacture",
    "release",
    "lymphodepletion",
    "infusion",
)


class Branch(Part):
    """One thing that may follow a failure."""

    action: Literal["remake", "infuse", "lost", "switch"]
    """`remake`: try again; `infuse`: go on with the out-of-specification product; `lost`: the
    patient (or lot) is lost; `switch`: the patient changes to another pathway."""
    share: Number = number(1)
    """Relative share of failures that take this branch."""
    material: Literal["stored", "new"] = "stored"
    """A remake starts from stored material (at manufacture) or a new apheresis."""
    from_step: Name | None = None
    """Step at which a remake starts again; overrides `material`."""
    queue: Literal["back", "front", "same_suite"] = "back"
    """A remake joins the back or the front of the queue, or keeps the suite it holds."""
    pathway: Name | None = None
    """Pathway to which the patient switches."""

    @model_validator(mode="after")
    def _pathway_with_switch(self) -> Branch:
        if (self.action == "switch") != (self.pathway is not None):
            raise ValueError("'pathway' goes with 'action: switch', and only with it")
        return self


class Failure(Part):
    """What can go wrong at the end of a step."""

    probability: Probability
    """Probability that an attempt fails."""
    by_indication: dict[Name, Probability] = Field(default_factory=dict)
    """Probability for single indications instead."""
    later_attempts: Probability | None = None
    """Probability for the second and later attempts, if it differs."""
    then: Annotated[tuple[Branch, ...], Field(min_length=1)] = (Branch(action="lost"),)
    """What follows, by share: a list of branches, or one word for the only branch."""
    max_attempts: PositiveCount | None = 3
    """Attempts allowed, the first included; `null` means without limit."""
    exhausted: Branch = Branch(action="lost")
    """What follows when a remake is due but no attempt is left."""

    @field_validator("then", mode="before")
    @classmethod
    def _short_then(cls, given: Any) -> Any:
        if isinstance(given, str):
            return ({"action": given},)
        return (given,) if isinstance(given, dict) else given

    @field_validator("exhausted", mode="before")
    @classmethod
    def _short_exhausted(cls, given: Any) -> Any:
        return {"action": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _exhausted_ends(self) -> Failure:
        if self.exhausted.action == "remake":
            raise ValueError("'exhausted' cannot be a remake: no attempt is left")
        if sum(branch.share.value for branch in self.then) <= 0:
            raise ValueError("the shares of 'then' must not all be 0")
        return self


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


class Draw(Part):
    """Taking one dose from stock."""

    stock: Annotated[tuple[Name, ...], Field(min_length=1)]
    """The stock, or a list of stocks in order of preference; who must wait waits at the first."""
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
    """Whether the duration runs on (a culture) or counts only the opening days (a signature)."""
    needs: tuple[Need, ...] = ()
    """Resources held for the whole step: one name, or a list of names or of mappings with
    `name` and `units`. The first one keeps the queue."""
    at: Literal["centre", "plant"] | None = None
    """Where the resources are; found by their names if left out."""
    ship: Ship | None = None
    """Makes the step a shipment."""
    draw: Draw | None = None
    """Makes the step a draw from stock."""
    with_previous: bool = False
    """Starts together with the step before; the route goes on when both have ended."""
    milestone: Milestone | Literal["none"] | None = None
    """Which clock this step starts or ends; by its name if left out."""
    slot: bool | None = None
    """Whether the wait for this step is the wait for a slot; by default the step with the
    milestone manufacture."""
    failure: Failure | None = None
    """What can go wrong at the end of the step."""

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


class Pathway(Part):
    """One way to supply patients: the route that they walk from enrolment to infusion."""

    name: Name
    """Name of the pathway."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    modality: Literal["autologous", "off_the_shelf", "in_vivo"]
    """What kind of supply this is; decides which clocks apply (vein-to-vein: autologous)."""
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
