"""Figures as text, for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from cartlogix.analysis.kpi import Kpi
from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.results import Results

_LONGEST_LABEL = 36
_Limits = tuple[float, float, float]
_UNKNOWN: _Limits = (math.nan, math.nan, math.nan)


def headline_rows(results: Results) -> list[list[str]]:
    """Return a row for each headline figure: its title and unit, and one cell a scenario."""
    names = [scenario.name for scenario in results.scenarios]
    figures = _limits(results.summary, ("scenario",), ("mean", "low", "high"))
    return [
        [title, *(interval_text(*figures.get((name, kpi.name), _UNKNOWN), kpi) for name in names)]
        for kpi, title in _headlines(results)
    ]


def difference_rows(results: Results) -> list[list[str]]:
    """Return the same for the differences of each further scenario from the first one.

    The intervals hold together with 95 %.
    """
    first, *others = [scenario.name for scenario in results.scenarios]
    wanted = ("difference", "low_adjusted", "high_adjusted")
    figures = _limits(results.differences, ("a", "b"), wanted)
    return [
        [
            title,
            *(
                interval_text(*figures.get((first, name, kpi.name), _UNKNOWN), kpi, sign="+")
                for name in others
            ),
        ]
        for kpi, title in _headlines(results)
    ]


def shared_luck_rows(results: Results) -> list[list[str]]:
    """Return what common random numbers gained, for the same differences.

    The correlation of the two scenarios, and in brackets how many times as many replications
    independent runs would need for intervals as narrow.
    """
    first, *others = [scenario.name for scenario in results.scenarios]
    wanted = ("correlation", "variance_ratio", "variance_ratio")
    figures = _limits(results.differences, ("a", "b"), wanted)
    rows = [
        [title, *(_gain(*figures.get((first, name, kpi.name), _UNKNOWN)[:2]) for name in others)]
        for kpi, title in _headlines(results)
    ]
    return [row for row in rows if any(row[1:])]


def _gain(correlation: float, ratio: float) -> str:
    if math.isnan(correlation) or math.isnan(ratio):
        return ""
    return f"{correlation:.2f} ({number_text(ratio)})"


def _headlines(results: Results) -> Iterator[tuple[Kpi, str]]:
    currency = results.scenarios[0].costs.currency
    for kpi in KPIS.values():
        if kpi.headline:
            unit = "%" if kpi.unit == "share" else kpi.unit.replace("{currency}", currency)
            yield kpi, f"{kpi.title} [{unit}]"


def _limits(
    frame: pd.DataFrame, keys: Sequence[str], values: Sequence[str]
) -> dict[tuple[str, ...], _Limits]:
    """Return the figures of all patients by scenario (or pair) and KPI."""
    pooled = frame[(frame["indication"] == "all") & (frame["group"] == "")]
    columns = [pooled[key].astype("str").tolist() for key in (*keys, "kpi")]
    limits = [pooled[value].tolist() for value in values]
    return dict(zip(zip(*columns, strict=True), zip(*limits, strict=True), strict=True))


def interval_text(
    mean: float, low: float, high: float, kpi: Kpi | None = None, sign: str = ""
) -> str:
    """Return `21.3 (20.1 to 22.5)`, the mean alone without an interval, or 'not applicable'.

    Shares are given in percent if the KPI is named.
    """
    if math.isnan(mean):
        return "not applicable"
    factor = 100 if kpi is not None and kpi.unit == "share" else 1
    mean, low, high = (value * factor for value in (mean, low, high))
    if math.isnan(low) or math.isnan(high):
        return number_text(mean, sign)
    return f"{number_text(mean, sign)} ({number_text(low, sign)} to {number_text(high, sign)})"


def number_text(value: float, sign: str = "") -> str:
    """Return a number with as many digits as a reader can use; `sign` may be '+'."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:{sign},.0f}"
    return f"{value:{sign}.3g}" if abs(value) < 100 else f"{value:{sign}.1f}"


def short_labels(labels: Sequence[str]) -> list[str]:
    """Return labels for narrow places: up to the comma, or cut, if that tells them apart."""
    plain = [" ".join(label.split()) for label in labels]
    for short in ([_cut(label.split(",")[0]) for label in plain], [*map(_cut, plain)]):
        if len(set(short)) == len(labels) and all(short):
            return short
    return list(labels)


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
