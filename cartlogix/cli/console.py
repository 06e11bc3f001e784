"""What commands print: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cartlogix.ground.errors import WriteFailed

if TYPE_CHECKING:
    from cartlogix.experiment.computing import Advance
    from cartlogix.ground.errors import Finding


def say(text: str, end: str = "\n") -> None:
    """Print a line of the result, or a piece of it.

    Raises:
        WriteFailed: if standard output cannot take it.
    """
    with _writing_output():
        sys.stdout.write(f"{text}{end}")


def finish_output() -> None:
    """Hand over what has been said.

    Raises:
        WriteFailed: if standard output cannot take it.
    """
    with _writing_output():
        sys.stdout.flush()


@contextmanager
def _writing_output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Nothing more can be written, not even when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise WriteFailed(f"cannot write standard output: {error.strerror}") from None
        # Whoever read the output has seen enough: the command goes on in silence.


def note(text: str) -> None:
    """Print a line about the run, on standard error."""
    sys.stderr.write(f"{text}\n")


def say_json(data: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print data for programs; never NaN."""
    say(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))


def note_findings(findings: Iterable[Finding]) -> None:
    """Print each finding once, on standard error."""
    for finding in dict.fromkeys(findings):
        note(str(finding))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int]) -> None:
    """Print an aligned table; `right` lists the columns that are aligned to the right."""
    lines = [list(headers), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    for number, line in enumerate(lines):
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        say("  ".join(cells).rstrip())
        if number == 0:
            say("  ".join("-" * width for width in widths))


@contextmanager
def progress(total: int) -> Iterator[Advance]:
    """Show a progress bar with time left on a terminal; stay quiet elsewhere."""
    if not sys.stderr.isatty():
        yield lambda label, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def advance(label: str, done: int, of: int) -> None:
            from rich.markup import escape

            text = f"{escape(label[:40])} {done}/{of}"
            bar.update(task, advance=1, description=text)

        yield advance
