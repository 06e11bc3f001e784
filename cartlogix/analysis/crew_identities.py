"""Operator hours are conserved: people work what steps ask of them, and are on duty or idle."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cartlogix.analysis.breaches import TIME
from cartlogix.analysis.capacity import duties, pool_times
from cartlogix.analysis.occupancy import count_path, occupancies
from cartlogix.analysis.tidy import clipped, numbers, observed
from cartlogix.ground.calendars import Calendar
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource
from cartlogix.scenario.opening import group_roster
from cartlogix.trace.tables import Trace


def operator_hours(trace: Trace, scenario: Scenario) -> list[str]:
    """The hours that steps ask of people are those that people work; nobody is in two places.

    Nobody takes up work off the roster, and hours on duty are hours at work in a shift, idle ones
    and those of people who are away; who is absent by chance counts as idle.
    """
    found: list[str] = []
    crews = [
        (site, name, resource)
        for site in scenario.network.sites()
        for name, resource in site.resources.items()
        if resource.people
    ]
    if not crews:
        return []
    held = occupancies(trace, scenario)
    times = pool_times(trace, scenario, held)
    shown = numbers(times, "busy") - numbers(times, "overtime")
    shown += numbers(times, "idle") + numbers(times, "out")
    under_way = any(scenario.snapshot.under_way())
    rows = trace["pools"]["pool"].astype(str).tolist()
    for site, name, resource in crews:
        pool = f"{site.name}/{name}"
        asked = held[(held["pool"] == rows.index(pool)).to_numpy()]
        found += _asked(trace, pool, resource, asked)
        rosters = [group_roster(scenario, site, group) for group in resource.people]
        found += _on_duty(trace, pool, resource, rosters, float(shown[rows.index(pool)]))
        found += _off_duty(trace, pool, resource, rosters, snapshot=under_way)
    return found


def _asked(trace: Trace, pool: str, resource: Resource, asked: pd.DataFrame) -> list[str]:
    window, found, worked = observed(trace), [], 0.0
    for group in resource.people:
        start, end = duties(trace, pool, group.name)
        worked += float(clipped(start, end, window).sum())
        peak = count_path(start, end - TIME, np.ones(start.size))[1].max(initial=0.0)
        if peak > group.number:
            found.append(f"{peak:g} of {group.number} '{group.name}' of {pool} at work at once")
    days = clipped(numbers(asked, "start"), numbers(asked, "end"), window) * numbers(asked, "units")
    if abs(float(days.sum()) - worked) > TIME * max(1.0, worked):
        found.append(f"{pool}: steps ask for {days.sum():g} d of people, people work {worked:g} d")
    return found


def _on_duty(
    trace: Trace, pool: str, resource: Resource, rosters: list[Calendar], shown: float
) -> list[str]:
    start, end = observed(trace)
    people = zip(resource.people, rosters, strict=True)
    hours = sum(group.number * roster.working_between(start, end) for group, roster in people)
    if abs(hours - shown) > TIME * max(1.0, hours):
        return [f"{pool}: on duty for {hours:g} d, at work in shifts, idle or away {shown:g} d"]
    return []


def _off_duty(
    trace: Trace, pool: str, resource: Resource, rosters: list[Calendar], *, snapshot: bool
) -> list[str]:
    found = []
    for group, roster in zip(resource.people, rosters, strict=True):
        starts = duties(trace, pool, group.name)[0]
        # Whom a snapshot finds at work on day 0 may be there beyond the end of a shift.
        begun = starts[starts > 0] if snapshot else starts
        wrong = [time for time in begun.tolist() if not roster.is_open(time + TIME)]
        if wrong:
            found.append(f"'{group.name}' of {pool} take up work off duty: time {wrong[0]:g}")
    return found
