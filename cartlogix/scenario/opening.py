"""Opening hours as the scenario means them: from `open:` to a calendar on the run's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from cartlogix.ground.calendars import ALWAYS, Calendar, WeekCalendar, parse_days
from cartlogix.ground.opening_hours import HoursCalendar, Interval
from cartlogix.ground.timetable import (
    DailyTimes,
    Holidays,
    LocalClock,
    Opening,
    ShiftHours,
    Timetable,
)
from cartlogix.scenario.calendar import NamedCalendar, Shift, seconds
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import PickUp, Site
from cartlogix.scenario.people import People

UTC = "UTC"


def calendar_of(scenario: Scenario, site: Site, opened: str) -> Calendar:
    """Return the calendar that `opened` stands for at a site: days of the week, or a name."""
    named = next((item for item in scenario.network.calendars if item.name == opened), None)
    zone = site.time_zone or scenario.run.time_zone
    if named is not None:
        return _hours(named, scenario.run.start, scenario.run.time_zone, named.time_zone or zone)
    days = parse_days(opened)
    if len(days) == 7:
        return ALWAYS
    if zone == UTC == scenario.run.time_zone:
        return WeekCalendar(days, scenario.run.start.weekday())
    return _whole_days(scenario, opened, zone)


def _whole_days(scenario: Scenario, days: str, zone: str) -> Calendar:
    named = NamedCalendar(name="days", shifts=(Shift(days=days),))
    return _hours(named, scenario.run.start, scenario.run.time_zone, zone)


def resource_calendar(scenario: Scenario, site: Site, resource: str) -> Calendar:
    """Return the calendar of a resource: its own, or its site's; of a crew, the rosters'."""
    if site.resources[resource].people:
        return roster_of(scenario, site, resource, None)
    return calendar_of(scenario, site, site.resources[resource].open or site.open)


def roster_of(scenario: Scenario, site: Site, resource: str, qualification: str | None) -> Calendar:
    """Return when anybody of a crew who has a qualification is on duty."""
    rosters = [
        group_roster(scenario, site, group)
        for group in site.resources[resource].people
        if qualification in (None, *group.qualifications)
    ]
    timed = [roster for roster in rosters if isinstance(roster, HoursCalendar)]
    if len(timed) < len(rosters):
        return ALWAYS
    return _together(tuple(dict.fromkeys(timed)))


def group_roster(scenario: Scenario, site: Site, group: People) -> Calendar:
    """Return when a group of people is on duty: hours, or always."""
    opened = group.roster or site.open
    roster = calendar_of(scenario, site, opened)
    if isinstance(roster, HoursCalendar) or roster.always:
        return roster
    return _whole_days(scenario, opened, site.time_zone or scenario.run.time_zone)


@lru_cache(maxsize=256)
def _together(calendars: tuple[HoursCalendar, ...]) -> HoursCalendar:
    return calendars[0] if len(calendars) == 1 else HoursCalendar(_Union(calendars))


class _Union:
    """The openings of several calendars together, block by block."""

    def __init__(self, calendars: Sequence[HoursCalendar]) -> None:
        self._calendars = calendars

    def __call__(self, number: int) -> list[Interval]:
        merged: list[Interval] = []
        for begin, end in sorted(i for each in self._calendars for i in each.block(number)):
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return merged


def pick_ups(scenario: Scenario, site: Site, given: PickUp) -> DailyTimes:
    """Return when a courier comes to a site."""
    zone = site.time_zone or scenario.run.time_zone
    times = tuple(sorted(seconds(time) for time in given.at))
    hours = calendar_of(scenario, site, given.open)
    run = scenario.run
    return _daily(run.start, run.time_zone, zone, times, hours, given.cut_off.value)


@lru_cache(maxsize=256)
def _daily(
    start: dt.date,
    run_zone: str,
    zone: str,
    times: tuple[int, ...],
    hours: Calendar,
    notice: float,
) -> DailyTimes:
    return DailyTimes(LocalClock(start, run_zone, zone), times, hours, notice)


# Calendars are the same in every replication, and are worked out as far as any of them asked.
@lru_cache(maxsize=256)
def _hours(named: NamedCalendar, start: dt.date, run_zone: str, zone: str) -> Calendar:
    shifts = [
        ShiftHours(parse_days(shift.days), seconds(shift.from_), seconds(shift.to))
        for shift in named.shifts
    ]
    if not named.holidays and not named.closed and _covers_the_week(shifts):
        return ALWAYS
    public = named.holidays
    return HoursCalendar(
        Timetable(
            LocalClock(start, run_zone, zone),
            shifts,
            Holidays(public.country, public.subdivision) if public else None,
            [(item.from_, item.to or item.from_) for item in named.closed],
            [Opening(item.on, seconds(item.from_), seconds(item.to)) for item in named.also_open],
        ).block
    )


def _covers_the_week(shifts: list[ShiftHours]) -> bool:
    covered = 0
    for begin, end in sorted(
        (day * 86_400 + shift.start, day * 86_400 + shift.start + shift.length)
        for shift in shifts
        for day in (-1, *sorted(shift.days))
        if day >= 0 or 6 in shift.days
    ):
        if begin > covered:
            return False
        covered = max(covered, end)
    return covered >= 7 * 86_400
