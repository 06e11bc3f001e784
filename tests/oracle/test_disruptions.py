"""Disruptions by hand, to the hour; and a queue with breakdowns against its Markov chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.sim.departures import Departures
from cartlogix.trace.tables import Trace
from tests.oracle import theory
from tests.oracle.judge import SCENARIOS, Expectation, off, run
from tests.oracle.measures import Figures, column, kpis, lead_times

Plain = dict[str, Any]

REMAKE = {"probability": 0, "then": {"action": "remake"}}
PLANT: Plain = {
    "name": "by hand",
    "demand": {
        "arrivals": {"process": "list", "patients": ["0 d", "1 d", "2 d"]},
        "indications": [{"name": "any"}],
    },
    "network": {
        "plants": [{"name": "plant", "resources": {"suite": 2, "crew": 3}}],
        "lanes": [{"from": "plant", "to": "centre", "time": "1 d"}],
    },
    "pathways": [
        {
            "name": "autologous",
            "modality": "autologous",
            "route": [
                {
                    "name": "manufacture",
                    "needs": ["suite", "crew"],
                    "duration": "10 d",
                    "failure": REMAKE,
                },
                {"name": "ship", "ship": {"from": "plant", "to": "centre"}},
                {"name": "infusion"},
            ],
        }
    ],
    "run": {"enrolment": "30 d", "replications": 1},
}
STOCK: Plain = {
    **PLANT,
    "stocks": [{"name": "doses", "initial": 2, "replenishment": {"rule": "base_stock", "level": 2},
                "lot": {"route": [{"name": "make", "needs": "suite", "duration": "4 d"}]}}],
    "pathways": [
        {
            "name": "off_the_shelf",
            "modality": "off_the_shelf",
            "route": [
                {"name": "order", "draw": "doses"},
                {"name": "lymphodepletion", "duration": "5 d"},
                {"name": "infusion"},
            ],
        }
    ],
}  # fmt: skip


def ran(plain: Plain, *disruptions: Plain) -> Trace:
    scenario = Scenario.from_plain({**plain, "disruptions": list(disruptions)})
    assert [p.message for p in check(scenario) if p.severity == "error"] == []
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    return trace


def outage(**given: object) -> Plain:
    usual = {"name": "fire", "kind": "outage", "site": "plant", "resource": "suite", "at": ["5 d"]}
    return {**usual, "lasts": "3 d", **given}


def made(trace: Trace) -> list[tuple[float, float, float, str]]:
    rows = trace["activities"]
    rows = rows[rows["step"] == "manufacture"]
    days = (column(rows, name).tolist() for name in ("queued", "started", "ended"))
    return list(zip(*days, rows["outcome"].tolist(), strict=True))


def test_what_is_under_way_is_finished() -> None:
    trace = ran(PLANT, outage(units=1))
    assert made(trace) == [(0, 0, 10, "done"), (1, 1, 11, "done"), (2, 10, 20, "done")]


def test_units_go_out_as_they_fall_free() -> None:
    trace = ran(PLANT, outage(lasts="6 d"))
    # Both suites are out from day 5, 10 or 11 to day 11: the third starts on day 11.
    assert made(trace)[2] == (2, 11, 21, "done")


def test_work_stands_still_and_goes_on() -> None:
    trace = ran(PLANT, outage(units=1, in_process="pause", lasts="30 h"))
    # The latest begun stands still from day 5 to day 6.25.
    assert made(trace) == [(0, 0, 10, "done"), (1, 1, 12.25, "done"), (2, 10, 20, "done")]
    rows = trace["interruptions"]
    assert rows[["id", "what", "started", "ended"]].values.tolist() == [[1, "paused", 5, 6.25]]


def test_what_stands_still_goes_on_in_a_unit_that_falls_free() -> None:
    trace = ran(PLANT, outage(units=1, in_process="pause", lasts="20 d"))
    # The second stands still from day 5 until the first is done on day 10, with 6 days to go; the
    # other suite is out until day 25.
    assert made(trace) == [(0, 0, 10, "done"), (1, 1, 16, "done"), (2, 16, 26, "done")]


def test_what_stood_still_goes_on_though_another_outage_waits_for_a_unit() -> None:
    flood = outage(name="flood", units=1, at=["3 d"], lasts="20 d")
    trace = ran(PLANT, flood, outage(units=1, in_process="pause", lasts="2 d"))
    # The second stands still from day 5 to day 7; the first's suite goes out on day 10, to day 23.
    assert made(trace) == [(0, 0, 10, "done"), (1, 1, 13, "done"), (2, 13, 23, "done")]


def test_a_whole_plant_stands_still() -> None:
    trace = ran(PLANT, outage(resource=None, in_process="pause"))
    assert made(trace) == [(0, 0, 13, "done"), (1, 1, 14, "done"), (2, 13, 23, "done")]


def test_contamination_destroys_and_closes() -> None:
    trace = ran(PLANT, outage(units=1, in_process="destroy"))
    assert made(trace) == [
        (0, 0, 10, "done"),
        (1, 1, 5, "failed"),
        (2, 8, 18, "done"),
        (5, 10, 20, "done"),
    ]
    assert trace["interruptions"]["what"].tolist() == ["destroyed"]


def test_who_is_lost_to_a_contamination_is_lost_to_it_by_name() -> None:
    plain = {**PLANT, "pathways": [{**PLANT["pathways"][0]}]}
    route = [dict(step) for step in plain["pathways"][0]["route"]]
    route[0]["failure"] = {"probability": 0}
    plain["pathways"][0]["route"] = route
    trace = ran(plain, outage(in_process="destroy"))
    patients = trace["patients"]
    assert patients["cause"].tolist() == ["fire", "fire", ""]
    assert patients["left"].tolist()[:2] == [5, 5]
    assert made(trace)[2] == (2, 8, 18, "done")


def test_two_outages_overlap_and_each_unit_comes_back_in_its_time() -> None:
    one = outage(units=1, in_process="pause", at=["3 d"], lasts="4 d")
    two = outage(name="flood", units=1, in_process="pause", at=["5 d"], lasts="10 d")
    trace = ran(PLANT, one, two)
    # The second stands still from day 3 and goes on at day 7; the first from day 5 to day 15,
    # when a suite comes back; until then one suite is left for the other.
    assert sorted(row[2] for row in made(trace)) == [15, 20, 25]


def test_a_plant_with_unlimited_suites_stands_still_too() -> None:
    plain = {**PLANT, "network": {**PLANT["network"]}}
    plain["network"]["plants"] = [{"name": "plant", "resources": {"suite": None, "crew": None}}]
    trace = ran(plain, outage(in_process="pause"))
    assert [row[2] for row in made(trace)] == [13, 14, 15]


def test_patience_ends_while_work_stands_still() -> None:
    plain = {**PLANT, "demand": {**PLANT["demand"]}}
    cause = {"name": "death", "scope": ["manufacture"], "after": "8 d"}
    plain["demand"]["indications"] = [{"name": "any", "drop_out": [cause]}]
    trace = ran(plain, outage(in_process="pause", at=["4 d"], lasts="10 d"))
    patients = trace["patients"]
    # The third waits from day 2 and leaves on day 10; the others stand still since day 4.
    assert patients["left"].tolist() == [8, 9, 10]
    assert [row[3] for row in made(trace)] == ["aborted", "aborted", "reneged"]


def test_a_strike_keeps_shipments_until_it_is_over() -> None:
    strike = {"name": "couriers", "kind": "strike", "at": ["9 d"], "lasts": "36 h", "to": "centre"}
    rows = ran(PLANT, strike)["activities"]
    rows = rows[rows["step"] == "ship"]
    assert rows["queued"].tolist() == [10, 11, 20]
    assert rows["started"].tolist() == [10.5, 11, 20]
    assert rows["ended"].tolist() == [11.5, 12, 21]


def test_nothing_leaves_between_two_strikes_that_meet() -> None:
    """Days 3 to 7 and 6.5 to 10; one within another; one that begins as another ends."""
    stops = Departures([(6.5, 10), (3, 7), (20, 30), (22, 23), (30, 31), (40, 40)])
    leave = [stops.leave(day) for day in (2, 5, 6.8, 10, 22.5, 25, 30, 31, 40)]
    assert leave == [2, 10, 10, 10, 31, 31, 31, 31, 40]


def test_a_missed_lot_is_ordered_again() -> None:
    missed = {"name": "supplier", "kind": "missed_lot", "stock": "doses", "at": ["1 d"]}
    trace = ran(STOCK, missed)
    # Issues on days 0 and 1 order one dose each; the first, due on day 4, does not come.
    lots = trace["lots"]
    assert lots["status"].tolist()[:3] == ["received", "failed", "received"]
    assert column(trace["doses"], "issued").tolist() == [0, 1, 5]


def test_a_lot_that_nobody_ordered_can_be_missed_and_the_next_one_comes() -> None:
    stock = STOCK["stocks"][0] | {"initial": 0}
    stock["replenishment"] = {"rule": "exogenous", "every": "4 d", "doses": 3}
    missed = {"name": "supplier", "kind": "missed_lot", "stock": "doses", "at": ["3 d"]}
    trace = ran({**STOCK, "stocks": [stock]}, missed)
    lots = trace["lots"].sort_values("ordered")
    assert lots["status"].tolist()[:4] == ["received", "failed", "received", "received"]


NEUTRAL = [
    outage(at=["300 d"]),
    outage(lasts="0 d", in_process="pause"),
    {"name": "s", "kind": "strike", "at": ["300 d"], "lasts": "1 d"},
]


@pytest.mark.parametrize("which", range(len(NEUTRAL)))
def test_what_touches_nobody_changes_nothing(which: int) -> None:
    plain = {**PLANT, "run": {**PLANT["run"], "cap": "400 d"}}
    with_it, without = ran(plain, NEUTRAL[which]), ran(plain)
    for name, table in without.tables.items():
        if name != "disruptions":
            pd.testing.assert_frame_equal(with_it[name], table)


def test_a_disruption_is_the_same_whatever_else_the_scenario_says() -> None:
    random: Plain = {"kind": "outage", "site": "plant", "resource": "suite", "units": 1}
    law = {"law": "exponential", "mean": "9 d"}
    fire = {**random, "name": "fire", "after": law, "lasts": law}
    flood = {**random, "name": "flood", "after": law, "lasts": law, "resource": "crew"}
    alone, both = ran(PLANT, fire)["disruptions"], ran(STOCK, flood, fire)["disruptions"]
    mine = both[both["disruption"] == "fire"]
    count = min(len(alone), len(mine))
    assert count >= 1
    assert alone["started"].tolist()[:count] == mine["started"].tolist()[:count]


@pytest.mark.parametrize(("arrivals", "fails", "repairs"), [(0.5, 0.2, 1.0), (0.3, 0.05, 0.1)])
def test_a_queue_with_breakdowns(arrivals: float, fails: float, repairs: float) -> None:
    """M/M/1 whose server breaks down at any time and resumes: the chain of (number, up or down)."""

    def present(trace: Trace, scenario: Scenario) -> Figures:
        return {"L": kpis(trace, scenario, "capacity")["patients.in_system"]}

    up, down = (f"{{law: exponential, mean: {1 / rate} d}}" for rate in (fails, repairs))
    broken = (
        "[{name: down, kind: outage, site: plant, resource: suite, in_process: pause, "
        f"after: {up}, lasts: {down}}}]"
    )
    rows = run(
        SCENARIOS / "line.yaml",
        (
            f"disruptions={broken}",
            f"demand.arrivals.rate={arrivals} /d",
            "pathways.autologous.route.manufacture.duration={law: exponential, mean: 1 d}",
            "network.plants.plant.resources.suite=1",
            "run.enrolment=6000 d",
        ),
        present,
    )
    expected = theory.breakdowns(arrivals, fails, repairs)
    assert off(rows, Expectation({"L": expected})) == []


def test_the_chain_with_breakdowns_has_its_closed_form_without_any() -> None:
    assert theory.breakdowns(0.5, 1e-9, 1.0) == pytest.approx(1.0, rel=1e-6)
    assert np.isfinite(lead_times(ran(PLANT))).all()
