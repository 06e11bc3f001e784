"""One replication again: the same as recorded, told by date, or refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.harness import call

CONFIGS = Path(__file__).parents[2] / "configs"

FIXED = """\
name: fixed
demand:
  arrivals: {process: list, patients: [{at: 1 d}, {at: 2 d}]}
  indications: [{name: lupus, target: 10 d}]
network:
  plants: [{name: plant, resources: {suites: 1}}]
pathways:
  - name: autologous
    modality: autologous
    route:
      - {name: manufacture, needs: suites, duration: 7 d}
      - name: infusion
run: {start: 2027-01-04, enrolment: 30 d, replications: 2, seed: 5}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rerun")
    (folder / "fixed.yaml").write_text(FIXED, encoding="utf-8")
    assert call("run", "fixed.yaml", "--jobs", "1", "--out", "out", cwd=folder).code == 0
    return folder


def test_a_patient_is_told_by_date(home: Path) -> None:
    ran = call("rerun", "out", "--replication", "1", "--patient", "P-1", cwd=home)
    assert ran.code == 0, ran
    # By hand: the only suite is taken from day 1 to day 8, so patient 1 (day 2) waits for 6 days.
    assert ran.out.splitlines() == [
        "fixed, replication 1 (seed 5), as it was recorded:",
        "Patient 1 (lupus) enrolled at centre on Wed 2027-01-06 00:00 for autologous; due by "
        "Sat 2027-01-16 00:00.",
        "  manufacture at plant: from Tue 2027-01-12 00:00 after waiting 6.0 d for plant/suites, "
        "until Tue 2027-01-19 00:00 (7.0 d).",
        "  infusion at centre: from Tue 2027-01-19 00:00, until Tue 2027-01-19 00:00 (0.0 h).",
        "First infused on Tue 2027-01-19 00:00, 13.0 days after enrolment, 3.0 d late; 1 attempt, "
        "1 dose.",
    ]


def test_a_replication_is_told(home: Path) -> None:
    ran = call("rerun", "out", "--json", cwd=home)
    assert ran.code == 0, ran
    story = ran.json["story"]
    assert "2 patients enrolled: 2 were infused, 0 lost, and 0 under way" in story[0]
    assert story[1] == (
        "  Patient 1 (lupus) waited 13.0 days, until Tue 2027-01-19 00:00, with 1 attempt."
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--patient", "7"), "there is no patient 7; they are numbered 0 to 1"),
        (("--patient", "x"), "there is no patient x; they are numbered 0 to 1"),
        (("--replication", "2"), "'fixed' has no replication 2; it has 2, numbered 0 to 1"),
        (("--scenario", "fixe"), "there is no scenario 'fixe'; did you mean 'fixed'?"),
    ],
)
def test_what_is_not_there_is_refused(home: Path, arguments: tuple[str, ...], why: str) -> None:
    ran = call("rerun", "out", *arguments, cwd=home)
    assert (ran.code, ran.out) == (2, "")
    assert why in " ".join(ran.err.split())


def test_patients_of_a_snapshot_go_by_their_names(tmp_path: Path) -> None:
    config = str(CONFIGS / "next_eight_weeks.yaml")
    options = ("--replications", "1", "--jobs", "1", "--out", "out")
    assert call("run", config, *options, cwd=tmp_path).code == 0
    # Of patients.csv, P-033 enrolled first, and there is no P-7.
    named, numbered, refused = (
        call("rerun", "out", "--patient", who, cwd=tmp_path) for who in ("P-033", "0", "P-7")
    )
    first = named.out.splitlines()[1]
    assert first.startswith("Patient P-033, number 0 (lymphoma) enrolled at centre_a on ")
    assert "2026-11-24" in first
    assert numbered.out == named.out
    assert refused.code == 2
    assert "there is no patient P-7" in refused.err
    assert "those of the snapshot have names, such as P-033" in " ".join(refused.err.split())
    longest = call("rerun", "out", cwd=tmp_path).out
    assert "  Patient P-" in longest


def test_results_of_other_code_are_refused(home: Path) -> None:
    manifest = home / "out" / "manifest.json"
    text = manifest.read_text("utf-8")
    try:
        manifest.write_text(json.dumps({**json.loads(text), "code": "0" * 64}), encoding="utf-8")
        ran = call("rerun", "out", cwd=home)
    finally:
        manifest.write_text(text, encoding="utf-8")
    assert ran.code == 2
    assert ran.err.startswith("out: was made by other code than this")
