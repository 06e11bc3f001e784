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


def test_work_that_does_not_fit_before_closing_waits_or_pauses_or_is_handed_over() -> None:
    """Monday 14:00, six hours of work, and a shift that ends at 19:00."""
    ready, site = ["14 h"], {"open": "day"}
    spans: dict[str, list[float]] = {
        "wait": [at(1, 7), at(1, 13)],
        "pause": [14, at(1, 8)],
        "hand_over": [14, 20],
    }
    for policy, expected in spans.items():
        clock = "working" if policy == "pause" else "elapsed"
        step = {"duration": "6 h", "shift_end": policy, "clock": clock}
        trace = ran(plant(ready, step=step, site=site, network=named()))
        assert [*hours(trace, "started"), *hours(trace, "ended")] == exactly(expected)


def test_who_waits_for_a_closing_lets_nobody_pass() -> None:
    step = {"duration": "6 h", "shift_end": "wait"}
    ready = ["13.5 h", "14 h", "100 h"]  # the last one on Friday at 04:00
    trace = ran(plant(ready, step=step, site={"open": "day"}, network=named()))
    assert hours(trace, "started") == exactly([at(1, 7), at(1, 13), at(4, 7)])


def test_a_step_may_end_in_opening_hours_only_and_keeps_its_suite() -> None:
    step = {"duration": "16 h", "end": "opening"}
    trace = ran(plant(["8 h", "113 h"], step=step, site={"open": "day"}, network=named()))
    assert hours(trace, "started") == exactly([8, at(4, 17)])
    assert hours(trace, "ended") == exactly([at(1, 7), at(7, 7)])


def test_a_step_without_resources_starts_at_the_opening() -> None:
    step = {"needs": [], "at": "plant", "start": "opening"}
    trace = ran(plant(["5 h", "20 h"], step=step, site={"open": "day"}, network=named()))
    assert hours(trace, "queued") == exactly([5, 20])
    assert hours(trace, "started") == exactly([7, at(1, 7)])


def shipped(ready: list[str], lane: Plain, *disruptions: Plain, **mode: object) -> Trace:
    """Shipments from the centre to the plant, which works in the day shift."""
    data = plant(ready, site={"open": "day"}, network={**named(), "lanes": [lane]}).plain()
    data["network"]["lanes"][0]["modes"][0].update(mode)
    data["disruptions"] = list(disruptions)
    data["pathways"][0]["route"] = [{"name": "ship", "ship": "plant"}, {"name": "infusion"}]
    scenario = Scenario.from_plain(data)
    assert [p.message for p in check(scenario) if p.severity == "error"] == []
    return ran(scenario)


def test_a_courier_comes_twice_a_day_and_has_a_cut_off() -> None:
    courier = {"at": ["11:00", "16:00"], "open": "mon-fri", "cut_off": "1 h"}
    ready = ["9.5 h", "10 h", "10.5 h", "110.9 h", "111.5 h"]  # the last two on Friday at 15:00
    trace = shipped(ready, {"time": "5 h", "pick_up": courier})
    sent = visits(trace, "ship")
    assert (column(sent, "queued") * 24).tolist() == exactly([9.5, 10, 10.5, 110.9, 111.5])
    assert (column(sent, "started") * 24).tolist() == exactly([11, 11, 16, at(4, 16), at(7, 11)])
    assert (column(sent, "ended") * 24).tolist() == exactly([16, 16, 21, at(4, 21), at(7, 16)])


def test_no_courier_comes_in_a_strike() -> None:
    """He would come at 11:00 and 16:00; the strike is from 10:00 to 12:00."""
    strike = {"name": "strike", "kind": "strike", "at": ["10 h"], "lasts": "2 h"}
    courier = {"time": "5 h", "pick_up": {"at": ["11:00", "16:00"]}}
    assert (column(visits(shipped(["9 h"], courier, strike), "ship"), "started") * 24) == exactly(
        [16]
    )


def test_a_shipment_that_comes_at_night_is_received_in_the_morning() -> None:
    trace = shipped(["9 h", "16 h"], {"time": "5 h", "receive": "opening"})
    assert (column(visits(trace, "ship"), "ended") * 24).tolist() == exactly([14, at(1, 7)])


def test_who_is_lost_before_the_courier_comes_is_lost_waiting() -> None:
    courier = {"at": "16:00"}
    data = plant(["9 h"], network={"lanes": [{"time": "5 h", "pick_up": courier}]}).plain()
    data["pathways"][0]["route"] = [{"name": "ship", "ship": "plant"}, {"name": "infusion"}]
    data["demand"]["indications"][0]["drop_out"] = [{"name": "death", "after": "3 h"}]
    lost = ran(Scenario.from_plain(data))["patients"]
    assert lost["lost_phase"].tolist() == ["waiting"]
    assert (column(lost, "left") * 24).tolist() == exactly([12])
