"""Opening days and start instants as arithmetic: no clock ticks, and long spans cost no more.

Times are in days since day 0, 00:00. An open day d is open for the whole of [d, d + 1).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Protocol

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Sums of day fractions miss a midnight by some 1e-13 d; without a tolerance (0.1 ms) work that
# fills Friday would end on Monday.
_MIDNIGHT_TOLERANCE = 1e-9


class Calendar(Protocol):
    """When something is open, in days since day 0."""

    def __hash__(self) -> int:
        """Calendars are values, or one for each set of hours."""

    @property
    def always(self) -> bool:
        """Whether it is open at all times."""

    @property
    def open_share(self) -> float:
        """Share of all time that is open."""

    def is_open(self, time: float) -> bool:
        """Return whether `time` lies in an opening."""

    def next_open(self, time: float) -> float:
        """Return the first open time at or after `time`; infinity if there is none."""

    def closes_after(self, time: float) -> float:
        """Return the end of the opening in which `time` lies; infinity if it never ends."""

    def add_working(self, time: float, duration: float) -> float:
        """Return the end of `duration` days of open time from `next_open(time)` on."""

    def working_between(self, start: float, end: float) -> float:
        """Return the open time in days from `start` to `end`."""

    def stretched(self, duration: float) -> float:
        """Return the days that `duration` days of open time take on average."""


@dataclass(frozen=True, slots=True)
class WeekCalendar:
    """Whole days open by weekday, every week alike.

    `open_days` are weekdays (0 is Monday); `first_weekday` is the weekday of day 0. Raises
    ValueError if no day is open or a weekday is not 0 to 6.
    """

    open_days: frozenset[int]
    first_weekday: int = 0
    _always: bool = field(init=False, repr=False, compare=False)
    # The open days of a clock week (which starts on the weekday of day 0), as days from its start;
    _offsets: tuple[int, ...] = field(init=False, repr=False, compare=False)
    # and for each day of it how many open days come before.
    _before: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.open_days:
            raise ValueError("a calendar needs at least one open day")
        if not {*self.open_days, self.first_weekday} <= set(range(7)):
            raise ValueError("weekdays are numbered 0 (Monday) to 6 (Sunday)")
        offsets = tuple(sorted((day - self.first_weekday) % 7 for day in self.open_days))
        before = tuple(sum(offset < day for offset in offsets) for day in range(7))
        object.__setattr__(self, "_always", len(offsets) == 7)
        object.__setattr__(self, "_offsets", offsets)
        object.__setattr__(self, "_before", before)

    @property
    def always(self) -> bool:
        """Whether every day is open."""
        return self._always

    @property
    def open_share(self) -> float:
        """Share of days that are open."""
        return len(self._offsets) / 7

    def is_open(self, time: float) -> bool:
        """Return whether `time` lies in an open day."""
        return self._always or math.floor(time) % 7 in self._offsets

    def next_open(self, time: float) -> float:
        """Return the first open time at or after `time`: `time` itself if it is open."""
        if self.is_open(time):
            return time
        return float(self._open_day(self._open_days_before(math.floor(time))))

    def add_working(self, time: float, duration: float) -> float:
        """Return the end of `duration` days of work that starts at `next_open(time)`.

        Work that exactly fills an open day ends at that day's 24:00, not at the next opening;
        no work ends at `next_open(time)`. Raises ValueError if `duration` is negative.
        """
        if duration < 0:
            raise ValueError(f"working time must be 0 or more, not {duration:g} d")
        start = self.next_open(time)
        if self._always or duration == 0:
            return start + duration
        first_day = math.floor(start)
        if start + duration <= first_day + 1:
            return start + duration
        worked = start - first_day + duration  # counted from the opening of the first day
        if abs(worked - round(worked)) < _MIDNIGHT_TOLERANCE:
            worked = float(round(worked))
        full_days = math.ceil(worked) - 1
        last_day = self._open_day(self._open_days_before(first_day) + full_days)
        return last_day + (worked - full_days)

    def closes_after(self, time: float) -> float:
        """Return the midnight that ends the row of open days of `time`; infinity without one."""
        if self._always:
            return math.inf
        day = math.floor(time)
        while day % 7 in self._offsets:
            day += 1
        return float(day)

    def stretched(self, duration: float) -> float:
        """Return the days that `duration` days of open time take on average."""
        return duration * 7 / len(self._offsets)

    def working_between(self, start: float, end: float) -> float:
        """Return the open time in days from `start` to `end`; negative if `end` is earlier."""
        if self._always:
            return end - start
        return self._working_since_zero(end) - self._working_since_zero(start)

    def _working_since_zero(self, time: float) -> float:
        day = math.floor(time)
        return self._open_days_before(day) + (time - day if self.is_open(time) else 0.0)

    def _open_days_before(self, day: int) -> int:
        week, day_of_week = divmod(day, 7)
        return week * len(self._offsets) + self._before[day_of_week]

    def _open_day(self, number: int) -> int:
        """Return the day that has `number` open days between day 0 and itself."""
        week, position = divmod(number, len(self._offsets))
        return week * 7 + self._offsets[position]


ALWAYS = WeekCalendar(frozenset(range(7)))
"""Open on all seven days."""


@dataclass(frozen=True, slots=True)
class StartCalendar:
    """`number` starts at each release instant `first`, `first + every`, `first + 2 every`, ...

    Times in days. Raises ValueError unless `every` is finite and above 0, `first` finite and
    `number` at least 1.
    """

    every: float
    number: int
    first: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.every) and self.every > 0):
            raise ValueError(f"every must be a finite time above 0, not {self.every:g} d")
        if not math.isfinite(self.first):
            raise ValueError(f"first must be a finite time, not {self.first:g} d")
        if self.number < 1:
            raise ValueError(f"number must be at least 1, not {self.number}")

    def release_at_or_after(self, time: float) -> float:
        """Return the first release instant that is not before `time`."""
        return self._instant(self._step_at_or_after(time))

    def release_after(self, time: float) -> float:
        """Return the first release instant that is later than `time`."""
        step = self._step_at_or_after(time)
        return self._instant(step if self._instant(step) > time else step + 1)

    def _step_at_or_after(self, time: float) -> int:
        # The quotient may be off by one in the last bit, so the instants themselves decide.
        step = max(0, math.ceil((time - self.first) / self.every) - 1)
        while self._instant(step) < time:
            step += 1
        return step

    def _instant(self, step: int) -> float:
        # A product, not a running sum, so that instants do not drift.
        return self.first + step * self.every


def parse_days(text: str) -> frozenset[int]:
    """Return the weekdays (0 is Monday) in text such as 'mon-fri' or 'mon, wed, sat-sun'.

    A range may run over the end of the week. Raises ValueError for anything but day names.
    """
    days: set[int] = set()
    for part in text.split(","):
        ends = [_day_number(name, text) for name in re.split(r"\s*-\s*", part.strip(), maxsplit=1)]
        length = (ends[-1] - ends[0]) % 7
        days.update((ends[0] + step) % 7 for step in range(length + 1))
    return frozenset(days)


def _day_number(name: str, text: str) -> int:
    if name.lower() not in DAY_NAMES:
        raise ValueError(
            f"{text!r}: {name!r} is not a day; use {', '.join(DAY_NAMES)} or a range as 'mon-fri'"
        )
    return DAY_NAMES.index(name.lower())
