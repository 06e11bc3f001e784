"""Where two systems change places along a factor, from paired differences at some of its levels.

Between two levels the difference of each replication is taken as a straight line. At every place
the mean over replications then has a t interval, and the places whose interval holds zero are those
at which the two cannot be told apart. That set is the confidence set of the break-even point: the
test of "no difference" is inverted, as Fieller (1954) did for a ratio, so it holds the true point
with the level of the interval, as far as straight lines between levels describe the truth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from cartlogix.analysis.statistics import Floats, mean_interval

Lower = Literal["a", "b", ""]
"""Which of two systems has the lower figure; empty where they cannot be told apart."""
_SAME = 1e-12


@dataclass(frozen=True)
class Zone:
    """A stretch of a factor in which one verdict holds."""

    low: float
    high: float
    lower: Lower


@dataclass(frozen=True)
class Crossing:
    """A place where the systems change places, with the band in which it may lie.

    A limit is NaN where the band goes on to the end of what was tried: it is then open.
    """

    at: float
    low: float
    high: float
    before: Lower
    after: Lower


@dataclass(frozen=True)
class Line:
    """What is known along a factor."""

    zones: tuple[Zone, ...]
    crossings: tuple[Crossing, ...]


def follow(levels: Floats, differences: Floats, confidence: float = 0.95) -> Line:
    """Return the zones of a factor and the places where the mean difference changes its sign.

    Args:
        levels: the levels, ascending.
        differences: the figure of b less that of a: a row for each replication, a column for each
            level. A level with an unknown value is left out.
        confidence: level of the intervals.

    Raises:
        ValueError: if the levels do not ascend or the shapes do not fit.
    """
    x, d = np.asarray(levels, dtype=np.float64), np.asarray(differences, dtype=np.float64)
    if d.ndim != 2 or d.shape[1] != x.size or (np.diff(x) <= 0).any():
        raise ValueError("levels must ascend, with a column of differences for each")
    known = ~np.isnan(d).any(axis=0)
    x, d = x[known], d[:, known]
    if x.size == 0 or d.shape[0] < 2:
        return Line((), ())
    zones = tuple(_zones(x, d, confidence))
    return Line(zones, tuple(_crossings(x, d.mean(axis=0), zones)))


def verdict(differences: Floats, confidence: float = 0.95) -> Lower:
    """Return which system is lower at one level, as far as a t interval can tell."""
    found = mean_interval(differences, confidence)
    if math.isnan(found.low) or found.low <= 0 <= found.high:
        return ""
    return "a" if found.low > 0 else "b"


def _zones(x: Floats, d: Floats, confidence: float) -> Iterator[Zone]:
    """Yield neighbouring stretches with different verdicts, from end to end."""
    found: list[Zone] = []
    for index in range(x.size - 1):
        ends = d[:, index], d[:, index + 1]
        cuts = [0.0, *_cuts(*ends, confidence), 1.0]
        for low, high in pairwise(cuts):
            middle = (low + high) / 2
            lower = verdict((1 - middle) * ends[0] + middle * ends[1], confidence)
            start, end = (float(x[index] + (x[index + 1] - x[index]) * w) for w in (low, high))
            found.append(Zone(start, end, lower))
    if x.size == 1:
        found.append(Zone(float(x[0]), float(x[0]), verdict(d[:, 0], confidence)))
    current = found[0]
    for zone in found[1:]:
        if zone.lower == current.lower:
            current = Zone(current.low, zone.high, zone.lower)
            continue
        yield current
        if current.lower and zone.lower:
            yield Zone(zone.low, zone.low, "")
        current = zone
    yield current


def _cuts(left: Floats, right: Floats, confidence: float) -> list[float]:
    """Return where between two levels, from 0 to 1, the limit of an interval is zero.

    At w the mean is `m0 + (m1 - m0) w` and the variance a quadratic in w, so `mean^2 = t^2 var / n`
    is a quadratic equation.
    """
    n = left.size
    t2 = float(stdtrit(n - 1, (1 + confidence) / 2)) ** 2 / n
    slope = right - left
    (v, c), (_, s) = np.cov(left, slope, ddof=1)
    m, k = float(left.mean()), float(slope.mean())
    a, b, e = k * k - t2 * s, 2 * (m * k - t2 * c), m * m - t2 * v
    size = max(abs(a), abs(b), abs(e))
    if size == 0:
        return []
    if abs(a) <= _SAME * size:
        roots = [] if abs(b) <= _SAME * size else [-e / b]
    else:
        under = b * b - 4 * a * e
        if under < 0:  # without any spread the interval is a point: both roots are one
            under = 0.0 if under > -_SAME * size * size else math.nan
        root = math.sqrt(under) if not math.isnan(under) else math.nan
        roots = [(-b - root) / (2 * a), (-b + root) / (2 * a)]
    return sorted({w for w in roots if 0 < w < 1})


def _crossings(x: Floats, mean: Floats, zones: tuple[Zone, ...]) -> Iterator[Crossing]:
    """Yield a crossing for each stretch without a verdict in which the mean changes its sign."""
    for index, zone in enumerate(zones):
        if zone.lower:
            continue
        zeros = _zeros(x, mean, zone)
        before = zones[index - 1].lower if index else ""
        after = zones[index + 1].lower if index + 1 < len(zones) else ""
        if not zeros or (before and before == after):
            continue
        at = zeros[len(zeros) // 2]
        yield Crossing(
            at, zone.low if before else math.nan, zone.high if after else math.nan, before, after
        )


def _zeros(x: Floats, mean: Floats, zone: Zone) -> list[float]:
    found = []
    for x0, x1, m0, m1 in zip(x, x[1:], mean, mean[1:], strict=False):
        if m0 * m1 < 0:
            found.append(float(x0 + (x1 - x0) * m0 / (m0 - m1)))
        elif m0 == 0 or m1 == 0:
            found.append(float(x0 if m0 == 0 else x1))
    room = _SAME * max(abs(zone.low), abs(zone.high), 1.0)
    return [at for at in dict.fromkeys(found) if zone.low - room <= at <= zone.high + room]
