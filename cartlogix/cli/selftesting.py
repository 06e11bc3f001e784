"""The command that checks the product against published figures and theory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import cut_at, mean_interval, upper_bound
from cartlogix.cli.console import note, progress, say, say_json, table
from cartlogix.cli.options import processes
from cartlogix.cli.shipped import shipped_configs
from cartlogix.experiment.measure import Failed, Task, failure, measure
from cartlogix.experiment.pool import WorkerPool
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.report.text import interval_text, number_text
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Published, Scenario

FOLDERS = ("cases", "oracles")

Figures = list[float]
"""The expected figures of a scenario in one replication, in the order in which it lists them."""


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
        InvalidInput: if no case is called that.
        SystemExit: with code 1 if a figure lies outside its band and nobody knows why.
    """
    cases = _cases()
    chosen = [case for case in cases if only is None or only in case[0]]
    if not chosen:
        names = ", ".join(name for name, _ in cases)
        message = f"no case has '{only}' in its name; there are {names}"
        raise InvalidInput([Finding("--only", 0, 0, "", message)])
    verdicts = judge(chosen, processes(jobs))
    if as_json:
        say_json([asdict(verdict) for verdict in verdicts])
    else:
        _print(verdicts)
    missed = sum(verdict.verdict == "MISS" for verdict in verdicts)
    if missed:
        note(f"{missed} of {len(verdicts)} figures missed")
        raise SystemExit(1)


def _cases() -> list[tuple[str, Scenario]]:
    """Return the shipped scenarios that expect a figure, each with its name."""
    loaded = [
        (file.stem, load(file).scenario)
        for folder in FOLDERS
        for file in sorted((shipped_configs() / folder).glob("*.yaml"))
    ]
    return [case for case in loaded if case[1].expect]


def judge(cases: Sequence[tuple[str, Scenario]], jobs: int) -> list[Verdict]:
    """Run scenarios, each under the name of its case, and judge every figure that they expect.

    Raises:
        RuntimeError: if a replication fails.
    """
    tasks = [(scenario, number) for _, scenario in cases for number in _replications(scenario)]
    # One pool for all: to start processes for each case would take longer than most cases do.
    pool = WorkerPool[Task, Figures | Failed](
        _figures,
        lambda task: failure(task, "the worker process was killed twice (out of memory?)", ""),
        min(jobs, max(1, len(tasks))),
        preload=(__name__,),
    )
    outcomes = pool.map(tasks)
    verdicts: list[Verdict] = []
    with progress(len(tasks)) as advance:
        for name, scenario in cases:
            rows = []
            for number in _replications(scenario):
                rows.append(_or_raise(next(outcomes)))
                advance(name, number + 1, scenario.run.replications)
            columns = zip(*rows, strict=True)
            verdicts += [
                _verdict(name, item, values)
                for item, values in zip(scenario.expect, columns, strict=True)
            ]
    return verdicts


def _replications(scenario: Scenario) -> range:
    return range(scenario.run.replications)


def _figures(task: Task) -> Figures | Failed:
    """Run one replication in a worker, and send back nothing but the expected figures."""
    measured = measure(task)
    if isinstance(measured, Failed):
        return measured
    values = {
        (kpi, group, indication): float(value)
        for kpi, group, indication, value in measured.kpis.itertuples(index=False, name=None)
    }
    return [
        values.get(
            (item.kpi, item.group, item.indication),
            0.0 if KPIS[item.kpi].absent_is_zero else math.nan,
        )
        for item in task[0].expect
    ]


def _or_raise(outcome: Figures | Failed) -> Figures:
    if isinstance(outcome, Failed):
        raise RuntimeError(f"{outcome}\n{outcome.detail}")
    return outcome


def _verdict(case: str, item: Published, values: Sequence[float]) -> Verdict:
    # As in every summary, replications in which a figure is undefined do not count.
    found = mean_interval([value for value in values if not math.isnan(value)])
    mean, low, high = cut_at(found, 0.0, upper_bound(KPIS[item.kpi].unit))
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
            _simulated(verdict),
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


def _simulated(verdict: Verdict) -> str:
    figures = (verdict.mean, *verdict.interval)
    mean, low, high = (math.nan if value is None else value for value in figures)
    return interval_text(mean, low, high)
