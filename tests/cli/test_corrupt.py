"""Damaged result folders: a plain message and exit code 2 from `report`, never a wrong page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cartlogix.experiment.units import UnitStore, compute
from cartlogix.scenario.loader import load
from tests.cli.harness import call, hashes, results, write_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small result folder."""
    home = tmp_path_factory.mktemp("run")
    write_tiny(home)
    assert call("run", "tiny.yaml", "--jobs", "1", "--out", "out", cwd=home).code == 0
    return home / "out"


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other(path: Path) -> None:
    path.write_bytes(b"\x80\x05cos\nsystem\n(S'touch pwned'\ntR.")  # a pickle


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "flipped byte": ("scenarios/tiny/times.parquet", _flip),
    "flipped byte of a study table": ("summary.parquet", _flip),
    "truncated table": ("scenarios/tiny/activities.parquet", _truncate),
    "empty table": ("kpis.parquet", _empty),
    "pickle": ("kpis.parquet", _other),
    "missing table": ("scenarios/tiny/patients.parquet", Path.unlink),
    "changed scenario": ("scenarios/tiny/scenario.resolved.yaml", _flip),
    "missing manifest": ("manifest.json", Path.unlink),
    "truncated manifest": ("manifest.json", _truncate),
    "empty manifest": ("manifest.json", _empty),
    "pickled manifest": ("manifest.json", _other),
    "manifest of something else": ("manifest.json", lambda path: path.write_text("[1]")),
    "manifest of another version": ("manifest.json", lambda path: path.write_text('{"files": {}}')),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_report_refuses_damaged_results(tmp_path: Path, folder: Path, damage: str) -> None:
    copy = tmp_path / "out"
    shutil.copytree(folder, copy)
    name, spoil = DAMAGES[damage]
    spoil(copy / name)
    before = hashes(tmp_path)
    ran = call("report", "out", cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("out: not a complete result folder")
    assert ran.err.count("\n") == 1
    assert "Errno" not in ran.err
    assert hashes(tmp_path) == before


def test_resume_computes_a_damaged_scenario_again(tmp_path: Path, folder: Path) -> None:
    partial = tmp_path / ".out.partial"
    shutil.copytree(folder, partial)
    _flip(partial / "scenarios" / "tiny" / "ledger.parquet")
    stranger = partial / "scenarios" / "stranger"
    stranger.mkdir()
    ran = call(
        "run", folder.parent / "tiny.yaml", "--jobs", "1", "--out", "out", "--resume", cwd=tmp_path
    )
    assert ran.code == 0
    assert ran.err == "warning: the results of 'tiny' are damaged and are computed again\n"
    assert results(tmp_path / "out") == results(folder)
    assert not (tmp_path / "out" / "scenarios" / "stranger").exists()


def test_a_damaged_unit_is_computed_again(tmp_path: Path, folder: Path) -> None:
    scenario = load(folder.parent / "tiny.yaml").scenario
    store = UnitStore(tmp_path / ".out.partial" / "units", [scenario])
    store.prepare()
    whole, damaged = (store.task(scenario, replication) for replication in (0, 1))
    assert [compute(task) for task in (whole, damaged)] == [None, None]
    _flip(damaged.path)
    half = whole.path.with_name(".7.unit.part")
    half.write_bytes(b"half")
    (tmp_path / ".out.partial" / "units" / "of other code").mkdir()
    ran = call("run", folder.parent / "tiny.yaml", "--jobs", "1", "--out", "out", cwd=tmp_path)
    assert ran.code == 0
    assert ran.err == "warning: replication 2 of 'tiny' is damaged and is computed again\n"
    assert results(tmp_path / "out") == results(folder)
    assert not (tmp_path / "out" / "units").exists()
