"""Where things happen: treatment centres, plants, their resources, and the lanes between."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from cartlogix.scenario.base import Count, Name, Part, PositiveCount, Text
from cartlogix.scenario.calendar import NamedCalendar, TimeOfDay, Zone
from cartlogix.scenario.campaign import Campaigns
from cartlogix.scenario.people import OpeningHours, People
from cartlogix.scenario.quantity import (
    Duration,
    FixedDuration,
    Money,
    Number,
    PositiveDuration,
    days,
    money,
    number,
)
from cartlogix.scenario.slot_policy import SlotPolicy


class Starts(Part):
    """A start calendar: so many starts at each release instant; unused ones are lost."""

    number: PositiveCount
    """Starts at each release instant."""
    every: PositiveDuration
    """Time between two release instants."""
    first: FixedDuration = days("0 d")
    """The first release instant, counted from the start of the run."""


class Resource(Part):
    """A counted capacity: suites, operators, QC places, apheresis chairs, beds."""

    capacity: PositiveCount | None = None
    """Units that can work at once; `null` means unlimited."""
    people: tuple[People, ...] = ()
    """Makes the resource a crew: groups of people, whose numbers are its capacity."""
    hand_over: bool = False
    """Whether people whose shift ends hand over what they have in hand to qualified people of
    another group who are on duty and free; otherwise they finish it."""
    changeover: Duration = days("0 d")
    """Time for which a unit is blocked after use; no patient waits through it as such."""
    open: OpeningHours | None = None
    """When work may start: days such as `mon-fri`, or a calendar's name; as the site if left
    out."""
    starts: Starts | None = None
    """Start calendar; work starts at any time if left out."""
    discipline: Literal["fifo", "priority", "due_date", "atc", "index", "rolling"] = "fifo"
    """Who is served next: first come, highest urgency weight, earliest due date, apparent
    tardiness cost, index of expected loss, or as a plan says that is made anew as time goes on."""
    slot_policy: SlotPolicy | None = None
    """How a discipline `rolling` plans; the defaults if left out."""
    waiting_room: Count | None = None
    """Places to wait; who finds them full is lost (baulked). `null` means no limit."""
    campaigns: Campaigns | None = None
    """Product families that units are changed between; units take all alike if left out."""
    source: Text | None = None
    """Where the capacity is from; without it the capacity is an assumption."""
    note: Text | None = None
    """Remark on the capacity."""

    @model_validator(mode="after")
    def _planned(self) -> Resource:
        if self.slot_policy is not None and self.discipline != "rolling":
            raise ValueError("'slot_policy' goes with 'discipline: rolling', and only with it")
        return self

    @model_validator(mode="after")
    def _crew(self) -> Resource:
        if not self.people:
            if self.hand_over:
                raise ValueError("'hand_over' is for a resource with 'people'")
            return self
        if self.capacity is not None or self.open is not None or self.starts is not None:
            raise ValueError(
                "'people' have numbers and rosters of their own; remove 'capacity', 'open' and "
                "'starts'"
            )
        if self.changeover.value > 0 or self.discipline not in ("fifo", "priority", "due_date"):
            raise ValueError("'people' have no changeover, and no line that is planned")
        return self

    @property
    def units(self) -> int | None:
        """Units at the best of times: the capacity, or everybody in the crew; None: unlimited."""
        return sum(group.number for group in self.people) if self.people else self.capacity


def _resource(given: Any) -> Any:
    """Read the short form: a bare capacity, or null for unlimited."""
    short = given is None or (isinstance(given, int) and not isinstance(given, bool))
    return {"capacity": given} if short else given


class Site(Part):
    """A place with resources of its own."""

    name: Name
    """Name of the site, used by lanes and in the report."""
    open: OpeningHours = "mon-sun"
    """When this site works: days, or a calendar's name; each resource may say otherwise."""
    time_zone: Zone | None = None
    """Time zone of the site's days and calendars, such as `Europe/Berlin`; the run's if left
    out."""
    resources: dict[Name, Resource] = Field(default_factory=dict)
    """Capacity by name: a number, `null` for unlimited, or a mapping with more detail."""

    @field_validator("resources", mode="before")
    @classmethod
    def _short_resources(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: _resource(item) for name, item in value.items()}
        return value


