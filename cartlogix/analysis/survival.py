"""Time to an event when not everybody is followed to the end.

Kaplan and Meier (1958) for one kind of event, Aalen and Johansen (1978) for competing ones. At
equal times events come before censoring.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartlogix.analysis.statistics import Floats


@dataclass(frozen=True)
class SurvivalCurve:
    """The share without the event: it falls to `survival[i]` at `times[i]`, and is 1 before."""

    times: Floats
    survival: Floats
    followed: float
    """Longest time for which anybody was followed; NaN if nobody was."""

    @property
    def median(self) -> float:
        """The first time at which at most half remain; NaN if that is never seen."""
        return self.quantile(0.5)

    def quantile(self, probability: float) -> float:
        """Return the first time by which the event has come for `probability` of all, or NaN."""
        # 1e-12: a product of fractions misses one half by some 1e-17.
        reached = np.flatnonzero(self.survival <= 1 - probability + 1e-12)
        return float(self.times[reached[0]]) if reached.size else math.nan

    def restricted_mean(self, limit: float) -> float:
        """Return the mean of the smaller of the event's time and `limit`: the area up to it.

        NaN if nobody was followed that long while some had still not had the event.
        """
        last = self.survival[-1] if self.survival.size else 1.0
        if math.isnan(self.followed) or (last > 0 and self.followed < limit):
            return math.nan
        inside = self.times < limit
        edges = np.concatenate(([0.0], self.times[inside], [limit]))
        return float(np.dot(np.diff(edges), np.concatenate(([1.0], self.survival[inside]))))


@dataclass(frozen=True)
class CumulativeIncidence:
    """The share that has had one kind of event: it rises to `incidence[i]` at `times[i]`."""

    times: Floats
    incidence: Floats

    def at(self, time: float) -> float:
        """Return the share that has had the event by `time`."""
        index = int(np.searchsorted(self.times, time, side="right"))
        return float(self.incidence[index - 1]) if index else 0.0


def _at_risk(times: Floats, distinct: Floats) -> Floats:
    return times.size - np.searchsorted(np.sort(times), distinct, side="left").astype(np.float64)


def kaplan_meier(time: npt.ArrayLike, event: npt.ArrayLike) -> SurvivalCurve:
    """Estimate the survival curve; `event` says who had the event, the others are censored.

    Raises:
        ValueError: if the two differ in length.
    """
    times, happened = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=bool)
    if times.shape != happened.shape:
        raise ValueError(f"{times.size} times but {happened.size} events")
    distinct, deaths = np.unique(times[happened], return_counts=True)
    survival: Floats = np.cumprod(1.0 - deaths / _at_risk(times, distinct), dtype=np.float64)
    return SurvivalCurve(distinct, survival, float(times.max()) if times.size else math.nan)


def cumulative_incidence(
    time: npt.ArrayLike, event: npt.ArrayLike, competing: npt.ArrayLike
) -> CumulativeIncidence:
    """Estimate the incidence of `event` where `competing` events end the chance of it.

    Who has neither is censored. Unlike one minus Kaplan-Meier with the competing events censored,
    this is the share that really gets there, for example infused although some are lost first.

    Raises:
        ValueError: if the three differ in length.
    """
    times = np.asarray(time, dtype=np.float64)
    first, other = np.asarray(event, dtype=bool), np.asarray(competing, dtype=bool)
    if not times.shape == first.shape == other.shape:
        raise ValueError(f"{times.size} times but {first.size} and {other.size} events")
    distinct, where = np.unique(times, return_inverse=True)
    at_risk = _at_risk(times, distinct)
    events = np.bincount(where[first], minlength=distinct.size) / at_risk
    either = np.bincount(where[first | other], minlength=distinct.size) / at_risk
    before = np.concatenate(([1.0], np.cumprod(1 - either)[:-1]))[: distinct.size]
    return CumulativeIncidence(distinct, np.cumsum(before * events))
