"""Running a study into a result folder."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.compare import KEYS
from cartlogix.experiment.folder import (
    MANIFEST,
    ResultFolder,
    digests,
    slug,
    write_json,
    write_text,
    writing,
)
from cartlogix.experiment.measure import Failed, Measured, Task, failure, measure
from cartlogix.experiment.pool import WorkerPool
from cartlogix.experiment.results import Results, read_manifest, results_json, summarise_study
from cartlogix.experiment.study import Arm, Study
from cartlogix.experiment.tables import TableWriters, read_table, write_table
from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.dump import to_yaml
from cartlogix.scenario.model import Scenario

LIBRARIES = ("cartlogix", "simpy", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "plotly")
_STAMP = "scenario.json"

Progress = Callable[[str, int, int], None]
"""Told the scenario's label, replications done, and replications in all."""


@dataclass(frozen=True)
class Options:
    """How to run a study."""

    jobs: int = 1
    force: bool = False
    resume: bool = False
    fail_fast: bool = False
    command: str = ""
    notice: Callable[[str], None] = field(default=lambda text: None)
    """Told what the user should know while it runs."""
    progress: Progress = field(default=lambda label, done, total: None)
    finish: Callable[[Path], object] = field(default=lambda folder: None)
    """Called on the complete folder just before it gets its final name."""


@dataclass(frozen=True)
class Outcome:
    """Where the results are, what they say, and what failed."""

    folder: Path
    results: Results
    failures: tuple[Failed, ...]


def compare(scenarios: Sequence[Scenario], jobs: int = 1) -> Results:
    """Run scenarios on the same patients and return their figures, without writing anything.

    Raises:
        RuntimeError: if a replication fails.
    """
    kpis = []
    for scenario, replication, outcome in _measured(scenarios, jobs):
        if isinstance(outcome, Failed):
            raise RuntimeError(f"{outcome}\n{outcome.detail}")
        kpis.append(_numbered(outcome.kpis, scenario.name, replication))
    return summarise_study(scenarios, pd.concat(kpis, ignore_index=True))


def run_study(study: Study, out: Path, options: Options) -> Outcome:
    """Run every scenario of a study and write the result folder `out`.

    Raises:
        OutputRefused: if the folder exists or is in use.
        WriteFailed: if the disk is full; scenarios finished before are kept for `resume`.
    """
    began = time.monotonic()
    target = ResultFolder(out, force=options.force, resume=options.resume)
    with target.building() as folder:
        failures = _run_arms(study, folder, options)
        results = _collect(study, folder)
        write_json(folder / "results.json", results_json(results))
        for name in ("kpis", "summary", "differences"):
            write_table(folder / f"{name}.parquet", getattr(results, name))
        manifest = _manifest(study, results, failures, options, time.monotonic() - began)
        write_json(folder / MANIFEST, {**manifest, "files": digests(folder)})
        if results.scenarios:
            options.finish(folder)
        target.publish()
    return Outcome(out, results, tuple(failures))


def scenario_folder(folder: Path, name: str) -> Path:
    """Return where the tables of a scenario stand in a result folder."""
    return folder / "scenarios" / slug(name)


def finished(study: Study, out: Path) -> tuple[str, ...]:
    """Return the scenarios that a run into `out` finished before it was stopped."""
    partial = ResultFolder(out).partial
    options = Options(resume=True)
    return tuple(arm.name for arm in study.arms if _is_done(arm, partial, options))


def _run_arms(study: Study, folder: Path, options: Options) -> list[Failed]:
    failures: list[Failed] = []
    _remove_strangers(study, folder)
    todo = [arm for arm in study.arms if not (options.resume and _is_done(arm, folder, options))]
    results = _measured([arm.scenario for arm in todo], options.jobs)
    for arm in todo:
        runs = arm.scenario.run.replications
        taken = (next(results) for _ in range(runs))
        failed = _run_arm(arm, folder, taken, options.progress)
        if failed is not None:
            failures.append(failed)
            if options.fail_fast:
                break
    results.close()
    return failures


def _remove_strangers(study: Study, folder: Path) -> None:
    """Remove what an interrupted run of another study left."""
    known = {scenario_folder(folder, arm.name) for arm in study.arms}
    for found in (folder / "scenarios").glob("*"):
        if found not in known:
            shutil.rmtree(found, ignore_errors=True)


