"""Intervals, tests and truncation rules, for figures that come one per replication.

Quantiles of Student's t and of the binomial come from ``scipy.special``: ``scipy.stats`` would
add a second to every start. Sources: Law, Simulation Modeling and Analysis, 5th ed., chapters 9
and 10; Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2; White (1997) and White,
Cobb and Spratt (2000) for MSER-5; Holm (1979); Wilson (1927).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, ndtri, stdtr, stdtrit

Floats = npt.NDArray[np.float64]
_MSER_BATCH = 5


class Interval(NamedTuple):
    """An estimate with the limits of its interval; NaN limits mean that there are too few data."""

    estimate: float
    low: float
    high: float


class RankInterval(NamedTuple):
    """The interval between two order statistics, counted from 1, and its exact coverage."""

    low: int
    high: int
    coverage: float


def half_width(sd: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> Floats:
    """Return the half width of the t interval of a mean; NaN where n < 2.

    Args:
        sd: sample standard deviation (n - 1 in the denominator).
        n: number of independent values.
        level: confidence level.
    """
    count = np.asarray(n, dtype=np.float64)
    spread = np.asarray(sd, dtype=np.float64)
    enough = count >= 2
    degrees = np.where(enough, count - 1, 1.0)
    width = stdtrit(degrees, (1 + level) / 2) * spread / np.sqrt(np.maximum(count, 1.0))
    return np.where(enough, width, np.nan)


def mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of independent values with its t interval; NaN without any value."""
    given = np.asarray(values, dtype=np.float64)
    if given.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(given.mean())
    sd = float(given.std(ddof=1)) if given.size > 1 else math.nan
    half = float(half_width(sd, given.size, level))
    return Interval(mean, mean - half, mean + half)


def upper_bound(unit: str) -> float:
    """Return the largest value that a figure of a unit can take; the smallest one is 0.

    A t interval knows nothing of such bounds: of few values it may reach beyond them, where the
    true mean cannot be, so cutting it there leaves its coverage as it is.
    """
    return 1.0 if unit == "share" else math.inf


def cut_at(interval: Interval, least: float, most: float) -> Interval:
    """Return an interval whose limits are cut at the least and the most that is possible."""
    low, high = (float(np.clip(limit, least, most)) for limit in interval[1:])
    return Interval(interval.estimate, low, high)


def paired_difference(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of `b - a` with its t interval, paired value by value.

    Raises:
        ValueError: if `a` and `b` differ in length.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"pairs need equal lengths, got {first.size} and {second.size}")
    return mean_interval(second - first, level)


def p_value(mean: npt.ArrayLike, sd: npt.ArrayLike, n: npt.ArrayLike) -> Floats:
    """Return the two-sided p value of Student's t test that the mean is 0; NaN where n < 2.

    Without any spread the p value is 1 if the mean is exactly 0, otherwise 0.
    """
    centre = np.asarray(mean, dtype=np.float64)
    count = np.asarray(n, dtype=np.float64)
    error = np.asarray(sd, dtype=np.float64) / np.sqrt(np.maximum(count, 1.0))
    flat = error == 0
    ratio = np.abs(centre) / np.where(flat, 1.0, error)
    value = 2 * stdtr(np.maximum(count - 1, 1.0), -ratio)
    value = np.where(flat, np.where(centre == 0, 1.0, 0.0), value)
    return np.where(count >= 2, value, np.nan)


def holm(p_values: npt.ArrayLike) -> Floats:
    """Return p values adjusted for several comparisons by Holm's step-down method.

    NaN stays NaN and does not count as a comparison.
    """
    given = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full_like(given, np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * factors), 1.0)
    return adjusted


def bonferroni_level(comparisons: int, level: float = 0.95) -> float:
    """Return the level of each interval so that all together hold with at least `level`."""
    return 1 - (1 - level) / max(comparisons, 1)


