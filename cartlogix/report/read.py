"""From a result folder to what the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

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

_FIGURE = ["scenario", "kpi", "group", "indication"]
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
        kpis = read_table(folder / "kpis.parquet", kpis=_BY_REPLICATION, coded=_FIGURE)
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
            patient_times=_stacked([_times(folder, name) for name in done]),
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
    """Read the patients of the cohort; there may be very many, so texts are categories."""
    home = scenario_folder(folder, name)
    times = read_table(home / "times.parquet", columns=_TIMES, coded=["indication", "status"])
    patients = read_table(
        home / "patients.parquet", columns=["in_cohort", "cause"], coded=["cause"]
    )
    codes = np.zeros(len(times), dtype=np.int8)
    found = times.rename(columns={"followed": "days"}).assign(
        scenario=pd.Categorical.from_codes(codes, pd.Index([name])),
        cause=patients["cause"].array[patients["in_cohort"].to_numpy()],
    )
    return found[["scenario", *(str(column) for column in found if column != "scenario")]]


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the patients of scenarios one under the other; pd.concat turns categories into texts."""
    # Without a row a column of texts has no kind of text either, so that it would fit no other.
    frames = [frame for frame in frames if len(frame)] or frames[:1]
    if len(frames) == 1:
        return frames[0]
    texts = ("scenario", "indication", "status", "cause")
    joined = {text: union_categoricals([frame[text] for frame in frames]) for text in texts}
    numbers = pd.concat([frame.drop(columns=list(texts)) for frame in frames], ignore_index=True)
    return numbers.assign(**joined)[list(frames[0])]
