"""From a result folder to what the page shows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cartlogix.analysis.registry import HEADLINES, KPIS
from cartlogix.experiment.arms import scenario_folder
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import read_table
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.report.break_even_data import read_break_even
from cartlogix.report.data import InputRow, ReportData, ReportedScenario
from cartlogix.scenario.inputs import inputs
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import TABLES, Trace

_TIMES = ["replication", "patient", "indication", "enrolled", "infused", "status", "followed"]


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
        kpis = read_table(folder / "kpis.parquet", kpis=_BY_REPLICATION)
        return ReportData(
            title=manifest["title"],
            question=manifest["question"],
            scenarios=tuple(
                ReportedScenario(s.name, s.label, s.description or "", s) for s in scenarios
            ),
            registry=KPIS,
            kpis=kpis,
            summary=frames["summary"],
            differences=frames["differences"],
            traces={name: _first_trace(folder, name) for name in done},
            patient_times=pd.concat([_times(folder, name) for name in done], ignore_index=True),
            inputs=tuple(
                InputRow(s.name, row.path, row.value, row.source, row.note)
                for s in scenarios
                for row in inputs(s)
            ),
            warnings=(*failures, *manifest["warnings"]),
            manifest=manifest,
            break_even=read_break_even(folder, manifest),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"not a complete result folder ({type(error).__name__}: {error}); run it again"
        raise InvalidInput([Finding(str(folder), 0, 0, "", message)]) from None


_STUDY_TABLES = ("summary", "differences")
_BY_REPLICATION = (*HEADLINES, "period.in_system")
"""Figures of which the page needs the value in each replication."""


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


def _times(folder: Path, name: str) -> pd.DataFrame:
    home = scenario_folder(folder, name)
    keys = ["replication", "patient"]
    times = read_table(home / "times.parquet", columns=_TIMES)
    patients = read_table(home / "patients.parquet", columns=[*keys, "cause"])
    causes = times[keys].merge(patients[[*keys, "cause"]], on=keys, how="left")["cause"]
    found = times[_TIMES].rename(columns={"followed": "days"})
    found.insert(0, "scenario", name)
    return found.assign(cause=causes.to_numpy())
