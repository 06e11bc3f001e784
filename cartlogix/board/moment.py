"""Dates as a planner writes them, weekly numbers, and the clock between dates and ticks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from cartlogix.ground.calendars import DAY_NAMES
from cartlogix.scenario.wording import as_written

_DAY = r"\d{4}-\d{2}-\d{2}"
_MOMENT = re.compile(rf"({_DAY})(?: +(am|pm))?", re.IGNORECASE)
_SPAN = re.compile(rf"({_DAY})(?:\s*\.\.\s*((?:\d{{4}}-)?(?:\d{{2}}-)?\d{{2}}))?")
_GROUPS = {"daily": (0, 7), "weekdays": (0, 5), "weekends": (5, 7)}
_MOST_UNITS = 10_000


@dataclass(frozen=True, order=True)
class Moment:
    """A day, or its morning (half 0) or afternoon (half 1)."""

    date: dt.date
    half: Literal[0, 1] | None = None

    def __str__(self) -> str:
        """Return the date as it is written in a file."""
        words = "" if self.half is None else (" am", " pm")[self.half]
        return f"{self.date.isoformat()}{words}"


@dataclass(frozen=True)
class Span:
    """Days from the first to the last one, both included."""

    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        """Return the days as they are written in a file."""
        first = self.first.isoformat()
        return first if self.first == self.last else f"{first}..{self.last.isoformat()}"


@dataclass(frozen=True)
class Weekly:
    """Units on each day of the week, Monday first, each in the morning and in the afternoon."""

    units: tuple[tuple[int, int], ...]

    def on(self, day: dt.date, half: int) -> int:
        """Return the units in one half of a day."""
        return self.units[day.weekday()][half]


def read_moment(given: object) -> Moment:
    """Read `2027-03-01`, `2027-03-01 am` or `2027-03-01 pm`.

    Raises:
        ValueError: with the value as written and how to write it.
    """
    if isinstance(given, Moment):
        return given
    found = _MOMENT.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f"a date such as 2027-03-01 is needed, found {as_written(given)}")
    half = {None: None, "am": 0, "pm": 1}[found[2] and found[2].lower()]
    return Moment(_date(found[1]), half)  # type: ignore[arg-type]


def read_span(given: object) -> Span:
    """Read `2027-03-04`, `2027-03-04..2027-03-08` or, shorter, `2027-03-04..08`.

    Raises:
        ValueError: with the value as written and how to write it.
    """
    if isinstance(given, Span):
        return given
    found = _SPAN.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        wanted = "days such as 2027-03-04 or 2027-03-04..2027-03-08 are needed"
        raise ValueError(f"{wanted}, found {as_written(given)}")
    first, until = found[1], found[2] or found[1]
    span = Span(_date(first), _date(first[: len(first) - len(until)] + until))
    if span.last < span.first:
        raise ValueError(f"{as_written(given)} ends before it begins; swap the dates")
    return span


def read_weekly(given: object) -> Weekly:
    """Read a number for every day, or numbers by weekday: `{mon-fri: 2, sat: 1}`.

    A pair stands for morning and afternoon; days that are not named have none.

    Raises:
        ValueError: with the value as written and how to write it.
    """
    if isinstance(given, Weekly):
        return given
    table: Mapping[object, object] = given if isinstance(given, Mapping) else {"daily": given}
    units = [(0, 0)] * 7
    for key, value in table.items():
        first, until = _weekdays(key)
        units[first:until] = [_pair(value)] * (until - first)
    return Weekly(tuple(units))


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}; write a date such as 2027-03-01") from None


def _weekdays(key: object) -> tuple[int, int]:
    text = str(key).strip().lower()
    if text in _GROUPS:
        return _GROUPS[text]
    first, _, last = text.partition("-")
    last = last or first
    if {first, last} <= set(DAY_NAMES) and _place(first) <= _place(last):
        return _place(first), _place(last) + 1
    known = "mon, tue, ..., sun, mon-fri, weekdays, weekends, daily"
    raise ValueError(f"{as_written(key)} is no day of the week; write one of {known}")


def _place(day: str) -> int:
    return DAY_NAMES.index(day)


def _pair(value: object) -> tuple[int, int]:
    halves = []
    for half in list(value) if isinstance(value, list | tuple) else [value, value]:
        if isinstance(half, bool) or not isinstance(half, int) or not 0 <= half <= _MOST_UNITS:
            wanted = f"a whole number from 0 to {_MOST_UNITS:,} is needed"
            raise ValueError(f"{wanted}, found {as_written(half)}")
        halves.append(half)
    if len(halves) != 2:
        raise ValueError(f"one number, or one for morning and one for afternoon; found {halves}")
    return halves[0], halves[1]


def _written(value: object) -> str:
    return str(value)


def _written_weekly(value: Weekly) -> dict[str, object]:
    return {
        name: am if am == pm else [am, pm]
        for name, (am, pm) in zip(DAY_NAMES, value.units, strict=True)
    }


_WEEKLY_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    {"type": "integer", "minimum": 0},
                    {"type": "array", "items": {"type": "integer", "minimum": 0}},
                ]
            },
        },
    ]
}

When = Annotated[
    Moment,
    PlainValidator(read_moment),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "pattern": rf"^{_DAY}( +(am|pm))?$"}),
]
Days = Annotated[
    Span,
    PlainValidator(read_span),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string"}),
]
ByWeekday = Annotated[
    Weekly,
    PlainValidator(read_weekly),
    PlainSerializer(_written_weekly),
    WithJsonSchema(_WEEKLY_SCHEMA),
]


@dataclass(frozen=True)
class Clock:
    """Between dates and ticks: tick 0 begins the first day of the board.

    Attributes:
        start: First day of the board.
        per_day: Ticks in a day, 1 or 2.
        ticks: Ticks of the whole board.
    """

    start: dt.date
    per_day: int
    ticks: int

    def first(self, moment: Moment) -> int:
        """First tick of a moment; negative before the board."""
        day = (moment.date - self.start).days * self.per_day
        return day + (moment.half or 0) * (self.per_day - 1)

    def after(self, moment: Moment) -> int:
        """First tick after a moment."""
        if moment.half is None or self.per_day == 1:
            return self.first(Moment(moment.date)) + self.per_day
        return self.first(moment) + 1

    def at(self, tick: float) -> Moment:
        """The moment in which a tick begins."""
        whole = int(tick // 1)
        day = self.start + dt.timedelta(days=whole // self.per_day)
        if self.per_day == 1:
            return Moment(day)
        return Moment(day, 1 if whole % 2 else 0)

    def last(self, end: float) -> Moment:
        """The last moment of what has ended at `end`, the first tick after it."""
        return self.at(max(end, 1) - 1 if end == end // 1 else end)

    def whole(self, days: float) -> int:
        """Ticks that hold a duration in days, rounded up."""
        return -int(-(days * self.per_day - 1e-9) // 1)

    def half_of(self, tick: int) -> int:
        """0 in the morning, 1 in the afternoon."""
        return tick % self.per_day
