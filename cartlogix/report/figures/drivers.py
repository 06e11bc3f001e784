"""Bars of what drives a figure: tornado, effects, shares and worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table
from cartlogix.report.theme import PATTERNS, SERIES, area, figure, hover, wrapped


@dataclass(frozen=True)
class Bars:
    """A bar for each input, with its interval."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    name: str = ""

    @classmethod
    def of(cls, rows: Sequence[tuple[str, float, float, float]], name: str = "") -> Bars:
        """Return bars from label, value and limits of each; what is unknown is drawn as 0."""
        known = [
            (label, value, max(0.0, value - low), max(0.0, high - value))
            if math.isfinite(value) and math.isfinite(low) and math.isfinite(high)
            else (label, value if math.isfinite(value) else 0.0, 0.0, 0.0)
            for label, value, low, high in rows
        ]
        labels, values, below, above = zip(*known, strict=True)
        return cls(labels, values, below, above, name)


def driver_exhibit(title: str, axis: str, bars: Sequence[Bars], shown: Table) -> Exhibit:
    """Return bars on one axis, the most important input at the top."""
    traces = [
        go.Bar(
            y=[wrapped(label, 32) for label in one.labels],
            x=list(one.values),
            error_x={"type": "data", "symmetric": False, "array": list(one.above),
                     "arrayminus": list(one.below), "thickness": 1},
            orientation="h",
            name=one.name,
            marker=area(SERIES[index % len(SERIES)], PATTERNS[index % len(PATTERNS)]),
            hovertemplate=f"{hover(one.name)} %{{x:.4g}}<extra></extra>",
        )
        for index, one in enumerate(bars)
    ]  # fmt: skip
    height = 110 + 34 * len(bars[0].labels)
    drawn = figure(traces, x=axis, y="", height=height, values_on="x", legend=len(bars) > 1)
    drawn.update_layout(barmode="overlay" if len(bars) > 1 else "group", bargap=0.3)
    drawn.update_yaxes(autorange="reversed")
    caption = "Whiskers are 95 % intervals that hold together for all inputs of the figure."
    return Exhibit(title, caption, f"Bars: {title}.", drawn, shown)