class Centre(Site):
    """A treatment centre: apheresis chairs, infusion beds, and a share of the patients."""

    share: Number = number(1)
    """Relative share of patients; shares are divided by their sum."""
    plant: Name | None = None
    """Plant that manufactures for this centre; the first plant if left out."""
    stock: Name | None = None
    """Stock that patients of this centre draw from where a step says `draw: local`."""


class Plant(Site):
    """A manufacturing plant: suites or lines, operators, QC places."""


class PickUp(Part):
    """When a courier comes; what misses one waits for the next."""

    at: Annotated[tuple[TimeOfDay, ...], Field(min_length=1)]
    """Local times of day at the site of departure, or one of them."""
    open: OpeningHours = "mon-sun"
    """Days on which the courier comes: days, or a calendar within whose hours it comes."""
    cut_off: FixedDuration = days("0 d")
    """How long before the pick-up a shipment must be ready."""

    @field_validator("at", mode="before")
    @classmethod
    def _short_at(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given


class Mode(Part):
    """One way to ship along a lane."""

    name: Name = "standard"
    """Name of the transport mode."""
    time: Duration = days("0 d")
    """Door-to-door time."""
    price: Money = money(0)
    """Price of one shipment, in the scenario's currency."""
    max_transit: FixedDuration | None = None
    """Longest transit that fresh material survives; a step marked `fresh` fails beyond it. It
    counts from the pick-up until the shipment is received."""
    pick_up: PickUp | None = None
    """When the courier comes; at any time if left out."""
    receive: Literal["any", "opening"] = "any"
    """Whether a shipment that comes outside the opening hours of its destination is received at
    the next opening."""


MODE_KEYS = ("time", "price", "max_transit", "pick_up", "receive")
"""What a lane with one mode says of it directly."""


class Lane(Part):
    """A connection between two sites; `*` stands for any site. The first match is used."""

    name: Name | None = None
    """Name, so that another file can change this lane (lists of named things merge)."""
    from_: Name = Field("*", alias="from")
    """Site of departure, or `*`."""
    to: Name = "*"
    """Site of arrival, or `*`."""
    modes: Annotated[tuple[Mode, ...], Field(min_length=1)]
    """Transport modes; a step that names none takes the first. One mode may be written
    directly in the lane, as `time:`, `price:`, `max_transit:`, `pick_up:` and `receive:`."""

    @model_validator(mode="before")
    @classmethod
    def _short_mode(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "modes" in given:
            return given
        inline = {k: v for k, v in given.items() if k in MODE_KEYS}
        rest = {k: v for k, v in given.items() if k not in inline}
        return {**rest, "modes": (inline,)} if inline else given


class Network(Part):
    """All sites and the lanes between them."""

    centres: Annotated[tuple[Centre, ...], Field(min_length=1)] = (Centre(name="centre"),)
    """Treatment centres."""
    plants: Annotated[tuple[Plant, ...], Field(min_length=1)] = (Plant(name="plant"),)
    """Manufacturing plants."""
    depots: tuple[Site, ...] = ()
    """Further stock locations, beside the plants and centres."""
    lanes: tuple[Lane, ...] = ()
    """Connections, searched in order: the first lane that matches is used."""
    calendars: tuple[NamedCalendar, ...] = ()
    """Opening hours by name."""

    def sites(self) -> tuple[Site, ...]:
        """Return every site of the network."""
        return (*self.centres, *self.plants, *self.depots)

    def role_of(self, resource: str) -> Literal["centre", "plant"] | None:
        """Return which kind of site has a resource of this name; None if neither or both."""
        at_centre = any(resource in centre.resources for centre in self.centres)
        at_plant = any(resource in plant.resources for plant in self.plants)
        if at_centre == at_plant:
            return None
        return "centre" if at_centre else "plant"

    def plant_of(self, centre: Centre) -> str:
        """Return the name of the plant that serves a centre."""
        return centre.plant or self.plants[0].name

    def lane(self, origin: str, destination: str) -> Lane | None:
        """Return the first lane that joins two sites, or None."""
        for lane in self.lanes:
            if lane.from_ in ("*", origin) and lane.to in ("*", destination):
                return lane
        return None
