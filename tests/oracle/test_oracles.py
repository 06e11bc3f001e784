"""Theory by configuration alone: every stochastic oracle through YAML, at its stated size."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cartlogix.analysis.registry import KPIS
from cartlogix.scenario.loader import load
from tests.oracle.judge import ORACLES, ROOT, Trial, misses, planned, run, scenario_file, sized
from tests.oracle.trials import TRIALS

NIGHTLY = [
    replace(trial, size="nightly")
    for trial in TRIALS
    if "nightly" in ORACLES[trial.case]["tolerance"]
]


# Two oracles on the same scenario share its runs.
shared_run = cache(run)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_oracle(trial: Trial) -> None:
    assert misses(trial, shared_run) == []


@pytest.mark.parametrize("trial", NIGHTLY, ids=lambda trial: trial.name)
def test_the_full_size_is_within_the_limits(trial: Trial) -> None:
    written = load(scenario_file(trial.case), sized(trial)).scenario.run
    assert written.replications == ORACLES[trial.case]["tolerance"]["nightly"]["reps"]


@pytest.mark.nightly
@pytest.mark.parametrize("trial", NIGHTLY, ids=lambda trial: trial.name)
def test_oracle_at_full_size(trial: Trial) -> None:
    assert misses(trial) == []


def test_every_oracle_has_a_test() -> None:
    by_hand = {"Q20", "P08", "P09", "E01", "E02", "E03"}
    assert {trial.case for trial in TRIALS} | by_hand == set(ORACLES)


SHIPPED = sorted((ROOT / "configs" / "oracles").glob("*.yaml"))
SIZED = [case for case, oracle in ORACLES.items() if "fast" in oracle["tolerance"]]


@pytest.mark.parametrize("case", SIZED)
def test_the_file_has_the_stated_size(case: str) -> None:
    stated, written = planned(case, "fast"), load(scenario_file(case)).scenario.run
    assert written.warm_up.value == pytest.approx(stated.warm_up)
    assert written.enrolment.value == pytest.approx(stated.enrolment)
    assert written.replications == stated.replications


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_file_expects_what_theory_says(path: Path) -> None:
    scenario = load(path).scenario
    assert scenario.expect
    assert {item.kpi for item in scenario.expect} <= set(KPIS)
    assert all(item.known_miss is None for item in scenario.expect)
    oracles = [oracle for oracle in ORACLES.values() if ROOT / oracle["file"] == path]
    bands = {
        (round(expected - tolerance, 8), round(expected + tolerance, 8))
        for oracle in oracles
        for key, tolerance in oracle["tolerance"].get("abs_tol_fast", {}).items()
        for expected in [oracle["expected"][key]]
    }
    for item in scenario.expect:
        by_hand = item.low == item.high and not bands
        assert by_hand or (round(item.low, 8), round(item.high, 8)) in bands, item.kpi
