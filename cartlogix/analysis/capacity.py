"""How busy resources are: the time of every unit, queues, and the bottleneck.

All figures cover the measured window exactly, whoever's work it is; what reaches over an edge
counts with the part inside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from cartlogix.analysis.occupancy import count_path, occupancies, path_integral
from cartlogix.analysis.out_of_work import absences, out_days
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import (
    ALL,
    Figure,
    clipped,
    inside,
    is_one_of,
    numbers,
    observed,
    positions,
    ratio,
)
from cartlogix.ground.calendars import Calendar, WeekCalendar
from cartlogix.ground.opening_hours import HoursCalendar
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Site
from cartlogix.scenario.opening import group_roster, resource_calendar
from cartlogix.trace.tables import Trace


def capacity_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures of the family capacity."""
    length = observed(trace)[1] - observed(trace)[0]
    held = occupancies(trace, scenario)
    times = pool_times(trace, scenario, held)
    queue, load, all_busy = _queues(trace), _offered_loads(trace, held), _all_busy(trace, held)
    highest = times["utilisation"].max()
    crews = {
        f"{site.name}/{name}"
        for site in scenario.network.sites()
        for name, resource in site.resources.items()
        if resource.people
    }
    for row, days in enumerate(times.to_dict("records")):
        pool = days["pool"]
        used = float(days["utilisation"])
        first = math.nan if math.isnan(used) else float(used == highest and used > 0)
        yield Figure("pool.utilisation", pool, ALL, used)
        for part in ("busy", "changeover", "idle", "closed", "out"):
            yield Figure(f"pool.{part}", pool, ALL, float(days[part]))
        if pool in crews:
            yield Figure("pool.overtime", pool, ALL, float(days["overtime"]))
        yield Figure("pool.in_use", pool, ALL, ratio(float(days["busy"]), length))
        yield Figure("pool.queue", pool, ALL, ratio(float(queue[row]), length))
        yield Figure("pool.offered_load", pool, ALL, ratio(float(load[row]), length))
        yield Figure("pool.all_busy", pool, ALL, ratio(float(all_busy[row]), length))
        yield Figure("pool.bottleneck", pool, ALL, first)
    yield Figure("patients.in_system", "", ALL, ratio(_in_system(trace), length))


def pool_times(trace: Trace, scenario: Scenario, held: pd.DataFrame) -> pd.DataFrame:
    """Return `pool, busy, changeover, idle, closed, out, utilisation, overtime` of the window.

    All but utilisation are in unit-days.

    `held` are the occupancies of the trace.

    Idle is open and unused; closed is unused on a day on which the pool is not open; out is open,
    unused and out of work by an outage, or away. The five add up to capacity x window.
    Utilisation is busy / (busy + changeover + idle), so that what is out of work is not idle: work
    that runs on over a closed weekend counts both as busy and as time that could be used, and work
    that stands still as busy. An unlimited pool has neither idle nor closed time nor utilisation
    (NaN). Overtime is work outside the opening hours; of people, outside the roster of their group.
    """
    pools, window = trace["pools"], observed(trace)
    row = held["pool"].to_numpy()
    start, end, units = numbers(held, "start"), numbers(held, "end"), numbers(held, "units")
    days = clipped(start, end, window) * units
    change = held["changeover"].to_numpy()
    busy = np.bincount(row[~change], days[~change], len(pools))
    changeover = np.bincount(row[change], days[change], len(pools))
    opened, capacity = np.zeros(len(pools)), numbers(pools, "capacity")
    used_open, out = np.zeros(len(pools)), np.zeros(len(pools))
    for index, (site, resource) in enumerate(zip(pools["site"], pools["resource"], strict=True)):
        place = next(place for place in scenario.network.sites() if place.name == site)
        if place.resources[str(resource)].people:
            duty = _on_duty(trace, scenario, place, str(resource))
            used_open[index], opened[index], out[index] = duty
            continue
        calendar = resource_calendar(scenario, place, str(resource))
        mine = row == index
        low, high = np.clip(start[mine], *window), np.clip(end[mine], *window)
        used_open[index] = (open_days(calendar, low, high) * units[mine]).sum()
        opened[index] = open_days(calendar, np.array(window[:1]), np.array(window[1:]))[0]
        absent = absences(trace, scenario, str(pools["pool"].iloc[index]))
        if absent is not None and not math.isnan(capacity[index]):
            using = (start[mine], end[mine], units[mine])
            hours = partial(open_days, calendar)
            out[index] = out_days(absent, using, float(capacity[index]), window, hours)
    idle = capacity * opened - used_open - out
    closed = capacity * (window[1] - window[0] - opened) - (busy + changeover - used_open)
    closed = np.where(np.abs(closed) < 1e-9 * (busy + 1), 0.0, closed)  # only rounding
    usable = busy + changeover + idle
    utilisation = np.where(usable > 0, busy / np.where(usable > 0, usable, 1.0), np.nan)
    return pd.DataFrame(
        {
            "pool": pools["pool"].astype(str),
            "busy": busy,
            "changeover": changeover,
            "idle": idle,
            "closed": closed,
            "out": out,
            "utilisation": utilisation,
            "overtime": np.where(np.abs(busy - used_open) < 1e-9 * (busy + 1), 0, busy - used_open),
        }
    )


