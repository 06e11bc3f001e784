"""A study of points: run at values of the scenarios' inputs, and kept as a few tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.experiment.folder import MANIFEST, ResultFolder, digests, write_json
from cartlogix.experiment.manifest import manifest
from cartlogix.experiment.plan import Study
from cartlogix.experiment.points import Points
from cartlogix.experiment.results import Results
from cartlogix.experiment.run import Options
from cartlogix.experiment.tables import write_table

_POINTS = "points"


@dataclass(frozen=True)
class Inquired:
    """What an inquiry found: its tables, and its record for the manifest."""

    tables: Mapping[str, pd.DataFrame]
    record: Mapping[str, Any]


def finished(out: Path) -> int:
    """Return how many replications an inquiry into `out` finished before it was stopped."""
    return sum(1 for _ in (ResultFolder(out).partial / _POINTS).glob("*/*.unit"))


def run_inquiry(
    kind: str, study: Study, out: Path, options: Options, work: Callable[[Points], Inquired]
) -> Inquired:
    """Run an inquiry into the result folder `out`; the same command continues an interrupted one.

    The record stands in the manifest under `kind`, which also tells which page is written of it.

    Raises:
        OutputRefused: if the folder exists or is in use.
        PartialFailure: if a replication fails; the others are kept for the next run.
        WriteFailed: if the disk is full; what is finished stays for the next run.
    """
    began = time.monotonic()
    target = ResultFolder(out, force=options.force, resume=options.resume)
    with target.building() as folder:
        points = Points(folder / _POINTS, options)
        found = work(points)
        for name, frame in found.tables.items():
            write_table(folder / f"{name}.parquet", frame)
        none = pd.DataFrame()
        scenarios = tuple(arm.scenario for arm in study.arms)
        record = manifest(
            study,
            Results(scenarios, {}, none, none, ()),
            (),
            command=options.command,
            jobs=options.jobs,
            seconds=time.monotonic() - began,
        )
        write_json(folder / MANIFEST, {**record, kind: found.record, "files": digests(folder)})
        options.finish(folder)
        points.clear()
        target.publish()
    return found
