"""What the commands that ask at many points print: tables of their result folders."""

from __future__ import annotations

from pathlib import Path

from cartlogix.cli.console import say, say_json, table
from cartlogix.experiment.tables import records
from cartlogix.report.design import answer_lines, designs_table, read_design
from cartlogix.report.sensitivity import read_sensitivity, shown_tables
from cartlogix.report.tables import Table


def print_sensitivity(folder: Path, *, as_json: bool) -> None:
    """Print the tables of a sensitivity study."""
    data = read_sensitivity(folder)
    assert data is not None
    if as_json:
        tables = {name: records(frame) for name, frame in data.tables.items()}
        say_json({"folder": str(folder), "asked": data.asked, **tables})
        return
    for shown in shown_tables(data):
        print_table(shown)
    say(f"Report: {folder / 'report.html'}")


def print_design(folder: Path, *, as_json: bool) -> None:
    """Print the answer of a design search and every design."""
    data = read_design(folder)
    assert data is not None
    if as_json:
        tables = {"designs": records(data.designs), "checks": records(data.checks)}
        say_json({"folder": str(folder), "asked": data.asked, **tables})
        return
    print_table(designs_table(data))
    for line in answer_lines(data):
        say(line)
    say(f"\nReport: {folder / 'report.html'}")


def print_table(shown: Table) -> None:
    """Print a table of the page."""
    numeric = [index for index, column in enumerate(shown.columns) if column.numeric]
    rows = [[str(cell) for cell in row] for group in shown.groups for row in group.rows]
    say(shown.caption)
    table([column.head for column in shown.columns], rows, right=numeric)
    say("")
