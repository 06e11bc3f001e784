"""What each level of a stock gives: fill rate and cost, with their intervals."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from cartlogix.analysis.statistics import Interval, mean_interval
from cartlogix.experiment.stock_levels import Answer, Tried
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import show_estimate, table
from cartlogix.report.theme import BLUE, GREY, VERMILLION, figure

_CAPTION = "Bars are 95 % intervals over replications on the same patients; the level found is a"


def fill_exhibit(answer: Answer, target: float | None) -> Exhibit:
    """Return the fill rate against the level, and the target if there is one."""
    drawn = _drawn(answer, "fill rate [%]", _percent)
    if target is not None:
        drawn.add_hline(y=100 * target, line={"color": GREY, "dash": "dash"},
                        annotation_text=f"target {100 * target:g} %")  # fmt: skip
    rows = [
        [str(one.level), *_cells(_cut(mean_interval(one.fill)), "share"), *_chance(one, target)]
        for one in answer.tried
    ]
    heads = ["Level", "Fill rate", "95 % interval"]
    heads += [] if target is None else [f"Chance of {100 * target:g} % or more"]
    return Exhibit(
        "Fill rate by level",
        f"{_CAPTION} diamond. The chance is that of the mean over replications (Student t).",
        "Fill rate of every level that was tried, with intervals.",
        drawn,
        table("Fill rate by level", heads, rows),
    )


def cost_exhibit(answer: Answer, currency: str) -> Exhibit:
    """Return the cost per infused patient against the level."""
    label = f"cost per infused patient [{currency}]"
    rows = [[str(one.level), *_cells(mean_interval(one.cost), currency)] for one in answer.tried]
    return Exhibit(
        "Cost by level",
        f"{_CAPTION} diamond.",
        "Cost per infused patient of every level that was tried, with intervals.",
        _drawn(answer, label, lambda one: mean_interval(one.cost)),
        table("Cost per infused patient by level", ["Level", "Cost", "95 % interval"], rows),
    )


def _drawn(answer: Answer, label: str, of: Callable[[Tried], Interval]) -> go.Figure:
    found = [of(one) for one in answer.tried]
    best = [one is answer.found for one in answer.tried]
    dots = go.Scatter(
        x=[one.level for one in answer.tried],
        y=[value.estimate for value in found],
        error_y={
            "type": "data",
            "array": [value.high - value.estimate for value in found],
            "arrayminus": [value.estimate - value.low for value in found],
            "color": BLUE,
            "thickness": 1,
        },
        mode="lines+markers",
        line={"color": BLUE, "width": 1, "dash": "dot"},
        marker={
            "color": [VERMILLION if mine else BLUE for mine in best],
            "symbol": ["diamond" if mine else "circle" for mine in best],
            "size": [13 if mine else 8 for mine in best],
        },
        name=label,
        hovertemplate="level %{x}: %{y:.5g}<extra></extra>",
    )
    return figure([dots], x="level", y=label, height=340, legend=False)


def _percent(one: Tried) -> Interval:
    return Interval(*(100 * part for part in _cut(mean_interval(one.fill))))


def _cut(share: Interval) -> Interval:
    """Return an interval of a share, cut where no share can be."""
    return Interval(*(max(0.0, min(1.0, part)) for part in share))


def _cells(value: Interval, unit: str) -> tuple[str, str]:
    text, interval = show_estimate(value.estimate, value.low, value.high, unit)
    return text, interval


def _chance(one: Tried, target: float | None) -> list[str]:
    return [] if target is None else [f"{100 * one.chance_of(target):.1f} %"]
