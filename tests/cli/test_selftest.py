"""The self-test: theory and published figures, run as a user runs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.harness import ROOT, call


@pytest.fixture
def ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is shipped but the ledgers worked out by hand."""
    folder = tmp_path / "configs" / "oracles"
    folder.mkdir(parents=True)
    for path in (ROOT / "configs" / "oracles").glob("ledger_*.yaml"):
        shutil.copy(path, folder)
    monkeypatch.setattr("cartlogix.cli.selftesting.shipped_configs", lambda: tmp_path / "configs")
    return folder


def test_theory_passes(ledgers: Path, tmp_path: Path) -> None:
    ran = call("selftest", "--jobs", "1", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "ledger_autologous" in ran.out and "417,000 to 417,000" in ran.out
    assert "11 of 11 figures within their bands" in ran.out


@pytest.mark.parametrize(("why", "code", "verdict"), [("", 1, "MISS"), ("x", 0, "known miss")])
def test_a_miss_is_an_error_unless_it_is_explained(
    ledgers: Path, tmp_path: Path, why: str, code: int, verdict: str
) -> None:
    path = ledgers / "ledger_in_vivo.yaml"
    text = path.read_text("utf-8").replace("high: 137600\n", "high: 137600.5\n")
    known = f"\n    known_miss: {why}" if why else ""
    path.write_text(text.replace("low: 137600\n", f"low: 137600.4{known}\n"), "utf-8")
    ran = call("selftest", "--only", "in_vivo", "--jobs", "1", "--json", cwd=tmp_path)
    assert ran.code == code
    assert [item["verdict"] for item in ran.json] == [verdict, "pass", "pass"]


def test_a_case_that_does_not_exist(ledgers: Path, tmp_path: Path) -> None:
    ran = call("selftest", "--only", "nothing", cwd=tmp_path)
    assert ran.code == 2
    assert "--only: no case has 'nothing' in its name; there are ledger_autologous" in ran.err