def ratio_interval(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, level: float = 0.95
) -> Interval:
    """Return the ratio of two totals, with the classical interval from one pair per replication.

    The estimate is sum / sum, never the mean of ratios; the interval follows from the spread of
    ``y - ratio * x`` (Law, section 9.5.3). NaN if the denominators add up to 0.

    Raises:
        ValueError: if the two differ in length.
    """
    y, x = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"pairs need equal lengths, got {y.size} and {x.size}")
    total = float(x.sum())
    if total == 0:
        return Interval(math.nan, math.nan, math.nan)
    ratio = float(y.sum()) / total
    residual = y - ratio * x
    sd = float(residual.std(ddof=1)) if y.size > 1 else math.nan
    half = float(half_width(sd, y.size, level)) / abs(float(x.mean()))
    return Interval(ratio, ratio - half, ratio + half)


def wilson_interval(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Return a proportion with Wilson's score interval; NaN without trials.

    Raises:
        ValueError: unless 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials is impossible")
    if trials == 0:
        return Interval(math.nan, math.nan, math.nan)
    share = successes / trials
    z2 = float(ndtri((1 + level) / 2)) ** 2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = math.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials**2))) / (1 + z2 / trials)
    # At 0 and at all the limits are exactly 0 and 1; rounding must not push them past that.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Interval(share, low, high)


def quantile_ranks(n: int, probability: float, level: float = 0.95) -> RankInterval | None:
    """Return the order statistics that enclose a quantile whatever the distribution.

    Each tail holds at most half of ``1 - level``; None if `n` values are too few for that.
    The coverage is ``P(low <= B < high)`` for B binomial(n, probability).

    Raises:
        ValueError: unless 0 < probability < 1.
    """
    if not 0 < probability < 1:
        raise ValueError(f"a quantile needs a probability between 0 and 1, got {probability}")
    tail = (1 - level) / 2
    below = np.asarray(bdtr(np.arange(n, dtype=np.float64), n, probability))  # P(B <= k), k < n
    low = int(np.searchsorted(below, tail, side="right"))
    enough = np.flatnonzero(1 - below <= tail)  # P(B >= k + 1) <= tail
    if low == 0 or enough.size == 0:
        return None
    high = int(enough[0]) + 1
    return RankInterval(low, high, float(below[high - 1] - below[low - 1]))


def quantile_interval(values: npt.ArrayLike, probability: float, level: float = 0.95) -> Interval:
    """Return a quantile with its distribution-free interval; NaN limits if values are too few."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if ordered.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    estimate = float(np.quantile(ordered, probability))
    ranks = quantile_ranks(ordered.size, probability, level)
    if ranks is None:
        return Interval(estimate, math.nan, math.nan)
    return Interval(estimate, float(ordered[ranks.low - 1]), float(ordered[ranks.high - 1]))


def wilks_sample_size(probability: float, confidence: float) -> int:
    """Return how many values it takes so that their largest exceeds a quantile.

    The smallest n with ``1 - probability ** n >= confidence`` (Wilks 1941).
    """
    n = math.ceil(math.log(1 - confidence) / math.log(probability))
    return n - 1 if n > 1 and 1 - probability ** (n - 1) >= confidence else n


def mser5(series: npt.ArrayLike) -> int:
    """Return how many leading values to drop as warm-up, by the rule MSER-5.

    Values go into batches of five; the truncation minimises the squared standard error of the
    mean of what remains, over the first half of the batches. The first minimum counts.
    """
    values = np.asarray(series, dtype=np.float64)
    batches = values.size // _MSER_BATCH
    if batches < 2:
        return 0
    means = values[: batches * _MSER_BATCH].reshape(batches, _MSER_BATCH).mean(axis=1)
    means = means - means[-1]  # a constant series is then exactly 0, without rounding noise
    left = np.arange(batches, 0, -1, dtype=np.float64)
    sums, squares = np.cumsum(means[::-1])[::-1], np.cumsum(means[::-1] ** 2)[::-1]
    criterion = (squares - sums**2 / left) / left**2
    return int(np.argmin(criterion[: batches // 2 + 1])) * _MSER_BATCH
