"""The design command on a scenario whose answer is arithmetic."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.harness import call, write_tiny

# A patient costs 10,000 and two journeys at the price; the cost must stay at or below 14,500.
ASKED = """\
name: plant
scenarios:
  - {name: one, file: tiny.yaml}
search:
  decisions:
    - {name: price, title: Price, path: network.lanes.0.price, low: 1000, high: 3000, step: 500}
  minimise: enrolment_to_infusion.mean
  limits: [{kpi: cost.per_infused, at_least: 14500}]
  replications: 3
  first: 3
  verify: 3
"""


def test_the_answer_is_checked_and_told(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / "asked.yaml").write_text(ASKED, encoding="utf-8")
    ran = call("design", "asked.yaml", "--jobs", "1", "--out", "out", cwd=tmp_path)
    assert ran.code == 0, ran
    told = ran.out.replace("\xa0", " ")
    assert "at least 14,500 USD, each with 95 % confidence: Price 2500." in told
    assert "Checked with fresh random numbers, 3 replications, it holds" in ran.out
    assert "Not separable from it" in ran.out  # prices change no days
    designs = pd.read_parquet(tmp_path / "out" / "designs.parquet")
    assert designs["cost.per_infused"].tolist() == pytest.approx([12e3, 13e3, 14e3, 15e3, 16e3])
    checks = pd.read_parquet(tmp_path / "out" / "checks.parquet")
    assert checks["holds"].all()
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Pareto front" in page
    (tmp_path / "out" / "report.html").unlink()
    assert call("report", "out", cwd=tmp_path).code == 0
    assert (tmp_path / "out" / "report.html").read_text("utf-8") == page


def test_a_dry_run_says_how_much_it_is_at_most(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    more = ASKED.replace("replications: 3", "replications: 5")
    (tmp_path / "asked.yaml").write_text(more, encoding="utf-8")
    given = ("design", "asked.yaml", "--dry-run", "--jobs", "1", "--out", "out")
    ran = call(*given, cwd=tmp_path)
    assert ran.code == 0, ran
    # Five designs three times, then twice more, and three of them checked three times.
    assert f"5 designs, at most {5 * 3 + 5 * 2 + 3 * 3} replications, about" in ran.out
    asked = call(*given, "--json", cwd=tmp_path).json
    assert [row["replications"] for row in asked["designs"]] == [15, 10, 9]
    assert asked["total"]["designs"] == 5
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("lanes.0.price", "lanes.7.price", "there is no '7'"),
        ("high: 3000", "high: 900", "low must be less than high"),
        ("at_least: 14500", "at_leest: 14500", "did you mean"),
        ("search:\n", "search:\n  scenario: two\n", "no scenario is named 'two'"),
        ("search:", "serch:", "did you mean"),
        ("network.lanes.0.price", "network.plants.plant.resources.suits", "no step uses 'suits'"),
        (
            "lanes.0.price",
            "lane.0.price",
            "price.path: network.lane: unknown key 'lane'",
        ),
        ("step: 500", "step: 5000", "step 5000 leaves only 1000"),
        (
            "minimise: enrolment_to_infusion.mean",
            "minimise: share.infused",
            "asked.yaml:7:13: search.minimise: more of 'share.infused' is better",
        ),
        (
            "cost.per_infused, at_least: 14500",
            "share.lost, at_most: 5",
            "asked.yaml:8:39: search.limits.0.at_most: 'share.lost' is between 0 and 1",
        ),
        ("first: 3", "first: 4", "asked.yaml:10:10: search.first: first must not be more"),
    ],
)
def test_findings(tmp_path: Path, old: str, new: str, why: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / "asked.yaml").write_text(ASKED.replace(old, new, 1), encoding="utf-8")
    ran = call("design", "asked.yaml", "--out", "out", cwd=tmp_path)
    assert ran.code == 2
    assert why in ran.err
    assert not (tmp_path / "out").exists()


def test_a_file_that_asks_for_no_design_is_refused(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    ran = call("design", "tiny.yaml", cwd=tmp_path)
    assert ran.code == 2
    assert "this file asks for no design" in ran.err
