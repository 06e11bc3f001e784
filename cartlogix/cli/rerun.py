"""The command that runs one replication again and tells its story."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cartlogix.cli import options

if TYPE_CHECKING:
    from cartlogix.scenario.model import Scenario


def rerun(
    folder: Annotated[Path, typer.Argument(help="Result folder.", metavar="RUN")],
    replication: Annotated[
        int, typer.Option(min=0, help="Its number, from 0 as in the tables.")
    ] = 0,
    scenario: Annotated[
        str | None, typer.Option(help="Scenario; needed if there are several.")
    ] = None,
    patient: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Patient: number as in the tables, or snapshot's name."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Run one replication of a result folder again and tell what happened in it."""
    from cartlogix.analysis.story import patient_story, replication_story
    from cartlogix.cli.console import say, say_json
    from cartlogix.experiment.rerun import rerun as run_again
    from cartlogix.ground.errors import Finding, InvalidInput

    found, trace = run_again(folder, scenario, replication)
    if patient is None:
        lines = list(replication_story(trace, found))
    else:
        try:
            lines = list(patient_story(trace, found, _number(patient, found)))
        except KeyError:
            count = len(trace.tables["patients"])
            message = f"there is no patient {patient}; they are numbered 0 to {count - 1}"
            if named := found.snapshot.by_enrolment():
                message += f", and those of the snapshot have names, such as {named[0].name}"
            raise InvalidInput([Finding(str(folder), 0, 0, "", message)]) from None
    if json:
        say_json({"scenario": found.name, "replication": replication, "story": lines})
        return
    say(f"{found.label}, replication {replication} (seed {found.run.seed}), as it was recorded:")
    for line in lines:
        say(line)


def _number(patient: str, scenario: Scenario) -> int:
    """Return the number of a patient in a run, from a name of the snapshot or from the number.

    `P-17` stands for 17 only where no patient has a name.

    Raises:
        KeyError: if it is neither.
    """
    names = [one.name for one in scenario.snapshot.by_enrolment()]
    if patient in names:
        return names.index(patient)
    number = re.fullmatch(r"(\d{1,9})" if names else r"(?:[Pp]-?)?(\d{1,9})", patient)
    if number is None:
        raise KeyError(patient)
    return int(number[1])
