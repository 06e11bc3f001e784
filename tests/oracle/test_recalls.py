"""Recalls by hand: what becomes of doses in store, on their way and in process."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.sim.recalls import recalled_stocks
from tests.oracle.test_disruptions import PLANT, STOCK, ran

CONFIGS = Path(__file__).parents[2] / "configs"


def test_a_recall_is_closed() -> None:
    recall = {"name": "recall", "kind": "recall", "stock": "doses", "at": ["5.5 d"], "lot": 1}
    trace = ran(STOCK, recall)
    rows = trace["recalls"]
    assert rows[["patient", "state"]].values.tolist() == [[0, "infused"], [1, "recalled"]]
    patients = trace["patients"]
    # The second would have been infused on day 6; it draws again at once, and begins anew.
    assert patients["infused"].tolist() == [5, 10.5, 9]
    assert trace["doses"]["state"].tolist() == ["infused", "recalled", "infused", "infused"]


def test_the_latest_lot_is_recalled_from_the_store() -> None:
    recall = {"name": "recall", "kind": "recall", "stock": "doses", "at": ["12 h"]}
    trace = ran(STOCK, recall)
    assert trace["recalls"]["state"].tolist() == ["in_store", "recalled"]
    moves = trace["stock_moves"]
    assert moves[moves["reason"] == "recall"]["quantity"].tolist() == [-1]


def test_lots_made_in_a_span_of_time_are_called_back_and_those_in_process_do_not_come() -> None:
    """Lots of a dose each are made from day 0 to 4 and from day 1 to 5; the recall is on day 4.5.

    The third patient has had the first of them since day 4, and would be infused on day 9.
    """
    span = {"from": "0.5 d", "to": "1.5 d"}
    recall = {"name": "recall", "kind": "recall", "stock": "doses", "at": ["4.5 d"], "made": span}
    trace = ran(STOCK, recall)
    rows = trace["recalls"][["lot", "patient", "state", "doses"]]
    assert rows.values.tolist() == [[1, 2, "recalled", 1], [2, -1, "in_process", 0]]
    assert trace["lots"]["status"].tolist()[:4] == ["received", "received", "failed", "received"]
    # The two of day 0 are infused on days 5 and 6. The third order, of the issue on day 4, comes
    # on day 8; the third patient has stood in line again since day 4.5.
    assert trace["patients"]["infused"].tolist() == [5, 6, 13]


def test_who_can_have_a_dose_of_a_recalled_lot_includes_who_is_helped_out() -> None:
    plain = {"name": "p", "stocks": [
        {"name": "a", "lot": {}}, {"name": "b", "transship": {"from": ["a"]}, "lot": {}},
        {"name": "c", "supplied_by": "b"}, {"name": "d", "lot": {}}]}  # fmt: skip
    recall = {"name": "r", "kind": "recall", "stock": "a", "at": ["1 d"]}
    scenario = Scenario.from_plain({**PLANT, **plain, "disruptions": [recall]})
    assert recalled_stocks(scenario) == {"a", "b", "c"}


def test_a_recall_of_no_lot_changes_nothing() -> None:
    """Though patients who carry doses are walked step by step then."""
    run = ("run.enrolment=1 y", "run.warm_up=0 d", "run.replications=1")
    plain = load(CONFIGS / "off_the_shelf.yaml", run).scenario
    stock = plain.stocks[0].name
    call = f"disruptions=[{{name: call, kind: recall, stock: {stock}, lot: 1, at: [3000 d]}}]"
    without = replicate(plain, 0)
    with_it = replicate(load(CONFIGS / "off_the_shelf.yaml", (*run, call)).scenario, 0)
    for name, table in without.tables.items():
        if name != "disruptions":
            pd.testing.assert_frame_equal(in_order(with_it[name]), in_order(table))


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of one moment in an order of their own: which was written first does not matter."""
    return table.sort_values(list(table.columns)).reset_index(drop=True)
