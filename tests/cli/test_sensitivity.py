"""What drives the figures of a scenario whose costs are arithmetic, by each method."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.harness import Ran, call, write_tiny

# A patient costs the collection and two journeys; `two` is dearer by its collection less 10,000.
ASKED = """\
name: drivers
scenarios:
  - {name: one, file: tiny.yaml}
  - {name: two, file: tiny.yaml, title: Two}
uncertain:
  - name: collection
    title: Collection
    scenarios: [two]
    path: costs.lines.collection.amount
    low: 5000
    high: 16000
    note: "assumption: a range"
  - {name: price, path: network.lanes.0.price, low: 500, high: 2500, source: a tariff}
sensitivity: {kpis: [cost.per_infused], draws: 24, trajectories: 2, samples: 4}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drivers")
    write_tiny(folder)
    (folder / "asked.yaml").write_text(ASKED, encoding="utf-8")
    alone = ASKED.replace("  - {name: one, file: tiny.yaml}\n", "")
    (folder / "alone.yaml").write_text(alone, encoding="utf-8")
    return folder


def ask(home: Path, method: str, *more: str, file: str = "asked.yaml") -> Ran:
    given = ("sensitivity", file, "--method", method, "--jobs", "1", "--out", method)
    ran = call(*given, *more, cwd=home)
    assert ran.code == 0, ran
    return ran


def rows(home: Path, method: str, scenario: str) -> pd.DataFrame:
    table = pd.read_parquet(home / method / "sensitivity.parquet")
    return table[(table["scenario"] == scenario).to_numpy()].set_index("input")


def test_a_tornado_is_exact_where_costs_add_up(home: Path) -> None:
    ran = ask(home, "tornado")
    assert "Cost per infused patient, Two less one" in ran.out
    two = rows(home, "tornado", "two")
    assert list(two.index) == ["collection", "price"]  # the larger first
    ends = two[["at_low", "at_high", "swing"]].to_numpy(dtype=float)
    assert ends[0].tolist() == pytest.approx([-5000, 6000, 11_000])
    assert ends[1].tolist() == pytest.approx([-2000, 2000, 4000])
    limits = two[["swing_low", "swing_high"]].to_numpy(dtype=float)
    assert limits[0].tolist() == pytest.approx([11_000, 11_000])
    both = rows(home, "tornado", "two - one")["swing"].to_numpy(dtype=float)
    assert sorted(both.tolist()) == pytest.approx([0, 11_000], abs=1e-6)
    page = (home / "tornado" / "report.html").read_text("utf-8")
    assert "Moved most by Collection" in page
    assert "Moved most by price" in page  # in `one`, which has no `collection`
    assert "At 5,000 it changes by" in page
    assert "assumption: a range" in page
    (home / "tornado" / "report.html").unlink()
    assert call("report", "tornado", cwd=home).code == 0
    assert (home / "tornado" / "report.html").read_text("utf-8") == page


def test_screening_and_shares_of_variance_are_those_of_a_sum(home: Path) -> None:
    ask(home, "morris", file="alone.yaml")
    effects = rows(home, "morris", "two")["mu_star"]
    assert effects.tolist() == pytest.approx([11_000, 4000], rel=1e-3)
    ask(home, "sobol", file="alone.yaml")
    shares = rows(home, "sobol", "two")  # few points: the indices are tested on known functions
    total = dict(zip(shares.index, shares["total"].astype(float), strict=True))
    assert total["collection"] > total["price"] > 0


def test_uncertainty_and_what_it_is_worth_to_know(home: Path) -> None:
    ran = ask(home, "uncertainty", "--json")
    two = next(row for row in ran.json["sensitivity"] if row["scenario"] == "two")
    variance = (11_000**2 + 4000**2) / 12
    assert two["sd_inputs"] ** 2 == pytest.approx(variance, rel=0.3)  # 24 draws, in slices
    assert two["sd_luck"] == pytest.approx(0, abs=1e-6)
    worth = {row["input"]: row["value"] for row in ran.json["worth"]}
    # E[max(0, 10,000 - c)] for c uniform on 5,000 to 16,000; nothing for what both pay.
    assert worth["all"] == pytest.approx(5000**2 / 2 / 11_000, rel=0.1)
    assert worth["collection"] == pytest.approx(worth["all"], rel=1e-6)
    assert worth["price"] < 0.1 * worth["all"]
    page = (home / "uncertainty" / "report.html").read_text("utf-8")
    assert "Which one to choose" in page
    best = {row["scenario"]: row["best"] for row in ran.json["choice"]}
    assert best["one"] == pytest.approx(6 / 11, abs=1 / 12)


def test_a_dry_run_counts_every_point_once(home: Path) -> None:
    """`one` has only the price, so its points at the other input's ends are one point."""
    given = ("sensitivity", "asked.yaml", "--dry-run", "--jobs", "2")
    ran = call(*given, "--out", "dry", cwd=home)
    assert ran.code == 0, ran
    assert "8 points, 16 replications, about" in ran.out
    assert " in 2 processes, " in ran.out
    asked = call(*given, "--replications", "3", "--json", cwd=home).json
    shown = {row["scenario"]: (row["points"], row["replications"]) for row in asked["points"]}
    assert shown == {"one": (3, 9), "two": (5, 15)}
    assert asked["total"]["events"] > 24 * 12  # a dozen patients, some events each
    drawn = call(*given, "--method", "uncertainty", "--json", cwd=home).json
    assert drawn["total"]["points"] == 2 * 24
    assert not (home / "dry").exists()
    assert not (home / "reports").exists()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("amount\n    low", "amont\n    low", "amont"),
        ("scenarios: [two]", "scenarios: [too]", "no scenario is named 'too'"),
        ("name: price", "name: collection", "two uncertain inputs have one name"),
        ("low: 5000", "low: -5000", "uncertain"),
        ("samples: 4}", "samples: 5}", "power of 2"),
        ("draws: 24", "draw: 24", "did you mean"),
        ("lanes.0.price", "lane.0.price", "asked.yaml:13:25: uncertain.price.path: network.lane"),
        (
            "name: price, path: network.lanes.0.price",
            "name: price, path: costs.lines.collection.amount",
            "both set costs.lines.collection.amount",
        ),
        ("high: 2500", "high: 500", "asked.yaml:13:5: uncertain.price: uncertain 'price' has no"),
        ("kpis: [cost.per_infused]", "kpis: [cost]", "asked.yaml:14:22: sensitivity.kpis.0: no"),
        ("draws: 24", "decide: patients.enrolled", "sensitivity.decide: 'patients.enrolled' has"),
    ],
)
def test_findings(tmp_path: Path, old: str, new: str, why: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / "asked.yaml").write_text(ASKED.replace(old, new, 1), encoding="utf-8")
    ran = call("sensitivity", "asked.yaml", "--out", "out", cwd=tmp_path)
    assert ran.code == 2
    assert why in ran.err
    assert not (tmp_path / "out").exists()


def test_a_file_without_uncertain_inputs_is_refused(home: Path) -> None:
    ran = call("sensitivity", "tiny.yaml", cwd=home)
    assert ran.code == 2
    assert "this file names no uncertain inputs" in ran.err
