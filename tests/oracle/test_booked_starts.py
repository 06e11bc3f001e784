"""Starts that are promised ahead, against plans made by hand."""

from pathlib import Path

import pandas as pd
import pytest

from cartlogix.analysis.booking import booking_figures
from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

# Two days from the call to the suite: half a day of apheresis and a day and a half on the road.
FILE = """
name: booked
title: Booked starts
demand:
  arrivals:
    process: list
    patients:
      - {at: 0 d, indication: slow}
      - {at: 0 d, indication: slow}
      - {at: 0 d, indication: slow}
      - {at: 1 d, indication: slow}
      - {at: 2 d, indication: fast}
      - {at: 3 d, indication: slow}
      - {at: 4 d, indication: slow}
  indications:
    - {name: slow, share: 1, target: 60 d}
    - {name: fast, share: 1, target: 25 d, urgency: 3}
network:
  plants:
    - name: plant
      resources:
        suites: {capacity: 2, discipline: rolling, slot_policy: {book: apheresis}}
  lanes: [{time: 1.5 d}]
pathways:
  - name: autologous
    modality: autologous
    route:
      - {name: apheresis, duration: 0.5 d}
      - {name: fetch, ship: plant}
      - {name: manufacture, needs: suites, duration: 10 d, fresh: {life: 2 d}}
      - {name: infusion, duration: 1 d}
run: {study: terminating, enrolment: 30 d, cap: 200 d, replications: 1, seed: 3}
"""
BOOK = "slot_policy: {book: apheresis}"
LEAD = 2.0


def scenario(folder: Path, *changes: tuple[str, str], more: str = "") -> Scenario:
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "booked.yaml"
    file.write_text(text + more, encoding="utf-8")
    return load(file).scenario


def ran(world: Scenario, replication: int = 0) -> Trace:
    trace = replicate(world, replication)
    assert violations(trace, world) == []
    return trace


def visits(trace: Trace, step: str) -> pd.DataFrame:
    rows = trace["activities"]
    return rows[(rows["step"] == step) & rows["started"].notna()].sort_values("id")


def starts(trace: Trace) -> list[float]:
    return list(visits(trace, "manufacture")["started"])


def test_with_fixed_durations_everybody_starts_as_booked_and_no_material_waits(
    tmp_path: Path,
) -> None:
    trace = ran(scenario(tmp_path))
    # Two suites, ten days a lot, the first material on day 2; patient 4 is urgent.
    assert starts(trace) == [2, 2, 12, 22, 12, 22, 32]
    made = visits(trace, "manufacture")
    assert list(made["queued"]) == list(made["started"])
    called = visits(trace, "apheresis")
    assert list(called["started"]) == [day - LEAD for day in starts(trace)]
    assert list(called["queued"]) == [0, 0, 0, 1, 2, 3, 4]
    booked = trace["bookings"]
    assert list(booked["promised"]) == list(booked["started"]) == starts(trace)
    assert list(booked["called"]) == list(called["started"])


def test_a_new_plan_moves_a_promise_until_the_call(tmp_path: Path) -> None:
    booked = ran(scenario(tmp_path))["bookings"]
    # Patient 3 was promised day 12, until the urgent patient 4 came on day 2.
    assert list(booked["first"]) == [2, 2, 12, 12, 12, 22, 32]
    assert list(booked["moved"]) == [0, 0, 0, 1, 0, 0, 0]


def test_without_a_booking_fresh_material_is_lost_in_line(tmp_path: Path) -> None:
    plain = ran(scenario(tmp_path, (BOOK, "slot_policy: {}")))
    assert plain["bookings"].empty
    assert (plain["activities"]["outcome"] == "expired").any()
    booked = ran(scenario(tmp_path))
    assert not (booked["activities"]["outcome"] == "expired").any()


def test_plans_say_for_whom_they_were_made(tmp_path: Path) -> None:
    decisions = ran(scenario(tmp_path))["decisions"]
    of = {name: list(rows["time"]) for name, rows in decisions.groupby("trigger", observed=True)}
    assert of["booking"] == [0, 0, 0, 1, 2, 3, 4]
    assert of["call"] == [10, 20, 30]


