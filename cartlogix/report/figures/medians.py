"""Median days by step on top of each other, a bar for each scenario."""

from __future__ import annotations

import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import means
from cartlogix.report.figures.steps import step_titles
from cartlogix.report.tables import NOT_APPLICABLE, Table, plain, table
from cartlogix.report.theme import PATTERNS, SERIES, area, figure, hover, literal, wrapped

_LEAST = 0.005  # days: shorter steps would be invisible

Medians = dict[str, dict[str, float]]
"""Median days by title of the step and name of the scenario."""


def median_days(data: ReportData) -> Exhibit:
    """Return stacked bars of the median days by step; equal titles share a colour."""
    medians = _medians(data)
    shown = {title: own for title, own in medians.items() if max(own.values()) >= _LEAST}
    drawn = None
    if shown:
        bars = [_bar(data, title, own, index) for index, (title, own) in enumerate(shown.items())]
        height = 130 + 72 * len(data.names) + 20 * ((len(bars) + 3) // 4)
        drawn = figure(bars, x="median days of infused patients", y="", height=height,
                       values_on="x")  # fmt: skip
        drawn.update_layout(barmode="stack", bargap=0.25,
                            uniformtext={"minsize": 10, "mode": "hide"})  # fmt: skip
        drawn.update_yaxes(autorange="reversed")
    return Exhibit(
        title="Median days by step",
        caption="Half of the infused patients spend fewer days at a step than its median, all"
        " waiting, work, transport and rework together. The medians of the steps do not add up to"
        " the median of the whole, so the length of a bar is not a lead time.",
        label="Stacked bars of median days by step, a bar for each scenario.",
        figure=drawn,
        table=_table(data, medians),
        empty="No patient was infused, so there are no days by step to show.",
    )


def _medians(data: ReportData) -> Medians:
    """Collect the medians, the steps in the order of the routes.

    A step that an earlier scenario does not have stands after the one that it follows.
    """
    found = means(data, "step_time.median")
    order: list[str] = []
    medians: Medians = {}
    for item in data.scenarios:
        place = 0
        for step, title in step_titles(item).items():
            if title not in medians:
                order.insert(place, title)
            place = order.index(title) + 1
            own = medians.setdefault(title, {})
            if step in found[item.name]:
                own[item.name] = own.get(item.name, 0.0) + found[item.name][step]
    return {title: medians[title] for title in order if medians[title]}


def _bar(data: ReportData, title: str, own: dict[str, float], index: int) -> go.Bar:
    days = [own.get(name, 0.0) for name in data.names]
    pattern = PATTERNS[(index // len(SERIES)) % len(PATTERNS)]
    return go.Bar(
        y=[wrapped(data.short_labels[name]) for name in data.names],
        x=[round(value, 3) for value in days],
        orientation="h",
        name=literal(title, 40),
        marker=area(SERIES[index % len(SERIES)], pattern, opacity=0.3),
        text=["" if value < _LEAST else f"{wrapped(title, 16, 2)}<br>{plain(value)}"
              for value in days],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        hovertemplate=f"{hover(title)}: %{{x:.2f}} d<extra></extra>",
    )  # fmt: skip


def _table(data: ReportData, medians: Medians) -> Table:
    rows = [
        [title, *(plain(own[name]) if name in own else NOT_APPLICABLE for name in data.names)]
        for title, own in medians.items()
    ]
    heads = ["Step", *(data.short_labels[name] for name in data.names)]
    return table("Median days of infused patients by step", heads, rows)
