"""Next to nobody, nobody, nobody infused, everybody alike: runs end well and pages render."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.cli.harness import Ran, call, write_tiny

LOST = "{name: autologous, modality: autologous, route: [{name: manufacture, duration: 20 d, " \
    "failure: {probability: 1, then: lost}}, {name: infusion}]}"  # fmt: skip
CASES: dict[str, dict[str, str]] = {
    "no patients listed": {
        "demand": "{arrivals: {process: list, patients: []}, indications: [{name: lupus}]}"
    },
    "no patients arrive": {
        "demand": "{arrivals: {process: interval, every: 3 d, until: 0 d}, "
        "indications: [{name: lupus}]}"
    },
    "one patient": {
        "demand": "{arrivals: {process: list, patients: [3 d]}, indications: [{name: lupus}]}"
    },
    "nobody infused": {"pathways": f"[{LOST}]"},
    "everybody drops out": {
        "demand": "{arrivals: {process: interval, every: 3 d}, indications: [{name: lupus, "
        "drop_out: [{name: death, after: 1 h}]}]}"
    },
    "everybody still under way": {
        "run": "{enrolment: 6 d, drain: none, replications: 2, seed: 5}"
    },
    "all values alike": {
        "demand": "{arrivals: {process: interval, every: 3 d}, indications: [{name: lupus}]}",
        "pathways": "[{name: autologous, modality: autologous, route: "
        "[{name: manufacture, duration: 20 d}, {name: infusion}]}]",
    },
}  # fmt: skip


def visible_text(page: str) -> str:
    """What a reader sees of a page, without scripts and styles."""
    bare = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page)
    return html.unescape(re.sub(r"<[^>]+>", " ", bare))


def _infused(ran: Ran) -> dict[str, float | None]:
    """The share infused of each scenario."""
    return {
        row["scenario"]: row["mean"]
        for row in ran.json["summary"]
        if (row["kpi"], row["group"], row["indication"]) == ("share.infused", "", "all")
    }


def _split(err: str) -> tuple[list[str], list[str]]:
    """Warnings about single files, those about arrivals first, and about the comparison."""
    lines = err.splitlines()
    single = [line for line in lines if ".yaml:" in line]
    return sorted(single, key=lambda line: "arrives" not in line), [
        line for line in lines if line not in single
    ]


def _check_page(page: Path) -> None:
    text = visible_text(page.read_text("utf-8"))
    assert not re.search(r"\b(?:nan|NaN|inf|Infinity|None|undefined)\b", text)
    assert len(text) > 2000


def test_all_together(tmp_path: Path) -> None:
    files = [write_tiny(tmp_path, case, costs="{}", **CASES[case]) for case in CASES]
    ran = call("compare", *files, "--jobs", "1", "--out", "out", "--json", cwd=tmp_path)
    assert ran.code == 0
    # Each case has its own demand, and is told apart from the first one for it.
    about, lines = _split(ran.err)
    assert [line.count("no patient ever arrives") for line in about[:2]] == [1, 1]
    # Two routes without a manufacture in the suites.
    assert all("no step uses 'suites' of 'plant'" in line for line in about[2:])
    assert 0 < len(lines) < len(files)
    assert all("does not meet the same patients" in line for line in lines)
    assert _infused(ran) == {
        "no patients listed": None,
        "no patients arrive": None,
        "one patient": 1,
        "nobody infused": 0,
        "everybody drops out": 0,
        "everybody still under way": 0,
        "all values alike": 1,
    }
    _check_page(tmp_path / "out" / "report.html")


@pytest.mark.parametrize("case", ["no patients arrive", "one patient", "nobody infused"])
def test_alone(tmp_path: Path, case: str) -> None:
    file = write_tiny(tmp_path, case, costs="{}", **CASES[case])
    ran = call("run", file, "--jobs", "1", "--out", "out", cwd=tmp_path)
    assert ran.code == 0
    about, others = _split(ran.err)
    assert others == []
    assert ("no patient ever arrives" in ran.err) == (case == "no patients arrive")
    assert all("arrives" in line or "no step uses" in line for line in about)
    assert "nan" not in ran.out
    _check_page(tmp_path / "out" / "report.html")
