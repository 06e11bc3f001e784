"""Key figures at a glance: a tile for each scenario."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cartlogix.report.data import ReportData
from cartlogix.report.tables import (
    NOT_AVAILABLE,
    is_share,
    joined,
    row_decimals,
    show_estimate,
    shown_unit,
)
from cartlogix.report.theme import SERIES


@dataclass(frozen=True)
class TileFigure:
    """One figure on a tile."""

    title: str
    value: str
    interval: str
    muted: bool


@dataclass(frozen=True)
class Tile:
    """One scenario at a glance."""

    label: str
    description: str
    colour: str
    figures: tuple[TileFigure, ...]


def tiles(data: ReportData) -> tuple[Tile, ...]:
    """Return the headline KPIs of each scenario, in its colour of the figures."""
    return tuple(
        Tile(
            item.label,
            " ".join(item.description.split()),
            SERIES[index % len(SERIES)],
            tuple(_figures(data, item.name)),
        )
        for index, item in enumerate(data.scenarios)
    )


def _figures(data: ReportData, scenario: str) -> list[TileFigure]:
    rows = data.summary
    headline = [kpi.name for kpi in data.registry.values() if kpi.headline]
    rows = rows[rows["kpi"].isin(headline)]
    rows = rows[(rows["group"] == "") & (rows["indication"] == "all")]
    figures = []
    for kpi in data.registry.values():
        same = rows[rows["kpi"] == kpi.name]
        own = same[same["scenario"] == scenario]
        if not kpi.headline or own.empty:
            continue
        row = own.iloc[0]
        factor = 100 if is_share(kpi.unit) else 1
        limits = (same[["mean", "low", "high"]] * factor).itertuples(index=False, name=None)
        value, interval = show_estimate(row["mean"], row["low"], row["high"], kpi.unit,
                                        row_decimals(limits))  # fmt: skip
        if interval == NOT_AVAILABLE:
            interval = "interval not available"
        elif interval:
            interval = joined(interval, shown_unit(kpi.unit))
        figures.append(TileFigure(kpi.title, value, interval, not math.isfinite(row["mean"])))
    return figures
