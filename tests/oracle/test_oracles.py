"""Theory by configuration alone: every stochastic oracle through YAML, at its stated size."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from tests.oracle.judge import ORACLES, Trial, misses, run
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


@pytest.mark.nightly
@pytest.mark.parametrize("trial", NIGHTLY, ids=lambda trial: trial.name)
def test_oracle_at_full_size(trial: Trial) -> None:
    assert misses(trial) == []


def test_every_oracle_has_a_test() -> None:
    by_hand = {"Q20", "P08", "P09", "E01", "E02", "E03"}
    assert {trial.case for trial in TRIALS} | by_hand == set(ORACLES)
