"""Main effects: a figure against the levels of each factor, a line for each scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go

from cartlogix.analysis.kpi import Kpi
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.sweep_data import SweepData
from cartlogix.report.tables import show_estimate, table
from cartlogix.report.theme import DASHES, SERIES, figure, hover, literal


def effect_exhibits(data: SweepData) -> Iterator[Exhibit]:
    """Yield an exhibit for each factor and headline figure."""
    frame = data.effects
    for factor, label in data.factors.items():
        for kpi in data.headlines:
            mine = frame[((frame["factor"] == factor) & (frame["kpi"] == kpi.name)).to_numpy()]
            if len(mine):
                yield _exhibit(data, mine, label, kpi)


def _exhibit(data: SweepData, mine: pd.DataFrame, label: str, kpi: Kpi) -> Exhibit:
    unit = data.unit(kpi)
    lines = [
        _line(str(base), own, index)
        for index, (base, own) in enumerate(mine.groupby("base", sort=False, observed=True))
    ]
    drawn = figure(lines, x=literal(label), y=f"{kpi.title} [{unit}]", height=320)
    if not _are_numbers(mine["level"]):
        drawn.update_xaxes(type="category")
    rows = [
        [str(row["base"]), str(row["level"]), *show_estimate(row["mean"], row["low"], row["high"],
                                                             unit)]
        for row in mine.to_dict("records")
    ]  # fmt: skip
    title = f"{kpi.title} by {label}"
    return Exhibit(
        title,
        "Bars are 95 % intervals over replications.",
        f"{title}, a line for each scenario.",
        drawn,
        table(title, ["Scenario", "Level", "Mean", "95 % interval"], rows, text_columns=2),
    )


def _line(base: str, own: pd.DataFrame, index: int) -> go.Scatter:
    numeric = _are_numbers(own["level"])
    if numeric:
        own = own.assign(place=[_number(level) for level in own["level"]]).sort_values("place")
    else:
        own = own.assign(place=[literal(str(level), 30) for level in own["level"]])
    half = (own["high"] - own["mean"]).where(own["high"].notna(), 0.0)
    colour = SERIES[index % len(SERIES)]
    return go.Scatter(
        x=own["place"].tolist(),
        y=own["mean"].tolist(),
        error_y={"type": "data", "array": half.tolist(), "color": colour, "thickness": 1},
        mode="lines+markers" if len(own) <= 12 else "markers",
        name=literal(base, 40),
        line={"color": colour, "dash": DASHES[index % len(DASHES)]},
        hovertemplate=f"{hover(base)}: %{{y:.4g}} at %{{x}}<extra></extra>",
    )


def _are_numbers(levels: pd.Series[str]) -> bool:
    return all(not math.isnan(_number(level)) for level in levels)


def _number(level: object) -> float:
    """Return a level without its unit as a number, or NaN."""
    try:
        return float(str(level).split()[0])
    except (ValueError, IndexError):
        return math.nan
