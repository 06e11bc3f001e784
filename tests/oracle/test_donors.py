"""Donors: how many are screened for a lot, how long that takes, and whose cells are whose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.ground.errors import CartlogixError
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle.judge import SCENARIOS, Expectation, off, run
from tests.oracle.measures import Figures, column

STORE = SCENARIOS / "store.yaml"
ROUTE = (
    "[{name: manufacture, remove: true}, {name: screening, milestone: donor, duration: 3 d}, "
    "{name: apheresis, duration: 1 d}, "
    "{name: make, duration: 6 d, failure: {probability: 0.2, then: lost}}]"
)
RULE = "stocks.doses.replenishment={rule: base_stock, level: 5}"


def lots(donors: str) -> tuple[str, ...]:
    return (RULE, f"stocks.doses.lot={{donors: {donors}, route: {ROUTE}}}", "run.enrolment=1500 d")


def screening(trace: Trace, scenario: Scenario) -> Figures:
    assert violations(trace, scenario) == []
    donors, made = trace["donors"], trace["lots"]
    ordered = made[made["origin"] == "order"]
    received = ordered[ordered["status"] == "received"]
    asked = donors[donors["lot"].isin(received["lot"])]
    taken = column(received, "received") - column(received, "ordered")
    return {
        "screened": len(asked) / len(received),
        "days": float(taken.mean()),
        "first deferred": float((asked.drop_duplicates("lot")["status"] == "deferred").mean()),
    }


def test_donors_are_screened_until_one_is_accepted() -> None:
    """A geometric number of candidates, each of whom takes 3 d; failures of lots do not count."""
    expected = {"screened": 1 / 0.7, "days": 3 / 0.7 + 7, "first deferred": 0.3}
    rows = run(STORE, lots("{deferral: 0.3}"), screening)
    assert off(rows, Expectation(expected)) == []


def test_a_donor_for_every_lot() -> None:
    trace = replicate(load(STORE, lots("{deferral: 0.3}")).scenario, 0)
    donors = trace["donors"].set_index("donor")
    made = trace["lots"][trace["lots"]["status"] == "received"]
    assert made["donor"].is_unique
    mine = donors.loc[made["donor"]]
    assert (mine["status"] == "collected").all()
    assert (mine["lot"].to_numpy() == made["lot"].to_numpy()).all()
    ordered = made["origin"].to_numpy() == "order"
    # Collected when the apheresis began, seven days before the receipt.
    gap = column(made, "received") - column(mine, "collected")
    assert gap[ordered] == pytest.approx(np.full(int(ordered.sum()), 7.0))


def test_donors_whom_nobody_turns_down_change_nothing() -> None:
    both = [
        replicate(load(STORE, lots(donors)).scenario, 0) for donors in ("{deferral: 0}", "null")
    ]
    assert both[0].events == both[1].events
    for name, table in both[0].tables.items():
        if name not in ("lots", "donors"):
            assert table.equals(both[1][name]), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("stocks.doses.lot.donors={deferral: 1}", "somebody has to be accepted"),
        ("stocks.doses.lot={donors: {deferral: 0.1}}", "at which donors are screened"),
    ],
)
def test_what_donors_cannot_be(change: str, message: str) -> None:
    with pytest.raises(CartlogixError) as error:
        load(Path(STORE), [change])
    assert message in str(error.value)


RULE_OF_TWO = "stocks.doses.replenishment={rule: r_Q, reorder_point: 3, quantity: 2}"


def test_the_cells_of_one_donor_suffice_for_several_lots() -> None:
    scenario = load(STORE, (*lots("{lots_each: 3}"), RULE_OF_TWO)).scenario
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    made = trace["lots"]
    ordered = made[(made["origin"] == "order") & (made["status"] == "received")]
    # From screening on it takes 10 d, from stored cells 6 d.
    assert set((ordered["received"] - ordered["ordered"]).round(9)) == {10.0, 6.0}
    assert made[made["donor"] >= 0].groupby("donor").size().max() == 3


def test_a_recall_of_a_donor_takes_every_lot_of_the_same_cells() -> None:
    recall = "disruptions=[{name: call, kind: recall, stock: doses, at: [200 d], donor: true}]"
    scenario = load(STORE, (*lots("{lots_each: 3}"), RULE_OF_TWO, recall)).scenario
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    made, rows = trace["lots"].set_index("lot"), trace["recalls"]
    (donor,) = made.loc[rows["lot"], "donor"].unique()
    whose = made[(made["donor"] == donor) & (made["status"] != "failed")]
    assert set(rows["lot"][rows["state"] != "in_process"]) == set(whose.index)
    mine = made[made["donor"] == donor]
    assert len(mine) > 1
    assert (mine["ordered"] <= 200).all()
    assert (mine.loc[~(mine["received"] <= 200), "status"] == "failed").all()


def test_a_recall_of_donors_needs_donors_with_several_lots() -> None:
    recall = "disruptions=[{name: call, kind: recall, stock: doses, at: [200 d], donor: true}]"
    with pytest.raises(CartlogixError, match="has no donors"):
        load(STORE, (*lots("null"), recall))
    texts = [found.message for found in load(STORE, (*lots("{deferral: 0}"), recall)).warnings]
    assert any("no effect" in text for text in texts)
