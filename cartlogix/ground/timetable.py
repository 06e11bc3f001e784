"""From shifts, holidays and closures in local time to openings on the clock of the run.

The clock of a run is elapsed time since midnight of its first day in its own time zone. Local
hours become elapsed time through the rules of their zone, so a night on which clocks change makes
a shift an hour longer or shorter.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.opening_hours import DAYS_OF_BLOCK, Interval

_DAY = 86_400
# A tenth of a millisecond, in days: sums of times miss a moment by rounding.
_MOMENT = 1e-9
_FAR_DAYS = 1000
Seconds = tuple[int, int]
"""Beginning and end, in local seconds since midnight of day 0 (as if no clock ever changed)."""


@dataclass(frozen=True, slots=True)
class ShiftHours:
    """Weekdays (0 is Monday) and seconds after midnight; an end not after the start is next day."""

    days: frozenset[int]
    start: int
    end: int

    @property
    def length(self) -> int:
        """Seconds from start to end."""
        return self.end - self.start + (0 if self.end > self.start else _DAY)


@dataclass(frozen=True, slots=True)
class Opening:
    """One dated opening beside the weekly shifts; it holds whatever is closed on that day."""

    day: dt.date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Holidays:
    """Public holidays of a country and, if given, a subdivision (ISO 3166 codes)."""

    country: str
    subdivision: str | None = None

    def of(self, years: Iterable[int]) -> frozenset[dt.date]:
        """Return the holidays of some years.

        Raises:
            NotImplementedError: if the country or the subdivision is not known.
        """
        # Half a second to load, for scenarios that name a country only.
        import holidays  # noqa: PLC0415

        found = holidays.country_holidays(self.country, subdiv=self.subdivision, years=years)
        return frozenset(found)


class LocalClock:
    """Local time of a zone on the clock of a run that starts at midnight of a day in another."""

    def __init__(self, start: dt.date, run_zone: str, zone: str) -> None:
        self.start = start
        self._zone = ZoneInfo(zone)
        midnight = dt.datetime.combine(start, dt.time(), tzinfo=ZoneInfo(run_zone))
        self._epoch = midnight.timestamp()

    def elapsed(self, seconds: int) -> float:
        """Return days since day 0 at a local time; one that a clock change skips is the change.

        A local time that comes twice is the first of the two.
        """
        day, second = divmod(seconds, _DAY)
        local = dt.datetime.combine(self.start, dt.time()) + dt.timedelta(days=day, seconds=second)
        first = local.replace(tzinfo=self._zone).timestamp()
        later = local.replace(tzinfo=self._zone, fold=1).timestamp()
        if later < first:  # skipped: the offset before the change leads beyond it
            first = self._change_between(later, first)
        return (first - self._epoch) / _DAY

    def local(self, days: float) -> dt.datetime:
        """Return the local time, to the minute, so many days after day 0 began."""
        moment = dt.datetime.fromtimestamp(self._epoch + days * _DAY, self._zone)
        return (moment + dt.timedelta(seconds=30)).replace(second=0, microsecond=0, tzinfo=None)

    def _change_between(self, low: float, high: float) -> float:
        """Return the first second in (`low`, `high`] with the offset of `high`."""
        wanted = self._offset(high)
        left, right = int(low), int(high)
        while right - left > 1:
            middle = (left + right) // 2
            left, right = (left, middle) if self._offset(middle) == wanted else (middle, right)
        return float(right)

    def _offset(self, time: float) -> dt.timedelta | None:
        return dt.datetime.fromtimestamp(time, self._zone).utcoffset()


class Timetable:
    """Weekly shifts, less holidays and closures, and with extra openings; local time of a zone."""

    def __init__(
        self,
        clock: LocalClock,
        shifts: Sequence[ShiftHours],
        holidays: Holidays | None = None,
        closures: Sequence[tuple[dt.date, dt.date]] = (),
        openings: Sequence[Opening] = (),
    ) -> None:
        self._clock = clock
        self._shifts = tuple(shifts)
        self._holidays = holidays
        self._closures = tuple(closures)
        self._openings = tuple(openings)

    def block(self, number: int) -> list[Interval]:
        """Return the openings of the local days of one block, in days on the run's clock."""
        first = number * DAYS_OF_BLOCK
        begin, end = first * _DAY, (first + DAYS_OF_BLOCK) * _DAY
        regular = _less(_union(self._regular(first)), self._closed(first))
        every = _union([*regular, *self._extra()])
        clipped = [(max(low, begin), min(high, end)) for low, high in every]
        exact = [
            (self._clock.elapsed(low), self._clock.elapsed(high))
            for low, high in clipped
            if low < high
        ]
        return [(low, high) for low, high in exact if low < high]

    def _regular(self, first: int) -> list[Seconds]:
        weekday = self._clock.start.weekday()
        return [
            (day * _DAY + shift.start, day * _DAY + shift.start + shift.length)
            for day in range(first - 1, first + DAYS_OF_BLOCK)  # a night shift of the day before
            for shift in self._shifts
            if (day + weekday) % 7 in shift.days
        ]

    def _closed(self, first: int) -> list[Seconds]:
        """Return closed days, merged."""
        start, last = self._clock.start, first + DAYS_OF_BLOCK
        days = {(day - start).days for day in self._days_off(first)}
        for begin, end in self._closures:
            low, high = (begin - start).days, (end - start).days
            days.update(range(max(low, first - 1), min(high + 1, last)))
        return _union([(day * _DAY, (day + 1) * _DAY) for day in days])

    def _days_off(self, first: int) -> frozenset[dt.date]:
        if self._holidays is None:
            return frozenset()
        begin = self._clock.start + dt.timedelta(days=first)
        years = range(begin.year, (begin + dt.timedelta(days=DAYS_OF_BLOCK)).year + 1)
        return _holidays(self._holidays, tuple(years))

    def _extra(self) -> list[Seconds]:
        found = []
        for opening in self._openings:
            day = (opening.day - self._clock.start).days * _DAY
            length = opening.end - opening.start + (0 if opening.end > opening.start else _DAY)
            found.append((day + opening.start, day + opening.start + length))
        return found


