"""Kills, signals, lost workers, full disks and two runs at once: finished work is never lost."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

import cartlogix.experiment.measure
import cartlogix.experiment.units
from cartlogix.experiment.measure import Failed, Measured, Task
from cartlogix.experiment.units import UnitTask
from tests.cli.harness import (
    ROOT,
    call,
    children,
    finish,
    hashes,
    results,
    start,
    strict_json,
    write_tiny,
)

STUDY = """\
name: study
scenarios:
  - {name: a, file: tiny.yaml}
  - {name: b, file: tiny.yaml, set: {network.plants.plant.resources.suites.capacity: 4}}
  - {name: c, file: tiny.yaml, set: {run.replications: 10}}
"""
TOTAL = 2 + 2 + 10
"""Replications of the study."""
RUN = ("run", "study.yaml", "--jobs", "2", "--out", "out")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, and its results as an undisturbed run leaves them."""
    home = tmp_path_factory.mktemp("undisturbed")
    write_study(home)
    assert call("run", "study.yaml", "--jobs", "1", "--out", "out", cwd=home).code == 0
    return home


def write_study(home: Path) -> None:
    """Write an experiment of three scenarios, the last of which takes a while."""
    path = write_tiny(home)
    text = path.read_text("utf-8").replace("{suites: 6}", "{suites: {capacity: 6}}")
    path.write_text(text, encoding="utf-8")
    (home / "study.yaml").write_text(STUDY, encoding="utf-8")


def wait_for(folder: Path, pattern: str, process: subprocess.Popen[str]) -> None:
    """Wait until a file or folder of that pattern is there."""
    until = time.monotonic() + 60
    while not list(folder.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


def wait_until_gone(pids: list[int], seconds: float) -> list[int]:
    """Wait for processes to end and return those that have not."""
    until = time.monotonic() + seconds
    left = pids
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = [pid for pid in left if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)]
    return left


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The study in a folder of its own."""
    write_study(tmp_path)
    yield tmp_path
    assert not list(tmp_path.glob("**/.*.part"))


def units(partial: Path) -> set[str]:
    """The finished replications of an interrupted run: folder and file name of each."""
    return {f"{path.parent.name}/{path.name}" for path in partial.glob("units/*/[0-9]*.unit")}


@contextmanager
def computing(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Which replications this process computes."""
    done: set[str] = set()

    def compute(task: UnitTask) -> Failed | None:
        done.add(f"{task.path.parent.name}/{task.path.name}")
        return _compute(task)

    with monkeypatch.context() as patched:
        patched.setattr("cartlogix.experiment.computing.compute", compute)
        yield done


_compute = cartlogix.experiment.units.compute


