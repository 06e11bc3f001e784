"""The command that searches the cheapest design within limits."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from cartlogix.cli import options


def design(
    file: Annotated[Path, typer.Argument(help="Experiment file with a part 'search'.")],
    set_: options.Set = None,
    root: options.Root = None,
    out: options.Out = None,
    jobs: options.Jobs = None,
    force: options.Force = False,
    resume: options.Resume = True,
    json: options.Json = False,
) -> None:
    """Search the cheapest slots, people and stock that keep to limits, and verify it."""
    import os

    from cartlogix.cli.console import note, note_findings, progress
    from cartlogix.cli.inquiring import print_design
    from cartlogix.experiment.design_study import inquire_design
    from cartlogix.experiment.folder import slug
    from cartlogix.experiment.run import Options
    from cartlogix.experiment.study import read_study
    from cartlogix.report.write import write_page

    study = read_study([file], set_ or [], root)
    note_findings(finding for arm in study.arms for finding in arm.warnings)
    target = out or Path("reports") / f"{slug(study.name)}_design"
    how = Options(
        jobs=jobs or os.cpu_count() or 1,
        force=force,
        resume=resume,
        command=shlex.join(["cartlogix", *sys.argv[1:]]),
        notice=note,
        progress=progress,
        finish=write_page,
    )
    inquire_design(study, file, target, how)
    print_design(target, as_json=json)
