from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartlogix.ground.calendars import ALWAYS, StartCalendar, WeekCalendar, parse_days

MINUTES = 1440
WEEKDAYS = frozenset(range(5))

calendars = st.builds(WeekCalendar, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 6))


def open_minute(calendar: WeekCalendar, minute: int) -> bool:
    return (minute // MINUTES + calendar.first_weekday) % 7 in calendar.open_days


@settings(max_examples=60, deadline=None)
@given(calendars, st.integers(-3 * MINUTES, 15 * MINUTES), st.integers(0, 3 * MINUTES))
def test_working_time_matches_stepping_by_minutes(
    calendar: WeekCalendar, start: int, duration: int
) -> None:
    minute = start
    while not open_minute(calendar, minute):
        minute += 1
    opening, done = minute, 0
    while done < duration:
        done += open_minute(calendar, minute)
        minute += 1
    end = calendar.add_working(start / MINUTES, duration / MINUTES)
    assert calendar.next_open(start / MINUTES) == pytest.approx(opening / MINUTES, abs=1e-9)
    assert end == pytest.approx(minute / MINUTES, abs=1e-9)
    assert calendar.is_open(start / MINUTES) == open_minute(calendar, start)
    worked = calendar.working_between(start / MINUTES, end)
    assert worked == pytest.approx(duration / MINUTES, abs=1e-9)


def test_work_that_fills_friday_ends_at_friday_midnight() -> None:
    calendar = WeekCalendar(WEEKDAYS)
    assert calendar.add_working(4.0, 1.0) == 5.0
    assert calendar.add_working(0.0, 5.0) == 5.0
    assert calendar.add_working(4.7, 0.3) == 5.0  # 0.7 + 0.3 is just above 1 in floats
    assert calendar.add_working(11.7, 0.3 + 5) == 19.0


def test_closed_start_waits_for_the_opening() -> None:
    calendar = WeekCalendar(WEEKDAYS)
    assert calendar.next_open(5.0) == 7.0
    assert calendar.add_working(5.5, 0.0) == 7.0
    assert calendar.add_working(5.5, 0.25) == 7.25


def test_first_weekday_shifts_the_week() -> None:
    starts_on_saturday = WeekCalendar(WEEKDAYS, first_weekday=5)
    assert not starts_on_saturday.is_open(0.5)
    assert starts_on_saturday.next_open(0.5) == 2.0


def test_long_spans_are_exact() -> None:
    assert WeekCalendar(WEEKDAYS).add_working(0.0, 5_000_000.0) == 7_000_000.0 - 2
    assert WeekCalendar(WEEKDAYS).working_between(0.0, 7_000_000.0) == 5_000_000.0


def test_always_open_adds_elapsed_time() -> None:
    assert ALWAYS.add_working(5.3, 2.5) == 5.3 + 2.5
    assert ALWAYS.working_between(1.5, 9.0) == 7.5


def test_calendar_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="at least one open day"):
        WeekCalendar(frozenset())
    with pytest.raises(ValueError, match="0 \\(Monday\\) to 6"):
        WeekCalendar(frozenset({7}))
    with pytest.raises(ValueError, match="0 or more"):
        ALWAYS.add_working(0.0, -1.0)


@given(
    st.floats(1e-3, 100),
    st.floats(0, 50),
    st.integers(0, 10_000),
)
def test_release_instants_are_fixed_points(every: float, first: float, step: int) -> None:
    calendar = StartCalendar(every, 1, first)
    instant = first + step * every
    assert calendar.release_at_or_after(instant) == instant
    assert calendar.release_after(instant) == first + (step + 1) * every
    assert calendar.release_after(math.nextafter(instant, -math.inf)) == instant


@given(st.floats(-10, 1e5), st.floats(1e-2, 30), st.floats(0, 50))
def test_release_is_the_first_one(time: float, every: float, first: float) -> None:
    calendar = StartCalendar(every, 2, first)
    release = calendar.release_at_or_after(time)
    assert release >= time
    assert release == first or release - time <= every * (1 + 1e-9) + 1e-9


def test_start_calendar_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="every must be"):
        StartCalendar(0.0, 1)
    with pytest.raises(ValueError, match="first must be"):
        StartCalendar(1.0, 1, math.nan)
    with pytest.raises(ValueError, match="number must be"):
        StartCalendar(1.0, 0)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Mon, wed ,sat - sun", {0, 2, 5, 6}),
        ("sat-mon", {5, 6, 0}),
        ("sun", {6}),
        ("mon-sun", set(range(7))),
    ],
)
def test_parse_days(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "monday", "mon-", "mon-wed-fri", "mon;tue", "mon,"])
def test_parse_days_names_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day; use mon, tue"):
        parse_days(text)