def test_kill_at_random_moments_then_go_on(
    home: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(undisturbed / "out", home / "earlier")
    before = hashes(home / "earlier")
    arguments = [*RUN[:-1], "earlier", "--force"]
    moments = random.Random(27)
    partial = home / ".earlier.partial"
    for wanted in ("units", "units/*/1.unit", "scenarios/a"):
        process = start(*arguments, cwd=home)
        wait_for(partial, wanted, process)
        time.sleep(moments.uniform(0, 0.3))
        family = children(process.pid)
        process.kill()
        process.communicate()
        assert wait_until_gone(family, 10) == []
        assert hashes(home / "earlier") == before  # the earlier results are intact
    left = units(partial)
    written = (partial / "scenarios" / "a" / "kpis.parquet").stat().st_mtime_ns
    with computing(monkeypatch) as again:
        ran = call(*arguments, "--jobs", "1", cwd=home)
    assert ran.code == 0, ran
    assert results(home / "earlier") == results(undisturbed / "out")
    # Neither finished scenarios nor finished replications were computed again.
    assert (home / "earlier" / "scenarios" / "a" / "kpis.parquet").stat().st_mtime_ns == written
    assert len(again) + len(left) + 2 <= TOTAL
    assert not again & left
    assert not list(home.glob(".earlier*"))


def worked(processes: list[int]) -> float:
    """Return the processor time in seconds of those that are still there."""
    total = 0
    for number in processes:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def work_until_the_end(process: subprocess.Popen[str], family: list[int], seconds: float) -> float:
    """Wait for the end of a run, and return the most processor time that it was seen with."""
    most, until = 0.0, time.monotonic() + seconds
    while process.poll() is None:
        most = max(most, worked([process.pid, *family]))
        assert time.monotonic() < until, "the run hangs"
        time.sleep(0.02)
    return most


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_signal_stops_quickly_and_keeps_what_is_finished(
    home: Path, undisturbed: Path, number: int, code: int, word: str
) -> None:
    process = start(*RUN, cwd=home)
    wait_for(home / ".out.partial", "scenarios/a", process)
    family = children(process.pid)
    assert len(family) >= 3  # two workers, and the server that forks them
    before = worked([process.pid, *family])
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does; twice, as people do
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    after = work_until_the_end(process, family, seconds=20)  # a hang takes a minute
    # Two seconds of work by whatever clock: a busy machine makes them longer, not more.
    assert after - before < 2
    ran = finish(process)
    assert ran.code == code
    told = rf"{word}; \d+ of {TOTAL} replications are finished and kept: the same command continues"
    assert re.fullmatch(told, ran.err.rstrip())
    assert wait_until_gone(family, 5) == []
    assert not (home / "out").exists()
    kept = home / ".out.partial" / "scenarios" / "a" / "kpis.parquet"
    written = kept.stat().st_mtime_ns
    ran = call("run", "study.yaml", "--jobs", "1", "--out", "out", cwd=home)
    assert ran.code == 0, ran
    assert results(home / "out") == results(undisturbed / "out")
    assert (home / "out" / "scenarios" / "a" / "kpis.parquet").stat().st_mtime_ns == written


def test_a_signal_before_anything_is_finished_promises_nothing(home: Path) -> None:
    write_tiny(home, "long", run="{enrolment: 100000 d, replications: 2, seed: 5}")
    process = start("run", "long.yaml", "--jobs", "1", "--out", "out", cwd=home)
    wait_for(home / ".out.partial", "units/*", process)
    process.send_signal(signal.SIGINT)
    ran = finish(process)
    assert ran.code == 130
    assert ran.err == (
        "interrupted; no replication was finished, so nothing is kept: run again from the start\n"
    )


@pytest.mark.parametrize(
    ("helpers", "seconds"), [(1, 0), (2, 0), (2, 0.5), (2, 1), (3, 0), (3, 0.005), (4, 0), (4, 0.1)]
)
def test_a_signal_while_workers_start_has_one_answer(
    home: Path, tmp_path_factory: pytest.TempPathFactory, helpers: int, seconds: float
) -> None:
    write_tiny(home, "long", run="{enrolment: 100000 d, replications: 4, seed: 5}")
    temporary = tmp_path_factory.mktemp("t")  # a short name, since sockets have short ones
    process = start("run", "long.yaml", "--jobs", "2", "--out", "out", cwd=home,
                    environment={"TMPDIR": str(temporary)})  # fmt: skip
    while len(children(process.pid)) < helpers:
        assert process.poll() is None, process.communicate()
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    ran = finish(process)
    assert ran.code == 130
    # The first helpers start while the command is still loading: there is no study yet.
    nothing = "; no replication was finished, so nothing is kept: run again from the start"
    assert ran.err in ((f"interrupted{nothing}\n",) if helpers > 2 else
                       ("interrupted\n", f"interrupted{nothing}\n"))  # fmt: skip
    assert list(temporary.iterdir()) == []


def test_a_killed_worker_is_replaced(home: Path, undisturbed: Path) -> None:
    process = start(*RUN, cwd=home)
    wait_for(home / ".out.partial", "scenarios/a", process)
    (server, *workers) = children(process.pid)[-3:]
    os.kill(workers[-1] if workers else server, signal.SIGKILL)
    ran = finish(process)
    assert ran.code == 0
    # Scenario c has fewer replications than a, and that is all there is to say.
    assert [line.partition(" does not meet")[0] for line in ran.err.splitlines()] == [
        "warning: 'c'"
    ]
    assert results(home / "out") == results(undisturbed / "out")


def _failing(task: Task) -> Measured | object:
    scenario, replication = task
    if scenario.name == "b" and replication == 1:
        # What a mistake in the engine would look like: this scenario cannot be run.
        task = (scenario.model_copy(update={"pathways": ()}), replication)
    found = _measure(task)
    return found if isinstance(found, Measured) else replace(found, scenario=scenario.name)


_measure = cartlogix.experiment.measure.measure


def test_a_scenario_that_fails_leaves_the_others(
    home: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: Path
) -> None:
    monkeypatch.setattr("cartlogix.experiment.units.measure", _failing)
    run = ("run", "study.yaml", "--jobs", "1", "--set", "run.replications=2", "--out")
    ran = call(*run, "out", cwd=home)
    assert ran.code == 3
    assert "scenario 'b', replication 2 (seed 5): " in ran.err
    assert "--set run.seed=5 --replications 2" in ran.err
    assert "Report: out/report.html" in ran.out
    manifest = strict_json((home / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["status"] == "partial"
    (failure,) = manifest["failures"]
    assert (failure["scenario"], failure["replication"], failure["seed"]) == ("b", 1, 5)
    assert {path.name for path in (home / "out" / "scenarios").iterdir()} == {"a", "c"}
    same = results(home / "out" / "scenarios" / "a")
    assert same == results(undisturbed / "out" / "scenarios" / "a")
    page = (home / "out" / "report.html").read_text("utf-8")
    assert "failed and is missing" in page

    fast = call(*run, "fast", "--fail-fast", cwd=home)
    assert fast.code == 3
    assert {path.name for path in (home / "fast" / "scenarios").iterdir()} == {"a"}


def test_when_every_scenario_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "study.yaml").write_text(
        "name: study\nscenarios:\n  - {name: b, file: tiny.yaml}\n", encoding="utf-8"
    )
    monkeypatch.setattr("cartlogix.experiment.units.measure", _failing)
    ran = call("run", "study.yaml", "--jobs", "1", "--out", "out", cwd=home)
    assert ran.code == 3, ran
    assert "scenario 'b', replication 2 (seed 5): " in ran.err


def test_full_disk_by_file_size_limit(home: Path, undisturbed: Path) -> None:
    shutil.copytree(undisturbed / "out", home / "out")
    before = hashes(home / "out")
    for limit in (2_000, 40_000, 400_000):  # in the tables, in results.json, in the page
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", f"import resource, runpy, sys\n"
                f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
                "sys.argv[0] = 'cartlogix'\nrunpy.run_module('cartlogix', run_name='__main__')"),
                *("run", "tiny.yaml", "--jobs", "1", "--out", "out", "--force"),
            ],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        ran = finish(process)
        assert ran.code == 74, ran
        assert ran.err.startswith("cannot write ")
        assert ".out.partial" in ran.err
        assert hashes(home / "out") == before
        assert not (home / ".out.partial" / "report.html").exists()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_full_disk(home: Path, small_disk: Path) -> None:
    ran = call("run", "tiny.yaml", "--jobs", "1", "--out", small_disk / "out", cwd=home)
    assert ran.code == 74
    assert f"cannot write {small_disk / '.out.partial'}" in ran.err
    assert "No space left on device" in ran.err
    assert not (small_disk / "out").exists()


def test_a_page_for_a_full_disk(home: Path, undisturbed: Path) -> None:
    (home / "full").symlink_to("/dev/full")
    (home / "folder").mkdir()
    (home / "file").write_text("mine", encoding="utf-8")
    for page in ("full", "file/page.html", "folder"):
        ran = call("report", undisturbed / "out", "--out", page, cwd=home)
        assert ran.code == 74
        assert f"cannot write {page}" in ran.err
    assert (home / "full").is_char_device()


def test_two_runs_into_one_folder(home: Path, undisturbed: Path) -> None:
    process = start(*RUN, cwd=home)
    wait_for(home / ".out.partial", "scenarios/a", process)
    for more in ((), ("--force",), ("--fresh",)):
        ran = call(*RUN, *more, cwd=home)
        assert ran.code == 73
        host = os.uname().nodename
        assert f"is in use by pid {process.pid} on host {host} since 2" in ran.err
    other = call("run", "tiny.yaml", "--jobs", "1", "--out", "elsewhere", cwd=home)
    assert other.code == 0
    assert finish(process).code == 0
    assert results(home / "out") == results(undisturbed / "out")
    a = results(home / "out" / "scenarios" / "a")
    assert results(home / "elsewhere" / "scenarios" / "tiny") == a
