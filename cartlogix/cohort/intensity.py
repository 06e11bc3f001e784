"""Arrival rates that change: seasons, uptake by indication, surges; their integral and inverse.

The rate of an indication is the base rate x its share x its uptake x the season x the surges that
concern it. The sum over indications is the rate of all arrivals; an arrival of a day has an
indication with the chances of that day (superposition of Poisson processes).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cartlogix.cohort.occurrences import occurrences
from cartlogix.ground.streams import Streams
from cartlogix.scenario.demand import Indication, PoissonArrivals, Season
from cartlogix.scenario.disruption import Surge
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.when import day_when

Days = NDArray[np.float64]

# On pieces of this length a polynomial of this degree follows a yearly wave to rounding.
_PIECE, _DEGREE = 15.0, 7
_HALVINGS = 60


@dataclass(frozen=True)
class Intensity:
    """The arrival rates of a scenario whose demand is more than a base rate and shares."""

    scenario: Scenario
    arrivals: PoissonArrivals
    surges: tuple[tuple[float, float, float, int | None], ...]
    """Start, end, factor, and the indication concerned (None: all)."""

    def weights(self, days: Days) -> Days:
        """Return the rate of each indication (columns) on each day (rows), in patients per day."""
        start = self.scenario.run.start
        indications = self.scenario.demand.indications
        shares = np.array([item.share.value for item in indications])
        factors = np.stack([_uptake(item, start, days) for item in indications], axis=1)
        for begin, end, factor, concerned in self.surges:
            inside = (days >= begin) & (days < end)
            column = slice(None) if concerned is None else concerned
            factors[inside, column] *= factor
        base = _base(self.arrivals, days) * _season(self.arrivals.season, start, days)
        rates: Days = base[:, None] * factors * (shares / shares.sum())
        return rates

    def edges(self, end: float) -> Days:
        """Return the days between which the rate is smooth, from 0 to `end`."""
        start = self.scenario.run.start
        points = {0.0, end, *(point.at.value for point in self.arrivals.rates)}
        for item in self.scenario.demand.indications:
            points |= {day_when(point.at, start) for point in item.uptake}
        for begin, stop, _, _ in self.surges:
            points |= {begin, stop}
        season = self.arrivals.season
        if season is not None and season.by_month:
            points |= set(_months(start, end))
        days = np.array(sorted(point for point in points if 0 <= point <= end))
        if season is None or season.by_month:
            return days
        parts = [
            np.linspace(a, b, int(np.ceil((b - a) / (_PIECE * season.period.value / 365))) + 1)
            for a, b in pairwise(days.tolist())
        ]
        return np.unique(np.concatenate([*parts, days]))


def intensity(scenario: Scenario, streams: Streams) -> Intensity | None:
    """Return the changing rates of a scenario; None if a base rate and shares are all there is."""
    arrivals = scenario.demand.arrivals
    if not isinstance(arrivals, PoissonArrivals):
        return None
    names = [item.name for item in scenario.demand.indications]
    surges = tuple(
        (time.start, time.end, surge.factor.value, names.index(surge.indication))
        if surge.indication is not None
        else (time.start, time.end, surge.factor.value, None)
        for surge in scenario.disruptions
        if isinstance(surge, Surge) and surge.factor.value != 1
        for time in occurrences(surge, scenario, streams)
    )
    grows = any(point.factor.value != 1 for i in scenario.demand.indications for point in i.uptake)
    late = any(
        i.uptake and day_when(i.uptake[0].at, scenario.run.start) > 0
        for i in scenario.demand.indications
    )
    if surges or grows or late or _is_rhythmic(arrivals.season):
        return Intensity(scenario, arrivals, surges)
    return None


class Integral:
    """The expected number of arrivals until a day, and its inverse."""

    def __init__(self, rates: Intensity, end: float) -> None:
        self._edges = edges = rates.edges(end)
        self._widths = np.diff(edges)
        nodes = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
        days = edges[:-1, None] + (nodes + 1) / 2 * self._widths[:, None]
        values = rates.weights(days.ravel()).sum(axis=1).reshape(days.shape)
        fitted = np.linalg.solve(np.vander(nodes), values.T).T  # highest power first
        powers = np.arange(_DEGREE + 1, 0, -1)
        inner = np.hstack([fitted / powers, np.zeros((len(fitted), 1))])
        inner[:, -1] = -_horner(inner, np.full(len(fitted), -1.0))
        self._inner = inner * self._widths[:, None] / 2
        areas = _horner(self._inner, np.ones(len(fitted)))
        self._areas = np.append(0.0, np.cumsum(areas))

    def at(self, day: float) -> float:
        """Return the expected number of arrivals before `day` (from 0 to the end)."""
        piece = int(np.searchsorted(self._edges, day, side="right")) - 1
        piece = min(max(piece, 0), len(self._widths) - 1)
        place = 2 * (day - self._edges[piece]) / self._widths[piece] - 1
        part = _horner(self._inner[piece : piece + 1], np.array([place]))
        return float(self._areas[piece] + part[0])

    def inverse(self, expected: Days) -> Days:
        """Return the days by which these many arrivals are expected, by bisection."""
        piece = np.searchsorted(self._areas, expected, side="right") - 1
        piece = np.minimum(piece, len(self._widths) - 1)
        rest, inner = expected - self._areas[piece], self._inner[piece]
        low, high = np.full(len(expected), -1.0), np.ones(len(expected))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            above = _horner(inner, middle) >= rest
            high, low = np.where(above, middle, high), np.where(above, low, middle)
        days: Days = self._edges[piece] + (high + 1) / 2 * self._widths[piece]
        return days


def _horner(coefficients: Days, places: Days) -> Days:
    total = np.zeros(len(places))
    for power in range(coefficients.shape[1]):
        total = total * places + coefficients[:, power]
    return total


def _base(arrivals: PoissonArrivals, days: Days) -> Days:
    if arrivals.rate is not None:
        return np.full(days.shape, arrivals.rate.value)
    at = np.array([point.at.value for point in arrivals.rates])
    rates = np.array([point.rate.value for point in arrivals.rates])
    return _path(at, rates, days, linear=arrivals.shape == "linear")


def _uptake(indication: Indication, start: dt.date, days: Days) -> Days:
    if not indication.uptake:
        return np.ones(days.shape)
    at = np.array([day_when(point.at, start) for point in indication.uptake])
    factors = np.array([point.factor.value for point in indication.uptake])
    return _path(at, factors, days, linear=indication.uptake_shape == "linear")


def _path(at: Days, values: Days, days: Days, *, linear: bool) -> Days:
    """Return a step function or a broken line through points; 0 before the first one."""
    place = np.searchsorted(at, days, side="right")
    level = np.interp(days, at, values) if linear else np.append(0.0, values)[place]
    return np.where(place == 0, 0.0, level)


def _is_rhythmic(season: Season | None) -> bool:
    if season is None:
        return False
    if season.amplitude is not None:
        return season.amplitude.value > 0
    return any(factor.value != 1 for factor in season.by_month)


def _season(season: Season | None, start: dt.date, days: Days) -> Days:
    if season is None:
        return np.ones(days.shape)
    if season.amplitude is not None:
        turn = 2 * np.pi * (days - day_when(season.peak, start)) / season.period.value
        wave: Days = 1 + season.amplitude.value * np.cos(turn)
        return wave
    factors = np.array([factor.value for factor in season.by_month])
    edges = np.array(list(_months(start, float(days.max(initial=0.0)) + 32)))
    place = np.searchsorted(edges, days, side="right")
    month: Days = factors[(start.month - 1 + place) % 12]
    return month


def _months(start: dt.date, end: float) -> Iterator[float]:
    """Yield the days on which months begin, after day 0."""
    year, month = start.year, start.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        # Years beyond 9999 have no dates; the calendar repeats after 400 of them.
        shift = (year - 2000) // 400
        day = (dt.date(year - 400 * shift, month, 1) - start).days + 146097.0 * shift
        if day >= end:
            return
        yield day
