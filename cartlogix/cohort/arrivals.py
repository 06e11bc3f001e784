"""When patients arrive: the enrolment days of every patient, drawn before the run."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cartlogix.cohort.intensity import Integral, Intensity
from cartlogix.ground.streams import Streams
from cartlogix.scenario.demand import (
    Arrivals,
    IntervalArrivals,
    ListedArrivals,
    ListedPatient,
    PoissonArrivals,
)

Days = NDArray[np.float64]


def arrival_days(
    arrivals: Arrivals, horizon: float, streams: Streams, rates: Intensity | None = None
) -> Days:
    """Return the enrolment days before `horizon`, in order; `rates` if they change.

    Poisson arrivals are unit-rate arrivals mapped through the inverse of the cumulative rate, so
    that patient k keeps the same random number whatever the rate and the horizon.

    Raises:
        TypeError: for arrivals that are still a file; the loader turns files into lists.
    """
    if isinstance(arrivals, PoissonArrivals):
        return _poisson(arrivals, horizon, streams, rates)
    if isinstance(arrivals, IntervalArrivals):
        end = horizon if arrivals.until is None else min(horizon, arrivals.until.value)
        first, every = arrivals.first.value, arrivals.every.value
        count = max(0, math.ceil((end - first) / every))
        days = first + every * np.arange(count, dtype=np.float64)
        return days[days < end]
    if isinstance(arrivals, ListedArrivals):
        return np.array([day for day in listed_days(arrivals) if day < horizon], dtype=np.float64)
    raise TypeError(f"arrivals of process {arrivals.process!r} must be read from their file first")


def listed_days(arrivals: ListedArrivals) -> list[float]:
    """Return the days of a list of patients, in order of time."""
    return sorted(
        patient.at.value if isinstance(patient, ListedPatient) else patient.value
        for patient in arrivals.patients
    )


def _poisson(
    arrivals: PoissonArrivals, horizon: float, streams: Streams, rates: Intensity | None
) -> Days:
    end = horizon if arrivals.until is None else min(horizon, arrivals.until.value)
    if end <= 0:
        return np.empty(0)
    rate = CumulativeRate(arrivals) if rates is None else Integral(rates, end)
    expected = rate.at(end)
    if expected <= 0:
        return np.empty(0)
    column = streams.uniforms("arrival")
    count = math.ceil(expected + 6 * math.sqrt(expected) + 10)
    while True:
        sums = np.cumsum(-np.log(column.block(count)))
        if sums[-1] > expected:
            return rate.inverse(sums[sums < expected])
        count *= 2


class CumulativeRate:
    """The expected number of arrivals until a day, and its inverse, for piecewise rates."""

    def __init__(self, arrivals: PoissonArrivals) -> None:
        if arrivals.rate is not None:
            points = [(0.0, arrivals.rate.value)]
        else:
            points = [(point.at.value, point.rate.value) for point in arrivals.rates]
        self._days = np.array([day for day, _ in points])
        self._rates = np.array([rate for _, rate in points])
        widths = np.diff(self._days)
        if arrivals.shape == "linear":
            self._slopes = np.append(np.diff(self._rates) / widths, 0.0)
            areas = (self._rates[:-1] + self._rates[1:]) / 2 * widths
        else:
            self._slopes = np.zeros(len(points))
            areas = self._rates[:-1] * widths
        self._areas = np.append(0.0, np.cumsum(areas))

    def at(self, day: float) -> float:
        """Return the expected number of arrivals before `day`."""
        segment = int(np.searchsorted(self._days, day, side="right")) - 1
        if segment < 0:
            return 0.0
        time = day - float(self._days[segment])
        rate, slope = float(self._rates[segment]), float(self._slopes[segment])
        return float(self._areas[segment]) + rate * time + slope * time * time / 2

    def inverse(self, expected: Days) -> Days:
        """Return the days by which these many arrivals are expected."""
        segment = np.searchsorted(self._areas, expected, side="right") - 1
        rest = expected - self._areas[segment]
        rate, slope = self._rates[segment], self._slopes[segment]
        # The root of slope t^2 / 2 + rate t = rest, in the form that is stable for slope = 0.
        root = np.sqrt(np.maximum(rate * rate + 2 * slope * rest, 0.0))
        days: Days = self._days[segment] + 2 * rest / (rate + root)
        return days
