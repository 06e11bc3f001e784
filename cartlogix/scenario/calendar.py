"""Named calendars: shifts, public holidays, shutdowns and extra openings of a time zone."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from cartlogix.ground.calendars import parse_days
from cartlogix.scenario.base import Name, Part, Text

Days = Annotated[str, Field(description="Days such as `mon-fri` or `mon,wed,sat`.")]
Date = Annotated[dt.date, Field(strict=False)]
TimeOfDay = Annotated[
    str,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
        description="Local time of day such as `07:30`; `24:00` is the end of the day.",
    ),
]
Zone = Annotated[str, Field(min_length=1, max_length=60)]


def seconds(time: str) -> int:
    """Return the seconds after midnight of a time of day."""
    hours, minutes = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60


class Shift(Part):
    """Hours that are worked on some weekdays."""

    days: Days = "mon-sun"
    """Weekdays on which the shift begins, such as `mon-fri`."""
    from_: TimeOfDay = Field("00:00", alias="from")
    """Local time at which it begins."""
    to: TimeOfDay = "24:00"
    """Local time at which it ends; on the next day unless it is later than `from`."""

    @field_validator("days")
    @classmethod
    def _known_days(cls, value: str) -> str:
        parse_days(value)
        return value

    @model_validator(mode="after")
    def _some_time(self) -> Shift:
        if self.from_ == self.to:
            raise ValueError(
                f"a shift from {self.from_} to {self.to} has no length; "
                "write from 00:00 to 24:00 for a whole day"
            )
        return self


class Holidays(Part):
    """Public holidays on which a calendar is closed, from midnight to midnight, local time."""

    country: Annotated[str, Field(min_length=2, max_length=3)]
    """Country as ISO 3166 code, such as `DE` or `US`."""
    subdivision: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    """State or province as the second part of its ISO 3166-2 code, such as `BY` or `CA`."""


class Closure(Part):
    """Days on which a calendar is closed, for example a shutdown."""

    from_: Date = Field(alias="from")
    """First closed day."""
    to: Date | None = None
    """Last closed day; the first one if left out."""
    why: Text | None = None
    """Reason, for the reader."""

    @model_validator(mode="after")
    def _in_order(self) -> Closure:
        if self.to is not None and self.to < self.from_:
            raise ValueError(f"'to' ({self.to}) is before 'from' ({self.from_})")
        return self


class ExtraOpening(Part):
    """Hours of one date that are open whatever is closed then."""

    on: Date
    """The date."""
    from_: TimeOfDay = Field("00:00", alias="from")
    """Local time of opening."""
    to: TimeOfDay = "24:00"
    """Local time of closing; on the next day unless it is later than `from`."""
    why: Text | None = None
    """Reason, for the reader."""


class NamedCalendar(Part):
    """Opening hours that sites, resources, groups of people and pick-ups refer to by name."""

    name: Name
    """Name, written where a calendar is asked for (`open`, `roster`, `pick_up`)."""
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1)] = (Shift(),)
    """Weekly shifts; around the clock if left out. Shifts that meet or overlap are one opening."""
    holidays: Holidays | None = None
    """Public holidays on which it is closed."""
    closed: tuple[Closure, ...] = ()
    """Dated closures."""
    also_open: tuple[ExtraOpening, ...] = ()
    """Dated openings beside the shifts; they hold on holidays and in closures too."""
    time_zone: Zone | None = None
    """Time zone of the hours, such as `Europe/Berlin`; that of the site if left out."""
    source: Text | None = None
    """Where the hours are from; without it they are an assumption."""
    note: Text | None = None
    """Remark on the hours."""

    @model_validator(mode="after")
    def _not_a_day(self) -> NamedCalendar:
        try:
            parse_days(self.name)
        except ValueError:
            return self
        raise ValueError(f"a calendar cannot be named '{self.name}': that means days of the week")
