"""The forecast of a snapshot's patients as rows of text: dates, chances and their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cartlogix.analysis.forecast import Forecast
from cartlogix.analysis.statistics import Interval
from cartlogix.report.tables import spoken
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.whereabouts import moment_of

HEADS = ("Patient", "Where on day 0", "Due", "P50", "P90", "On time", "Lost")
NEVER = "not reached"
NO_TARGET = "no target"


def rows(found: list[Forecast], scenario: Scenario) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield a row for each patient: each cell with its second line, which holds the interval."""
    titles = {item.name: item.title or item.name for item in scenario.demand.indications}
    steps = {
        step.name: step.title or spoken(step.name)
        for pathway in scenario.pathways
        for step in pathway.route
    }
    for one in found:
        patient = one.patient
        doing = "waiting" if patient.state == "waiting" else "under way"
        since = f"since {patient.since:%Y-%m-%d}"
        yield (
            (patient.name, titles[patient.indication]),
            (f"{steps[patient.step]}: {doing}", ", ".join(filter(None, (since, patient.unit)))),
            (date(scenario, one.due) if math.isfinite(one.due) else NO_TARGET, ""),
            _dates(scenario, one.median),
            _dates(scenario, one.p90),
            _chance(one.on_time),
            _chance(one.lost),
        )


def date(scenario: Scenario, day: float) -> str:
    """Return a day of the run as a date; infinity is no day of it."""
    return f"{moment_of(scenario, day):%Y-%m-%d}" if math.isfinite(day) else NEVER


def _dates(scenario: Scenario, days: Interval) -> tuple[str, str]:
    if math.isnan(days.low):
        return date(scenario, days.estimate), "no interval: too few runs"
    low, high = (
        f"{moment_of(scenario, day):%m-%d}" if math.isfinite(day) else NEVER
        for day in (days.low, days.high)
    )
    return date(scenario, days.estimate), "" if low == high else f"{low} to {high}"


def _chance(share: Interval) -> tuple[str, str]:
    if math.isnan(share.estimate):
        return NO_TARGET, ""
    return f"{100 * share.estimate:.0f} %", f"{100 * share.low:.0f} to {100 * share.high:.0f} %"
