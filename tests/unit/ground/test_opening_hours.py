from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartlogix.ground.opening_hours import FitsBefore, HoursCalendar
from cartlogix.ground.timetable import (
    Holidays,
    LocalClock,
    Opening,
    ShiftHours,
    Timetable,
)

HOUR = 3600
MONDAY = dt.date(2027, 1, 4)
WORKDAYS = frozenset(range(5))


def hours(*shifts: ShiftHours, **rest: object) -> HoursCalendar:
    clock = LocalClock(MONDAY, "UTC", "UTC")
    return HoursCalendar(Timetable(clock, shifts, **rest).block)  # type: ignore[arg-type]


def at(day: int, hour: float) -> float:
    return day + hour / 24


DAY_SHIFT = ShiftHours(WORKDAYS, 7 * HOUR, 19 * HOUR)
NIGHT_SHIFT = ShiftHours(WORKDAYS, 19 * HOUR, 7 * HOUR)

shift_list = st.lists(
    st.builds(
        ShiftHours,
        st.frozensets(st.integers(0, 6), min_size=1),
        st.integers(0, 23).map(lambda hour: hour * HOUR),
        st.integers(1, 24).map(lambda hour: hour * HOUR),
    ).filter(lambda shift: shift.start != shift.end),
    min_size=1,
    max_size=3,
)


