"""The command that finds what drives the answer."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from cartlogix.cli import options


def sensitivity(
    file: Annotated[Path, typer.Argument(help="Experiment file with uncertain inputs.")],
    method: Annotated[
        Literal["tornado", "morris", "sobol", "uncertainty"],
        typer.Option(help="One at a time, screening, shares of variance, or all drawn together."),
    ] = "tornado",
    set_: options.Set = None,
    root: options.Root = None,
    out: options.Out = None,
    jobs: options.Jobs = None,
    replications: options.Replications = None,
    force: options.Force = False,
    resume: options.Resume = True,
    json: options.Json = False,
) -> None:
    """Find which uncertain inputs drive the answer, and what it is worth to know them."""
    import os

    from cartlogix.cli.console import note, note_findings, progress
    from cartlogix.cli.inquiring import print_sensitivity
    from cartlogix.experiment.drivers import inquire_drivers
    from cartlogix.experiment.folder import slug
    from cartlogix.experiment.run import Options
    from cartlogix.experiment.study import read_study
    from cartlogix.report.write import write_page

    repeated = [] if replications is None else [f"run.replications={replications}"]
    study = read_study([file], [*(set_ or []), *repeated], root)
    note_findings(finding for arm in study.arms for finding in arm.warnings)
    target = out or Path("reports") / f"{slug(study.name)}_{method}"
    how = Options(
        jobs=jobs or os.cpu_count() or 1,
        force=force,
        resume=resume,
        command=shlex.join(["cartlogix", *sys.argv[1:]]),
        notice=note,
        progress=progress,
        finish=write_page,
    )
    inquire_drivers(study, file, method, target, how)
    print_sensitivity(target, as_json=json)
