"""Sweeps: every scenario at every level, compared where it makes sense, and findings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.harness import Ran, call, write_tiny

SWEEP = """\
name: sweep
title: A sweep
question: How many suites?
baseline: one
scenarios:
  - {name: one, file: tiny.yaml, tags: [quick]}
  - {name: two, file: tiny.yaml, set: {costs.lines.collection.amount: 20000}}
factors:
  - {name: cells, title: Journey, path: network.lanes.0.time, values: [1 d, 3 d]}
  - name: suites
    path: network.plants.plant.resources.suites
    values: [2, 6]
    scenarios: [one]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    write_tiny(folder)
    (folder / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
    ran = call("sweep", "sweep.yaml", "--jobs", "1", "--out", "out", cwd=folder)
    assert ran.code == 0, ran
    assert "one (cells=1 d, suites=2)" in ran.out
    return folder


def test_every_run_stands_in_the_tables_by_factor(home: Path) -> None:
    table = pd.read_parquet(home / "out" / "by_factor.parquet")
    levels = table[["base", "cells", "suites"]].drop_duplicates()
    assert levels.fillna("").values.tolist() == [
        ["one", "1 d", "2"], ["one", "1 d", "6"], ["one", "3 d", "2"], ["one", "3 d", "6"],
        ["two", "1 d", ""], ["two", "3 d", ""],
    ]  # fmt: skip


def test_main_effects_are_means_over_the_other_factors(home: Path) -> None:
    kpis = pd.read_parquet(home / "out" / "kpis.parquet")
    lead = kpis[(kpis["kpi"] == "enrolment_to_infusion.mean") & (kpis["indication"] == "all")]
    runs = ["one (cells=1 d, suites=2)", "one (cells=1 d, suites=6)"]
    by_hand = lead[lead["scenario"].isin(runs)]["value"].mean()
    effects = pd.read_parquet(home / "out" / "main_effects.parquet")
    row = effects.query(
        "base == 'one' and factor == 'cells' and level == '1 d' "
        "and kpi == 'enrolment_to_infusion.mean'"
    ).iloc[0]
    assert row["mean"] == pytest.approx(by_hand)
    assert row["n"] == 2


def test_runs_are_compared_with_the_baseline_at_the_same_level(home: Path) -> None:
    found = pd.read_parquet(home / "out" / "differences.parquet")
    pairs = set(found[["a", "b"]].itertuples(index=False, name=None))
    assert ("one (cells=3 d, suites=6)", "two (cells=3 d)") in pairs
    assert ("one (cells=1 d, suites=6)", "two (cells=3 d)") not in pairs
    assert ("two (cells=1 d)", "two (cells=3 d)") in pairs  # each scenario with its own first run
    # By hand: two journeys, each two days longer; nothing else differs but the wait for suites.
    row = found.query(
        "a == 'two (cells=1 d)' and b == 'two (cells=3 d)' and indication == 'all' "
        "and kpi == 'step_time.transport' and group == 'ship_in'"
    ).iloc[0]
    assert row["difference"] == pytest.approx(2.0)
    cost = found.query(
        "a == 'one (cells=1 d, suites=6)' and b == 'two (cells=1 d)' and indication == 'all' "
        "and kpi == 'cost.per_infused'"
    ).iloc[0]
    assert cost["difference"] == pytest.approx(10_000)


def test_the_page_shows_levels_and_effects(home: Path) -> None:
    page = (home / "out" / "report.html").read_text("utf-8")
    assert "Main effects" in page
    assert "Enrolment to infusion, mean by Journey" in page
    (home / "out" / "report.html").unlink()
    assert call("report", "out", cwd=home).code == 0
    assert (home / "out" / "report.html").read_text("utf-8") == page


def test_only_takes_names_and_tags(home: Path) -> None:
    ran = _dry(home, "--only", "quick")
    assert "4 runs, 8 replications" in ran.out
    ran = _dry(home, "--only", "two", "--replications", "5", "--json")
    assert [run["scenario"] for run in ran.json["runs"]] == ["two (cells=1 d)", "two (cells=3 d)"]
    assert ran.json["total"]["replications"] == 10
    assert ran.json["total"]["events"] > 100
    ran = call("sweep", "sweep.yaml", "--only", "quik", cwd=home)
    assert ran.code == 2
    assert ran.err == "--only: no scenario has the name or tag 'quik'; did you mean 'quick'?\n"


def _dry(home: Path, *arguments: str) -> Ran:
    ran = call("sweep", "sweep.yaml", "--dry-run", *arguments, cwd=home)
    assert ran.code == 0, ran
    return ran


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("baseline: one", "baseline: [one, too]", "no scenario is named 'too'"),
        ("scenarios: [one]", "scenarios: [on]", "factor 'suites': no scenario is named 'on'"),
        ("network.lanes.0.time", "network.lanes.7.time", "there is no '7'"),
        ("values: [2, 6]", "values: [2, 2]", "factor 'suites' has a level twice"),
        ("values: [2, 6]", "low: 2", "needs either values, or low and high"),
        ("name: cells", "name: suites", "two factors have one name"),
    ],
)
def test_findings(home: Path, tmp_path: Path, old: str, new: str, why: str) -> None:
    write_tiny(tmp_path)
    assert old in SWEEP
    (tmp_path / "bad.yaml").write_text(SWEEP.replace(old, new), encoding="utf-8")
    ran = call("sweep", "bad.yaml", "--out", "out", cwd=tmp_path)
    assert ran.code == 2, ran
    assert why in ran.err
    assert not (tmp_path / "out").exists()


def test_run_leaves_factors_to_sweep(home: Path) -> None:
    ran = call("run", "sweep.yaml", cwd=home)
    assert ran.code == 2
    assert "run it with: cartlogix sweep" in ran.err


def test_what_a_factor_moves_is_said_with_an_interval_for_all_pairs_of_levels(home: Path) -> None:
    ranges = pd.read_parquet(home / "out" / "effect_ranges.parquet")
    # One run at each level of 'cells' in 'two'; two journeys, each two days longer.
    row = ranges.query(
        "base == 'two' and factor == 'cells' and kpi == 'enrolment_to_infusion.mean'"
    ).iloc[0]
    assert (row["least"], row["most"]) == ("1 d", "3 d")
    assert row["difference"] == pytest.approx(row["mean_most"] - row["mean_least"])
    means = pd.read_parquet(home / "out" / "main_effects.parquet").query(
        "base == 'two' and factor == 'cells' and kpi == 'enrolment_to_infusion.mean'"
    )
    assert means["mean"].tolist() == pytest.approx([row["mean_least"], row["mean_most"]])
    assert (ranges["low"] <= ranges["difference"]).all()
