"""Studies that decide or vary as they go, killed in the middle: the same command continues them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.harness import call, children, finish, results, start, write_tiny
from tests.cli.test_crash import computing, wait_for, wait_until_gone

SCENARIOS = """\
name: study
scenarios:
  - {name: one, file: tiny.yaml}
  - {name: two, file: tiny.yaml, set: {network.plants.plant.resources.suites: 2}}
"""


class Kind(NamedTuple):
    """A command, what its file asks for, and where its units grow."""

    command: tuple[str, ...]
    asked: str
    units: str


KINDS = {
    "tornado": Kind(
        ("sensitivity", "study.yaml", "--method", "tornado"),
        """\
uncertain:
  - {name: price, path: network.lanes.0.price, low: 500, high: 2500, source: a tariff}
  - {name: collection, path: costs.lines.collection.amount, low: 5000, high: 9000, source: a price}
sensitivity: {kpis: [cost.per_infused]}
""",
        "points",
    ),
    "uncertainty": Kind(
        ("sensitivity", "study.yaml", "--method", "uncertainty"),
        """\
uncertain:
  - {name: price, path: network.lanes.0.price, low: 500, high: 2500, source: a tariff}
sensitivity: {kpis: [cost.per_infused], draws: 8}
""",
        "points",
    ),
    "design": Kind(
        ("design", "study.yaml"),
        """\
search:
  decisions: [{name: price, path: network.lanes.0.price, low: 1000, high: 3000, step: 500}]
  minimise: enrolment_to_infusion.mean
  limits: [{kpi: cost.per_infused, at_least: 14500}]
  replications: 4
  first: 3
  verify: 4
""",
        "points",
    ),
    "select": Kind(
        ("compare", "study.yaml"),
        "select: {kpi: enrolment_to_infusion.mean, indifference: 0.5, minimum: 10, maximum: 20}\n",
        "units",
    ),
}
ONE_OF_EACH = ("tornado", "design", "select")


def _write(home: Path, kind: Kind) -> None:
    write_tiny(home)
    (home / "study.yaml").write_text(SCENARIOS + kind.asked, encoding="utf-8")


def _kept(partial: Path, kind: Kind) -> dict[str, Path]:
    found = partial.glob(f"{kind.units}/*/[0-9]*.unit")
    return {f"{path.parent.name}/{path.name}": path for path in found}


def _kill(process: subprocess.Popen[str]) -> None:
    family = children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert wait_until_gone(family, 20) == []


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_kill_costs_what_was_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind = KINDS[name]
    _write(tmp_path, kind)
    command = (*kind.command, "--out", "out")
    process = start(*command, "--jobs", "2", cwd=tmp_path)
    partial = tmp_path / ".out.partial"
    wait_for(partial, f"{kind.units}/*/1.unit", process)
    refused = call(*command, cwd=tmp_path)
    assert refused.code not in (0, 1), refused
    assert f"is in use by pid {process.pid}" in refused.err
    _kill(process)
    left = _kept(partial, kind)
    assert left
    damaged = sorted(left)[0]
    left[damaged].write_bytes(b"torn" + left[damaged].read_bytes()[4:])

    with computing(monkeypatch) as again:
        ran = call(*command, "--jobs", "1", cwd=tmp_path)
    assert ran.code == 0, ran
    assert ran.err.count("is damaged and is computed again") == 1
    assert again & left.keys() == {damaged}
    assert call(*kind.command, "--jobs", "1", "--out", "whole", cwd=tmp_path).code == 0
    assert results(tmp_path / "out") == results(tmp_path / "whole")
    assert not list((tmp_path / "out").glob("**/*.unit"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_nothing_is_run_again_if_the_last_file_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind = KINDS[name]
    _write(tmp_path, kind)
    command = (*kind.command, "--jobs", "1", "--out", "out")
    with monkeypatch.context() as patched:
        patched.setattr("cartlogix.report.write._page", _stopped)
        assert call(*command, cwd=tmp_path).code == 130
    with computing(monkeypatch) as again:
        assert call(*command, cwd=tmp_path).code == 0
    assert not again


def _stopped(folder: Path) -> str:
    raise KeyboardInterrupt(folder)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", KINDS)
def test_kills_at_random_moments(tmp_path: Path, name: str, seed: int) -> None:
    kind = KINDS[name]
    _write(tmp_path, kind)
    began = time.monotonic()
    ran = finish(start(*kind.command, "--jobs", "2", "--out", "whole", cwd=tmp_path))
    assert ran.code == 0, ran
    took = time.monotonic() - began
    moments = random.Random(seed)
    for _ in range(4):
        process = start(*kind.command, "--jobs", "2", "--out", "out", cwd=tmp_path)
        try:
            process.wait(moments.uniform(0.2, 0.9) * took)
        except subprocess.TimeoutExpired:
            _kill(process)
        process.communicate()
        if (tmp_path / "out").exists():
            break
    if not (tmp_path / "out").exists():
        ran = finish(start(*kind.command, "--jobs", "2", "--out", "out", cwd=tmp_path))
        assert ran.code == 0, ran
    assert results(tmp_path / "out") == results(tmp_path / "whole")
    assert not list(tmp_path.glob("**/.*.part*"))
