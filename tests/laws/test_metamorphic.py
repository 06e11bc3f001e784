"""What a change of the scenario must do to the results, whatever they are (MR01 to MR11)."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.analysis.ledger import build_ledger
from tests.laws.clinic import SEEDS, clinic, infused, nobody_later, ran, slot_waits, step, total
from tests.laws.parts import Plain
from tests.laws.test_identities import examples, same
from tests.laws.worlds import scenario_of


@examples(12)
@given(SEEDS)
def test_mr01_one_more_suite_and_nobody_waits_longer(seed: int) -> None:
    few, more = ran(clinic(seed)), ran(clinic(seed, suites=3))
    assert nobody_later(slot_waits(few), slot_waits(more))


def with_losses(seed: int, hazard: str, suites: int = 2) -> Plain:
    world = clinic(seed, suites=suites)
    world["demand"]["indications"][0]["drop_out"] = [
        {"name": "withdrawal", "scope": "waiting_for_slot", "hazard": hazard}
    ]
    return world


def test_mr02_one_more_suite_loses_fewer_on_average() -> None:
    few = [ran(with_losses(seed, "0.05 /d")) for seed in range(20)]
    more = [ran(with_losses(seed, "0.05 /d", suites=3)) for seed in range(20)]
    lost = [sum((trace.cohort["status"] == "lost").sum() for trace in side) for side in (few, more)]
    waits = [
        np.mean([list(slot_waits(trace).values()) for trace in side[:1]]) for side in (few, more)
    ]
    assert lost[1] <= lost[0] and waits[1] <= waits[0]


def test_mr03_one_more_suite_with_rework_shortens_the_mean() -> None:
    means = []
    for suites in (2, 3):
        days = []
        for seed in range(10):
            world = clinic(seed, suites=suites)
            step(world, "release")["failure"] = {"probability": 0.2, "then": "remake"}
            cohort = ran(world).cohort
            days.append(float((cohort["infused"] - cohort["enrolled"]).mean()))
        means.append(np.mean(days))
    assert means[1] <= means[0]


@examples(12)
@given(SEEDS)
def test_mr04_shorter_manufacture_and_nobody_is_later(seed: int) -> None:
    short = clinic(seed)
    step(short, "manufacture")["duration"]["mean"] = "4 d"
    step(short, "manufacture")["duration"]["sd"] = "1.6 d"
    assert nobody_later(infused(ran(clinic(seed))), infused(ran(short)))


def scaled(item: Any, factor: float) -> Any:  # noqa: ANN401
    """Plain data with every duration times the factor, and every rate divided by it."""
    if isinstance(item, dict):
        return {key: scaled(value, factor) for key, value in item.items()}
    if isinstance(item, list):
        return [scaled(value, factor) for value in item]
    if isinstance(item, str) and item.endswith(" /d"):
        return f"{float(item[:-3]) / factor!r} /d"
    if isinstance(item, str) and item.endswith(" d") and item[0].isdigit():
        return f"{float(item[:-2]) * factor!r} d"
    return item


@examples(10)
@given(SEEDS, st.sampled_from([0.5, 3.0, 7.3]))
def test_mr05_all_times_scale(seed: int, factor: float) -> None:
    world = with_losses(seed, "0.05 /d")
    one, other = ran(world), ran(scaled(world, factor))
    for column in ("enrolled", "infused", "left"):
        wanted = one["patients"][column].to_numpy() * factor
        assert other["patients"][column].to_numpy() == pytest.approx(wanted, rel=1e-9, nan_ok=True)
    assert other["patients"]["status"].tolist() == one["patients"]["status"].tolist()


def test_mr06_mr07_prices_scale_and_add_up() -> None:
    world = clinic()
    trace = ran(world)
    double, free = copy.deepcopy(world), copy.deepcopy(world)
    for line in double["costs"]["lines"]:
        line["amount"] *= 2
    double["costs"]["currency"] = "ducats"
    free["costs"]["lines"][1]["amount"] = 0
    ledger = build_ledger(trace, scenario_of(world))
    making = int(ledger.loc[ledger["line"] == "making", "cents"].sum())
    assert same(trace, ran(double)) and same(trace, ran(free))
    assert total(double, trace) == 2 * total(world, trace)
    assert total(free, trace) == total(world, trace) - making


@examples(10)
@given(SEEDS)
def test_mr08_more_failures_mean_more_attempts_for_each(seed: int) -> None:
    counts = []
    for probability in (0.1, 0.3):
        world = clinic(seed)
        world["network"]["plants"][0]["resources"]["suite"]["capacity"] = None
        step(world, "release")["failure"] = {"probability": probability, "then": "remake"}
        counts.append(ran(world).cohort["attempts"].to_numpy())
    assert (counts[1] >= counts[0]).all()


def test_mr09_a_higher_hazard_infuses_fewer() -> None:
    counts = [
        sum(
            (ran(with_losses(seed, hazard)).cohort["status"] == "infused").sum()
            for seed in range(10)
        )
        for hazard in ("0.02 /d", "0.1 /d")
    ]
    assert counts[1] <= counts[0]


def shop(seed: int, **changes: Any) -> Plain:  # noqa: ANN401
    stock: Plain = {
        "name": "doses",
        "issue": "fifo",
        "initial": 5,
        "shelf_life": {"life": "12 d", "starts": "receipt"},
        "replenishment": {"rule": "exogenous", "every": "7 d", "doses": 5},
    }
    world = clinic(seed)
    world["stocks"] = [{**stock, **changes}]
    world["costs"] = {}
    world["demand"]["arrivals"]["rate"] = "0.7 /d"
    world["pathways"][0] |= {
        "modality": "off_the_shelf",
        "route": [
            {"name": "order", "draw": {"stock": "doses", "stock_out": "lost"}},
            {"name": "infusion"},
        ],
    }
    return world


@examples(10)
@given(SEEDS)
def test_mr10_longer_shelf_life_wastes_less_and_serves_more(seed: int) -> None:
    served, expired = [], []
    for life in ("8 d", "12 d", "30 d"):
        trace = ran(shop(seed, shelf_life={"life": life, "starts": "receipt"}))
        moves = trace["stock_moves"]
        moves = moves[moves["time"] < 60]
        expired.append(-moves.loc[moves["reason"] == "expiry", "quantity"].sum())
        served.append(int((trace.cohort["status"] == "infused").sum()))
    assert served == sorted(served) and expired == sorted(expired, reverse=True)


@examples(10)
@given(SEEDS)
def test_mr11_more_initial_stock_runs_out_later(seed: int) -> None:
    first = []
    for initial in (2, 6):
        trace = ran(shop(seed, initial=initial, replenishment={"rule": "none"}, shelf_life=None))
        out = trace["patients"].loc[trace["patients"]["status"] == "lost", "left"]
        first.append(float(out.min()) if len(out) else math.inf)
    assert first[1] >= first[0]
