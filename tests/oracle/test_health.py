"""States of health and allocation: by hand, and against the law of the process."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cartlogix.analysis.identities import violations
from cartlogix.analysis.kpis import replication_kpis
from cartlogix.experiment.replication import replicate
from cartlogix.policies.allocation import expected_wait
from cartlogix.scenario.checks import check
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.sim.allocation import LineView
from cartlogix.trace.tables import Trace

Plain = dict[str, Any]
CASES = Path(__file__).parents[2] / "configs" / "cases"
TWO_STATES: Plain = {
    "states": [
        {"name": "fit"},
        {"name": "worse", "urgency": 5},
        {"name": "ineligible", "end": "lost"},
    ],
    "transitions": [
        {"from": "fit", "to": "worse", "after": "3 d"},
        {"from": "worse", "to": "ineligible", "after": "20 d"},
    ],
}


def world(patients: list[Plain | str], *indications: Plain, **more: object) -> Scenario:
    return Scenario.from_plain(
        {
            "name": "health",
            "demand": {
                "arrivals": {"process": "list", "patients": patients},
                "indications": list(indications),
            },
            "network": {
                "plants": [
                    {
                        "name": "plant",
                        "resources": {"suite": {"capacity": 1, "discipline": "priority"}},
                    }
                ]
            },
            "stocks": [{"name": "doses", "initial": 9}],
            "pathways": [
                {
                    "name": "own cells",
                    "modality": "autologous",
                    "route": [
                        {"name": "manufacture", "needs": "suite", "duration": "10 d"},
                        {"name": "infusion"},
                    ],
                },
                {
                    "name": "from stock",
                    "modality": "off_the_shelf",
                    "share": 0,
                    "route": [
                        {"name": "order", "draw": "doses"},
                        {"name": "ship", "duration": "2 d"},
                        {"name": "infusion"},
                    ],
                },
            ],
            "run": {"enrolment": "40 d", "replications": 1},
            **more,
        }
    )


def ran(scenario: Scenario) -> Trace:
    assert [p.message for p in check(scenario) if p.severity == "error"] == []
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    return trace


def of(name: str, **more: object) -> Plain:
    return {"name": name, **more}


def at(day: int, name: str) -> Plain:
    return {"at": f"{day} d", "indication": name}


def test_who_worsens_in_line_goes_before_who_waits_longer() -> None:
    patients: list[Plain | str] = [at(0, "well"), at(1, "well"), at(6, "ill"), at(8, "well")]
    trace = ran(world(patients, of("well"), of("ill", health=TWO_STATES)))
    # The suite falls free on day 10; the third worsened on day 9 and goes first.
    assert trace["patients"]["infused"].tolist() == [10, 30, 20, 40]
    assert trace["patients"]["health"].tolist() == ["", "", "worse", ""]


def test_who_worsens_while_waiting_for_a_dose_is_served_first() -> None:
    """Two doses come on day 10, another on day 11; the third worsened on day 9."""
    patients: list[Plain | str] = [at(0, "well"), at(1, "well"), at(6, "ill")]
    data = world(patients, of("well"), of("ill", health=TWO_STATES)).plain()
    data["stocks"] = [{
        "name": "doses", "discipline": "priority", "lot": {"route": [{"name": "make",
        "duration": "10 d"}]}, "replenishment": {"rule": "base_stock", "level": 1}}]  # fmt: skip
    data["pathways"] = [data["pathways"][1] | {"share": 1}]
    assert ran(Scenario.from_plain(data))["patients"]["infused"].tolist() == [12, 13, 12]


def test_who_is_better_again_stands_where_he_stood() -> None:
    """Worse from day 5 to day 7; the suite falls free on day 10."""
    health = {
        "states": [{"name": "fit"}, {"name": "worse", "urgency": 5}, {"name": "better"}],
        "transitions": [
            {"from": "fit", "to": "worse", "after": "3 d"},
            {"from": "worse", "to": "better", "after": "2 d"},
        ],
    }
    patients: list[Plain | str] = [at(0, "well"), at(1, "well"), at(2, "ill")]
    trace = ran(world(patients, of("well"), of("ill", health=health)))
    assert trace["patients"]["infused"].tolist() == [10, 20, 30]


def test_twice_the_hazard_is_half_the_time_to_death() -> None:
    survived = []
    for hazard in ("0.02 /d", "0.04 /d"):
        health = {"states": [{"name": "same", "mortality": hazard}]}
        data = world([at(0, "ill")] * 3, of("ill", health=health)).plain()
        data["run"]["cap"] = "5000 d"
        data["pathways"] = [data["pathways"][1] | {"share": 1}]
        table = ran(Scenario.from_plain(data))["patients"]
        survived.append((table["died"] - table["infused"]).to_numpy())
    np.testing.assert_allclose(survived[0], 2 * survived[1], rtol=1e-12)


def test_who_becomes_ineligible_is_lost_by_that_name() -> None:
    patients: list[Plain | str] = [at(0, "well"), at(0, "well"), at(0, "well"), at(0, "ill")]
    health = {**TWO_STATES, "states": [dict(s) for s in TWO_STATES["states"]]}
    health["states"][1]["urgency"] = 0.5
    trace = ran(world(patients, of("well"), of("ill", health=health)))
    row = trace["patients"].iloc[3]
    assert (row["cause"], row["left"], row["health"]) == ("ineligible", 23, "ineligible")
    assert math.isnan(row["died"])


def test_one_state_is_no_state() -> None:
    patients: list[Plain | str] = [at(0, "a"), at(1, "a"), at(2, "a")]
    plain = ran(world(patients, of("a")))
    neutral = ran(world(patients, of("a", health={"states": [{"name": "same", "urgency": 1}]})))
    for name, table in plain.tables.items():
        expected = table.drop(columns="health") if name == "patients" else table
        found = neutral[name].drop(columns="health") if name == "patients" else neutral[name]
        pd.testing.assert_frame_equal(found, expected)
    assert neutral.events == plain.events


def test_response_depends_on_health_at_infusion() -> None:
    scenario = world([at(0, "ill"), at(0, "ill")], of("ill", health=TWO_STATES))
    plain = scenario.plain()
    plain["pathways"][0]["outcomes"] = [
        {"name": "response", "probability": 1, "by_health": {"worse": 0}}
    ]
    plain["pathways"][0]["route"][0]["duration"] = "2 d"
    trace = ran(Scenario.from_plain(plain))
    assert trace["patients"]["health"].tolist() == ["fit", "worse"]
    assert trace["patients"]["outcome"].tolist() == ["response", "no response"]


def test_a_course_has_the_law_of_its_process() -> None:
    """Two hazards in a row: the chance of each state after a wait of 30 days."""
    health = {
        "states": [of("fit"), of("worse"), of("dead", end="death")],
        "transitions": [
            {"from": "fit", "to": "worse", "hazard": "0.03 /d"},
            {"from": "worse", "to": "dead", "hazard": "0.05 /d"},
        ],
    }
    plain = world([], of("a", health=health)).plain()
    plain["demand"]["arrivals"] = {"process": "interval", "every": "0.02 d", "until": "80 d"}
    plain["pathways"] = [
        {"name": "p", "modality": "in_vivo",
         "route": [{"name": "wait", "duration": "30 d"}, {"name": "infusion"}]}
    ]  # fmt: skip
    plain["run"]["enrolment"] = "80 d"
    table = ran(Scenario.from_plain(plain))["patients"]
    fit = math.exp(-0.9)
    worse = 0.03 / 0.02 * (math.exp(-0.9) - math.exp(-1.5))
    for state, chance in (("fit", fit), ("worse", worse), ("dead", 1 - fit - worse)):
        share = float((table["health"] == state).mean())
        assert abs(share - chance) < 3.9 * math.sqrt(chance * (1 - chance) / len(table))
    dead = table["health"] == "dead"
    assert (table["died"].notna() == dead).all()
    assert (table["status"] == "lost").equals(dead)


def test_after_the_limit_the_second_choice_serves() -> None:
    limit = of("stock later", first="own cells", second="from stock", wait="4 d")
    trace = ran(world(["0 d", "1 d", "2 d"], of("a"), allocation=[limit]))
    table = trace["patients"]
    assert table["pathway"].tolist() == ["own cells", "from stock", "from stock"]
    assert table["infused"].tolist() == [10, 7, 8]
    assert table["first_pathway"].tolist() == ["own cells"] * 3


def test_by_expectation_the_second_choice_serves_at_once() -> None:
    limit = of("stock", first="own cells", second="from stock", wait="4 d", judged="expected")
    table = ran(world(["0 d", "1 d", "12 d"], of("a"), allocation=[limit]))["patients"]
    # On day 1 the suite is taken, for 10 days on average; on day 12 it is free.
    assert table["infused"].tolist() == [10, 3, 22]
    assert table["first_pathway"].tolist() == ["own cells", "from stock", "own cells"]


def test_preferences_look_at_indication_and_health() -> None:
    health = {"states": [of("fit", share=0), of("frail", share=1)]}
    frail = of("frail first", health=["frail"], first="from stock")
    mine = of("b too", indications=["b"], first="from stock")
    patients: list[Plain | str] = [at(0, "a"), at(0, "b"), at(0, "c")]
    world_of = world(patients, of("a", health=health), of("b"), of("c"), allocation=[frail, mine])
    assert ran(world_of)["patients"]["pathway"].tolist() == [
        "from stock",
        "from stock",
        "own cells",
    ]


def test_a_limit_that_nobody_reaches_changes_nothing() -> None:
    limit = of("never", first="own cells", second="from stock", wait="300 d")
    plain = ran(world(["0 d", "1 d", "2 d"], of("a")))
    limited = ran(world(["0 d", "1 d", "2 d"], of("a"), allocation=[limit]))
    for name, table in plain.tables.items():
        pd.testing.assert_frame_equal(limited[name], table)


def test_the_expected_wait_is_the_work_ahead() -> None:
    assert expected_wait([]) == 0
    assert expected_wait([LineView(0, 2, 4, 10)]) == 0
    assert expected_wait([LineView(3, 0, 4, 10), LineView(0, 0, 1, 7)]) == 10 + 7
    assert math.isinf(expected_wait([LineView(0, 0, 1, math.inf)]))


BAD = [
    ({"health": {**TWO_STATES, "transitions": [{"from": "fit", "to": "gone", "hazard": "1 /d"}]}},
     {}, "no state of health is named 'gone'"),
    ({"health": {"states": [of("a", end="lost")]}}, {}, "lost at once"),
    ({"health": {**TWO_STATES, "transitions": [
        {"from": "ineligible", "to": "fit", "after": "1 d"}]}}, {}, "nobody leaves"),
    ({}, {"allocation": [of("x", first="magic")]}, "no pathway is named 'magic'"),
    ({}, {"allocation": [of("x", first="own cells", health=["ill"])]}, "no health is named 'ill'"),
]  # fmt: skip


@pytest.mark.parametrize(("indication", "more", "words"), BAD)
def test_what_makes_no_sense_is_a_finding(indication: Plain, more: Plain, words: str) -> None:
    scenario = world(["0 d"], of("a", **indication), **more)
    errors = [p.message for p in check(scenario) if p.severity == "error"]
    assert len(errors) == 1
    assert words in errors[0]


@cache
def mortality(months: float) -> float:
    case = CASES / "waiting_mortality_nine_months.yaml"
    wait = f"pathways.autologous.route.wait.duration={months * 365 / 12} d"
    scenario = load(case, [wait]).scenario
    table = replication_kpis(replicate(scenario, 0), scenario)
    mine = table[(table["kpi"] == "mortality.one_year") & (table["indication"] == "all")]
    return float(mine["value"].iloc[0])


def test_mortality_rises_with_every_two_months_of_waiting() -> None:
    """Published: from 36.1 % to 76.3 %; that it rises steadily is not fitted."""
    assert np.all(np.diff([mortality(months) for months in (0, 2, 4, 6, 8)]) > 0)
