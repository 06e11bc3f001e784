"""Kills at twenty random moments of a small study: what is continued is as if none had happened."""

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
from tests.cli.test_crash import RUN, computing, units, wait_until_gone, write_study

MOMENTS = 20


class Undisturbed(NamedTuple):
    """Results of the study as a run without a kill leaves them, and how long that took."""

    results: dict[str, str]
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    home = tmp_path_factory.mktemp("undisturbed")
    write_study(home)
    began = time.monotonic()
    assert finish(start(*RUN, cwd=home)).code == 0
    return Undisturbed(results(home / "out"), time.monotonic() - began)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(MOMENTS))
def test_kill_at_a_random_moment_then_go_on(
    tmp_path: Path, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    write_study(tmp_path)
    process = start(*RUN, cwd=tmp_path)
    try:
        process.wait(random.Random(seed).uniform(0, undisturbed.seconds))
    except subprocess.TimeoutExpired:
        family = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        assert wait_until_gone(family, 10) == []
    process.communicate()
    if (tmp_path / "out").exists():  # published before the kill: nothing is left to do
        assert results(tmp_path / "out") == undisturbed.results
        return
    done = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / ".out.partial" / "scenarios").glob("[!.]*/kpis.parquet")
    }
    left = units(tmp_path / ".out.partial")
    with computing(monkeypatch) as again:
        ran = call(*RUN, "--jobs", "1", cwd=tmp_path)
    assert ran.code == 0, ran
    assert results(tmp_path / "out") == undisturbed.results
    assert not again & left
    for path, written in done.items():  # what was finished was not computed again
        kept = tmp_path / "out" / path.relative_to(tmp_path / ".out.partial")
        assert kept.stat().st_mtime_ns == written
    assert not list(tmp_path.glob("**/.*.part*"))


DECIDING = {
    "precision": """\
replications:
  half_width: [{kpi: enrolment_to_infusion.mean, absolute: 0.8}]
  minimum: 4
  maximum: 12
  look_ahead: 2
""",
    "race": """\
select: {kpi: enrolment_to_infusion.mean, indifference: 0.5, minimum: 10, maximum: 20}
""",
}
"""Rules that decide on the number of replications as the study goes on."""


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", DECIDING)
def test_a_study_that_decides_as_it_goes_decides_the_same_after_kills(
    tmp_path: Path, kind: str, seed: int
) -> None:
    write_tiny(tmp_path)
    text = """\
name: study
scenarios:
  - {name: a, file: tiny.yaml}
  - {name: b, file: tiny.yaml, set: {network.plants.plant.resources.suites: 3}}
"""
    (tmp_path / "study.yaml").write_text(text + DECIDING[kind], encoding="utf-8")
    began = time.monotonic()
    ran = finish(start("compare", "study.yaml", "--jobs", "2", "--out", "whole", cwd=tmp_path))
    assert ran.code == 0, ran
    took = time.monotonic() - began
    moments = random.Random(seed)
    for _ in range(3):
        process = start("compare", "study.yaml", "--jobs", "2", "--out", "out", cwd=tmp_path)
        try:
            process.wait(moments.uniform(0, took))
        except subprocess.TimeoutExpired:
            family = children(process.pid)
            process.kill()
            assert wait_until_gone(family, 10) == []
        process.communicate()
    if not (tmp_path / "out").exists():
        ran = finish(start("compare", "study.yaml", "--jobs", "2", "--out", "out", cwd=tmp_path))
        assert ran.code == 0, ran
    assert results(tmp_path / "out") == results(tmp_path / "whole")