def test_an_outage_moves_what_is_promised_until_units_are_expected_back(tmp_path: Path) -> None:
    out = "{name: out, kind: outage, site: plant, resource: suites, units: 1, at: [5 d]"
    world = scenario(tmp_path, more=f"disruptions:\n  - {out}, lasts: 20 d}}\n")
    trace = ran(world)
    # Both lots run to their end on day 12; then one suite works, and two again from day 25.
    assert starts(trace) == [2, 2, 22, 25, 12, 32, 35]
    made = visits(trace, "manufacture")
    assert list(made["queued"]) == list(made["started"])
    decisions = trace["decisions"]
    assert decisions.loc[decisions["trigger"] == "outage", "time"].iloc[0] == 5


def test_the_promise_of_who_was_called_is_kept_in_spite_of_an_urgent_arrival(
    tmp_path: Path,
) -> None:
    late = ("- {at: 2 d, indication: fast}", "- {at: 2 d, indication: slow}")
    urgent = ("- {at: 4 d, indication: slow}", "- {at: 10.5 d, indication: fast}")
    trace = ran(scenario(tmp_path, late, urgent))
    # Patients 2 and 3 were called on day 10 for day 12; patient 6 comes half a day later.
    assert starts(trace)[2:4] == [12, 12]
    assert starts(trace)[6] == 22


def test_a_late_run_shifts_the_start_and_the_called_go_in_the_order_of_their_promises(
    tmp_path: Path,
) -> None:
    law = "duration: {law: uniform, low: 8 d, high: 12 d}, fresh: {life: 9 d}"
    trace = ran(scenario(tmp_path, ("duration: 10 d, fresh: {life: 2 d}", law)))
    booked = trace["bookings"]
    assert set(booked["outcome"]) == {"started"}
    delay = booked["started"] - booked["promised"]
    assert delay.max() > 0
    by_promise = booked.sort_values(["promised", "started"])
    later = by_promise[by_promise["promised"].diff() > 0]
    assert not later.empty
    assert by_promise["started"].is_monotonic_increasing


def test_what_was_drawn_for_later_changes_no_promise_before(tmp_path: Path) -> None:
    law = "duration: {law: uniform, low: 9 d, high: 11 d}, fresh: {life: 9 d}"
    world = scenario(tmp_path, ("duration: 10 d, fresh: {life: 2 d}", law))
    one, two = ran(world, 0), ran(world, 1)
    until = min(visits(trace, "manufacture")["ended"].min() for trace in (one, two))
    columns = ["patient", "booked", "first"]
    before = [t["bookings"].loc[t["bookings"]["booked"] < until, columns] for t in (one, two)]
    pd.testing.assert_frame_equal(*before)
    calls = [[day for day in t["bookings"]["called"] if day < until] for t in (one, two)]
    assert calls[0] == calls[1]
    plans = [t["decisions"][t["decisions"]["time"] < until] for t in (one, two)]
    assert len(plans[0]) > 5
    pd.testing.assert_frame_equal(*plans)


def test_patience_runs_at_home(tmp_path: Path) -> None:
    gone = "target: 60 d, drop_out: [{name: gave up, scope: waiting_for_slot, after: 5 d}]}"
    trace = ran(scenario(tmp_path, ("target: 60 d}", gone)))
    patients = trace["patients"]
    lost = patients[patients["status"] == "lost"]
    assert list(lost["left"]) == [5, 6, 8, 9]
    assert set(lost["lost_step"]) == {"apheresis"}
    assert set(lost["lost_phase"]) == {"waiting"}
    booked = trace["bookings"]
    assert list(booked["outcome"]) == ["started"] * 2 + ["left"] * 2 + ["started"] + ["left"] * 2


