"""One replication of a result folder again, with everything that happened in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.experiment.arms import scenario_folder
from cartlogix.experiment.replication import replicate
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import read_table
from cartlogix.experiment.version import code_digest, versions
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.findings import suggest
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace


def rerun(folder: Path, name: str | None, replication: int) -> tuple[Scenario, Trace]:
    """Run one replication (numbered from 0) of a scenario of a result folder again.

    Raises:
        InvalidInput: if the folder is damaged, was made by other code, has no such scenario or
            replication, or gave other figures then.
    """
    manifest = read_manifest(folder)
    _check_code(folder, manifest.get("code"), manifest.get("versions"))
    entries = {item["name"]: item for item in manifest["scenarios"]}
    if name is None and len(entries) > 1:
        _refuse(folder, f"there are several scenarios; name one: --scenario {' | '.join(entries)}")
    wanted = next(iter(entries)) if name is None else name
    if wanted not in entries:
        _refuse(folder, f"there is no scenario '{wanted}'{suggest(wanted, list(entries))}")
    home = scenario_folder(folder, wanted)
    if not home.is_dir():
        _refuse(folder, f"scenario '{wanted}' failed, so it has no results")
    scenario = load(home / "scenario.resolved.yaml").scenario
    if scenario.digest() != entries[wanted]["digest"]:
        _refuse(folder, f"the resolved scenario of '{wanted}' is not the one that was run")
    count = scenario.run.replications
    if replication >= count:
        numbers = f"it has {count}, numbered 0 to {count - 1}"
        _refuse(folder, f"'{wanted}' has no replication {replication}; {numbers}")
    trace = replicate(scenario, replication)
    _check_figures(folder, home, scenario, trace)
    return scenario, trace


def _check_code(folder: Path, code: object, libraries: object) -> None:
    if code == code_digest() and libraries == dict(versions()):
        return
    what = "code" if code != code_digest() else "libraries"
    message = f"was made by other {what} than this; run the study again, or use that version"
    _refuse(folder, message)


def _check_figures(folder: Path, home: Path, scenario: Scenario, trace: Trace) -> None:
    """Refuse a replication whose KPIs are not those that stand in the folder."""
    then = read_table(home / "kpis.parquet", trace.replication)["value"].to_numpy()
    now = replication_kpis(trace, scenario)["value"].to_numpy()
    if not np.array_equal(then, now, equal_nan=True):
        _refuse(folder, f"replication {trace.replication} gave other figures then; run it again")


def _refuse(folder: Path, message: str) -> None:
    raise InvalidInput([Finding(str(folder), 0, 0, "", message)])
