"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[list[Path], typer.Argument(help="Scenario files, or one experiment file.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one value; may be repeated."),
]
Root = Annotated[
    Path | None,
    typer.Option(help="Folder that `extends` may not leave [default: nearest 'configs']."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Out = Annotated[
    Path | None, typer.Option(help="Result folder [default: reports/NAME of the study].")
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing result folder.")]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume/--fresh", help="Take what an interrupted run finished, or compute it again."
    ),
]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")]
Jobs = Annotated[
    int | None, typer.Option(min=1, max=256, help="Processes [default: one for each core].")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS|FILE", help="Dask scheduler (tcp://host:port, or its file), for --jobs."
    ),
]
Replications = Annotated[
    int | None, typer.Option(min=1, max=100_000, help="Replications, as --set run.replications.")
]
Seed = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Seed, as --set run.seed.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be run, and how much it is.")
]


def processes(jobs: int | None) -> int:
    """Return the number of processes to use."""
    return jobs or os.cpu_count() or 1
