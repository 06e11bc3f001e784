"""From what the user asked for to a study, and to how it is run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from cartlogix.cli.console import note, note_findings, progress
from cartlogix.cli.options import processes
from cartlogix.cli.request import Request
from cartlogix.experiment.plan import Study
from cartlogix.experiment.pool import Workers
from cartlogix.experiment.run import Options
from cartlogix.experiment.study import read_study
from cartlogix.report.write import write_page


def study_of(files: Sequence[Path], request: Request, only: Sequence[str] = ()) -> Study:
    """Read the study with what the user changes in it, and print its warnings.

    Raises:
        InvalidInput: with the findings of every file at once.
    """
    study = read_study(files, request.overrides, request.root, only)
    note_findings(finding for arm in study.arms for finding in arm.warnings)
    return study


@contextmanager
def options_of(request: Request) -> Iterator[Options]:
    """Give the options of a run, connected to the cluster if one is named.

    Raises:
        InvalidInput: if no scheduler answers.
    """
    with _workers(request.cluster) as cluster:
        yield Options(
            jobs=processes(request.jobs),
            cluster=cluster,
            force=request.force,
            resume=request.resume,
            fail_fast=request.fail_fast,
            command=shlex.join(["cartlogix", *sys.argv[1:]]),
            notice=note,
            progress=progress,
            finish=write_page,
        )


def _workers(address: str | None) -> AbstractContextManager[Workers | None]:
    if address is None:
        return nullcontext()
    from cartlogix.experiment.cluster import connected

    return connected(address, note)


def kept_text(finished: int, of_total: str = "") -> str:
    """Say what a command that was stopped has left for the next one."""
    if not finished:
        return "no replication was finished, so nothing is kept: run again from the start"
    noun = "replication" if finished == 1 and not of_total else "replications"
    verb = "is" if finished == 1 else "are"
    return f"{finished}{of_total} {noun} {verb} finished and kept: the same command continues"
