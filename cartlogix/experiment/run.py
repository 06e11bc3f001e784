"""Running a study into a result folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cartlogix.analysis.figures import FigureGatherer
from cartlogix.experiment.arms import kept, run_arms
from cartlogix.experiment.collect import collect, write_results
from cartlogix.experiment.computing import LOST, Manner
from cartlogix.experiment.find_break_even import BreakEvens, find_break_even
from cartlogix.experiment.folder import MANIFEST, ResultFolder, digests, write_json
from cartlogix.experiment.manifest import manifest
from cartlogix.experiment.measure import Failed, Measured, Task, failure, measure
from cartlogix.experiment.plan import Study
from cartlogix.experiment.points import Points
from cartlogix.experiment.pool import WorkerPool
from cartlogix.experiment.results import Results, summarise_study
from cartlogix.experiment.select_best import Selected, select_best
from cartlogix.experiment.select_best import forget as forget_race
from cartlogix.experiment.until_precise import Reached, run_until_precise
from cartlogix.experiment.until_precise import forget as forget_precision
from cartlogix.ground.scratch import Memory
from cartlogix.scenario.model import Scenario


@dataclass(frozen=True)
class Options(Manner):
    """How to run a study into a folder."""

    force: bool = False
    resume: bool = True
    """Take what an interrupted run of the same scenarios by the same code left."""
    command: str = ""
    finish: Callable[[Path], object] = field(default=lambda folder: None)
    """Called on the complete folder just before it gets its final name."""


@dataclass(frozen=True)
class Outcome:
    """Where the results are, what they say, and what failed."""

    folder: Path
    results: Results
    failures: tuple[Failed, ...]
    break_even: BreakEvens | None = None
    selected: Selected | None = None


def compare(scenarios: Sequence[Scenario], jobs: int = 1) -> Results:
    """Run scenarios on the same patients and return their figures, without writing anything.

    Raises:
        RuntimeError: if a replication fails.
    """
    tasks = [(one, replication) for one in scenarios for replication in range(one.run.replications)]
    pool = WorkerPool[Task, Measured | Failed](
        measure,
        lambda task: failure(task, LOST, ""),
        min(jobs, max(1, len(tasks))),
        preload=("cartlogix.experiment.measure",),
    )
    memory = Memory()
    figures = {one.name: FigureGatherer(range(one.run.replications), memory) for one in scenarios}
    for (scenario, replication), outcome in zip(tasks, pool.map(tasks), strict=True):
        if isinstance(outcome, Failed):
            raise RuntimeError(f"{outcome}\n{outcome.detail}")
        figures[scenario.name].add(outcome.kpis.assign(replication=replication))
    return summarise_study(scenarios, {name: one.table() for name, one in figures.items()})


def run_study(study: Study, out: Path, options: Options) -> Outcome:
    """Run every scenario of a study and write the result folder `out`.

    Raises:
        OutputRefused: if the folder exists or is in use.
        WriteFailed: if the disk is full; replications finished before are kept.
    """
    began = time.monotonic()
    target = ResultFolder(out, force=options.force, resume=options.resume)
    with target.building() as folder:
        precise = _until_precise(study, folder, options)
        if precise:
            study = study.with_replications(precise.replications)
        selected = select_best(study.arms, study.select, folder, options) if study.select else None
        if selected:
            study = study.with_each(selected.ran)
        failures = run_arms(study.arms, folder, options)
        points = Points(folder / "points", options)
        turning = find_break_even(study.break_even, study.variants, points)
        results = collect(study, folder)
        if precise and not precise.reached:
            results = replace(results, warnings=(*results.warnings, _missed(precise)))
        write_results(study, results, turning, folder)
        record = manifest(
            study,
            results,
            failures,
            precise,
            command=options.command,
            jobs=options.jobs,
            seconds=time.monotonic() - began,
        )
        if turning:
            record["break_even"] = list(turning.asked)
        if selected and study.select:
            record["select"] = selected.record(study.select, study.labels)
        write_json(folder / MANIFEST, {**record, "files": digests(folder)})
        if results.scenarios:
            options.finish(folder)
        # Whatever was computed stays until all is written, so that a stop before loses nothing.
        points.clear()
        forget_precision(folder)
        forget_race(folder)
        target.publish()
    return Outcome(out, results, tuple(failures), turning, selected)


def _until_precise(study: Study, folder: Path, options: Options) -> Reached | None:
    """Compute as many replications as the study's precision wants; None if it wants none."""
    if study.precision is None:
        return None
    first, *others = [arm.name for arm in study.arms]
    pairs = study.pairs or [(first, other) for other in others]
    found = run_until_precise(study.arms, pairs, study.precision, folder, options)
    if found.reached:
        options.notice(f"every target was reached; {found.replications} replications were run")
    return found


def _missed(found: Reached) -> str:
    if not found.missed:
        return "a replication failed before the targets of precision were reached"
    return (
        f"precision was not reached in {found.replications} replications: {'; '.join(found.missed)}"
    )


def finished(study: Study, out: Path) -> int:
    """Return how many replications a run into `out` finished before it was stopped."""
    return kept(study.arms, ResultFolder(out).partial)
