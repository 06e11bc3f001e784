"""What one replication of one scenario yields: tables, KPIs and ledger. Runs in a worker."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.analysis.lead_time import patient_times
from cartlogix.analysis.ledger import build_ledger
from cartlogix.analysis.tidy import ALL
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

R = TypeVar("R")


@dataclass(frozen=True)
class Measured:
    """One replication, measured."""

    trace: Trace
    kpis: pd.DataFrame
    ledger: pd.DataFrame
    times: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table of the replication by name, as a result folder holds them."""
        trace = self.trace
        run = pd.DataFrame(
            {
                "window_start": [trace.window[0]],
                "window_end": [trace.window[1]],
                "stop": [trace.stop],
                "events": [trace.events],
            }
        )
        return {
            **trace.tables,
            "kpis": self.kpis,
            "ledger": self.ledger,
            "times": self.times,
            "runs": run,
        }


@dataclass(frozen=True)
class Failed:
    """A replication that could not be finished, and why."""

    scenario: str
    replication: int
    seed: int
    reason: str
    detail: str

    def __str__(self) -> str:
        """Return one line that names the scenario, the replication, the seed and the reason."""
        where = f"scenario '{self.scenario}', replication {self.replication + 1}"
        return f"{where} (seed {self.seed}): {self.reason}"


Task = tuple[Scenario, int]
"""A scenario and the number of a replication, from 0."""


def measure(task: Task) -> Measured | Failed:
    """Run and measure one replication; an error becomes a value, so that others go on."""
    return _attempted(task, _measured)


def figures_of(task: Task) -> pd.DataFrame | Failed:
    """Return the KPIs of all patients in one replication, without groups; or why there are none."""
    return _attempted(task, _pooled)


def _measured(trace: Trace, scenario: Scenario) -> Measured:
    return Measured(
        trace,
        replication_kpis(trace, scenario),
        build_ledger(trace, scenario),
        patient_times(trace, scenario),
    )


def _pooled(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    kpis = replication_kpis(trace, scenario)
    pooled = (kpis["group"] == "") & (kpis["indication"] == ALL)
    return kpis.loc[pooled.to_numpy(), ["kpi", "value"]].reset_index(drop=True)


def _attempted(task: Task, work: Callable[[Trace, Scenario], R]) -> R | Failed:
    scenario, replication = task
    try:
        return work(replicate(scenario, replication), scenario)
    except (MemoryError, SystemError):  # Python loses a MemoryError that it cannot allocate
        return failure(task, "out of memory", "")
    except Exception as error:
        return failure(task, f"{type(error).__name__}: {error}", traceback.format_exc())


def failure(task: Task, reason: str, detail: str) -> Failed:
    """Describe a failed task."""
    scenario, replication = task
    return Failed(scenario.name, replication, scenario.run.seed, reason, detail)
