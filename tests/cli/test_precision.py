"""Studies that run until their intervals are narrow enough: the same number however computed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.harness import call, results, strict_json, write_tiny

STUDY = """\
name: precise
scenarios:
  - {name: a, file: tiny.yaml}
  - {name: b, file: tiny.yaml, set: {network.plants.plant.resources.suites: 4}}
replications:
  half_width: [{kpi: enrolment_to_infusion.mean, absolute: TARGET}]
  minimum: 4
  maximum: 12
  look_ahead: 2
"""


def write(home: Path, target: str) -> None:
    write_tiny(home)
    (home / "precise.yaml").write_text(STUDY.replace("TARGET", target), encoding="utf-8")


def test_the_number_depends_on_figures_alone(tmp_path: Path) -> None:
    write(tmp_path, "0.8")
    ran = call("compare", "precise.yaml", "--jobs", "1", "--out", "one", cwd=tmp_path)
    assert ran.code == 0, ran
    ran = call("compare", "precise.yaml", "--jobs", "2", "--out", "two", cwd=tmp_path)
    assert ran.code == 0, ran
    assert results(tmp_path / "one") == results(tmp_path / "two")
    found = strict_json((tmp_path / "one" / "manifest.json").read_text("utf-8"))["precision"]
    assert found["reached"]
    assert f"every target was reached; {found['replications']} replications" in ran.err
    summary = pd.read_parquet(tmp_path / "one" / "summary.parquet")
    rows = summary.query("kpi == 'enrolment_to_infusion.mean' and indication == 'all'")
    assert set(rows["n"]) == {found["replications"]}
    assert all(rows["high"] - rows["mean"] <= 0.8)
    assert 4 + 2 <= found["replications"] < 12
    assert not (tmp_path / "one" / "units").exists()
    # As many replications, asked for by number, give the same figures.
    number = str(found["replications"])
    ran = call("compare", "precise.yaml", "--jobs", "1", "--replications", number, "--out", "n",
               cwd=tmp_path)  # fmt: skip
    assert ran.code == 0, ran
    assert results(tmp_path / "one") == results(tmp_path / "n")


def test_a_dry_run_says_how_much_it_is_at_most(tmp_path: Path) -> None:
    write(tmp_path, "0.8")
    found = [
        call("compare", "precise.yaml", "--dry-run", "--jobs", "1", *given, cwd=tmp_path).out
        for given in ((), ("--replications", "3"))
    ]
    assert "2 runs, at most 24 replications, about " in found[0]
    assert "2 runs, 6 replications, about " in found[1]


def test_a_target_that_is_missed_is_said(tmp_path: Path) -> None:
    write(tmp_path, "0.001")
    ran = call("compare", "precise.yaml", "--jobs", "1", "--out", "out", cwd=tmp_path)
    assert ran.code == 0, ran
    assert "warning: precision was not reached in 12 replications: enrol" in ran.err
    assert "precision was not reached in 12" in (tmp_path / "out" / "report.html").read_text(
        "utf-8"
    )


@pytest.mark.parametrize(("old", "new", "why"), [
    ("infusion.mean", "infusion.men", "did you mean 'enrolment_to_infusion.mean'"),
    ("absolute: TARGET", "absolute: 1, relative: 0.1", "either absolute or relative"),
])  # fmt: skip
def test_findings(tmp_path: Path, old: str, new: str, why: str) -> None:
    write(tmp_path, "1")
    text = STUDY.replace(old, new).replace("TARGET", "1")
    (tmp_path / "precise.yaml").write_text(text, encoding="utf-8")
    ran = call("compare", "precise.yaml", "--out", "out", cwd=tmp_path)
    assert ran.code == 2, ran
    assert why in ran.err
