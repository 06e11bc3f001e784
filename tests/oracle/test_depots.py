"""Stocks that supply each other: closed forms, and shipments by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cartlogix.analysis.identities import violations
from cartlogix.analysis.ledger import build_ledger
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle import theory
from tests.oracle.judge import SCENARIOS, Expectation, off, run
from tests.oracle.measures import Figures, kpis

Plain = dict[str, Any]


def service(trace: Trace, scenario: Scenario) -> Figures:
    return kpis(trace, scenario, "inventory")


@pytest.mark.parametrize("bank", [1, 5])
def test_two_depots_one_for_one_from_a_bank(bank: int) -> None:
    expected: Figures = {}
    for name, rate, days, level in (("north", 0.3, 2.0, 2), ("south", 0.7, 3.0, 4)):
        depot = theory.depot(bank, 4.0, rate, days, level)
        expected |= {f"stock.{figure}/{name}": value for figure, value in depot.items()}
    overrides = (f"stocks.bank.replenishment.level={bank}", f"stocks.bank.initial={bank}")
    rows = run(SCENARIOS / "depots.yaml", overrides, service)
    assert off(rows, Expectation(expected)) == []


def network(patients: list[Plain], *disruptions: Plain, **stocks: Plain) -> Scenario:
    """Two depots a day from the bank and half a day from each other; doses keep for 20 days."""
    plain: dict[str, Plain] = {
        "bank": {"at": "plant", "initial": 3, "shelf_life": {"life": "20 d"}},
        "north": {"at": "cold", "supplied_by": "bank"},
        "south": {"at": "warm", "supplied_by": "bank"},
    }
    for name in ("north", "south"):
        plain[name]["replenishment"] = {"rule": "base_stock", "level": 1}
    return Scenario.from_plain(
        {
            "name": "network",
            "demand": {
                "arrivals": {"process": "list", "patients": patients},
                "indications": [{"name": "north"}, {"name": "south"}],
            },
            "network": {
                "depots": [{"name": "cold"}, {"name": "warm"}],
                "lanes": [
                    {"from": "plant", "time": "1 d", "price": 10},
                    {"from": "warm", "to": "cold", "time": "12 h", "price": 7},
                ],
            },
            "stocks": [{"name": name, **plain[name], **stocks.get(name, {})} for name in plain],
            "pathways": [
                {
                    "name": name,
                    "modality": "off_the_shelf",
                    "share_by_indication": {name: 1},
                    "share": 0,
                    "route": [{"name": "order", "draw": name}, {"name": "infusion"}],
                }
                for name in ("north", "south")
            ],
            "disruptions": list(disruptions),
            "run": {"enrolment": "12 d", "drain": "none"},
        }
    )


def patients(**days: list[float]) -> list[Plain]:
    return [{"at": f"{day} d", "indication": name} for name, list_ in days.items() for day in list_]


def moves(trace: Trace) -> list[tuple[float, str, str, int]]:
    rows = trace["stock_moves"].sort_values("time", kind="stable")
    columns = (rows[name] for name in ("time", "stock", "reason", "quantity"))
    return [(float(t), str(s), str(r), int(q)) for t, s, r, q in zip(*columns, strict=True)]


def infused(trace: Trace) -> list[float]:
    return [float(day) for day in trace["patients"]["infused"]]


def test_shipments_from_a_bank_by_hand() -> None:
    scenario = network(patients(north=[2, 3], south=[3]))
    trace = replicate(scenario, 0)
    # Both depots order one dose on day 0; north's next comes on day 3, south's finds none left.
    assert moves(trace) == [
        (0, "bank", "initial", 3),
        (0, "bank", "transfer_out", -1),
        (0, "bank", "transfer_out", -1),
        (1, "north", "transfer_in", 1),
        (1, "south", "transfer_in", 1),
        (2, "bank", "transfer_out", -1),
        (2, "north", "issue", -1),
        (3, "north", "transfer_in", 1),
        (3, "north", "issue", -1),
        (3, "south", "issue", -1),
    ]
    assert infused(trace) == [2, 3, 3]
    asked = trace["transfers"]
    assert asked["ordered"].tolist() == [0, 2, 3, 0, 3]
    assert asked["sent"].isna().tolist() == [False, False, True, False, True]
    assert violations(trace, scenario) == []
    assert build_ledger(trace, scenario)["cents"].tolist() == [1000] * 3


def test_lateral_help_by_hand() -> None:
    """South has two doses and keeps one; north's second patient has the other sent over."""
    scenario = network(
        patients(north=[2, 2.25, 2.5]),
        north={"transship": {"from": ["south"], "keep": 1}},
        south={"replenishment": {"rule": "base_stock", "level": 2}},
    )
    trace = replicate(scenario, 0)
    rows = trace["transfers"]
    lateral = rows[rows["kind"] == "lateral"]
    assert lateral[["ordered", "sent", "arrived"]].to_numpy().tolist() == [[2.25, 2.25, 2.75]]
    # South orders the dose anew that it sent over.
    assert rows[rows["stock"] == "south"]["ordered"].tolist() == [0, 0, 2.25]
    # North ordered on day 2, but the bank is empty: its third patient waits for ever.
    assert infused(trace)[:2] == [2, 2.75]
    assert trace["patients"]["status"].tolist() == ["infused", "infused", "in_progress"]
    assert kpis(trace, scenario, "inventory")["stock.lateral/north"] == 1
    assert violations(trace, scenario) == []


