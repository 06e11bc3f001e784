"""Levels that follow from expectations: hand calculations, and what the age of stock is worth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from cartlogix.policies.computed_level import ExpectedLevel, computed_level
from cartlogix.policies.replenishment import replenishment_rule
from cartlogix.scenario.loader import load
from cartlogix.scenario.outlook import Outlook, outlook
from cartlogix.sim.replenisher import StockView
from tests.oracle.judge import SCENARIOS, run
from tests.oracle.measures import stock_service

STORE = SCENARIOS / "store.yaml"
Z95 = 1.6448536269514722


def test_the_level_of_a_poisson_demand_by_hand() -> None:
    # 0.5 a day over 6 d of lead time and 2 d of review: 4 + 1.645 x 2 = 7.29.
    assert computed_level(0.5, 8, 0.95, Outlook(0.5, 6)) == 8
    assert computed_level(0.5, 8, 0.5, Outlook(0.5, 6)) == 4


def test_failing_lots_and_their_yield_raise_the_level() -> None:
    # 100 doses in 100 d, lots of 10 of which 0.8 arrive: n = 12.5 lots, each with a variance of
    # 0.8 x 4 + 0.8 x 0.2 x 100 = 19.2: 100 + 1.645 sqrt(100 + 240) = 130.3.
    expected = Outlook(1.0, 100, good=0.8, lot=10, spread=4)
    assert computed_level(1.0, 100, 0.95, expected) == 131
    assert 100 + Z95 * math.sqrt(340) == pytest.approx(130.33, abs=0.01)


def test_what_would_expire_is_not_stocked() -> None:
    assert computed_level(1.0, 7, 0.99, Outlook(1.0, 7, life=3)) == 10
    assert computed_level(1.0, 7, 0.99, Outlook(1.0, 7, life=30)) == 14  # 7 + 2.326 sqrt(7)


def test_an_order_makes_up_for_what_fails_on_the_way() -> None:
    rule = ExpectedLevel("computed_S", 20, good=0.8, demand=1.0, horizon=7)
    # 5 + 0.8 x 10 - 1 = 12: 8 are missing, and 10 must be ordered for them.
    assert rule.order(StockView(on_hand=5, on_order=10, backorders=1)) == (10,)
    assert rule.order(StockView(on_hand=20, on_order=0, backorders=0)) == ()


def test_doses_that_will_expire_do_not_count() -> None:
    rule = ExpectedLevel("EWA", 10, good=1.0, demand=1.0, horizon=4, looks_at_age=True)
    # In 2 d two of the four oldest are used and two expire; of the next three, one is used until
    # day 3 and two expire; the last three outlive the horizon.
    view = StockView(10, 0, 0, ages=((2.0, 4), (3.0, 3), (9.0, 3)))
    assert rule.outdating(view) == 4
    # What can be issued for longer than an order takes does not expire before it comes.
    assert rule.outdating(StockView(10, 0, 0, ages=((4.5, 10),))) == 0
    assert rule.order(view) == (4,)


def test_what_a_scenario_makes_expect() -> None:
    scenario = load(
        STORE,
        [
            "demand.arrivals.rate=0.4 /d",
            "stocks.doses.shelf_life={life: 30 d, at_issue: 2 d}",
            "stocks.doses.lot={doses: {law: uniform, low: 8, high: 12}}",
            "stocks.doses.lot.route.manufacture={duration: 6 d, failure: {probability: 0.5, "
            "max_attempts: 2, then: [{action: lost}, {action: remake, from_step: manufacture}]}}",
            "pathways.off-the-shelf.repeat={doses: 2, interval: 9 d, from_step: order, "
            "probability: 0.25}",
            "stocks.doses.replenishment={rule: computed_S, service: 0.9, review: 7 d}",
        ],
    ).scenario
    expected = outlook(scenario, scenario.stocks[0])
    # Lost at once 1/4; remade 1/4, then lost at once 1/4 of these, or again and no attempt left.
    assert expected.good == pytest.approx(1 - (0.25 + 0.25 * 0.25 + 0.25 * 0.25))
    assert [expected.demand, expected.lead, expected.lot] == pytest.approx([0.5, 6, 10])
    assert [expected.life, expected.spread] == pytest.approx([28, 16 / 12])
    rule = replenishment_rule(scenario, scenario.stocks[0])
    assert (rule.name, rule.review, rule.looks_at_age) == ("computed_S", 7, False)
    # An order has to last for the lead time and until the next review: 6 d and 7 d.
    assert isinstance(rule, ExpectedLevel)
    assert rule.horizon == pytest.approx(13)
    assert rule.level == computed_level(0.5, 13, 0.9, expected)


def test_looking_at_the_age_of_stock_leaves_fewer_without_a_dose() -> None:
    """Same level, same patients: the doses about to expire are replaced before they are missed."""
    shelf = "stocks.doses.shelf_life={life: 5 d, starts: receipt}"
    make = "stocks.doses.lot.route.manufacture.duration=2 d"
    fills = []
    for rule in ("computed_S", "EWA"):
        order = f"stocks.doses.replenishment={{rule: {rule}, service: 0.9, review: 1 d}}"
        rows = run(STORE, (shelf, make, order, "run.enrolment=1000 d"), stock_service)
        fills.append(np.array([row["fill_rate"] for row in rows]))
    gain = fills[1] - fills[0]
    reach = student.ppf(0.9999, len(gain) - 1) * gain.std(ddof=1) / math.sqrt(len(gain))
    assert gain.mean() > reach > 0