class DailyTimes:
    """Moments at fixed local times of day that fall into opening hours, as a courier's pick-ups."""

    def __init__(
        self, clock: LocalClock, times: Sequence[int], hours: Calendar, notice: float = 0.0
    ) -> None:
        self._clock = clock
        self._times = times
        self._hours = hours
        self._notice = notice
        self._known: list[float] = []
        self._day = -1  # local days may begin before those of the run

    def next_for(self, ready: float) -> float:
        """Return the first moment at least the notice after `ready`; infinity if there is none."""
        earliest = ready + self._notice - _MOMENT
        known = self._known
        if not known or known[-1] < earliest:
            self._extend(earliest)
        place = bisect_left(known, earliest)
        return max(known[place], ready) if place < len(known) else math.inf

    def _extend(self, earliest: float) -> None:
        known, stop = self._known, max(self._day, math.floor(earliest)) + _FAR_DAYS
        while (not known or known[-1] < earliest) and self._day < stop:
            moments = [self._clock.elapsed(self._day * _DAY + time) for time in self._times]
            known += [moment for moment in moments if self._hours.is_open(moment + _MOMENT)]
            self._day += 1


@functools.lru_cache(maxsize=256)
def _holidays(holidays: Holidays, years: tuple[int, ...]) -> frozenset[dt.date]:
    return holidays.of(years)


def _union(intervals: Iterable[Seconds]) -> list[Seconds]:
    merged: list[Seconds] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _less(intervals: Sequence[Seconds], closed: Sequence[Seconds]) -> list[Seconds]:
    """Return what is left of sorted intervals outside sorted closed ones."""
    left: list[Seconds] = []
    place = 0
    for begin, end in intervals:
        low = begin
        while place < len(closed) and closed[place][1] <= low:
            place += 1
        following = place
        while following < len(closed) and closed[following][0] < end:
            if low < closed[following][0]:
                left.append((low, closed[following][0]))
            low = max(low, closed[following][1])
            following += 1
        if low < end:
            left.append((low, end))
    return left