def test_who_leaves_after_the_call_has_a_void_booking(tmp_path: Path) -> None:
    """One chair for half a day: three are called on day 0, and the third would have it on day 1.

    There are three suites, and patience at home or in line for the chair ends after 18 hours.
    """
    gone = "target: 60 d, drop_out: [{name: gave up, scope: waiting_for_slot, after: 18 h}]}"
    chair = ("centres: [{name: centre, resources: {chair: 1}}]\n  lanes:", "lanes:")
    world = scenario(
        tmp_path,
        ("target: 60 d}", gone),
        (chair[1], chair[0]),
        ("{name: apheresis,", "{name: apheresis, needs: chair,"),
        ("suites: {capacity: 2,", "suites: {capacity: 3,"),
        ("enrolment: 30 d", "enrolment: 12 h"),
    )
    trace = ran(world)
    booked = trace["bookings"].set_index("patient")
    assert list(booked["called"][:3]) == [0, 0, 0]
    assert list(booked["outcome"][:3]) == ["started", "started", "void"]
    assert list(booked["promised"][:3]) == [2, 2, 2]
    lost = trace["patients"][trace["patients"]["status"] == "lost"].set_index("patient")
    assert lost["left"][2] == 0.75
    # Of the three calls of the window two are kept, one of them half a day late: a step is a day.
    figures = {f.kpi: f.value for f in booking_figures(trace, world)}
    assert figures["booking.calls"] == 3
    assert figures["booking.kept"] == 2 / 3
    assert figures["booking.delay"] == 0.25


def test_a_new_apheresis_is_booked_anew(tmp_path: Path) -> None:
    again = "{probability: 1, later_attempts: 0, then: {action: remake, material: new}}"
    life = "fresh: {life: 2 d}}"
    world = scenario(tmp_path, (life, f"{life[:-1]}, failure: {again}}}"))
    trace = ran(world)
    assert list(trace["bookings"]["patient"].value_counts()) == [2] * 7
    made = visits(trace, "manufacture")
    assert list(made["queued"]) == list(made["started"])


def test_a_lot_that_fails_on_its_way_gives_its_place_back(tmp_path: Path) -> None:
    again = "failure: {probability: 1, later_attempts: 0, then: {action: remake, material: new}}"
    step = "{name: apheresis, duration: 0.5 d"
    trace = ran(scenario(tmp_path, (step, f"{step}, {again}")))
    assert list(trace["bookings"]["outcome"]).count("void") == 7
    assert list(trace["bookings"]["outcome"]).count("started") == 7


def test_closed_days_on_the_way_are_known(tmp_path: Path) -> None:
    """The run begins on a Monday; day 12 is a Saturday, and day 19 too."""
    chair = "resources: {chairs: {capacity: 3, open: mon-fri}}"
    world = scenario(
        tmp_path,
        ("network:\n", f"network:\n  centres:\n    - name: centre\n      {chair}\n"),
        ("{name: apheresis, duration: 0.5 d}", "{name: apheresis, duration: 0.5 d, needs: chairs}"),
        ("life: 2 d", "life: 4 d"),
        ("duration: 10 d", "duration: 12 d"),
    )
    trace = ran(world)
    # The second pair starts on Monday 14; two days before is a Saturday, so it is called just
    # before the chairs close on the Friday night (a minute's precision), and waits two days.
    called = visits(trace, "apheresis")["started"]
    assert called.sort_values().iloc[2] == pytest.approx(12, abs=2 / 1440)
    assert called.sort_values().iloc[2] < 12
    assert sorted(starts(trace))[:4] == [2, 2, 14, 14]


def test_left_out_nothing_is_booked(tmp_path: Path) -> None:
    one = ran(scenario(tmp_path, (BOOK, "slot_policy: {}")))
    two = ran(scenario(tmp_path, (BOOK, "slot_policy: {book: null}")))
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two[name])
    assert one.events == two.events


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("book: apheresis", "book: aferesis", "did you mean 'apheresis'"),
        ("book: apheresis", "book: infusion", "does not come before a step whose first need"),
        ("book: apheresis", "book: manufacture", "does not come before a step whose first need"),
        ("book: apheresis", "book: fetch", "a shipment, which cannot wait at home"),
        ("capacity: 2", "capacity: null", "must be counted"),
        ("discipline: rolling", "discipline: fifo", "goes with 'discipline: rolling'"),
    ],
)
def test_what_cannot_be_booked_is_refused(tmp_path: Path, old: str, new: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=text):
        scenario(tmp_path, (old, new))
