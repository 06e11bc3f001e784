"""Break-even by the command, against arithmetic: the answers of a file, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cartlogix.experiment.computing import Manner
from cartlogix.experiment.points import Points
from cartlogix.scenario.loader import load
from tests.cli.harness import call, write_tiny

# Cost per patient is the collection and two journeys of 1,500 each, so with a collection of c and
# journeys at p in the second scenario, its cost is higher by (c - 10,000) + 2 (p - 1,500).
ASKED = """\
name: turning
scenarios:
  - {name: one, file: tiny.yaml}
  - {name: two, file: tiny.yaml, title: Two}
break_even:
  - name: collection
    between: [one, two]
    factors:
      - name: amount
        title: Collection
        scenarios: [two]
        path: costs.lines.collection.amount
        whole: true
        values: [4000, 9001, 30000]
    kpis: [cost.per_infused, enrolment_to_infusion.mean]
  - name: both
    between: [one, two]
    factors:
      - {name: amount, scenarios: [two], path: costs.lines.collection.amount, values: [1000, 19000]}
      - name: price
        scenarios: [two]
        path: network.lanes.0.price
        values: [500, 1500, 2500, 9000]
    kpis: [cost.per_infused]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("turning")
    write_tiny(folder)
    (folder / "asked.yaml").write_text(ASKED, encoding="utf-8")
    ran = call("run", "asked.yaml", "--jobs", "1", "--out", "out", cwd=folder)
    assert ran.code == 0, ran
    assert "Cost per infused patient: Collection (2 replications)" in ran.out
    assert "Two costs less" not in ran.out.split("Where they")[0]
    assert "one costs less from 10,000 on, Two up to 9,999 (95 % band 10,000 to 10,000)" in ran.out
    return folder


def test_a_line_crosses_where_arithmetic_says(home: Path) -> None:
    lines = pd.read_parquet(home / "out" / "break_even_lines.parquet")
    mine = lines.query("break_even == 'collection' and kpi == 'cost.per_infused'")
    crossing = mine[mine["kind"] == "crossing"].iloc[0]
    assert crossing["at"] == pytest.approx(10_000)
    assert crossing["low"] == pytest.approx(10_000)
    assert crossing["high"] == pytest.approx(10_000)
    points = pd.read_parquet(home / "out" / "break_even_points.parquet")
    tried = points.query("break_even == 'collection' and kpi == 'cost.per_infused'")
    assert sorted(tried["x"]) == [4000, 9001, 10_000, 30_000]  # one more, where it seemed to be
    same = points.query("kpi == 'enrolment_to_infusion.mean'")
    assert (same["difference"] == 0).all()
    assert (same["lower"] == "").all()


def test_a_map_crosses_where_arithmetic_says(home: Path) -> None:
    lines = pd.read_parquet(home / "out" / "break_even_lines.parquet")
    mine = lines[((lines["break_even"] == "both") & (lines["kind"] == "crossing")).to_numpy()]
    assert mine["y"].tolist() == [500, 1500, 2500]  # at 9,000 two is dearer whatever the first
    assert mine["at"].tolist() == pytest.approx([12_000, 10_000, 8_000])


def test_the_page_carries_the_answers(home: Path) -> None:
    page = (home / "out" / "report.html").read_text("utf-8")
    assert "Where they change places" in page
    assert "one costs less from 10,000 on, Two up to 9,999" in page
    assert "Of 8 points, Two costs less at 3, one costs less at 5" in page
    (home / "out" / "report.html").unlink()
    assert call("report", "out", cwd=home).code == 0
    assert (home / "out" / "report.html").read_text("utf-8") == page


def test_answers_are_data_too(home: Path) -> None:
    ran = call("run", "asked.yaml", "--jobs", "1", "--out", "data", "--json", cwd=home)
    asked = ran.json["break_even"]["asked"]
    assert [one["name"] for one in asked] == ["collection", "both"]
    assert asked[0]["replications"] == 2
    places = [row["at"] for row in ran.json["break_even"]["lines"] if row["kind"] == "crossing"]
    assert places[0] == pytest.approx(10_000)
    one = call("run", "asked.yaml", "--replications", "1", "--out", "few", cwd=home)
    assert "Not known: the figure is undefined, or one replication has no interval" in one.out


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("between: [one, two]", "between: [too, two]", "no scenario is named 'too'"),
        ("between: [one, two]", "between: [one, one]", "two different scenarios"),
        ("values: [4000, 9001, 30000]", "values: [4000]", "needs two or more values"),
        ("values: [4000, 9001, 30000]", "values: [low, 4000]", "low is no number"),
        ("values: [4000, 9001, 30000]", "values: [1 d, 2 h]", "values need one unit"),
        ("costs.lines.collection.amount\n", "costs.lines.colection.amount\n", "no 'colection'"),
        ("[cost.per_infused, enrol", "[cost.per_infusd, enrol", "did you mean"),
        ("name: both", "name: collection", "two parts of break_even have one name"),
        ("scenarios: [two]\n", "scenarios: [three]\n", "'three' is not one of the two"),
    ],
)
def test_findings(home: Path, tmp_path: Path, old: str, new: str, why: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / "asked.yaml").write_text(ASKED.replace(old, new, 1), encoding="utf-8")
    ran = call("run", "asked.yaml", "--out", "out", cwd=tmp_path)
    assert ran.code == 2
    assert why in ran.err
    assert not (tmp_path / "out").exists()


def test_what_was_run_is_not_run_again(home: Path, tmp_path: Path) -> None:
    scenario = load(home / "tiny.yaml").scenario
    told: list[str] = []
    first = Points(tmp_path / "points", Manner(notice=told.append))
    wanted = first.figures([scenario, scenario], ["cost.per_infused"], range(2))
    assert first.ran == 2  # one scenario twice is one scenario
    again = Points(tmp_path / "points", Manner(notice=told.append))
    found = again.figures([scenario], ["cost.per_infused", "no.such"], range(2))
    assert again.ran == 0
    assert found[0]["cost.per_infused"].tolist() == wanted[1]["cost.per_infused"].tolist()
    unit = next((tmp_path / "points").rglob("1.unit"))
    unit.write_bytes(b"torn" + unit.read_bytes()[4:])
    mended = again.figures([scenario], ["cost.per_infused"], range(2))[0]
    assert mended["cost.per_infused"].tolist() == wanted[0]["cost.per_infused"].tolist()
    assert again.ran == 1
    assert told == ["warning: replication 2 of a point of 'tiny' is damaged and is computed again"]
