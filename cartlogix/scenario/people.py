"""Groups of people: how many, what they can do, when they are on duty, and who is away."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cartlogix.scenario.base import Name, Part, PositiveCount, Text
from cartlogix.scenario.quantity import Probability
from cartlogix.scenario.when import When

OpeningHours = Annotated[
    str, Field(description="Days such as `mon-fri` or `mon,wed,sat`, or the name of a calendar.")
]


class Away(Part):
    """Some of a group are away for a time: leave, training, a vacancy."""

    number: PositiveCount
    """People who are away."""
    from_: When = Field(alias="from")
    """When it begins: `60 d` from the start of the run, or a date."""
    to: When
    """When they are back: a moment, or a date (from its midnight on)."""


class People(Part):
    """A group of people with the same qualifications and the same roster."""

    name: Name
    """Name of the group."""
    number: Annotated[int, Field(ge=1, le=1000)]
    """People on duty at a time while the roster is open."""
    qualifications: tuple[Name, ...] = ()
    """What they are qualified for; a need that asks for no qualification takes anybody."""
    roster: OpeningHours | None = None
    """When they are on duty: days or a calendar's name; as the site if left out."""
    absence: Probability | None = None
    """Probability that each of them misses a shift, drawn at each opening of the roster."""
    away: tuple[Away, ...] = ()
    """Who is away from when to when; each of the others still misses shifts by `absence`."""
    source: Text | None = None
    """Where the numbers are from; without it they are an assumption."""
    note: Text | None = None
    """Remark on the group."""
