"""What every family of KPIs shares: one figure, the slices by indication, clipped time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartlogix.analysis.statistics import Floats
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

T = TypeVar("T")

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Coded = tuple[Codes, list[str]]
"""A column of texts: codes, and the texts that they stand for."""
ALL = "all"
"""The slice of all patients."""


class Figure(NamedTuple):
    """One row of the tidy KPI table of one replication."""

    kpi: str
    group: str
    indication: str
    value: float


class Slice(NamedTuple):
    """The patients of one indication, or all of them."""

    indication: str
    mask: Mask


def slices(indications: pd.Series[str], scenario: Scenario) -> list[Slice]:
    """Return all patients first, then those of each indication in the scenario's order."""
    names = [indication.name for indication in scenario.demand.indications]
    which = positions(indications, names)
    own = [Slice(name, which == position) for position, name in enumerate(names)]
    return [Slice(ALL, np.ones(which.size, dtype=bool)), *own]


def once(found: Callable[[Trace, Scenario], T]) -> Callable[[Trace, Scenario], T]:
    """Make what is read off a trace in several places be computed once for as long as it lives."""
    known: WeakKeyDictionary[Trace, tuple[Scenario, T]] = WeakKeyDictionary()

    @wraps(found)
    def asked(trace: Trace, scenario: Scenario) -> T:
        if trace not in known or known[trace][0] is not scenario:
            known[trace] = scenario, found(trace, scenario)
        return known[trace][1]

    return asked


def coded(column: pd.Series[str]) -> Coded:
    """Return a text column as codes and the texts that they stand for."""
    values = column.array
    known = values if isinstance(values, pd.Categorical) else pd.Categorical(column)
    return known.codes.astype(np.int64), known.categories.tolist()


def positions(column: pd.Series[str], names: Sequence[str]) -> Codes:
    """Return where each text of a column stands among names; -1 if it does not."""
    codes, found = coded(column)
    place = {name: position for position, name in enumerate(names)}
    table = np.array([*(place.get(name, -1) for name in found), -1], dtype=np.int64)
    return np.asarray(table[codes])  # -1, no text, is last


def is_one_of(column: pd.Series[str], *values: str) -> Mask:
    """Return where a text column has one of the values."""
    codes, names = coded(column)
    table = np.array([name in values for name in names] + [False])  # -1, no text, is last
    return np.asarray(table[codes], dtype=bool)


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column of times or numbers as an array."""
    return np.asarray(frame[column].to_numpy(), dtype=np.float64)


def clipped(starts: Floats, ends: Floats, window: tuple[float, float]) -> Floats:
    """Return how long each interval overlaps the window; NaN ends mean that it goes on."""
    late = np.where(np.isnan(ends), np.inf, ends)
    overlap = np.minimum(late, window[1]) - np.maximum(starts, window[0])
    return np.where(np.isnan(starts), 0.0, np.maximum(overlap, 0.0))


def inside(times: Floats, window: tuple[float, float]) -> Mask:
    """Return which times lie in the window, its end excluded."""
    return (times >= window[0]) & (times < window[1])


def mean(values: Floats) -> float:
    """Return the mean of the values that are known; NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def quantiles(values: Floats, probabilities: Sequence[float]) -> list[float]:
    """Return quantiles (linear between order statistics) of the known values; NaN if none is."""
    known = values[~np.isnan(values)]
    if not known.size:
        return [math.nan] * len(probabilities)
    return [float(value) for value in np.quantile(known, probabilities)]


def ratio(part: float, whole: float) -> float:
    """Return `part / whole`, undefined (NaN) if the whole is 0."""
    return part / whole if whole else math.nan


def observed(trace: Trace) -> tuple[float, float]:
    """Return the measured window, cut off where the replication stopped."""
    start, end = trace.window
    return start, max(start, min(end, trace.stop))
