"""The command that runs one replication again and tells its story."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from cartlogix.cli import options


def rerun(
    folder: Annotated[Path, typer.Argument(help="Result folder.", metavar="RUN")],
    replication: Annotated[
        int, typer.Option(min=0, help="Its number, from 0 as in the tables.")
    ] = 0,
    scenario: Annotated[
        str | None, typer.Option(help="Scenario; needed if there are several.")
    ] = None,
    patient: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Patient, as 17 or P-17.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Run one replication of a result folder again and tell what happened in it."""
    from cartlogix.analysis.story import patient_story, replication_story
    from cartlogix.cli.console import say, say_json
    from cartlogix.experiment.rerun import rerun as run_again
    from cartlogix.ground.errors import Finding, InvalidInput

    number = None if patient is None else re.fullmatch(r"(?:[Pp]-?)?(\d{1,9})", patient)
    if patient is not None and number is None:
        raise typer.BadParameter(f"'{patient}' is not a patient; write a number, as 17 or P-17")
    found, trace = run_again(folder, scenario, replication)
    if number is None:
        lines = list(replication_story(trace, found))
    else:
        try:
            lines = list(patient_story(trace, found, int(number[1])))
        except KeyError:
            count = len(trace.tables["patients"])
            message = f"there is no patient {number[1]}; they are numbered 0 to {count - 1}"
            raise InvalidInput([Finding(str(folder), 0, 0, "", message)]) from None
    if json:
        say_json({"scenario": found.name, "replication": replication, "story": lines})
        return
    say(f"{found.label}, replication {replication} (seed {found.run.seed}), as it was recorded:")
    for line in lines:
        say(line)
