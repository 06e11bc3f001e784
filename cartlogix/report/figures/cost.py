"""What an infused patient costs: categories that build up to the whole, fixed and variable."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import Rows, means, rows_of
from cartlogix.report.tables import Table, plain, show, table
from cartlogix.report.theme import BLUE, INK, PURPLE, area, figure, hover, literal

KINDS = {"variable": (BLUE, ""), "fixed": (PURPLE, "/")}
"""Colour and pattern of each kind of cost."""


def cost_waterfall(data: ReportData) -> Exhibit:
    """Return floating bars of cost per infused patient by category, a block for each scenario."""
    parts = {kind: means(data, f"cost.per_infused_{kind}") for kind in KINDS}
    parts = {kind: frame.drop(columns="", errors="ignore") for kind, frame in parts.items()}
    whole = parts["variable"].fillna(0).add(parts["fixed"].fillna(0), fill_value=0)
    drawn = None
    if whole.size and whole.to_numpy().sum() > 0:
        rows = _rows(data, whole)
        drawn = figure(_bars(data, parts, whole, rows), height=100, values_on="x", y="",
                       x=f"{literal(data.currency, 20)} per infused patient")  # fmt: skip
        drawn.update_layout(barmode="overlay")
        drawn.update_xaxes(tickformat="~s", rangemode="tozero",
                           range=[0, float(whole.sum(axis=1).max()) * 1.14])  # fmt: skip
        rows.style(drawn)
    return Exhibit(
        title="Cost per infused patient by category",
        caption="Each bar starts where the one above ends, so a block adds up to the scenario's"
        " whole cost divided by its infused patients; the cost of patients who were lost and of"
        " doses that were wasted is borne by those infused.",
        label="Waterfall bars of cost per infused patient by category, fixed and variable.",
        figure=drawn,
        table=_cost_table(data, parts, whole),
        empty="There is no cost to show: no price was given, or no patient was infused.",
    )


def _largest_first(whole: pd.DataFrame, name: str) -> list[str]:
    own = whole.loc[name]
    return [str(category) for category in own[own > 0].sort_values(ascending=False).index]


def _rows(data: ReportData, whole: pd.DataFrame) -> Rows:
    return rows_of(
        (name, data.labels[name], [(c, c) for c in _largest_first(whole, name)])
        for name in data.names
    )


def _bars(
    data: ReportData, parts: dict[str, pd.DataFrame], whole: pd.DataFrame, rows: Rows
) -> list[go.Bar]:
    cells: dict[str, list[tuple[int, float, float, str]]] = {kind: [] for kind in KINDS}
    totals: list[tuple[int, float]] = []
    for name in data.names:
        base = 0.0
        for category in _largest_first(whole, name):
            for kind in KINDS:
                value = _amount(parts[kind], name, category)
                if value > 0:
                    cells[kind].append((rows.item[name, category], base, value, category))
                    base += value
        totals.append((rows.header[name], base))
    return [_whole_bar(data, totals), *(_kind_bar(data, kind, own) for kind, own in cells.items())]


def _whole_bar(data: ReportData, totals: list[tuple[int, float]]) -> go.Bar:
    return go.Bar(
        y=[row for row, _ in totals],
        x=[round(value, 2) for _, value in totals],
        orientation="h",
        name="whole cost",
        marker=area(INK),
        text=[f"<b>{plain(value)}</b>" for _, value in totals],
        textposition="outside",
        textfont={"color": INK, "size": 12},
        cliponaxis=False,
        hovertemplate=f"whole cost: %{{x:,.0f}} {hover(data.currency)}<extra></extra>",
    )


def _kind_bar(data: ReportData, kind: str, own: list[tuple[int, float, float, str]]) -> go.Bar:
    colour, pattern = KINDS[kind]
    return go.Bar(
        y=[row for row, _, _, _ in own],
        base=[round(base, 2) for _, base, _, _ in own],
        x=[round(value, 2) for _, _, value, _ in own],
        orientation="h",
        name=kind,
        marker=area(colour, pattern),
        customdata=[[hover(category), plain(value)] for _, _, value, category in own],
        hovertemplate=f"%{{customdata[0]}}, {kind}: %{{customdata[1]}} {hover(data.currency)}"
        "<extra></extra>",
    )


def _amount(frame: pd.DataFrame, scenario: str, category: str) -> float:
    value = float(frame.loc[scenario, category]) if category in frame else 0.0
    return value if value == value else 0.0  # noqa: PLR0124 - NaN where there is none


def _cost_table(data: ReportData, parts: dict[str, pd.DataFrame], whole: pd.DataFrame) -> Table:
    rows = []
    for name in data.names:
        own = _largest_first(whole, name)
        total = float(whole.loc[name].sum())
        for category in own:
            amounts = [_amount(parts[kind], name, category) for kind in KINDS]
            share = show(sum(amounts) / total, "share")
            rows.append([data.labels[name], category, *map(plain, amounts), plain(sum(amounts)), share])
        if own:
            sums = [sum(_amount(parts[kind], name, c) for c in own) for kind in KINDS]
            rows.append([data.labels[name], "sum", *map(plain, sums), plain(total), "100\u00a0%"])
    heads = ["Scenario", "Category", *(kind.capitalize() for kind in KINDS), "Both", "Share"]
    caption = f"{data.currency} per infused patient by category"
    return table(caption, heads, rows, text_columns=2)
