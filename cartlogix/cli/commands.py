"""The commands and their options; what they do is imported when they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cartlogix.cli import options
from cartlogix.cli.request import Request, takes_request
from cartlogix.cli.rerun import rerun
from cartlogix.cli.slot_policy import slot_policy
from cartlogix.cli.stock_levels import stock_levels


def register(app: typer.Typer) -> None:
    """Add every command to the app."""
    app.callback()(cartlogix)
    for command in (
        demo,
        new,
        validate,
        show,
        diff,
        schema,
        run,
        compare,
        sweep,
        sensitivity,
        design,
        schedule,
        slot_policy,
        stock_levels,
        report,
        rerun,
        forecast,
        selftest,
    ):
        app.command()(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("cartlogix"))
        raise typer.Exit


def cartlogix(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Compare ways to supply CAR-T: autologous, off-the-shelf and in vivo."""
    del version


@takes_request(
    without=("set_", "root", "cluster", "seed", "force", "fail_fast", "dry_run"),
)
def demo(*, request: Request) -> None:
    """Compare the shipped modalities, write the report and name it."""
    from dataclasses import replace

    from cartlogix.cli.running import run_files
    from cartlogix.cli.shipped import shipped_configs

    file = shipped_configs() / "experiments" / "modalities.yaml"
    if request.out is None:
        request = replace(request, out=Path("reports") / "demo", force=True)
    run_files([file], request)


def new(
    directory: Annotated[Path, typer.Argument(help="Folder to make; it must not exist.")],
) -> None:
    """Write a commented scenario to start from."""
    from cartlogix.cli.starting import write_starter

    write_starter(directory)


def validate(
    files: options.Files,
    set_: options.Set = None,
    root: options.Root = None,
    json: options.Json = False,
) -> None:
    """List every finding at once, as file:line:col: path: message."""
    from cartlogix.cli.checking import validate_files

    validate_files(files, set_ or [], root, as_json=json)


def show(
    file: Annotated[Path, typer.Argument(help="Scenario file.")],
    set_: options.Set = None,
    root: options.Root = None,
    json: options.Json = False,
) -> None:
    """Print the resolved scenario, with where each value came from."""
    from cartlogix.cli.checking import show_file

    show_file(file, set_ or [], root, as_json=json)


def diff(
    a: Annotated[Path, typer.Argument(help="Scenario file.")],
    b: Annotated[Path, typer.Argument(help="Scenario file.")],
    root: options.Root = None,
    json: options.Json = False,
) -> None:
    """Print what differs between two resolved scenarios."""
    from cartlogix.cli.checking import diff_files

    diff_files(a, b, root, as_json=json)


def schema(
    experiment: Annotated[bool, typer.Option(help="The schema of experiment files.")] = False,
    schedule: Annotated[bool, typer.Option(help="The schema of slot boards.")] = False,
) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from cartlogix.cli.checking import print_schema

    print_schema(experiment=experiment, schedule=schedule)


@takes_request()
def run(
    file: Annotated[Path, typer.Argument(help="Scenario or experiment file.")],
    *,
    request: Request,
) -> None:
    """Simulate a scenario into a result folder with tables, figures and report."""
    from cartlogix.cli.running import run_files

    run_files([file], request)


@takes_request()
def compare(files: options.Files, *, request: Request) -> None:
    """Simulate scenarios on the same patients and print paired differences."""
    from cartlogix.cli.running import run_files

    run_files(files, request)


@takes_request()
def sweep(
    file: Annotated[Path, typer.Argument(help="Experiment file.")],
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG|NAME", help="Only these scenarios; may be repeated."),
    ] = None,
    *,
    request: Request,
) -> None:
    """Simulate scenarios at every level of an experiment's factors."""
    from cartlogix.cli.running import run_files

    run_files([file], request, sweep=True, only=only or [])


@takes_request(without=("fail_fast",))
def sensitivity(
    file: Annotated[Path, typer.Argument(help="Experiment file with uncertain inputs.")],
    method: Annotated[
        Literal["tornado", "morris", "sobol", "uncertainty"],
        typer.Option(help="One at a time, screening, shares of variance, or all drawn together."),
    ] = "tornado",
    *,
    request: Request,
) -> None:
    """Find which uncertain inputs drive the answer, and what it is worth to know them."""
    from cartlogix.cli.inquiring import ask_drivers

    ask_drivers(file, method, request)


@takes_request(without=("fail_fast", "replications"))
def design(
    file: Annotated[Path, typer.Argument(help="Experiment file with a part 'search'.")],
    *,
    request: Request,
) -> None:
    """Search the cheapest slots, people and stock that keep to limits, and verify it."""
    from cartlogix.cli.inquiring import ask_design

    ask_design(file, request)


def schedule(
    file: Annotated[Path, typer.Argument(help="Slot board file.")],
    what_if: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANGE", help='Replan, as "suite 2 down 2027-03-04..08".'),
    ] = None,
    suggest: Annotated[
        str | None,
        typer.Option(metavar="ORDER", help='Slots for an id, or "product=..., ready=...".'),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.01, max=86_400, help="Seconds for the search, what-if included.")
    ] = 30.0,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Seed of search and promise dates.")
    ] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Result folder [default: reports/TITLE of the board].")
    ] = None,
    force: options.Force = False,
    json: options.Json = False,
) -> None:
    """Plan a slot board: suites, operators, QC, beds; with promise dates and a page."""
    from cartlogix.cli.scheduling import Request, schedule_file

    request = Request(file, out, force, what_if or (), suggest, time_limit, seed, json)
    schedule_file(request)


def report(
    folder: Annotated[Path, typer.Argument(help="Result folder.", metavar="RUN")],
    out: Annotated[Path | None, typer.Option(help="Page [default: RUN/report.html].")] = None,
) -> None:
    """Write the HTML report of a result folder."""
    from cartlogix.cli.console import say
    from cartlogix.report.write import write_page

    say(str(write_page(folder, out)))


def forecast(
    folder: Annotated[Path, typer.Argument(help="Result folder.", metavar="RUN")],
    csv: Annotated[Path | None, typer.Option(help="Write every row to this CSV file.")] = None,
    json: options.Json = False,
) -> None:
    """Say when each patient of a snapshot will be infused."""
    from cartlogix.cli.forecasting import forecast as print_forecast

    print_forecast(folder, csv, as_json=json)


def selftest(
    only: Annotated[str | None, typer.Option(help="Only cases whose name contains this.")] = None,
    jobs: options.Jobs = None,
    json: options.Json = False,
) -> None:
    """Run published cases and theory: expected, simulated, interval, verdict."""
    from cartlogix.cli.selftesting import selftest as run_selftest

    run_selftest(only, jobs, as_json=json)
