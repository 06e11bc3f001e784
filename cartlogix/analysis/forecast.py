"""When each patient of a snapshot will be infused: quantiles and chances over replications."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats, Interval, quantile_ranks, wilson_interval
from cartlogix.analysis.tidy import numbers
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.snapshot import SnapshotPatient
from cartlogix.scenario.whereabouts import day_of


@dataclass(frozen=True)
class Forecast:
    """One patient of the snapshot; days count from day 0 and are infinite for never.

    An interval has NaN limits where replications are too few for one.
    """

    patient: SnapshotPatient
    due: float
    """Enrolment plus the target of the indication; infinite without a target."""
    median: Interval
    """Day of infusion that is reached in half of the replications, with its 95 % interval."""
    p90: Interval
    """Day of infusion that is reached in nine of ten replications."""
    on_time: Interval
    """Share infused by the due date, with Wilson's 95 % interval; NaN without a target."""
    lost: Interval
    """Share lost, with Wilson's 95 % interval."""


def forecasts(times: pd.DataFrame, scenario: Scenario) -> list[Forecast]:
    """Return the forecast of every patient of the snapshot, in the order of enrolment.

    Args:
        times: one row for each patient of each replication, with `patient`, `status` and
            `infused` (the day; NaN if never).
        scenario: what was run.
    """
    targets = {item.name: item.target for item in scenario.demand.indications}
    rows = {int(str(number)): part for number, part in times.groupby("patient")}
    found = []
    for number, patient in enumerate(scenario.snapshot.by_enrolment()):
        part = rows.get(number)
        if part is None:
            continue  # the run measures another window
        days = np.nan_to_num(numbers(part, "infused"), nan=math.inf)
        target = targets[patient.indication]
        due = day_of(scenario, patient.enrolled) + target.value if target else math.inf
        count = len(days)
        in_time = Interval(math.nan, math.nan, math.nan)
        if target is not None:
            in_time = wilson_interval(int((days <= due).sum()), count)
        lost = wilson_interval(int((part["status"].astype("str") == "lost").sum()), count)
        found.append(
            Forecast(patient, due, _quantile(days, 0.5), _quantile(days, 0.9), in_time, lost)
        )
    return found


def _quantile(days: Floats, probability: float) -> Interval:
    """Return the smallest value that so many reach, with its distribution-free interval."""
    ordered = np.sort(days)
    estimate = float(ordered[math.ceil(probability * len(ordered)) - 1])
    ranks = quantile_ranks(len(ordered), probability)
    if ranks is None:
        return Interval(estimate, math.nan, math.nan)
    return Interval(estimate, float(ordered[ranks.low - 1]), float(ordered[ranks.high - 1]))
