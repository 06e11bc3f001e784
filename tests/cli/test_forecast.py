"""The forecast of a run that starts from a snapshot, as a planner sees it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.harness import TINY, call

SNAPSHOT = """
snapshot:
  patients:
    - {name: =P-1, enrolled: 2026-12-01, indication: myeloma, step: manufacture,
       state: working, since: 2027-01-02, unit: suite 1}
    - {name: <b>P-2</b>, enrolled: 2026-12-20, indication: lupus, step: manufacture,
       since: 2027-01-03, booked: 2027-01-06}
run: {start: 2027-01-04, enrolment: 30 d, replications: 40}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forecast")
    base = TINY.partition("run:")[0]
    (folder / "today.yaml").write_text(base + SNAPSHOT, "utf-8")
    assert (
        call("run", folder / "today.yaml", "--out", folder / "out", "--jobs", "1", cwd=folder).code
        == 0
    )
    return folder / "out"


def test_dates_and_chances_are_printed(run: Path, tmp_path: Path) -> None:
    done = call("forecast", run, "--csv", tmp_path / "x.csv", cwd=tmp_path)
    assert done.code == 0
    head, first, second = (line for line in done.out.splitlines()[1:] if line[:1] not in "-")
    assert head.split("  ")[0] == "Patient" and "P90" in head
    assert first.startswith("=P-1") and "manufacture: under way" in first and "no target" in first
    assert "manufacture: waiting" in second
    rows = list(csv.DictReader((tmp_path / "x.csv").read_text("utf-8").splitlines()))
    assert rows[0]["patient"] == "'=P-1"
    # Seven days at the least 5 and at the most 9, two of them over: 3 to 7 d, and a day of travel.
    assert "2027-01-08" <= rows[0]["p50"] <= "2027-01-12"
    assert "2027-01-12" <= rows[1]["p50"] <= "2027-01-16"


def test_the_report_shows_them_as_text(run: Path) -> None:
    page = (run / "report.html").read_text("utf-8")
    assert "What becomes of the patients of today" in page
    assert "<b>P-2</b>" not in page and "&lt;b&gt;P-2&lt;/b&gt;" in page


def test_a_run_without_a_snapshot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY, "utf-8")
    call("run", tmp_path / "tiny.yaml", "--out", tmp_path / "out", "--jobs", "1", cwd=tmp_path)
    done = call("forecast", tmp_path / "out", cwd=tmp_path)
    assert done.code == 2 and "no scenario of this run starts from a snapshot" in done.err
