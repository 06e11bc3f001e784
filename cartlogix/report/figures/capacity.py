"""How busy each resource is, and which one holds the system up."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, Means, Rows, means, rows_of
from cartlogix.report.tables import Cell, Table, plain, show, spoken, table
from cartlogix.report.theme import BLUE, INK, VERMILLION, area, figure, hover

_MOST_POOLS = 14


def utilisation(data: ReportData) -> Exhibit:
    """Return the utilisation of every counted pool, a block of bars for each scenario."""
    used = means(data, "pool.utilisation")
    first = means(data, "pool.bottleneck")
    rows = _rows(data, used)
    drawn = None
    if rows.item:
        drawn = figure(_bars(used, first, rows), x="utilisation", y="",
                       height=100, values_on="x")  # fmt: skip
        drawn.update_layout(barmode="overlay")
        drawn.update_xaxes(range=[0, 1.18], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
        rows.style(drawn)
    return Exhibit(
        title="Utilisation and bottleneck",
        caption="Share of the open time of each resource in which it was busy in the measured"
        " window, mean over replications. The bottleneck is the resource with the highest"
        " utilisation in most replications; above about 85 % waits grow fast. Unlimited resources"
        " are left out.",
        label="Bars of utilisation by resource and scenario; the bottleneck is marked.",
        figure=drawn,
        table=_pool_table(data, used, first),
        empty="No resource has a counted capacity, so there is no utilisation to show.",
    )


def _busiest_first(own: dict[str, float]) -> list[str]:
    return sorted(own, key=lambda pool: -own[pool])


def _rows(data: ReportData, used: Means) -> Rows:
    blocks = []
    for name in data.names:
        pools = _busiest_first(used[name])[:_MOST_POOLS]
        if pools:
            blocks.append(
                (name, data.short_labels[name], [(pool, pool_title(pool)) for pool in pools])
            )
    return rows_of(blocks)


def pool_title(pool: str) -> str:
    """Write `site/resource` as people say it."""
    site, _, resource = pool.rpartition("/")
    return spoken(f"{resource}, {site}" if site else resource)


def _bottleneck(own: dict[str, float]) -> str | None:
    """Return the pool that was the bottleneck in most replications; None if there is none."""
    pool = max(own, key=own.__getitem__, default=None)
    return pool if pool is not None and own[pool] > 0 else None


def _bars(used: Means, first: Means, rows: Rows) -> list[go.Bar]:
    cells = [(position, name, pool) for (name, pool), position in rows.item.items()]
    bars = []
    for label, colour, pattern, wanted in (
        ("bottleneck", VERMILLION, "/", True),
        ("other resources", BLUE, "", False),
    ):
        own = [cell for cell in cells if (_bottleneck(first[cell[1]]) == cell[2]) == wanted]
        if own:
            values = [used[name][pool] for _, name, pool in own]
            bars.append(
                go.Bar(
                    y=[position for position, _, _ in own],
                    x=[round(value, 4) for value in values],
                    orientation="h",
                    width=BAR,
                    name=label,
                    marker=area(colour, pattern),
                    text=[show(value, "share") for value in values],
                    textposition="outside",
                    textfont={"color": INK, "size": 12},
                    cliponaxis=False,
                    customdata=[[hover(pool_title(pool))] for _, _, pool in own],
                    hovertemplate="%{customdata[0]}: %{x:.1%}<extra></extra>",
                )
            )
    return bars


def _pool_table(data: ReportData, used: Means, first: Means) -> Table:
    queue, change = means(data, "pool.queue"), means(data, "pool.changeover")
    rows: list[list[Cell | str]] = []
    for name in data.names:
        for pool in _busiest_first(used[name]):
            mark = "bottleneck" if _bottleneck(first[name]) == pool else ""
            share = first[name].get(pool, math.nan)
            rows.append(
                [
                    data.short_labels[name],
                    pool_title(pool),
                    Cell(show(used[name][pool], "share"), mark=mark),
                    show(share, "share"),
                    *(plain(found[name].get(pool, math.nan)) for found in (queue, change)),
                ]
            )
    heads = ["Scenario", "Resource", "Utilisation", "Bottleneck in replications", "Mean queue",
             "Changeover, unit-days"]  # fmt: skip
    return table("Utilisation by resource", heads, rows, text_columns=2)
