"""A replication told in plain sentences: what happened to one patient, or to all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.analysis.tidy import numbers
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

_LISTED = 5
_SOON = 1 / 24 / 60  # days: a wait of less than a minute is none
_ENDS = {
    "done": "until {ended} ({length})",
    "failed": "until {ended} ({length}): failed",
    "aborted": "broken off on {ended}",
    "running": "still under way at the end of the run",
}
_NEVER = {
    "reneged": "gave up the wait on {ended}",
    "expired": "the material was too old on {ended}",
    "baulked": "did not join the queue",
    "stock_out": "there was no dose",
    "aborted": "broken off on {ended} before it started",
    "running": "still waiting at the end of the run",
}


def patient_story(trace: Trace, scenario: Scenario, patient: int) -> Iterator[str]:
    """Yield what happened to one patient, a sentence for each step with its dates.

    Raises:
        KeyError: if the replication has no patient of that number.
    """
    patients = trace.tables["patients"]
    found = patients[(patients["patient"] == patient).to_numpy()]
    if found.empty:
        raise KeyError(patient)
    row = found.iloc[0]
    calendar = _Calendar(scenario)
    target = f"; due by {calendar.date(row['due'])}" if not np.isnan(row["due"]) else ""
    yield (
        f"Patient {_called(patient, scenario)} ({row['indication']}) enrolled at {row['centre']} "
        f"on {calendar.date(row['enrolled'])} for {row['first_pathway']}{target}."
    )
    activities = trace.tables["activities"]
    mine = ((activities["entity"] == "patient") & (activities["id"] == patient)).to_numpy()
    route, attempt, dose = row["first_pathway"], 1, 1
    for step in activities[mine].sort_values("queued", kind="stable").to_dict("records"):
        if step["route"] != route:
            yield f"  Changed to {step['route']}."
        elif step["attempt"] != attempt:
            yield f"  Attempt {step['attempt']} began."
        elif step["dose"] != dose:
            yield f"  Dose {step['dose']} was due."
        route, attempt, dose = step["route"], step["attempt"], step["dose"]
        yield f"  {_told(step, calendar)}"
    yield _end(row, calendar)


def replication_story(trace: Trace, scenario: Scenario) -> Iterator[str]:
    """Yield what happened in a replication: counts, causes of loss, and who waited longest."""
    calendar = _Calendar(scenario)
    patients = trace.tables["patients"]
    cohort = patients[patients["in_cohort"].to_numpy()]
    status = cohort["status"].astype("str").to_numpy()
    infused, lost, left = ((status == word) for word in ("infused", "lost", "in_progress"))
    yield (
        f"From {calendar.date(trace.window[0])} to {calendar.date(trace.window[1])}, "
        f"{len(cohort)} patients enrolled: {infused.sum()} were infused, {lost.sum()} lost, and "
        f"{left.sum()} under way when the run ended on {calendar.date(trace.stop)}."
    )
    for cause, count in cohort["cause"].astype("str")[lost].value_counts().items():
        yield f"  Lost by {cause}: {count}."
    waits = numbers(cohort, "infused") - numbers(cohort, "enrolled")
    order = np.argsort(np.where(np.isnan(waits), -np.inf, waits), kind="stable")[::-1]
    for index in order[: min(_LISTED, int(infused.sum()))]:
        row = cohort.iloc[int(index)]
        yield (
            f"  Patient {_called(int(row['patient']), scenario)} ({row['indication']}) "
            f"waited {waits[index]:.1f} days, "
            f"until {calendar.date(row['infused'])}, with {_times(row['attempts'], 'attempt')}."
        )
    lots = trace.tables["lots"]
    failed = int((lots["status"].astype("str") == "failed").sum())
    if len(lots):
        yield f"  {_times(len(lots), 'lot')}, of which {failed} failed."


def _called(patient: int, scenario: Scenario) -> str:
    """Return the number of a patient, with the name before it if the snapshot gives one."""
    named = scenario.snapshot.by_enrolment()
    return f"{named[patient].name}, number {patient}" if patient < len(named) else f"{patient}"


class _Calendar:
    """Days since the start of the run, as dates of its time zone's calendar."""

    def __init__(self, scenario: Scenario) -> None:
        self._start = dt.datetime.combine(scenario.run.start, dt.time())

    def date(self, day: float) -> str:
        moment = self._start + dt.timedelta(minutes=round(float(day) * 24 * 60))
        return f"{moment:%a %Y-%m-%d %H:%M}"


def _told(step: Mapping[Hashable, Any], calendar: _Calendar) -> str:
    """Return one activity as a sentence."""
    what = str(step["step"]).replace("_", " ")
    where = f" at {step['place']}" if step["kind"] != "ship" else f" {step['place']}"
    started, ended = step["started"], step["ended"]
    dates = {"ended": calendar.date(ended) if not np.isnan(ended) else ""}
    if np.isnan(started):
        words = _NEVER.get(step["outcome"], step["outcome"])
        ready = calendar.date(step["queued"])
        return f"{what}{where}: ready on {ready}, {words.format(**dates)}."
    waited = started - step["queued"]
    place = f" for {step['pool']}" if step["pool"] else ""
    wait = f" after waiting {_length(waited)}{place}" if waited > _SOON else ""
    words = _ENDS.get(step["outcome"], step["outcome"])
    until = words.format(**dates, length=_length(ended - started))
    return f"{what}{where}: from {calendar.date(started)}{wait}, {until}."


def _end(row: pd.Series[Any], calendar: _Calendar) -> str:
    status = row["status"]
    if status == "lost":
        step = str(row["lost_step"]).replace("_", " ")
        at = f" while {row['lost_phase']} at {step}" if step else ""
        return f"Lost on {calendar.date(row['left'])} to {row['cause']}{at}."
    if status != "infused":
        return "Still under way when the run ended."
    days = row["infused"] - row["enrolled"]
    late = row["infused"] - row["due"]
    judged = "" if np.isnan(late) else f", {_length(late)} late" if late > 0 else ", in time"
    spec = ", with a product out of specification" if row["out_of_spec"] else ""
    spec += ", with a bad product that had passed its test" if row["exposed"] >= 0 else ""
    return (
        f"First infused on {calendar.date(row['infused'])}, {days:.1f} days after enrolment"
        f"{judged}{spec}; {_times(row['attempts'], 'attempt')}, {_times(row['doses'], 'dose')}."
    )


def _length(days: float) -> str:
    return f"{days:.1f} d" if days >= 1 else f"{days * 24:.1f} h"


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
