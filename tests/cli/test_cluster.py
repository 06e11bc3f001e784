"""A study on a real Dask cluster: same bytes as here, and nothing lost by whoever dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from distributed import KilledWorker

from cartlogix.experiment.cluster import Cluster, computed, in_our_words
from cartlogix.experiment.pool import Deadly
from cartlogix.experiment.units import UnitTask
from cartlogix.experiment.units import keep as keep_unit
from cartlogix.experiment.version import code_digest, versions
from cartlogix.ground.errors import OutOfResources
from tests.cli.harness import ROOT, call, finish, results, start, write_tiny
from tests.cli.test_crash import units, wait_for

STUDY = """\
name: study
scenarios:
  - {name: a, file: tiny.yaml}
  - {name: b, file: tiny.yaml, set: {network.plants.plant.resources.suites: 4}}
replications: 12
"""
POINTS = """\
name: points
scenarios:
  - {name: a, file: tiny.yaml}
uncertain: [{name: price, path: network.lanes.0.price, low: 500, high: 2500}]
sensitivity: {kpis: [cost.per_infused]}
search:
  decisions: [{name: price, path: network.lanes.0.price, low: 1000, high: 2000, step: 500}]
  limits: [{kpi: cost.per_infused, at_least: 12500}]
  replications: 3
  first: 3
  verify: 3
"""
HANG = 120  # seconds


class Running(NamedTuple):
    """A scheduler's file, and the processes of its workers."""

    file: Path
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def _dask(what: str, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", what, "--no-dashboard", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Running]:
    """A scheduler with two workers on this machine."""
    file = tmp_path / "scheduler.json"
    here = ("--scheduler-file", str(file))
    scheduler = _dask("scheduler", "--host", "127.0.0.1", "--port", "0", *here)
    workers = [_dask("worker", "--nthreads", "1", "--no-nanny", *here) for _ in range(2)]
    try:
        until = time.monotonic() + HANG
        while not file.exists():
            assert scheduler.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield Running(file, scheduler, workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The study, and beside it its results as processes of this machine leave them."""
    write_tiny(tmp_path)
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def test_workers_and_clients_may_die(
    home: Path, cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("run", "study.yaml", "--cluster", str(cluster.file), "--out", "out")
    process = start(*command, cwd=home)
    wait_for(home / ".out.partial", "units/*/1.unit", process)
    cluster.workers[0].kill()  # SIGKILL: what it was computing is computed elsewhere
    wait_for(home / ".out.partial", "units/*/4.unit", process)
    process.kill()
    process.communicate()
    left = units(home / ".out.partial")
    assert left

    brought = set[str]()

    def keep(task: UnitTask, unit: bytes) -> None:
        brought.add(f"{task.path.parent.name}/{task.path.name}")
        keep_unit(task, unit)

    monkeypatch.setattr("cartlogix.experiment.computing.keep", keep)
    ran = call(*command, cwd=home)
    assert ran.code == 0, ran
    assert brought
    assert not brought & left
    ran = call("run", "study.yaml", "--jobs", "1", "--out", "here", cwd=home)
    assert ran.code == 0, ran
    assert results(home / "out") == results(home / "here")


def test_points_and_designs_arecomputed_by_the_cluster(home: Path, cluster: Running) -> None:
    (home / "points.yaml").write_text(POINTS, encoding="utf-8")
    for command in ("sensitivity", "design"):
        for how in (("--cluster", str(cluster.file)), ("--jobs", "1")):
            out = f"{command}{how[0]}"
            ran = call(command, "points.yaml", *how, "--out", out, cwd=home)
            assert ran.code == 0, ran
        assert results(home / f"{command}--cluster") == results(home / f"{command}--jobs")


@pytest.mark.nightly
def test_a_scheduler_that_dies_ends_the_run_in_words(home: Path, cluster: Running) -> None:
    process = start("run", "study.yaml", "--cluster", str(cluster.file), "--out", "out", cwd=home)
    wait_for(home / ".out.partial", "units/*/1.unit", process)
    cluster.scheduler.kill()
    ran = finish(process)
    assert ran.code == 71, ran
    assert "the cluster was lost; the same command continues" in ran.err
    assert not (home / "out").exists()
    assert units(home / ".out.partial")


@pytest.mark.parametrize(("address", "why"), [
    ("tcp://127.0.0.1:9", "no scheduler answers at 'tcp://127.0.0.1:9'"),
    ("none.json", "'none.json' is neither an address (tcp://host:port) nor the file"),
    ("study.yaml", "'study.yaml' is neither an address (tcp://host:port) nor the file"),
])  # fmt: skip
def test_findings(home: Path, monkeypatch: pytest.MonkeyPatch, address: str, why: str) -> None:
    monkeypatch.setattr("cartlogix.experiment.cluster._PATIENCE", "1s")
    ran = call("run", "study.yaml", "--cluster", address, "--out", "out", cwd=home)
    assert ran.code == 2, ran
    assert ran.err.startswith(f"--cluster: {why}")
    (home / "points.yaml").write_text(POINTS, encoding="utf-8")
    for command in ("sensitivity", "design"):
        told = call(command, "points.yaml", "--cluster", address, "--out", "out", cwd=home)
        assert (told.code, told.err) == (ran.code, ran.err)
    assert not list(home.glob("*out*"))


def test_a_worker_with_other_code_refuses() -> None:
    same = dict(versions())
    assert computed(abs, code_digest(), same, [-3, 2])[0] == [3, 2]
    with pytest.raises(OutOfResources, match="other source files of cartlogix; install the same"):
        computed(abs, "0" * 64, same, [-3])
    with pytest.raises(OutOfResources, match=f"numpy {same['numpy']} instead of 1.0"):
        computed(abs, code_digest(), {**same, "numpy": "1.0"}, [-3])


def test_a_batch_takes_half_a_second_and_leaves_work_for_everybody() -> None:
    shared = Cluster(None, threads=2)
    assert shared.batch_size(64) == 1  # nothing is known of how long a task takes
    shared.seconds = 0.1
    assert [shared.batch_size(tasks) for tasks in (64, 12, 3)] == [5, 3, 1]


def test_what_killed_its_workers_is_known_only_alone() -> None:
    killed = KilledWorker("task", SimpleNamespace(address="tcp://here:1"), 3)
    assert isinstance(in_our_words(killed, alone=True), Deadly)
    assert isinstance(in_our_words(killed, alone=False), BrokenExecutor)
