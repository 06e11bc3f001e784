"""How long a steady-state study takes to warm up: Welch's curve, cut by MSER-5.

Welch (1983) averages the same stretch of time over all replications, so that the transient shows;
MSER-5 says where it ends. Patients stand at the day of their enrolment, those of the warm-up too.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from cartlogix.analysis.statistics import Floats, mser5

BINS = 200
"""Stretches of time from the start of a replication to the end of its window."""

REACH = 10
"""Stretches to either side of which Welch's moving average is taken."""

_BATCH = 5  # as MSER-5; neighbours resemble each other less after that


class Curve(NamedTuple):
    """Mean days from enrolment to infusion by day of enrolment; NaN where nobody was infused."""

    days: Floats
    """Middle of each stretch of time."""
    means: Floats


class Welch:
    """Gathers the patients of all replications of one scenario, as they come."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._sums, self._counts = np.zeros(BINS), np.zeros(BINS)

    def add(self, enrolled: Floats, infused: Floats) -> None:
        """Take patients; those who were not infused (NaN) do not count."""
        known = ~np.isnan(infused) & (enrolled >= 0) & (enrolled < self._until)
        place = np.minimum(enrolled[known] * (BINS / self._until), BINS - 1).astype(np.int64)
        self._sums += np.bincount(place, infused[known] - enrolled[known], BINS)
        self._counts += np.bincount(place, minlength=BINS)

    def curve(self) -> Curve:
        """Return the curve so far."""
        days = (np.arange(BINS) + 0.5) * self._until / BINS
        seen = self._counts > 0
        return Curve(days, np.where(seen, self._sums / np.where(seen, self._counts, 1), math.nan))


def smoothed(curve: Curve, reach: int = REACH) -> Floats:
    """Return Welch's moving average: the mean of as many stretches to either side.

    Towards both ends it takes as many to either side as there are.
    """
    seen = ~np.isnan(curve.means)
    sums, counts = (
        np.concatenate([[0.0], np.cumsum(values)])
        for values in (np.where(seen, curve.means, 0.0), seen)
    )
    place = np.arange(curve.means.size)
    near = np.minimum(reach, np.minimum(place, place[::-1]))
    low, high = place - near, place + near + 1
    count = counts[high] - counts[low]
    some = count > 0
    return np.where(some, (sums[high] - sums[low]) / np.where(some, count, 1), math.nan)


def transient(curve: Curve) -> float:
    """Return the days at the start that MSER-5 would drop; 0 if hardly anybody was infused."""
    seen = ~np.isnan(curve.means)
    if np.count_nonzero(seen) < BINS // 2:
        return 0.0
    filled = np.interp(curve.days, curve.days[seen], curve.means[seen])
    return mser5(filled) * 2 * float(curve.days[0])


def too_short(curve: Curve, start: float) -> bool:
    """Return whether a window that begins at a day begins in the transient.

    MSER-5 would drop the window's beginning, and that differs from what it would keep: by Welch's
    test on means of five stretches, at 5 %. One odd stretch does not make a transient.
    """
    until = transient(curve)
    seen = ~np.isnan(curve.means)
    dropped = _batches(curve.means[seen & (curve.days > start) & (curve.days < until)])
    kept = _batches(curve.means[seen & (curve.days > max(start, until))])
    if min(dropped.size, kept.size) < 2:
        return False
    parts = [batch.var(ddof=1) / batch.size for batch in (dropped, kept)]
    apart = abs(dropped.mean() - kept.mean())
    if sum(parts) == 0:
        return bool(apart > 0)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (batch.size - 1) for part, batch in zip(parts, (dropped, kept), strict=True)
    )
    return bool(apart > stdtrit(freedom, 0.975) * math.sqrt(sum(parts)))


def _batches(values: Floats) -> Floats:
    whole = values.size // _BATCH
    batches: Floats = values[: whole * _BATCH].reshape(whole, _BATCH).mean(axis=1)
    return batches