def _on_duty(
    trace: Trace, scenario: Scenario, site: Site, resource: str
) -> tuple[float, float, float]:
    """Return days of a crew at work on their shifts, the share of days on duty, and days away.

    Each of the people counts by the roster of their group; who misses a shift by chance
    (`absence`) counts as on duty.
    """
    window = observed(trace)
    used = shifts = out = 0.0
    people = site.resources[resource].people
    for group in people:
        roster = group_roster(scenario, site, group)
        start, end = duties(trace, f"{site.name}/{resource}", group.name)
        low, high = np.clip(start, *window), np.clip(end, *window)
        used += float(open_days(roster, low, high).sum())
        whole = open_days(roster, np.array(window[:1]), np.array(window[1:]))[0]
        shifts += group.number * float(whole)
        absent = absences(trace, scenario, f"{site.name}/{resource}", group)
        if absent is not None:
            using = (start, end, np.ones(start.size))
            out += out_days(absent, using, group.number, window, partial(open_days, roster))
    return used, shifts / sum(group.number for group in people), out


def duties(trace: Trace, pool: str, group: str) -> tuple[Floats, Floats]:
    """Return when people of a group took up work and when they were through (infinity: not yet)."""
    rows = trace["activities"]
    mine = is_one_of(rows["kind"], "duty") & is_one_of(rows["pool"], pool)
    rows = rows[mine & is_one_of(rows["step"], group)]
    ended = numbers(rows, "ended")
    return numbers(rows, "started"), np.where(np.isnan(ended), np.inf, ended)


def open_days(calendar: Calendar, start: Floats, end: Floats) -> Floats:
    """Return the open time of each interval; :meth:`Calendar.working_between` for arrays."""
    if isinstance(calendar, HoursCalendar):
        moments, worked = calendar.knots(float(end.max(initial=0.0)))
        return np.asarray(np.interp(end, moments, worked) - np.interp(start, moments, worked))
    assert isinstance(calendar, WeekCalendar)
    is_open = np.array([calendar.is_open(day) for day in range(7)], dtype=np.float64)
    if is_open.all():
        return end - start
    before = np.concatenate(([0.0], np.cumsum(is_open)))

    def since_zero(time: Floats) -> Floats:
        day = np.floor(time)
        weekday = (day % 7).astype(np.int64)
        opened = day // 7 * before[7] + before[weekday] + (time - day) * is_open[weekday]
        return np.asarray(opened, dtype=np.float64)

    return since_zero(end) - since_zero(start)


def _queues(trace: Trace) -> Floats:
    """Return the patient-days (and lot-days) of waiting at each pool that keeps a queue."""
    activities = trace["activities"]
    queued, started = numbers(activities, "queued"), numbers(activities, "started")
    until = np.where(np.isnan(started), numbers(activities, "ended"), started)
    return _by_pool(trace, clipped(queued, until, observed(trace)))


def _by_pool(trace: Trace, days: Floats) -> Floats:
    pools = trace["pools"]["pool"].tolist()
    row = positions(trace["activities"]["pool"], pools)
    return np.bincount(row[row >= 0], days[row >= 0], len(pools)).astype(np.float64)


def _offered_loads(trace: Trace, held: pd.DataFrame) -> Floats:
    """Return the unit-days that the arrivals in the window ask for, at the mean time held.

    Arrivals at a pool are the activities that queued there in the window, those that gave up or
    were turned away included; each is taken to hold what the finished ones held on average.
    """
    activities, pools = trace["activities"], len(trace["pools"])
    came = inside(numbers(activities, "queued"), observed(trace))
    came &= ~is_one_of(activities["kind"], "changeover", "duty")
    arrivals = _by_pool(trace, came.astype(np.float64))
    over = np.isfinite(numbers(held, "end")) & ~held["changeover"].to_numpy()
    done = held[over]
    row = done["pool"].to_numpy()
    days = (numbers(done, "end") - numbers(done, "start")) * numbers(done, "units")
    finished = np.bincount(row[~done["continued"].to_numpy()], minlength=pools)
    return arrivals * np.bincount(row, days, pools) / np.maximum(finished, 1)


def _all_busy(trace: Trace, held: pd.DataFrame) -> Floats:
    """Return for how many days of the window no unit of each pool was free; NaN if unlimited."""
    row = held["pool"].to_numpy()
    start, end, units = numbers(held, "start"), numbers(held, "end"), numbers(held, "units")
    full = np.full(len(trace["pools"]), np.nan)
    for index, capacity in enumerate(numbers(trace["pools"], "capacity")):
        if not math.isnan(capacity):
            mine = row == index
            times, levels = count_path(start[mine], end[mine], units[mine])
            busy = (levels >= capacity).astype(np.float64)
            full[index] = path_integral(times, busy, observed(trace))
    return full


def _in_system(trace: Trace) -> float:
    """Return the patient-days between enrolment and first infusion or loss, in the window."""
    patients = trace["patients"]
    infused, left = numbers(patients, "infused"), numbers(patients, "left")
    until = np.where(np.isnan(infused), left, infused)
    return float(clipped(numbers(patients, "enrolled"), until, observed(trace)).sum())
