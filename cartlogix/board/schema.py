"""The file of a slot board: orders, capacity, products, and what counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from cartlogix.board.capacity import Lane, Plant, Site, Weight
from cartlogix.board.moment import When
from cartlogix.scenario.base import Name, Part, PositiveCount, Text
from cartlogix.scenario.findings import suggest
from cartlogix.scenario.quantity import (
    Duration,
    FixedDuration,
    Probability,
    Rate,
    days,
)
from cartlogix.scenario.wording import as_written
from cartlogix.scheduling.objective import DEFAULT, TERMS

MOST_ORDERS = 2_000
"""Largest number of orders on a board."""
LONGEST = 730
"""Longest board in days."""

Kind = Literal[
    "apheresis",
    "ship_in",
    "manufacture",
    "qc",
    "ship_out",
    "lymphodepletion",
    "infusion",
    "other",
]

KINDS: tuple[Kind, ...] = get_args(Kind)

Units = Annotated[int, Field(ge=1, le=10_000)]


def _read_at(given: object) -> object:
    if given in ("start", "end"):
        return given
    try:
        return days(given if isinstance(given, str) else repr(given))
    except ValueError:
        message = f"start, end or a duration such as 3 d is needed, found {as_written(given)}"
        raise ValueError(message) from None


class HandsOn(Part):
    """Work by hand during a step."""

    operators: Name
    """Qualification."""
    units: Units = 1
    """Operators at a time."""
    at: Annotated[
        Any,
        PlainValidator(_read_at),
        PlainSerializer(str),
        WithJsonSchema({"type": "string"}),
    ] = "start"
    """`start`, `end`, or the time after the start of the step, such as `3 d`."""
    lasts: FixedDuration | None = None
    """How long; one tick if left out."""


class Step(Part):
    """One step of a route."""

    step: Name
    """Name of the step, unique in its route."""
    kind: Kind = "other"
    """What it takes: a chair, the courier, a suite, a QC place, a bed, or nothing. If left out,
    it follows from the name of the step where that is one of these kinds."""
    duration: Duration
    """How long it takes. Planned with the mean, rounded up to whole ticks; promise dates are
    simulated with the law."""
    min_wait: FixedDuration = days("0 d")
    """Least time after the step before."""
    max_wait: FixedDuration | None = None
    """Most time after the step before, as from harvest to freezing."""
    overlap: FixedDuration = days("0 d")
    """How long before the end of the step before it may begin; for lymphodepletion only."""
    hands_on: tuple[HandsOn, ...] = ()
    """Work by hand."""
    occupies: FixedDuration | None = None
    """How long the place is taken, if not for the whole step."""
    cleaning: FixedDuration = days("0 d")
    """How long the place stays taken after the step."""
    failure: Probability | None = None
    """Probability that the step fails, for promise dates; never if left out."""
    on_failure: Literal["remake", "lost"] = "remake"
    """Whether a failed step is done once more in the same place, or the lot is lost."""

    @model_validator(mode="before")
    @classmethod
    def _kind_by_name(cls, given: Any) -> Any:  # noqa: ANN401 - what somebody wrote
        named = isinstance(given, Mapping) and "kind" not in given and given.get("step") in KINDS
        return {**given, "kind": given["step"]} if named else given


class Product(Part):
    """What is made, and how."""

    name: Name
    """Name of the product."""
    route: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    """Its steps, one after the other."""
    changeover: FixedDuration = days("0 d")
    """Time that a suite needs before this product after another one."""


class Pin(Part):
    """A decision that stands: when a step starts, and where."""

    step: Name
    """Name of the step."""
    start: When
    """Its start; pin the infusion to a bed, and the plan is made backwards from it."""
    place: Name | None = None
    """Suite; any if left out."""


class Running(Part):
    """What a lot is doing when the board begins."""

    step: Name
    """Name of the step."""
    place: Name | None = None
    """Suite, where the step has one."""
    started: When
    """When the step began."""
    ends: When
    """Last day (or half day) on which it is expected to run."""


class Order(Part):
    """A patient's lot, a donor lot or a vector lot."""

    id: Name
    """Unique on the board."""
    kind: Literal["patient", "donor", "vector"] = "patient"
    """Whose lot it is."""
    product: Name
    """Name of the product."""
    site: Name | None = None
    """Treatment centre."""
    indication: Annotated[str, Field(max_length=120)] = ""
    """Indication, for fairness."""
    ready: When | None = None
    """First day on which the first step may start; the start of the board if left out."""
    due: When | None = None
    """Last day by which the last step should have ended."""
    deadline: When | None = None
    """Last day after which it has come too late; lots beyond it are counted."""
    weight: Weight = 1.0
    """Importance of a tick of lateness or waiting."""
    loss: Rate | None = None
    """Hazard at which a waiting patient is lost, such as `0.002 /d`."""
    material_life: FixedDuration | None = None
    """How long the starting material lives: from `ready`, or from the end of apheresis where
    the route has one, to the start of manufacture."""
    doses: PositiveCount = 1
    """Doses that a donor or vector lot brings."""
    plants: tuple[Name, ...] = ()
    """Plants that may make it; all if left out."""
    after: tuple[Name, ...] = ()
    """Orders that must have ended before this one starts."""
    optional: bool = False
    """Whether it may be left out; that counts as a lot beyond its limit."""
    previous: When | None = None
    """Start of its first step in the plan before this one."""
    pins: tuple[Pin, ...] = ()
    """Decisions that stand."""
    running: Running | None = None
    """What is under way when the board begins."""


