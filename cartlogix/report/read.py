"""From a result folder to what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.arms import scenario_folder
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import parts_of, read_table
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.report.break_even_data import read_break_even
from cartlogix.report.data import InputRow, ReportData, ReportedScenario
from cartlogix.report.patients import Patients, Tally
from cartlogix.scenario.inputs import inputs
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import TABLES, Trace

_KINDS = ["scenario", "indication", "status", "cause"]
_TODAY = ["patient", "status", "infused"]
_ENDS = ["in_cohort", "indication", "status", "cause", "enrolled", "infused"]


def read_results(folder: Path) -> ReportData:
    """Read a result folder.

    Raises:
        InvalidInput: if the folder is not a complete result folder.
    """
    try:
        manifest = read_manifest(folder)
        names = [item["name"] for item in manifest["scenarios"]]
        done = [name for name in names if scenario_folder(folder, name).is_dir()]
        scenarios = [_scenario(folder, name) for name in done]
        failures = [
            f"Scenario '{item['scenario']}' failed and is missing: {item['reason']}"
            for item in manifest["failures"]
        ]
        frames = {name: read_table(folder / f"{name}.parquet") for name in _STUDY_TABLES}
        return ReportData(
            title=manifest["title"],
            question=manifest["question"],
            scenarios=tuple(
                ReportedScenario(s.name, s.label, s.description or "", s) for s in scenarios
            ),
            registry=KPIS,
            values=_values(folder),
            summary=frames["summary"],
            differences=frames["differences"],
            traces={name: _first_trace(folder, name) for name in done},
            patients=_patients(folder, done),
            today={s.name: _today(folder, s) for s in scenarios if s.snapshot.patients},
            inputs=tuple(
                InputRow(s.name, row.path, row.value, row.source, row.note)
                for s in scenarios
                for row in inputs(s)
            ),
            warnings=(*failures, *manifest["warnings"]),
            manifest=manifest,
            break_even=read_break_even(folder, manifest),
            settling=read_settling(folder),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"not a complete result folder ({type(error).__name__}: {error}); run it again"
        raise InvalidInput([Finding(str(folder), 0, 0, "", message)]) from None


def read_settling(folder: Path) -> pd.DataFrame | None:
    """Return how the steady-state scenarios of a result folder settled; None if none has to."""
    path = folder / "settling.parquet"
    return read_table(path) if path.is_file() else None


_STUDY_TABLES = ("summary", "differences")


def _scenario(folder: Path, name: str) -> Scenario:
    return load(scenario_folder(folder, name) / "scenario.resolved.yaml").scenario


def _first_trace(folder: Path, name: str) -> Trace:
    """Read the first replication's tables."""
    home = scenario_folder(folder, name)
    tables = {
        table: read_table(home / f"{table}.parquet", replication=0).drop(columns="replication")
        for table in TABLES
    }
    run = read_table(home / "runs.parquet", replication=0).iloc[0]
    window = (float(run["window_start"]), float(run["window_end"]))
    return Trace(0, window, float(run["stop"]), int(run["events"]), tables)


def _values(folder: Path) -> Callable[[str, str], pd.DataFrame]:
    @lru_cache(maxsize=4)  # a scenario is compared with several, figure by figure
    def values(scenario: str, kpi: str) -> pd.DataFrame:
        path = scenario_folder(folder, scenario) / "kpis.parquet"
        return read_table(path, where=pc.field("kpi") == kpi, coded=["group", "indication"])

    return values


def _patients(folder: Path, scenarios: Sequence[str]) -> Patients:
    """Count the patients of the cohorts, a part at a time."""
    tally = Tally()
    for name in scenarios:
        path = scenario_folder(folder, name) / "patients.parquet"
        for part in parts_of(path, name, _ENDS):
            found = part.filter(part["in_cohort"])
            days = pc.subtract(found["infused"], found["enrolled"])
            tally.add(
                found.append_column("days", days).to_pandas(categories=_KINDS, use_threads=False)
            )
    return tally.patients()


def _today(folder: Path, scenario: Scenario) -> pd.DataFrame:
    """Return what became of the patients of a snapshot: the first ones of every replication."""
    path = scenario_folder(folder, scenario.name) / "times.parquet"
    first = pc.field("patient") < len(scenario.snapshot.patients)
    return read_table(path, where=first, columns=_TODAY, coded=["status"])