def test_doses_sent_over_keep_the_age_of_their_lot() -> None:
    scenario = network(patients(), north={"shelf_life": {"life": "5 d", "at_issue": "1 d"}})
    trace = replicate(scenario, 0)
    # Its second dose comes on day 6 and could stay until day 11; one day must be left.
    assert [row for row in moves(trace) if row[2] == "expiry"] == [
        (5, "north", "expiry", -1),
        (10, "north", "expiry", -1),
    ]
    assert violations(trace, scenario) == []
    late = network(patients(), bank={"shelf_life": {"life": "1 d"}})
    assert [row for row in moves(replicate(late, 0)) if row[2] == "expiry"] == [
        (1, "bank", "expiry", -1),
        (1, "north", "expiry", -1),
        (1, "south", "expiry", -1),
    ]


def test_a_recall_finds_the_doses_of_a_lot_wherever_they_are() -> None:
    recall = {"name": "recall", "kind": "recall", "stock": "bank", "at": ["2.5 d"], "lot": 1}
    scenario = network(patients(north=[2], south=[]), recall)
    assert [p for p in check(scenario) if p.severity == "error"] == []
    trace = replicate(scenario, 0)
    # One dose was infused in the north, its successor is on the way there, the third is south.
    rows = trace["recalls"][["stock", "patient", "state", "doses"]]
    assert rows.to_numpy().tolist() == [
        ["north", 0, "infused", 1],
        ["south", -1, "in_store", 1],
        ["bank", -1, "between_stocks", 1],
    ]
    assert [row for row in moves(trace) if row[2] == "recall"] == [
        (2.5, "south", "recall", -1),
        (3, "north", "recall", -1),
    ]
    assert violations(trace, scenario) == []


def test_a_strike_holds_up_what_goes_between_stocks() -> None:
    strike = {"name": "strike", "kind": "strike", "from": "plant", "at": ["0 d"]}
    scenario = network(patients(), strike | {"lasts": "4 d"})
    assert replicate(scenario, 0)["transfers"]["arrived"].dropna().tolist() == [5, 5]


def test_a_local_draw_is_from_the_stock_of_the_centre() -> None:
    plain = network(patients(north=[2, 2, 2, 2])).plain()
    plain["network"]["centres"] = [
        {"name": "n", "stock": "north", "share": 0},
        {"name": "s", "stock": "south", "share": 1},
    ]
    plain["pathways"][0]["route"][0]["draw"]["stock"] = ["local"]
    scenario = Scenario.from_plain(plain)
    trace = replicate(scenario, 0)
    assert set(trace["doses"]["stock"]) == {"south"}
    assert kpis(trace, scenario, "inventory")["stock.requests/south"] == 4
    assert violations(trace, scenario) == []
