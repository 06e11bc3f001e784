"""The commands that ask at many points: sensitivity, design."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cartlogix.cli.console import say, say_json, table
from cartlogix.cli.manner import kept_text, options_of, study_of
from cartlogix.cli.options import processes
from cartlogix.cli.request import Request
from cartlogix.cli.workload_text import print_workload
from cartlogix.experiment.design_study import foresee_design, inquire_design
from cartlogix.experiment.drivers import foresee_drivers, inquire_drivers
from cartlogix.experiment.folder import slug
from cartlogix.experiment.inquiry import finished
from cartlogix.experiment.run import Options
from cartlogix.experiment.sensitivity import Method
from cartlogix.experiment.tables import records
from cartlogix.experiment.workload import workload
from cartlogix.report.design import answer_lines, designs_table, read_design
from cartlogix.report.sensitivity import shown_tables
from cartlogix.report.sensitivity_data import read_sensitivity
from cartlogix.report.tables import Table


def ask_drivers(file: Path, method: Method, request: Request) -> None:
    """Find what drives the answer, report, and print the tables."""
    study = study_of([file], request)
    if request.dry_run:
        works = foresee_drivers(study, file, method)
        load, jobs = workload(works), processes(request.jobs)
        print_workload(load, jobs, of="points", count=len(works), as_json=request.json)
        return
    target = request.out or Path("reports") / f"{slug(study.name)}_{method}"
    with _carrying_out(request, target) as options:
        inquire_drivers(study, file, method, target, options)
    print_sensitivity(target, as_json=request.json)


def ask_design(file: Path, request: Request) -> None:
    """Search the cheapest design, report, and print the answer."""
    study = study_of([file], request)
    if request.dry_run:
        works = foresee_design(study, file)
        load, jobs, count = workload(works), processes(request.jobs), works[0].points
        print_workload(load, jobs, of="designs", count=count, at_most=True, as_json=request.json)
        return
    target = request.out or Path("reports") / f"{slug(study.name)}_design"
    with _carrying_out(request, target) as options:
        inquire_design(study, file, target, options)
    print_design(target, as_json=request.json)


@contextmanager
def _carrying_out(request: Request, target: Path) -> Iterator[Options]:
    """Give the options of a run, and say what is kept if it is stopped."""
    with options_of(request) as options:
        try:
            yield options
        except BaseException as stop:
            stop.add_note(kept_text(finished(target)))
            raise


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
    for _, line in answer_lines(data):
        say(line)
    say(f"\nReport: {folder / 'report.html'}")


def print_table(shown: Table) -> None:
    """Print a table of the page."""
    numeric = [index for index, column in enumerate(shown.columns) if column.numeric]
    rows = [[str(cell) for cell in row] for group in shown.groups for row in group.rows]
    say(shown.caption)
    table([column.head for column in shown.columns], rows, right=numeric)
    say("")
