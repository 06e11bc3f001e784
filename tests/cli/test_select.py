"""A race between scenarios: the same winner and the same bytes however it is computed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.harness import call, results, strict_json, write_tiny

STUDY = """\
name: race
scenarios:
  - {name: six, file: tiny.yaml}
  - {name: five, file: tiny.yaml, set: {network.plants.plant.resources.suites: 5}}
  - {name: two, file: tiny.yaml, set: {network.plants.plant.resources.suites: 2}}
select: {kpi: enrolment_to_infusion.mean, indifference: 0.5, minimum: 10, maximum: 20}
"""


def write(home: Path, text: str = STUDY) -> None:
    write_tiny(home)
    (home / "race.yaml").write_text(text, encoding="utf-8")


def test_the_race_is_the_same_with_more_processes(tmp_path: Path) -> None:
    write(tmp_path)
    ran = call("compare", "race.yaml", "--jobs", "1", "--out", "one", cwd=tmp_path)
    assert ran.code == 0, ran
    assert "is the best, or within 0.5 of it, with 95 % confidence" in ran.out
    assert "does not meet the same patients" not in ran.err
    chosen = strict_json((tmp_path / "one" / "manifest.json").read_text("utf-8"))["select"]
    of = {one["name"]: one for one in chosen["scenarios"]}
    assert of["two"]["verdict"] == "worse"
    assert 10 <= of["two"]["replications"] <= of["six"]["replications"] <= 20
    summary = pd.read_parquet(tmp_path / "one" / "summary.parquet")
    rows = summary.query("kpi == 'enrolment_to_infusion.mean' and indication == 'all'")
    counted = dict(zip(rows["scenario"], rows["n"], strict=True))
    assert counted == {name: one["replications"] for name, one in of.items()}
    assert "Choice of the best" in (tmp_path / "one" / "report.html").read_text("utf-8")
    ran = call("compare", "race.yaml", "--jobs", "2", "--out", "two", cwd=tmp_path)
    assert ran.code == 0, ran
    assert results(tmp_path / "one") == results(tmp_path / "two")


def test_a_dry_run_says_how_much_it_is_at_most(tmp_path: Path) -> None:
    write(tmp_path)
    ran = call("compare", "race.yaml", "--dry-run", "--jobs", "1", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    *rows, _, total = ran.out.splitlines()[2:]
    assert [row.split()[:2] for row in rows] == [["six", "20"], ["five", "20"], ["two", "20"]]
    assert total.startswith("3 runs, at most 60 replications, about ")
    found = call("compare", "race.yaml", "--dry-run", "--json", cwd=tmp_path).json["total"]
    assert (found["replications"], found["at_most"]) == (60, True)


def test_room_that_nobody_needs_is_not_separable_and_that_is_an_answer(tmp_path: Path) -> None:
    many = "resources.suites: 41}"
    write(tmp_path, STUDY.replace("resources.suites: 5}", many).replace("five", "many"))
    ran = call("compare", "race.yaml", "--jobs", "1", "--out", "one", "--json", cwd=tmp_path)
    assert ran.code == 0, ran
    chosen = ran.json["select"]
    of = {one["name"]: one for one in chosen["scenarios"]}
    assert of["two"]["verdict"] == "worse"
    assert of["many"]["verdict"] == "best, or nearly so"
    assert of["six"]["verdict"] == "not separable from the best"
    _, low, high = of["six"]["difference"]
    assert low < 0 < high
    assert "not separable from it: 'six'" in chosen["text"]
    page = (tmp_path / "one" / "report.html").read_text("utf-8")
    assert "is the best, or within 0.5 of it" in page.split('id="overview"')[0]


@pytest.mark.parametrize(("old", "new", "why"), [
    ("select:", "replications: 5\nselect:", "select decides on the number of replications"),
    ("infusion.mean", "infusion.men", "race.yaml:6:15: select.kpi: no single figure"),
    ("maximum: 20", "maximum: 9", "race.yaml:6:"),
])  # fmt: skip
def test_findings(tmp_path: Path, old: str, new: str, why: str) -> None:
    write(tmp_path, STUDY.replace(old, new))
    ran = call("compare", "race.yaml", "--out", "out", cwd=tmp_path)
    assert ran.code == 2, ran
    assert why in ran.err
