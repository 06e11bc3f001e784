"""What a change of the scenario must do to the results, whatever they are (MR01 to MR20)."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.analysis.ledger import build_ledger
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.laws.parts import Plain
from tests.laws.test_identities import examples, same
from tests.laws.worlds import scenario_of, worlds

SEEDS = st.integers(0, 10_000)


def clinic(seed: int = 1, *, suites: int = 2, days: str = "60 d") -> Plain:
    """An autologous line under load, as plain data to change."""
    law = {"law": "lognormal", "mean": "5 d", "sd": "2 d"}
    return {
        "name": "clinic",
        "demand": {
            "arrivals": {"process": "poisson", "rate": "0.4 /d"},
            "indications": [{"name": "patients"}],
        },
        "network": {"plants": [{"name": "plant", "resources": {"suite": {"capacity": suites}}}]},
        "pathways": [
            {
                "name": "autologous",
                "modality": "autologous",
                "route": [
                    {"name": "apheresis", "duration": "1 d"},
                    {"name": "manufacture", "needs": "suite", "duration": law},
                    {"name": "release", "duration": {"law": "gamma", "shape": 4, "scale": "1 d"}},
                    {"name": "infusion"},
                ],
            }
        ],
        "costs": {
            "lines": [
                {"name": "suite", "per": "resource_day", "of": ["suite"], "amount": 1000.25},
                {"name": "making", "per": "step", "of": ["manufacture"], "amount": 80_000},
                {"name": "bed", "per": "patient", "amount": 33.5},
            ]
        },
        "run": {"enrolment": days, "seed": seed, "replications": 1},
    }


def step(world: Plain, name: str) -> Plain:
    found: Plain = next(s for s in world["pathways"][0]["route"] if s["name"] == name)
    return found


def ran(world: Plain, replication: int = 0) -> Trace:
    return replicate(scenario_of(world), replication)


def infused(trace: Trace) -> dict[int, float]:
    cohort = trace.cohort
    return dict(zip(cohort["patient"], cohort["infused"], strict=True))


def slot_waits(trace: Trace) -> dict[int, float]:
    rows = trace["activities"]
    rows = rows[(rows["step"] == "manufacture") & rows["id"].isin(trace.cohort["patient"])]
    until = rows["started"].fillna(rows["ended"])
    return dict(zip(rows["id"], until - rows["queued"], strict=True))


def nobody_later(before: dict[int, float], after: dict[int, float]) -> bool:
    assert before.keys() == after.keys()
    return all(after[who] <= before[who] + 1e-9 for who in before)


def total(world: Plain, trace: Trace) -> int:
    return int(build_ledger(trace, scenario_of(world))["cents"].sum())


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


@examples(8)
@given(worlds())
def test_mr12_mr18_the_name_and_other_runs_change_nothing(world: Plain) -> None:
    first = ran(world)
    ran(clinic(5))
    assert same(first, ran({**world, "name": "renamed", "title": "something else"}))


def test_mr14_spelling_of_the_yaml_changes_nothing(tmp_path: Path) -> None:
    plain, fancy = tmp_path / "plain.yaml", tmp_path / "fancy.yaml"
    plain.write_text(
        "name: a\ndemand:\n  arrivals: {process: poisson, rate: 2 /d}\n"
        "  indications: [{name: x, share: 10}]\n"
        "pathways:\n  - {name: p, modality: autologous, route: [{name: m, duration: 10 d},"
        " {name: infusion}]}\nrun: {enrolment: 10 d, replications: 1}\n",
        "utf-8",
    )
    fancy.write_text(
        "# a remark\nrun: {replications: 1, enrolment: &ten 1.0e+1 d}\nname: a\npathways:\n"
        "  - modality: autologous\n    name: p\n    route:\n      - {duration: *ten, name: m}\n"
        "      - name: infusion\ndemand:\n  indications:\n    - {share: 10.0, name: x}\n"
        "  arrivals: {rate: 2.0 /d, process: poisson}\n",
        "utf-8",
    )
    one, two = load(plain).scenario, load(fancy).scenario
    assert one.digest() == two.digest()
    assert same(replicate(one, 0), replicate(two, 0))


@examples(10)
@given(SEEDS, st.integers(0, 3))
def test_mr15_a_step_of_no_time_and_a_wide_resource_change_nothing(seed: int, place: int) -> None:
    more = clinic(seed)
    more["network"]["plants"][0]["resources"]["hall"] = {"capacity": 100_000}
    more["pathways"][0]["route"].insert(place, {"name": "paperwork", "needs": "hall"})
    before, after = infused(ran(clinic(seed))), infused(ran(more))
    assert list(after.values()) == pytest.approx(list(before.values()), abs=1e-9)


def test_mr16_two_halves_of_a_demand_are_the_whole() -> None:
    halves = clinic(days="2000 d", suites=3)
    halves["demand"]["indications"] = [{"name": "a"}, {"name": "b"}]
    one, two = ran(clinic(days="2000 d", suites=3)), ran(halves)
    assert infused(one) == infused(two)


def test_mr17_one_big_site_serves_faster_than_two_small_ones() -> None:
    means = []
    for shared in (False, True):
        days: list[float] = []
        for seed in range(8):
            world = clinic(seed, suites=4 if shared else 2)
            world["demand"]["arrivals"]["rate"] = "0.7 /d"
            plant = world["network"]["plants"][0]
            world["network"] = {
                "plants": [{**plant, "name": "east"}, {**plant, "name": "west"}],
                "centres": [
                    {"name": "a", "plant": "east"},
                    {"name": "b", "plant": "east" if shared else "west"},
                ],
            }
            step(world, "manufacture")["at"] = "plant"
            days += slot_waits(ran(world)).values()
        means.append(np.mean(days))
    assert means[1] <= means[0]


@examples(8)
@given(worlds())
def test_mr19_more_replications_leave_the_first_ones_alone(world: Plain) -> None:
    many = copy.deepcopy(world)
    many["run"]["replications"] = 50
    assert same(ran(world, 2), ran(many, 2))


@examples(30)
@given(worlds())
def test_mr20_a_longer_horizon_leaves_the_past_alone(world: Plain) -> None:
    short, long = copy.deepcopy(world), copy.deepcopy(world)
    short["run"] |= {"drain": "none", "enrolment": "20 d"}
    long["run"] |= {"drain": "none", "enrolment": "35 d"}
    one, two = ran(short), ran(long)
    stop = one.stop
    for name, key in (("activities", "queued"), ("stock_moves", "time"), ("decisions", "time")):
        past, mine = (trace[name][trace[name][key] < stop] for trace in (two, one))
        assert len(past) == len(mine), name
        for column in mine.columns.drop("outcome", errors="ignore"):
            assert as_of(past[column], stop) == as_of(mine[column], stop), (name, column)
    past, mine = (t["patients"][t["patients"]["enrolled"] < stop] for t in (two, one))
    for column in ("infused", "left"):
        assert as_of(past[column], stop) == as_of(mine[column], stop), column


def as_of(column: pd.Series[Any], stop: float) -> list[object]:
    """A column with the times after the stop taken out."""
    values = column.tolist()
    known = column.name in ("started", "ended", "infused", "left")
    return [None if known and not value <= stop else value for value in values]


def test_equal_data_make_equal_scenarios() -> None:
    scenario = scenario_of(clinic())
    assert Scenario.from_plain(clinic()) == scenario
