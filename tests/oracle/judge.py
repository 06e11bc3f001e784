"""Judging a stochastic oracle: run its scenario at the stated size and list every miss.

A figure with a stated tolerance is held to it. The others that theory gives are held to the rule
of the oracles, a multiple of the standard error over our own replications, with Student's t for
the same false-alarm rate of 1e-4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from cartlogix.experiment.replication import replicate
from cartlogix.scenario.demand import IntervalArrivals, PoissonArrivals
from cartlogix.scenario.loader import load
from tests.oracle.measures import Figures, Measure

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCENARIOS = HERE / "scenarios"
ORACLES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((HERE / "oracles.json").read_text("utf-8"))
}
FALSE_ALARM = 1e-4
_UNIT_DAYS = {"days": 1.0, "weeks": 7.0}


@dataclass(frozen=True)
class Trial:
    """One oracle and how its scenario reaches it."""

    case: str
    measure: Measure
    overrides: tuple[str, ...] = ()
    label: str = ""
    size: str = "fast"
    also: tuple[str, ...] = ()
    """Expected figures without a stated tolerance that are checked by the rule."""

    @property
    def name(self) -> str:
        return "-".join(part for part in (self.case, self.label) if part)


@dataclass(frozen=True)
class Expectation:
    """Theory's figures, with the tolerances that are stated; the others follow the rule."""

    figures: Figures
    tolerances: Figures = field(default_factory=dict)


Runner = Callable[[Path, tuple[str, ...], Measure], list[Figures]]


def misses(trial: Trial, runner: Runner | None = None) -> list[str]:
    """Return what is off, one line for each figure; empty if the oracle holds."""
    oracle = ORACLES[trial.case]
    rows = measured(trial, runner or run)
    tolerances: Figures = oracle["tolerance"].get(f"abs_tol_{trial.size}", {})
    figures = {key: oracle["expected"][key] for key in dict.fromkeys([*tolerances, *trial.also])}
    return off(rows, Expectation(figures, tolerances))


def measured(trial: Trial, runner: Runner) -> list[Figures]:
    """Return the figures of every replication at the trial's size; the files have the fast one."""
    return runner(scenario_file(trial.case), sized(trial), trial.measure)


def sized(trial: Trial) -> tuple[str, ...]:
    """Return the trial's overrides with those that give its scenario the trial's size."""
    if trial.size == "fast":
        return trial.overrides
    plan = planned(trial.case, trial.size)
    return (
        *trial.overrides,
        f"run.warm_up={plan.warm_up!r} d",
        f"run.enrolment={plan.enrolment!r} d",
        f"run.replications={plan.replications}",
    )


def scenario_file(case: str) -> Path:
    """Return the file of an oracle's scenario."""
    return ROOT / str(ORACLES[case]["file"])


@dataclass(frozen=True)
class Plan:
    """The stated size of an oracle's run, in days."""

    warm_up: float
    enrolment: float
    replications: int


def planned(case: str, size: str) -> Plan:
    """Return the stated size of an oracle's run; a stated patient takes a day over the rate."""
    tolerance = ORACLES[case]["tolerance"]
    plan, unit = tolerance[size], tolerance["unit"]
    day = _UNIT_DAYS.get(unit) or 1 / _patients_per_day(scenario_file(case))
    return Plan(plan["warmup"] * day, plan["size"] * day, plan["reps"])


def _patients_per_day(path: Path) -> float:
    arrivals = load(path).scenario.demand.arrivals
    if isinstance(arrivals, IntervalArrivals):
        return 1 / arrivals.every.value
    assert isinstance(arrivals, PoissonArrivals) and arrivals.rate is not None
    return arrivals.rate.value


def run(path: Path, overrides: tuple[str, ...], measure: Measure) -> list[Figures]:
    """Load a scenario, run all its replications, and measure each."""
    scenario = load(path, overrides).scenario
    return [
        measure(replicate(scenario, number), scenario)
        for number in range(scenario.run.replications)
    ]


def off(rows: Sequence[Figures], expected: Expectation) -> list[str]:
    """Return the figures whose mean over replications is too far from theory."""
    found = []
    for key, value in expected.figures.items():
        seen = np.array([row[key] for row in rows])
        tolerance = expected.tolerances.get(key)
        if tolerance is None:
            reach = student.ppf(1 - FALSE_ALARM / 2, len(seen) - 1)
            tolerance = max(1e-9, float(reach * seen.std(ddof=1) / np.sqrt(len(seen))))
        mean = float(seen.mean())
        if not abs(mean - value) <= tolerance:
            found.append(f"{key}: {mean:.6g}, theory {value:.6g} +- {tolerance:.3g}")
    return found