class Board(Part):
    """A slot board: what is ordered, what there is, and what counts."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    """Name of the board."""
    description: Text | None = None
    """What it stands for; what is assumed."""
    start: When
    """First day of the board."""
    tick: Literal["day", "half-day"] = "day"
    """Smallest step of the plan."""
    horizon: FixedDuration = days("56 d")
    """Length of the board: all orders must have ended by its end."""
    plants: Annotated[tuple[Plant, ...], Field(min_length=1)]
    """Where lots are made."""
    sites: tuple[Site, ...] = ()
    """Where patients are treated."""
    lanes: tuple[Lane, ...] = ()
    """Transport between them."""
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    """What is made."""
    orders: tuple[Order, ...] = ()
    """What is wanted."""
    orders_file: Name | None = None
    """CSV file beside this one with more orders; its columns are keys of an order."""
    previous_plan: Name | None = None
    """CSV file beside this one: the `board.csv` of the plan before."""
    frozen: FixedDuration = days("0 d")
    """Frozen zone: steps of the previous plan that start within it stay where they are."""
    move_worth: FixedDuration = days("5 d")
    """What `--what-if` and `--suggest` take one moved order to be worth: so many days of lateness
    of weight 1. An order that could stay moves only if that saves more."""
    objective: Annotated[tuple[dict[str, Weight], ...], Field(min_length=1, max_length=6)] = tuple(
        dict(level) for level in DEFAULT.levels
    )
    """Levels of weighted terms; a level counts only between plans equal on those before it."""
    lymphodepletion_at_risk: bool = False
    """Whether lymphodepletion may begin before the product is released."""

    @model_validator(mode="after")
    def _known_terms(self) -> Board:
        for level in self.objective:
            for name in level:
                if name not in TERMS:
                    known = f"; known terms: {', '.join(TERMS)}"
                    raise ValueError(f"no objective term '{name}'{suggest(name, TERMS) or known}")
        return self


def board_schema() -> dict[str, Any]:
    """Return the JSON Schema of a board file, for editors, with the short forms of limits."""
    schema = Board.model_json_schema()
    parts = schema["$defs"]
    parts["Limit"] = {"anyOf": [parts["Limit"], parts["Limit"]["properties"]["units"]]}
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **schema, "title": "cartlogix slot board"}