def open_hour(shifts: list[ShiftHours], hour: int) -> bool:
    """Whether an hour of the run is open, told by looking at every shift of the days around."""
    for shift in shifts:
        for day in (hour // 24 - 1, hour // 24):
            begin = day * 24 + shift.start // HOUR
            if day % 7 in shift.days and begin <= hour < begin + shift.length // HOUR:
                return True
    return False


@settings(max_examples=60, deadline=None)
@given(shift_list, st.integers(0, 15 * 24), st.integers(0, 100))
def test_working_time_matches_stepping_by_hours(
    shifts: list[ShiftHours], start: int, duration: int
) -> None:
    calendar = hours(*shifts)
    hour = start
    while not open_hour(shifts, hour):
        hour += 1
    opening, done = hour, 0
    while done < duration:
        done += open_hour(shifts, hour)
        hour += 1
    assert calendar.next_open(start / 24) == pytest.approx(opening / 24, abs=1e-9)
    end = calendar.add_working(start / 24, duration / 24)
    assert end == pytest.approx(hour / 24, abs=1e-9)
    assert calendar.is_open(start / 24) == open_hour(shifts, start)
    assert calendar.working_between(start / 24, end) == pytest.approx(duration / 24, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(shift_list, st.integers(0, 400 * 24))
def test_closing_is_the_next_closed_hour(shifts: list[ShiftHours], start: int) -> None:
    calendar, hour = hours(*shifts), start
    while open_hour(shifts, hour) and hour < start + 200:
        hour += 1
    closes = calendar.closes_after(start / 24)
    if hour < start + 200:
        assert closes == pytest.approx(hour / 24, abs=1e-9)
    else:
        assert math.isinf(closes)


def test_friday_evening_waits_for_monday_morning() -> None:
    calendar = hours(DAY_SHIFT)
    assert calendar.next_open(at(4, 20)) == at(7, 7)
    assert calendar.add_working(at(4, 17), 4 / 24) == at(7, 9)  # two hours on each side
    assert calendar.add_working(at(4, 15), 4 / 24) == at(4, 19)  # fills the shift, and no more
    assert calendar.closes_after(at(4, 15)) == at(4, 19)
    assert not calendar.is_open(at(4, 19))
    assert calendar.open_share == pytest.approx(60 / 168)


def test_a_night_shift_runs_over_midnight_and_joins_the_day_shift() -> None:
    calendar = hours(DAY_SHIFT, NIGHT_SHIFT)
    assert calendar.closes_after(at(0, 12)) == at(5, 7)
    assert calendar.is_open(at(5, 6.5))
    assert calendar.next_open(at(5, 8)) == at(7, 7)


def test_the_joint_between_blocks_is_not_a_closing() -> None:
    calendar = hours(ShiftHours(frozenset(range(7)), 0, 24 * HOUR), closures=[
        (MONDAY + dt.timedelta(days=800), MONDAY + dt.timedelta(days=809))
    ])  # fmt: skip
    assert calendar.closes_after(365.5) == 800.0
    assert calendar.next_open(801.0) == 810.0
    assert math.isinf(calendar.closes_after(900.0))
    assert calendar.add_working(799.0, 3.0) == 812.0
    assert calendar.working_between(0.0, 1000.0) == 990.0


def test_closures_cut_shifts_and_extra_openings_hold_in_them() -> None:
    friday = MONDAY + dt.timedelta(days=4)
    calendar = hours(
        DAY_SHIFT,
        closures=[(friday, MONDAY + dt.timedelta(days=8))],
        openings=[Opening(MONDAY + dt.timedelta(days=5), 8 * HOUR, 12 * HOUR)],
    )
    assert calendar.next_open(at(3, 20)) == at(5, 8)
    assert calendar.next_open(at(5, 12)) == at(9, 7)


def test_what_never_opens_again_is_never() -> None:
    calendar = hours(DAY_SHIFT, closures=[(MONDAY + dt.timedelta(days=1), dt.date(2999, 1, 1))])
    assert calendar.next_open(0.0) == at(0, 7)
    assert math.isinf(calendar.next_open(1.0))
    assert math.isinf(calendar.add_working(0.0, 1.0))


def test_holidays_of_a_subdivision() -> None:
    bavaria = hours(DAY_SHIFT, holidays=Holidays("DE", "BY"))
    berlin = hours(DAY_SHIFT, holidays=Holidays("DE", "BE"))
    epiphany = (dt.date(2027, 1, 6) - MONDAY).days
    assert bavaria.next_open(at(epiphany, 8)) == at(epiphany + 1, 7)
    assert berlin.next_open(at(epiphany, 8)) == at(epiphany, 8)
    thursday = (dt.date(2027, 3, 25) - MONDAY).days  # Good Friday and Easter Monday follow
    assert bavaria.next_open(at(thursday, 19)) == at(thursday + 5, 7)


def test_a_night_on_which_clocks_change() -> None:
    """In 2027 Berlin goes to summer time on 28 March and back on 31 October, at 01:00 UTC."""
    night = ShiftHours(frozenset({5}), 22 * HOUR, 6 * HOUR)  # from Saturday evening
    for saturday, length in ((dt.date(2027, 3, 27), 7), (dt.date(2027, 10, 30), 9)):
        clock = LocalClock(saturday, "Europe/Berlin", "Europe/Berlin")
        calendar = HoursCalendar(Timetable(clock, [night]).block)
        assert calendar.next_open(0.0) == at(0, 22)
        assert calendar.closes_after(at(0, 23)) == pytest.approx(at(0, 22 + length), abs=1e-12)
        assert calendar.next_open(2.0) == pytest.approx(at(7, 22 + length - 8), abs=1e-12)


def test_hours_that_a_clock_change_skips_are_the_change() -> None:
    saturday = dt.date(2027, 3, 27)
    clock = LocalClock(saturday, "Europe/Berlin", "Europe/Berlin")
    change = at(1, 2)
    for hour in (2.0, 2.5, 3.0):
        assert clock.elapsed(int((24 + hour) * HOUR)) == pytest.approx(change, abs=1e-9)
    assert clock.elapsed(int((24 + 3.5) * HOUR)) == pytest.approx(at(1, 2.5), abs=1e-9)


def test_another_zone_is_shifted_on_the_clock_of_the_run() -> None:
    clock = LocalClock(MONDAY, "Europe/Berlin", "America/New_York")  # six hours behind in winter
    calendar = HoursCalendar(Timetable(clock, [DAY_SHIFT]).block)
    assert calendar.next_open(0.0) == pytest.approx(at(0, 13), abs=1e-12)


def test_what_must_fit_waits_for_an_opening_that_is_long_enough() -> None:
    short_friday = [ShiftHours(frozenset({4}), 7 * HOUR, 11 * HOUR), DAY_SHIFT]
    fits = FitsBefore(hours(ShiftHours(frozenset(range(4)), 7 * HOUR, 19 * HOUR), short_friday[0]),
                      5 / 24)  # fmt: skip
    assert fits.next_open(at(0, 14)) == at(0, 14)
    assert fits.next_open(at(0, 14.5)) == at(1, 7)
    assert fits.next_open(at(3, 15)) == at(7, 7)
    assert fits.is_open(at(0, 14))
    assert not fits.is_open(at(0, 15))
    assert math.isinf(FitsBefore(hours(DAY_SHIFT), 13 / 24).next_open(0.0))