def _run_arm(
    arm: Arm,
    folder: Path,
    results: Iterator[tuple[Scenario, int, Measured | Failed]],
    progress: Progress,
) -> Failed | None:
    """Write the tables of one scenario; a failed replication fails the scenario."""
    scenario = arm.scenario
    final = scenario_folder(folder, arm.name)
    part = final.with_name(f".{final.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(final, ignore_errors=True)
    failed: Failed | None = None
    try:
        with writing(part):
            part.mkdir(parents=True)
        with TableWriters(part) as tables:
            for _, replication, outcome in results:
                progress(scenario.label, replication + 1, scenario.run.replications)
                if isinstance(outcome, Failed):
                    failed = failed or outcome
                elif failed is None:
                    tables.add(replication, _tables(outcome))
        if failed is not None:
            return failed
        write_text(part / "scenario.resolved.yaml", to_yaml(scenario))
        write_json(part / _STAMP, {**_stamp(arm), "files": digests(part)})
        with writing(final):
            part.rename(final)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return None


def _tables(measured: Measured) -> dict[str, pd.DataFrame]:
    trace = measured.trace
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
        "kpis": measured.kpis,
        "ledger": measured.ledger,
        "times": measured.times,
        "runs": run,
    }


def _measured(
    scenarios: Sequence[Scenario], jobs: int
) -> Generator[tuple[Scenario, int, Measured | Failed], None, None]:
    """Yield every replication of every scenario, in order."""
    tasks = [(s, replication) for s in scenarios for replication in range(s.run.replications)]
    pool = WorkerPool[Task, Measured | Failed](
        measure,
        lambda task: failure(task, "the worker process was killed twice (out of memory?)", ""),
        min(jobs, max(1, len(tasks))),
        preload=("cartlogix.experiment.measure",),
    )
    for (scenario, replication), outcome in zip(tasks, pool.map(tasks), strict=True):
        yield scenario, replication, outcome


def _numbered(kpis: pd.DataFrame, scenario: str, replication: int) -> pd.DataFrame:
    numbered = kpis.copy(deep=False)
    numbered.insert(0, "scenario", scenario)
    numbered.insert(1, "replication", replication)
    return numbered


def _collect(study: Study, folder: Path) -> Results:
    """Read back the KPIs of every scenario that is complete."""
    done = [arm.scenario for arm in study.arms if scenario_folder(folder, arm.name).exists()]
    parts = [pd.DataFrame(columns=["scenario", "replication", *KEYS, "value"])] if not done else []
    for scenario in done:
        kpis = read_table(scenario_folder(folder, scenario.name) / "kpis.parquet")
        kpis.insert(0, "scenario", scenario.name)
        parts.append(kpis)
    return summarise_study(done, pd.concat(parts, ignore_index=True))


def _stamp(arm: Arm) -> dict[str, Any]:
    """Return what a finished scenario must agree in to be kept on resume."""
    return {
        "name": arm.name,
        "digest": arm.scenario.digest(),
        "versions": {name: metadata.version(name) for name in LIBRARIES},
    }


def _is_done(arm: Arm, folder: Path, options: Options) -> bool:
    """Whether an interrupted run finished this scenario, as it is now, and it is undamaged."""
    home = scenario_folder(folder, arm.name)
    if not home.exists():
        return False
    try:
        found = {**read_manifest(home, _STAMP)}
    except InvalidInput:
        options.notice(f"warning: the results of '{arm.name}' are damaged and are computed again")
        return False
    del found["files"]
    return found == _stamp(arm)


def _manifest(
    study: Study, results: Results, failures: Sequence[Failed], options: Options, seconds: float
) -> dict[str, Any]:
    return {
        "study": study.name,
        "title": study.title,
        "question": study.question,
        "status": "partial" if failures else "complete",
        "command": options.command,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "wall_seconds": round(seconds, 3),
        "jobs": options.jobs,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: metadata.version(name) for name in LIBRARIES},
        "scenarios": [
            {
                "name": arm.name,
                "folder": f"scenarios/{slug(arm.name)}",
                "seed": arm.scenario.run.seed,
                "replications": arm.scenario.run.replications,
                "digest": arm.scenario.digest(),
                "overrides": list(arm.composed.overrides),
            }
            for arm in study.arms
        ],
        "failures": [
            {
                "scenario": f.scenario,
                "replication": f.replication,
                "seed": f.seed,
                "reason": f.reason,
            }
            for f in failures
        ],
        "warnings": [
            *(
                f"{arm.scenario.label}: {finding.path}: {finding.message}"
                for arm in study.arms
                for finding in arm.warnings
            ),
            *results.warnings,
        ],
    }
