"""The benchmark of the runner: it reports what it measured, and nothing if that failed."""

from __future__ import annotations

import pytest

from benchmarks import runner
from cartlogix.experiment import units
from cartlogix.experiment.measure import Failed, Measured, Task, failure, measure
from cartlogix.experiment.run import Options


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
