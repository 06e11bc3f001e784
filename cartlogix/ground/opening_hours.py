"""Openings by the hour: sorted intervals, worked out a year at a time and only as far as asked.

Times are in days since day 0, 00:00; what was open more than a year before it is not known.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from cartlogix.ground.calendars import Calendar

Interval = tuple[float, float]
"""Opening and closing in days; the closing itself is closed."""
Stretch = tuple[float, float, float, int]
"""A time that is open, or closed, throughout: its beginning, its end, when the first opening after
any time in it begins, and the number of the opening (0 is the first of the run), -1 if closed."""
Block = Callable[[int], Sequence[Interval]]
"""The openings of block -1, 0, 1, ... of the calendar: sorted, apart, and inside the block.

Block 0 begins with day 0.
"""

# As for whole days: work that fills a shift ends with it, in spite of rounding (0.1 ms).
_TOLERANCE = 1e-9
# Blocks are years. What has not opened or closed after so many of them never does.
_FAR = 15


class HoursCalendar:
    """Openings at any hours, for example of shifts less holidays."""

    always = False

    def __init__(self, block: Block) -> None:
        self.block = block
        self._blocks = -1
        self._last, self._since, self._until = 0, math.inf, -math.inf
        self._opens: list[float] = []
        self._closes: list[float] = []
        # Open time before each opening, and up to each closing.
        self._before: list[float] = []
        self._through: list[float] = []

    @property
    def open_share(self) -> float:
        """Share of the first 364 days (52 weeks) that is open."""
        return self.working_between(0.0, 364.0) / 364.0

    def is_open(self, time: float) -> bool:
        """Return whether `time` lies in an opening."""
        place = self._place(time)
        return place >= 0 and time < self._closes[place]

    def next_open(self, time: float) -> float:
        """Return the first open time at or after `time`; infinity if there is none."""
        place = self._place(time)
        if place >= 0 and time < self._closes[place]:
            return time
        return self._opening(place + 1)

    def closes_after(self, time: float) -> float:
        """Return the end of the opening in which `time` lies (`time` itself if it is closed)."""
        place = self._place(time)
        if place < 0 or time >= self._closes[place]:
            return time
        # The last one known may go on in the next blocks.
        stop = self._blocks + _FAR
        while place == len(self._opens) - 1 and self._reaches_edge():
            if self._blocks == stop:
                return math.inf
            self._extend()
        return self._closes[place]

    def stretch_of(self, time: float) -> Stretch:
        """Return from when to when it is as at `time`, and what comes next."""
        place = self._place(time)
        following = self._opening(place + 1)
        if place >= 0 and time < self._closes[place]:
            number = place - bisect_right(self._closes, 0.0)
            return self._opens[place], self.closes_after(time), following, number
        return self._closes[place] if place >= 0 else -math.inf, following, following, -1

    def add_working(self, time: float, duration: float) -> float:
        """Return the end of `duration` days of open time from `next_open(time)` on.

        Work that exactly fills an opening ends with it, not at the next one; infinity if there
        is not enough open time. Raises ValueError if `duration` is negative.
        """
        if duration < 0:
            raise ValueError(f"working time must be 0 or more, not {duration:g} d")
        place, start = self._place(time), time
        if place < 0 or time >= self._closes[place]:
            place, start = place + 1, self._opening(place + 1)
        if duration == 0 or math.isinf(start):
            return start
        if start + duration <= self._closes[place]:
            return start + duration
        worked = self._before[place] + (start - self._opens[place]) + duration
        stop = self._blocks + _FAR + math.ceil(duration / DAYS_OF_BLOCK)
        while self._through[-1] < worked - _TOLERANCE:
            if self._blocks == stop:
                return math.inf
            self._extend()
        last = bisect_left(self._through, worked - _TOLERANCE)
        return min(self._opens[last] + (worked - self._before[last]), self._closes[last])

    def working_between(self, start: float, end: float) -> float:
        """Return the open time in days from `start` to `end`; negative if `end` is earlier."""
        return self._since_zero(end) - self._since_zero(start)

    def stretched(self, duration: float) -> float:
        """Return the days that `duration` days of open time take on average."""
        share = self.open_share
        return duration / share if share > 0 else math.inf

    def longest_opening(self, days: float) -> float:
        """Return the length of the longest opening that begins in the first `days` days."""
        self._place(days)
        lengths = [self.closes_after(begin) - begin for begin in list(self._opens) if begin <= days]
        return max(lengths, default=0.0)

    def knots(self, until: float) -> tuple[list[float], list[float]]:
        """Return moments up to `until` and beyond, and the open time before each.

        Open time is linear from one to the next.
        """
        self._place(until)
        moments = [-float(DAYS_OF_BLOCK)]
        worked = [self._before[0] if self._before else 0.0]
        for opens, closes in zip(self._opens, self._closes, strict=True):
            moments += [opens, closes]
        for before, through in zip(self._before, self._through, strict=True):
            worked += [before, through]
        return moments, worked

    def _since_zero(self, time: float) -> float:
        place = self._place(time)
        if place < 0:
            return self._before[0] if self._before else 0.0
        return self._before[place] + min(time, self._closes[place]) - self._opens[place]

    def _place(self, time: float) -> int:
        """Return the number of the last opening that began by `time`, -1 if none had."""
        # Most questions are about the same opening as the one before.
        if self._since <= time < self._until:
            return self._last
        # Beyond the last opening known, the next block may hold a later one.
        while (not self._opens or time >= self._opens[-1]) and self._may_extend(time):
            self._extend()
        opens = self._opens
        place = bisect_right(opens, time) - 1
        if 0 <= place < len(opens) - 1:
            self._last, self._since, self._until = place, opens[place], opens[place + 1]
        return place

    def _may_extend(self, time: float) -> bool:
        return self._blocks * DAYS_OF_BLOCK <= time + DAYS_OF_BLOCK

    def _opening(self, place: int) -> float:
        """Return the beginning of an opening by its number; infinity if there is none."""
        stop = self._blocks + _FAR
        while place >= len(self._opens) and self._blocks < stop:
            self._extend()
        return self._opens[place] if place < len(self._opens) else math.inf

    def _reaches_edge(self) -> bool:
        # A day's grace: a block is a year of local days, an hour longer or shorter than the clock.
        return self._closes[-1] > self._blocks * DAYS_OF_BLOCK - 1

    def _extend(self) -> None:
        for begin, end in self.block(self._blocks):
            if self._closes and begin <= self._closes[-1] + _TOLERANCE:
                self._closes[-1] = max(end, self._closes[-1])
                self._through[-1] = self._before[-1] + self._closes[-1] - self._opens[-1]
                continue
            self._before.append(self._through[-1] if self._through else 0.0)
            self._opens.append(begin)
            self._closes.append(end)
            self._through.append(self._before[-1] + end - begin)
        self._blocks += 1
        if self._blocks == 0 and self._through:  # counted from day 0, where sums are exact
            past = self._through[-1]
            self._before = [worked - past for worked in self._before]
            self._through = [worked - past for worked in self._through]


DAYS_OF_BLOCK = 366
"""Days of each block of a calendar."""


class FitsBefore:
    """The times at which something of a certain length can start and end within one opening."""

    def __init__(self, hours: Calendar, length: float) -> None:
        self._hours = hours
        self.length = length
        # From when to when the last answer was yes.
        self._since, self._until = math.inf, -math.inf

    def is_open(self, time: float) -> bool:
        """Return whether what starts now ends before closing."""
        if self._since <= time <= self._until:
            return True
        if not (self._hours.is_open(time) and self._fits(time)):
            return False
        self._since, self._until = time, self._hours.closes_after(time) - self.length
        return True

    def next_open(self, time: float) -> float:
        """Return the first such start at or after `time`; infinity if no opening is long enough."""
        start = self._hours.next_open(time)
        tries = 0
        while math.isfinite(start) and not self._fits(start):
            tries += 1
            if tries > _MOST_OPENINGS:
                return math.inf
            start = self._hours.next_open(self._hours.closes_after(start))
        return start

    def _fits(self, start: float) -> bool:
        return start + self.length <= self._hours.closes_after(start) + _TOLERANCE * 10


_MOST_OPENINGS = 5000
"""Openings after which one that is long enough is no longer looked for: several years of shifts."""
