"""The command that checks the product against published figures and theory."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from cartlogix.cli.console import note, progress, say, say_json, table
from cartlogix.cli.shipped import shipped_configs
from cartlogix.experiment.results import Results
from cartlogix.experiment.run import compare
from cartlogix.report.text import interval_text, number_text
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Published

FOLDERS = ("cases", "oracles")


@dataclass(frozen=True)
class Verdict:
    """One expected figure and what the simulation gave."""

    case: str
    figure: str
    published: str
    low: float
    high: float
    mean: float | None
    interval: tuple[float | None, float | None]
    verdict: Literal["pass", "known miss", "MISS"]
    reason: str | None
    """Why a known miss is missed."""


def selftest(only: str | None, jobs: int | None, *, as_json: bool) -> None:
    """Run every case and print expected, simulated, interval and verdict.

    Raises:
        SystemExit: with code 1 if a figure lies outside its band and nobody knows why.
    """
    files = [
        file
        for folder in FOLDERS
        for file in sorted((shipped_configs() / folder).glob("*.yaml"))
        if only is None or only in file.stem
    ]
    verdicts: list[Verdict] = []
    with progress(len(files)) as advance:
        for number, file in enumerate(files, start=1):
            verdicts.extend(judge(file, jobs or os.cpu_count() or 1))
            advance(file.stem, number, len(files))
    if as_json:
        say_json([asdict(verdict) for verdict in verdicts])
    else:
        _print(verdicts)
    missed = sum(verdict.verdict == "MISS" for verdict in verdicts)
    if missed or not verdicts:
        note(f"{missed} of {len(verdicts)} figures missed")
        raise SystemExit(1)


def judge(file: Path, jobs: int) -> list[Verdict]:
    """Run one case and judge each figure that it expects."""
    scenario = load(file).scenario
    results = compare([scenario], jobs)
    return [_verdict(file.stem, results, item) for item in scenario.expect]


def _verdict(case: str, results: Results, item: Published) -> Verdict:
    mean, low, high = results.figure(item.kpi, item.group, item.indication)
    within = item.low <= mean <= item.high
    return Verdict(
        case=case,
        figure=" ".join(part for part in (item.kpi, item.group, item.indication) if part),
        published=item.published,
        low=item.low,
        high=item.high,
        mean=_finite(mean),
        interval=(_finite(low), _finite(high)),
        verdict="pass" if within else "known miss" if item.known_miss else "MISS",
        reason=None if within else item.known_miss,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _print(verdicts: list[Verdict]) -> None:
    rows = [
        [
            verdict.case,
            verdict.figure,
            f"{number_text(verdict.low)} to {number_text(verdict.high)}",
            interval_text(
                *(math.nan if x is None else x for x in (verdict.mean, *verdict.interval))
            ),
            verdict.verdict,
        ]
        for verdict in verdicts
    ]
    table(["case", "figure", "accepted", "simulated (95 % interval)", "verdict"], rows, right=())
    for verdict in verdicts:
        if verdict.reason:
            say(f"\nknown miss, {verdict.case}: {verdict.reason}")
    passed = sum(verdict.verdict == "pass" for verdict in verdicts)
    say(f"\n{passed} of {len(verdicts)} figures within their bands")
