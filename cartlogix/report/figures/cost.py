"""What an infused patient costs: categories that build up to the whole, fixed and variable."""

from __future__ import annotations

import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, Means, Rows, means, rows_of
from cartlogix.report.tables import Table, interval_decimals, plain, show, spoken, table
from cartlogix.report.theme import BLUE, INK, PURPLE, SKY, area, figure, hover, literal
from cartlogix.scenario.model import Scenario

KINDS = {"variable": (BLUE, ""), "fixed": (PURPLE, "/"), "fixed and variable": (SKY, "x")}
"""Colour and pattern of each kind of cost."""


def cost_waterfall(data: ReportData) -> Exhibit:
    """Return floating bars of cost per infused patient by category, a block for each scenario."""
    parts = means(data, "cost.category_per_infused")
    totals = {name: sum(own.values()) for name, own in parts.items()}
    drawn = None
    if any(total > 0 for total in totals.values()):
        rows = rows_of((name, data.short_labels[name], _items(parts[name])) for name in data.names)
        drawn = figure(_bars(data, parts, rows), height=100, values_on="x", y="",
                       x=f"{literal(data.currency, 20)} per infused patient")  # fmt: skip
        drawn.update_layout(barmode="overlay")
        drawn.update_xaxes(tickformat="~s", range=[0, max(totals.values()) * 1.28])
        _add_totals(drawn, totals, rows)
        rows.style(drawn)
    return Exhibit(
        title="Cost per infused patient by category",
        caption="The top bar of a block is the whole cost, variable and fixed. Below it each"
        " category starts where the one above ends. Costs are divided by infused patients, so"
        " those of lost patients and wasted doses are borne by the infused.",
        label="Waterfall bars of cost per infused patient by category, fixed and variable.",
        figure=drawn,
        table=_cost_table(data, parts),
        empty="There is no cost to show: no price was given, or no patient was infused.",
    )


def kind_of(scenario: Scenario, category: str) -> str:
    """Return whether the cost lines of a category are fixed, variable, or some of each."""
    lines = [one for one in scenario.costs.lines if (one.category or one.name) == category]
    fixed = {line.is_fixed for line in lines} or {False}  # transport has prices but no lines
    return "fixed and variable" if len(fixed) > 1 else "fixed" if fixed.pop() else "variable"


def _largest_first(own: dict[str, float]) -> list[str]:
    return sorted((name for name, value in own.items() if value > 0), key=lambda name: -own[name])


def _items(own: dict[str, float]) -> list[tuple[str, str]]:
    return [("", "whole cost"), *((category, spoken(category)) for category in _largest_first(own))]


def _bars(data: ReportData, parts: Means, rows: Rows) -> list[go.Bar]:
    cells: dict[str, list[tuple[int, float, float, str]]] = {kind: [] for kind in KINDS}
    split = {kind: means(data, f"cost.{kind}_per_infused") for kind in ("variable", "fixed")}
    for item in data.scenarios:
        base = 0.0
        for kind, found in split.items():
            value = found[item.name].get("", 0.0)
            if value > 0:
                cells[kind].append((rows.item[item.name, ""], base, value, "whole cost"))
                base += value
        base = 0.0
        for category in _largest_first(parts[item.name]):
            value = parts[item.name][category]
            kind = kind_of(item.scenario, category)
            cells[kind].append((rows.item[item.name, category], base, value, category))
            base += value
    return [_bar(data, kind, own) for kind, own in cells.items() if own]


def _bar(data: ReportData, kind: str, own: list[tuple[int, float, float, str]]) -> go.Bar:
    colour, pattern = KINDS[kind]
    return go.Bar(
        y=[row for row, _, _, _ in own],
        base=[round(base, 2) for _, base, _, _ in own],
        x=[round(value, 2) for _, _, value, _ in own],
        orientation="h",
        width=BAR,
        name=kind,
        marker=area(colour, pattern),
        customdata=[[hover(spoken(category)), plain(value)] for _, _, value, category in own],
        hovertemplate=f"%{{customdata[0]}}, {kind}: %{{customdata[1]}} {hover(data.currency)}"
        "<extra></extra>",
    )


def _add_totals(drawn: go.Figure, totals: dict[str, float], rows: Rows) -> None:
    for name, total in totals.items():
        text = plain(total, interval_decimals(total, total))
        drawn.add_annotation(x=total, y=rows.item[name, ""], text=f"<b>{text}</b>",
                             showarrow=False, xanchor="left", xshift=4,
                             font={"size": 12, "color": INK})  # fmt: skip


def _cost_table(data: ReportData, parts: Means) -> Table:
    rows = []
    for item in data.scenarios:
        label, total = data.short_labels[item.name], sum(parts[item.name].values())
        for category in _largest_first(parts[item.name]):
            value = parts[item.name][category]
            kind = kind_of(item.scenario, category)
            rows.append([label, spoken(category), kind, plain(value), show(value / total, "share")])
        if total > 0:
            rows.append([label, "sum", "", plain(total), show(1, "share")])
    heads = ["Scenario", "Category", "Kind", data.currency, "Share"]
    caption = f"{data.currency} per infused patient by category"
    return table(caption, heads, rows, text_columns=3)
