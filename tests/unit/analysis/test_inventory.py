"""A stock over twenty days, worked out by hand."""

import math

import pytest

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.trace.tables import Trace
from tests.unit.analysis.traces import (
    CELLS,
    STOCKED,
    Row,
    activity,
    figure,
    make_scenario,
    make_trace,
)

NAN = math.nan


def move(time: float, lot: int, quantity: int, reason: str, on_hand: int) -> Row:
    return {"time": time, "lot": lot, "quantity": quantity, "reason": reason, "on_hand": on_hand}


def draw(patient: int, queued: float, issued: float, ended: float, outcome: str) -> Row:
    more = {"kind": "draw", "route": "stocked"}
    return activity(patient, "draw", queued, issued, ended, outcome, **more)


def twenty_days() -> Trace:
    """Window 10 to 30: two doses expire, a lot of three comes late, one fails, one is under way."""
    return make_trace(
        window=(10, 30),
        stop=40,
        activities=[
            draw(1, 5, 5, 5, "done"),
            draw(2, 12, 12, 12, "done"),
            draw(3, 16, 20, 20, "done"),
            draw(4, 17, NAN, 18, "reneged"),
            draw(5, 21, 21, 21, "done"),
            draw(6, 25, NAN, 25, "stock_out"),
            activity(9, "culture", 12, 12, 22, "failed", entity="lot", route="cells"),
        ],
        lots=[
            {"lot": 7, "origin": "initial", "received": 0, "doses_made": 4, "status": "received"},
            {"lot": 8, "origin": "order", "ordered": 4, "received": 20, "doses_ordered": 3}
            | {"doses_made": 3, "status": "received"},
            {"lot": 9, "origin": "order", "ordered": 12, "doses_ordered": 2, "status": "failed"},
            {"lot": 10, "origin": "order", "ordered": 25, "doses_ordered": 4}
            | {"status": "in_process"},
            {"lot": 11, "origin": "exogenous", "ordered": 28, "received": 28, "doses_made": 1}
            | {"doses_ordered": 1, "status": "received"},
        ],
        doses=[
            {"lot": 7, "patient": 1, "issued": 5, "ended": 7, "state": "infused"},
            {"lot": 7, "patient": 2, "issued": 12, "ended": 14, "state": "orphaned"},
            {"lot": 8, "patient": 3, "issued": 20, "ended": 22, "state": "infused"},
            {"lot": 8, "patient": 5, "issued": 21, "state": "in_transit"},
        ],
        stock_moves=[
            move(0, 7, 4, "initial", 4),
            move(5, 7, -1, "issue", 3),
            move(12, 7, -1, "issue", 2),
            move(15, 7, -2, "expiry", 0),
            move(20, 8, 3, "receipt", 3),
            move(20, 8, -1, "issue", 2),
            move(21, 8, -1, "issue", 1),
            move(28, 11, 1, "receipt", 2),
        ],
    )


EXPECTED = {
    "requests": 5,
    "fill_rate": 2 / 5,
    "stock_out": 3 / 5,
    "lost": 1,
    "mean_wait": (0 + 4 + 1 + 0 + 0) / 5,
    "backorders": (4 + 1) / 20,
    # 3 for two days, 2 for three, 0 for five, 2 for one, 1 for seven, 2 for two.
    "on_hand": (6 + 6 + 0 + 2 + 7 + 4) / 20,
    # 3 from 10 to 20, 2 from 12 to 22, 4 from 25 on.
    "on_order": (30 + 20 + 20) / 20,
    "order_rate": 2 / 20,
    "issued": 3,
    "expired": 2,
    "outdate_rate": 2 / 20,
    "outdate_fraction": 2 / 4,
    "wasted": 1,
    "days_of_cover": 25 / 3,
    "lots_started": 3,
    "lots_made": 1,
    "lots_failed": 1,
    "doses_made": 4,
}


@pytest.mark.parametrize("kpi", EXPECTED)
def test_stock_figures(kpi: str) -> None:
    table = replication_kpis(twenty_days(), make_scenario())
    assert figure(table, f"stock.{kpi}", "cells") == pytest.approx(EXPECTED[kpi])


def test_a_request_counts_for_the_stock_that_served_it() -> None:
    choice = [{"name": "draw", "draw": {"stock": ["cells", "spare"]}}, {"name": "infusion"}]
    scenario = make_scenario(
        stocks=[CELLS, {"name": "spare"}], pathways=[{**STOCKED, "route": choice}]
    )
    trace = make_trace(
        activities=[
            draw(1, 3, 3, 3, "done"),
            draw(2, 4, 4, 4, "done"),
            draw(3, 5, NAN, 9, "reneged"),
        ],
        doses=[
            {"patient": 1, "issued": 3, "stock": "spare", "state": "infused"},
            {"patient": 2, "issued": 4, "stock": "cells", "state": "infused"},
        ],
    )
    table = replication_kpis(trace, scenario)
    assert figure(table, "stock.requests", "spare") == 1
    assert figure(table, "stock.requests", "cells") == 2
    assert figure(table, "stock.fill_rate", "cells") == pytest.approx(0.5)


def test_a_stock_that_nobody_uses_has_no_rates() -> None:
    table = replication_kpis(make_trace(), make_scenario())
    assert figure(table, "stock.issued", "cells") == 0
    for kpi in ("fill_rate", "mean_wait", "days_of_cover", "outdate_fraction"):
        assert math.isnan(figure(table, f"stock.{kpi}", "cells")), kpi
