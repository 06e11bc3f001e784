"""The benchmark of the runner: it reports what it measured, and nothing if that failed."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from benchmarks import runner
from cartlogix.analysis.charges import charges
from cartlogix.experiment import units
from cartlogix.experiment.measure import Failed, Measured, Task, failure, measure
from cartlogix.experiment.run import Options
from cartlogix.scenario.costs import Driver
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace


def test_a_failed_replication_measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(task: Task) -> Measured | Failed:
        return failure(task, "the worker was killed", "") if task[1] == 1 else measure(task)

    monkeypatch.setattr(units, "measure", lost)
    with pytest.raises(RuntimeError, match=r"nothing was measured: .*replication 2 .*was killed"):
        runner._wall(3, Options())


def test_overhead_is_told_side_by_side() -> None:
    table = runner._overhead(pairs=1, replications=2).splitlines()
    assert len(table) == 5
    assert table[2].startswith("| simulated")
    assert table[2].endswith("| 1.0 |")


def test_a_replication_is_charged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(trace: Trace, scenario: Scenario) -> dict[Driver, pd.DataFrame]:
        asked.append(trace.replication)
        return charges(trace, scenario)

    monkeypatch.setattr("cartlogix.analysis.ledger.charges", counted)
    measured = measure((runner.study(1).arms[0].scenario, 0))
    assert isinstance(measured, Measured)
    assert asked == [0]  # the KPIs of cost and the table of the ledger share it


def test_workers_do_not_load_benchmarks_with_the_main_module() -> None:
    code = "import sys, benchmarks.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "benchmarks.__main__" in loaded
    assert not {"cartlogix", "benchmarks.runner", "pandas"} & set(loaded)


def test_two_loops_side_by_side_are_timed() -> None:
    assert 0 < runner._loops(2, 1) < float("inf")
