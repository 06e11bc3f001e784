"""The command that prints when each patient of a snapshot will be infused."""

from __future__ import annotations

from pathlib import Path

from cartlogix.analysis.forecast import Forecast, forecasts
from cartlogix.analysis.statistics import Interval
from cartlogix.cli.console import say, say_json, table
from cartlogix.experiment.folder import write_text
from cartlogix.ground.csv_text import csv_text
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.report.forecast import HEADS, date, rows
from cartlogix.report.read import read_results
from cartlogix.scenario.model import Scenario

_COLUMNS = (
    "scenario", "patient", "indication", "step", "state", "since", "due", "p50", "p50_low",
    "p50_high", "p90", "p90_low", "p90_high", "on_time", "on_time_low", "on_time_high", "lost",
    "lost_low", "lost_high",
)  # fmt: skip


def forecast(run: Path, csv: Path | None, *, as_json: bool) -> None:
    """Print the forecast of a result folder; as CSV into a file if one is named.

    Raises:
        InvalidInput: if the folder is none, or no scenario of it starts from a snapshot.
    """
    data = read_results(run)
    items = [item for item in data.scenarios if item.name in data.today]
    if not items:
        message = "no scenario of this run starts from a snapshot with patients"
        raise InvalidInput([Finding(str(run), 0, 0, "snapshot.patients", message)])
    found = [(item, forecasts(data.today[item.name], item.scenario)) for item in items]
    records = [_record(item.scenario, one) for item, each in found for one in each]
    if csv is not None:
        write_text(csv, csv_text(_COLUMNS, [list(record.values()) for record in records]))
    if as_json:
        say_json(records)
        return
    for item, each in found:
        say(f"{item.label}: day of infusion of each patient of today")
        table(HEADS, [_line(row) for row in rows(each, item.scenario)], right=())


def _line(row: tuple[tuple[str, str], ...]) -> list[str]:
    """Return a row for the terminal, where chances stand with their intervals."""
    plain = [text for text, _ in row[:-2]]
    return [*plain, *(f"{text} ({small})" if small else text for text, small in row[-2:])]


def _record(scenario: Scenario, one: Forecast) -> dict[str, str]:
    patient = one.patient

    def days(interval: Interval) -> list[str]:
        known = [interval.estimate, interval.low, interval.high]
        return ["" if day != day else date(scenario, day) for day in known]  # noqa: PLR0124

    def shares(interval: Interval) -> list[str]:
        known = [interval.estimate, interval.low, interval.high]
        return ["" if share != share else f"{share:.4f}" for share in known]  # noqa: PLR0124

    due = date(scenario, one.due) if one.due < float("inf") else ""
    cells = [
        scenario.name, patient.name, patient.indication, patient.step, patient.state,
        patient.since.isoformat(sep=" ", timespec="minutes"), due, *days(one.median),
        *days(one.p90), *shares(one.on_time), *shares(one.lost),
    ]  # fmt: skip
    return dict(zip(_COLUMNS, cells, strict=True))
