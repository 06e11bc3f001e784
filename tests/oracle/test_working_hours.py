"""Shifts, holidays and changing clocks, worked out by hand to the hour."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.laws.test_identities import same
from tests.oracle.measures import column, kpis, visits

Plain = dict[str, Any]
MONDAY = dt.date(2027, 1, 4)
DAY_SHIFT = {"days": "mon-fri", "from": "07:00", "to": "19:00"}


def plant(
    arrivals: list[str],
    *,
    step: Plain | None = None,
    site: Plain | None = None,
    network: Plain | None = None,
    **run: object,
) -> Scenario:
    """One plant with one suite; patients are ready when they arrive and infused when made."""
    made = {"name": "manufacture", "needs": "suite", "duration": "4 h", **(step or {})}
    places = {
        "plants": [{"name": "plant", "resources": {"suite": 1}, **(site or {})}],
        **(network or {}),
    }
    data = {
        "name": "hours",
        "demand": {
            "arrivals": {"process": "list", "patients": arrivals},
            "indications": [{"name": "any"}],
        },
        "network": places,
        "pathways": [
            {
                "name": "p",
                "modality": "autologous",
                "route": [made, {"name": "infusion"}],
            }
        ],
        "run": {"start": MONDAY, "enrolment": "60 d", "replications": 1, **run},
    }
    scenario = Scenario.from_plain(data)
    assert [p for p in check(scenario) if p.severity == "error"] == []
    return scenario


def ran(scenario: Scenario) -> Trace:
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    return trace


def hours(trace: Trace, name: str) -> list[float]:
    """Hours of the run at which the visits to the manufacture started, ended, ..."""
    return [float(day) * 24 for day in column(visits(trace), name)]


def exactly(values: list[float]) -> object:
    return pytest.approx(values, abs=1e-6)


def named(**rest: object) -> Plain:
    return {"calendars": [{"name": "day", "shifts": [DAY_SHIFT], **rest}]}


def at(day: int, hour: float) -> float:
    return day * 24 + hour


def test_who_is_ready_in_the_evening_starts_in_the_morning() -> None:
    ready = ["6 h", "16 h", "20 h", "110 h"]  # Monday 06:00, 16:00, 20:00, Friday 14:00
    trace = ran(plant(ready, site={"open": "day"}, network=named()))
    assert hours(trace, "started") == exactly([7, 16, at(1, 7), at(4, 14)])
    assert hours(trace, "ended") == exactly([11, 20, at(1, 11), at(4, 18)])


def test_a_resource_has_hours_of_its_own_and_work_in_hand_goes_on() -> None:
    site = {"resources": {"suite": {"capacity": 1, "open": "day"}}}
    trace = ran(plant(["113 h", "114 h"], site=site, network=named()))  # Friday 17:00 and 18:00
    assert hours(trace, "started") == exactly([at(4, 17), at(7, 7)])
    assert hours(trace, "ended") == exactly([at(4, 21), at(7, 11)])


def test_holidays_and_a_shutdown_to_the_hour() -> None:
    """Bavaria, Easter 2027: Thursday 25 March, then Good Friday and Easter Monday."""
    thursday = (dt.date(2027, 3, 25) - MONDAY).days
    calendar = named(
        holidays={"country": "DE", "subdivision": "BY"},
        closed=[{"from": "2027-03-31", "why": "stocktaking"}],
    )
    ready = [f"{at(thursday, hour)} h" for hour in (18, 20, 21, 22, 22.5)]
    trace = ran(plant(ready, site={"open": "day"}, network=calendar, enrolment="120 d"))
    started = [at(thursday, 18), *(at(thursday + 5, hour) for hour in (7, 11, 15))]
    assert hours(trace, "started") == exactly([*started, at(thursday + 7, 7)])


def test_working_time_stands_still_over_a_night_and_a_weekend() -> None:
    step = {"clock": "working", "duration": "16 h"}
    trace = ran(plant(["113 h"], step=step, site={"open": "day"}, network=named()))
    # Two hours of Friday, twelve of Monday, two of Tuesday.
    assert hours(trace, "ended") == exactly([at(8, 9)])


def test_the_hours_of_a_resource_add_up() -> None:
    scenario = plant(["6 h", "113 h"], site={"open": "day"}, network=named(), enrolment="28 d")
    kpi = kpis(ran(scenario), scenario, "capacity")
    assert kpi["pool.busy/plant/suite"] == pytest.approx(8 / 24)
    assert kpi["pool.idle/plant/suite"] == pytest.approx(20 * 0.5 - 6 / 24)  # 2 h after closing
    assert kpi["pool.closed/plant/suite"] == pytest.approx(18 - 2 / 24)


@pytest.mark.parametrize(("start", "length"), [("2027-03-27", 7), ("2027-10-30", 9)])
def test_a_night_on_which_clocks_change(start: str, length: int) -> None:
    """A night shift from Saturday 22:00 to 06:00 in Berlin; the next one begins a week later."""
    night = {"name": "night", "shifts": [{"days": "sat", "from": "22:00", "to": "06:00"}]}
    step = {"clock": "working", "duration": f"{length} h"}
    arrivals = ["0 h", "1 h"]
    network = {"calendars": [night]}
    trace = ran(plant(arrivals, step=step, site={"open": "night"}, network=network,
                      start=start, time_zone="Europe/Berlin"))  # fmt: skip
    week = 7 * 24 + length - 8  # the hour that was lost or gained
    assert hours(trace, "started") == exactly([22, week + 22])
    assert hours(trace, "ended") == exactly(
        [22 + length, week + 22 + length] if length < 8 else [22 + 9, 2 * week - 1 + 22 + 1]
    )


def test_sites_in_two_zones_open_at_their_own_morning() -> None:
    site = {"open": "day", "time_zone": "America/New_York"}
    trace = ran(plant(["0 h"], site=site, network=named(), time_zone="Europe/Berlin"))
    assert hours(trace, "started") == exactly([13])


def test_days_of_the_week_are_those_of_the_zone() -> None:
    site = {"open": "tue", "time_zone": "America/New_York"}
    trace = ran(plant(["0 h"], site=site, time_zone="Europe/Berlin"))
    assert hours(trace, "started") == exactly([at(1, 6)])


def test_neutral_calendars_change_nothing() -> None:
    ready = [f"{3 * k} h" for k in range(60)]
    always = {"calendars": [{"name": "always"}]}
    plain = ran(plant(ready))
    assert same(plain, ran(plant(ready, site={"open": "always"}, network=always)))
    weekdays = {"calendars": [{"name": "weekdays", "shifts": [{"days": "mon-fri"}]}]}
    plain = ran(plant(ready, site={"open": "mon-fri"}))
    assert same(plain, ran(plant(ready, site={"open": "weekdays"}, network=weekdays)))
