"""The dip after a disruption and the time to recover from it, against the same patients without it.

For each replication: the patients between enrolment and infusion, period by period, less those of
the undisturbed scenario. The dip is the highest of these differences. The recovery time runs from
the first period in which the two differ to the end of the last period before the difference has
come down to a tenth of the dip, for the first time after it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats, Interval, mean_interval
from cartlogix.analysis.tidy import ALL

RECOVERED = 0.1
"""Share of the dip at which a system counts as recovered."""


class Recovery(NamedTuple):
    """Dip and recovery over the replications; `recovered` of `replications` came back."""

    dip: Interval
    days: Interval
    recovered: int
    replications: int


def recovery(reference: pd.DataFrame, disturbed: pd.DataFrame) -> Recovery | None:
    """Compare two scenarios period by period; None if there are no figures by period for both.

    Args:
        reference: `period.in_system` of the undisturbed one: a row of `replication, group,
            indication, value` for each replication, period and indication.
        disturbed: the same of the other.
    """
    paths = [_paths(table) for table in (reference, disturbed)]
    if any(path.empty for path in paths):
        return None
    before, after = paths[0].align(paths[1], join="inner")
    starts = np.array([float(str(name).removeprefix("day ")) for name in after.columns])
    if starts.size < 2:
        return None
    length = float(starts[1] - starts[0])
    more = after.to_numpy() - before.to_numpy()
    times = np.array([_time(row, length) for row in more])
    back = times[~np.isnan(times)]
    dips = more.max(axis=1)
    return Recovery(mean_interval(dips), mean_interval(back), back.size, len(times))


def _paths(table: pd.DataFrame) -> pd.DataFrame:
    mine = table[(table["indication"] == ALL).to_numpy()]
    return mine.pivot_table(index="replication", columns="group", values="value", observed=True)


def _time(more: Floats, length: float) -> float:
    """Return the recovery time of one replication; 0 without a dip, NaN if it does not recover."""
    peak = int(np.argmax(more))
    if more[peak] <= 0:
        return 0.0
    begun = int(np.flatnonzero(np.abs(more) > 1e-9)[0])
    low = np.flatnonzero(more[peak:] <= RECOVERED * more[peak])
    return float(peak + low[0] - begun) * length if low.size else math.nan
