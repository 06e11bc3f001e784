"""Ledgers of a few patients and lots, against sums by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.analysis.cost import largest_remainder
from cartlogix.analysis.kpis import replication_kpis
from cartlogix.analysis.ledger import build_ledger
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.unit.analysis.traces import Row, activity, figure, make_scenario, make_trace

NAN = math.nan
LANES = [
    {"from": "centre", "to": "plant", "time": "1 d", "price": 1500},
    {"modes": [{"name": "air", "price": 900.005}, {"name": "road", "price": 100}]},
]
NETWORK = {
    "centres": [{"name": "centre", "resources": {"chair": 1}}],
    "plants": [{"name": "plant", "resources": {"suite": 2}}],
    "lanes": LANES,
}
POOLS = [
    {"pool": "centre/chair", "site": "centre", "resource": "chair", "capacity": NAN},
    {"pool": "plant/suite", "site": "plant", "resource": "suite", "capacity": 2},
]


def priced(*lines: Row, **costs: object) -> Scenario:
    return make_scenario(network=NETWORK, costs={"lines": list(lines), **costs})


def small() -> Trace:
    """Two patients of the cohort and one before it; a lot made, one failed, one initial."""
    lot = {"entity": "lot", "route": "cells", "place": "plant", "pool": "plant/suite"}
    ship = {"kind": "ship", "place": "centre > plant: standard"}
    air = "plant > centre: air"
    return make_trace(
        window=(10, 30),
        stop=50,
        patients=[
            {"patient": 1, "enrolled": 12, "status": "infused", "infused": 45, "doses": 1}
            | {"released": 40},
            {"patient": 2, "enrolled": 13, "status": "lost", "left": 20, "indication": "myositis"},
            {"patient": 3, "enrolled": 5, "in_cohort": False, "status": "infused", "doses": 1},
        ],
        activities=[
            activity(1, "apheresis", 12, 14, 15, place="centre"),
            activity(1, "ship_in", 15, 15, 16, **ship),
            activity(1, "manufacture", 16, 16, 26, "failed", place="plant", pool="plant/suite"),
            activity(1, "manufacture", 26, 26, 36, place="plant", pool="plant/suite", attempt=2),
            activity(1, "ship_out", 40, 40, 42, kind="ship", place=air, attempt=2),
            activity(2, "apheresis", 13, NAN, 20, "reneged", place="centre"),
            activity(3, "apheresis", 5, 5, 6, place="centre"),
            activity(7, "culture", 12, 12, 22, **lot),
            activity(8, "culture", 14, 15, 25, "failed", **lot),
            activity(9, "culture", 2, 2, 12, **lot),
        ],
        lots=[
            {"lot": 6, "origin": "initial", "received": 0, "doses_made": 5, "status": "received"},
            {"lot": 7, "origin": "order", "ordered": 12, "received": 22, "doses_made": 4}
            | {"status": "received"},
            {"lot": 8, "origin": "order", "ordered": 14, "status": "failed"},
            {"lot": 9, "origin": "order", "ordered": 2, "received": 12, "doses_made": 3}
            | {"status": "received"},
        ],
        doses=[
            {"lot": 6, "patient": 1, "issued": 20, "ended": 21, "state": "orphaned"},
            {"lot": 6, "patient": 3, "issued": 6, "ended": 8, "state": "infused"},
        ],
        stock_moves=[
            {"time": 0, "lot": 6, "quantity": 5, "reason": "initial", "on_hand": 5},
            {"time": 25, "lot": 6, "quantity": -3, "reason": "expiry", "on_hand": 2},
        ],
        pools=POOLS,
    )


# Driver, names, and what 10.10 a piece comes to in cents.
CHARGES: list[tuple[str, list[str], int]] = [
    ("step", ["apheresis"], 1010),
    ("step", ["manufacture"], 2020),
    ("shipment", [], 2020),
    ("shipment", ["ship_out"], 1010),
    ("patient", [], 2020),
    ("dose", [], 1010),
    ("dose", ["other"], 0),
    ("lot", [], 2020),
    ("lot_step", ["culture"], 2020),
    ("wasted_lot", [], 1010),
    ("wasted_dose", [], 4040),
    ("dose_day", ["cells"], (15 * 5 + 5 * 2) * 1010),
    ("resource_day", [], 2 * 20 * 1010),
    ("resource_day", ["chair"], 0),
    ("busy_day", ["suite"], (10 + 4 + 10 + 10 + 2) * 1010),
    ("busy_day", ["plant/suite"], (10 + 4 + 10 + 10 + 2) * 1010),
    ("busy_day", ["chair"], 1010),
]


@pytest.mark.parametrize(("driver", "names", "expected"), CHARGES)
def test_each_driver(driver: str, names: list[str], expected: int) -> None:
    line = {"name": "thing", "per": driver, "amount": 10.10, "of": names}
    ledger = build_ledger(small(), priced(line))
    assert ledger.loc[(ledger["line"] == "thing").to_numpy(), "cents"].sum() == expected


def test_shipments_cost_what_the_lane_says_rounded_once() -> None:
    ledger = build_ledger(small(), priced(transport_borne_by="provider"))
    assert ledger["cents"].tolist() == [150000, 90000]
    assert ledger["line"].tolist() == ["shipment: standard", "shipment: air"]
    assert set(ledger["category"]) == {"transport"}
    assert set(ledger["borne_by"]) == {"provider"}
    assert ledger["id"].tolist() == ["1", "1"]


def test_a_shipment_without_a_lane_is_an_error() -> None:
    trace = make_trace(
        patients=[{"patient": 1}],
        activities=[activity(1, "ship_in", 0, 0, 1, kind="ship", place="centre > moon: standard")],
    )
    with pytest.raises(ValueError, match="no lane matches the shipment 'centre > moon: standard'"):
        build_ledger(trace, priced())


def test_lines_choose_pathways_and_perspectives() -> None:
    lines: list[Row] = [
        {"name": "leuka", "per": "patient", "amount": 100, "pathways": ["stocked"]},
        {"name": "bed", "per": "patient", "amount": 7, "borne_by": "provider"},
        {"name": "suite", "per": "resource_day", "amount": 1, "of": ["suite"]},
    ]
    for perspective, total in (("system", 2454.0), ("provider", 14.0), ("manufacturer", 2440.0)):
        table = replication_kpis(small(), priced(*lines, perspective=perspective))
        assert figure(table, "cost.total") == pytest.approx(total), perspective


def test_cost_figures_add_up() -> None:
    lines: list[Row] = [
        {"name": "screening", "per": "patient", "amount": 100},
        {"name": "suites", "per": "resource_day", "amount": 5, "category": "plant"},
        {"name": "materials", "per": "lot", "amount": 50, "category": "plant"},
    ]
    table = replication_kpis(small(), priced(*lines))
    total = 200 + 200 + 100 + 2400
    assert figure(table, "cost.total") == pytest.approx(total)
    assert figure(table, "cost.per_enrolled") == pytest.approx(total / 2)
    assert figure(table, "cost.per_infused") == pytest.approx(total)
    # Four doses of the window's lots and one released product.
    assert figure(table, "doses.made") == 5
    assert figure(table, "cost.per_dose_made") == pytest.approx(total / 5)
    assert figure(table, "cost.category", "plant") == pytest.approx(300)
    assert figure(table, "cost.category_per_infused", "transport") == pytest.approx(2400)
    assert figure(table, "cost.fixed") == pytest.approx(200)
    assert figure(table, "cost.variable") == pytest.approx(total - 200)
    assert figure(table, "cost.shared") == pytest.approx(300)
    # Nobody with myositis was infused, so lupus carries what is shared.
    assert figure(table, "cost.total", "", "lupus") == pytest.approx(total - 100)
    assert figure(table, "cost.total", "", "myositis") == pytest.approx(100)
    assert math.isnan(figure(table, "cost.per_infused", "", "myositis"))


def test_all_costs_are_carried_by_the_infused() -> None:
    # C02: 105,000 before and 34,000 after lymphodepletion, 3 of 20 lost between the two.
    infused = [{"patient": n, "status": "infused", "infused": 20, "doses": 1} for n in range(17)]
    lost = [{"patient": n, "status": "lost", "left": 10} for n in range(17, 20)]
    done = [activity(n, "infusion", 20, 20, 20) for n in range(17)]
    lines: list[Row] = [
        {"name": "before", "per": "patient", "amount": 105000},
        {"name": "after", "per": "step", "of": ["infusion"], "amount": 34000},
    ]
    table = replication_kpis(make_trace(patients=infused + lost, activities=done), priced(*lines))
    assert figure(table, "cost.per_enrolled") == pytest.approx(133900)
    assert figure(table, "cost.per_infused") == pytest.approx(157529.4118, abs=1e-4)


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=5),
    st.lists(st.integers(0, 50), min_size=1, max_size=6),
)
def test_a_split_adds_up_to_the_cent(cents: list[int], weights: list[int]) -> None:
    whole = np.array(cents)
    parts = largest_remainder(whole, np.array(weights, dtype=np.float64))
    assert parts.sum(axis=0).tolist() == cents
    assert (parts >= 0).all()
    if sum(weights):
        exact = np.outer(weights, whole) / sum(weights)
        assert (np.abs(parts - exact) <= 1 + 1e-6).all()
