"""Figures as text, for the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.results import Results


def headline_rows(results: Results, names: Sequence[str]) -> list[list[str]]:
    """Return a row for each headline figure: its title and unit, and one cell a scenario."""
    summary = results.summary
    pooled = summary[(summary["indication"] == "all") & (summary["group"] == "")]
    keys = zip(pooled["scenario"].astype("str"), pooled["kpi"].astype("str"), strict=True)
    limits = zip(pooled["mean"], pooled["low"], pooled["high"], strict=True)
    figures = dict(zip(keys, limits, strict=True))
    currency = results.scenarios[0].costs.currency
    rows = []
    for name, kpi in KPIS.items():
        if not kpi.headline:
            continue
        unknown = (math.nan,) * 3
        cells = [interval_text(*figures.get((scenario, name), unknown)) for scenario in names]
        rows.append([f"{kpi.title} [{kpi.unit.format(currency=currency)}]", *cells])
    return rows


def interval_text(mean: float, low: float, high: float) -> str:
    """Return `21.3 (20.1 to 22.5)`, the mean alone without an interval, or 'not applicable'."""
    if math.isnan(mean):
        return "not applicable"
    if math.isnan(low) or math.isnan(high):
        return number_text(mean)
    return f"{number_text(mean)} ({number_text(low)} to {number_text(high)})"


def number_text(value: float) -> str:
    """Return a number with as many digits as a reader can use."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"
