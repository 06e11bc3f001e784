"""How busy each resource is, and which one holds the system up."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, Rows, means, rows_of
from cartlogix.report.tables import Cell, Table, plain, show, table
from cartlogix.report.theme import BLUE, INK, VERMILLION, area, figure, hover

_MOST_POOLS = 14


def utilisation(data: ReportData) -> Exhibit:
    """Return the utilisation of every counted pool, a block of bars for each scenario."""
    used = means(data, "pool.utilisation")
    first = means(data, "pool.bottleneck")
    rows = _rows(data, used)
    drawn = None
    if rows.item:
        drawn = figure(_bars(used, first, rows), x="utilisation in the measured window", y="",
                       height=100, values_on="x")  # fmt: skip
        drawn.update_layout(barmode="overlay")
        drawn.update_xaxes(range=[0, 1.18], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
        rows.style(drawn)
    return Exhibit(
        title="Utilisation and bottleneck",
        caption="Share of the open time of each resource in which it was busy, mean over"
        " replications. The bottleneck is the resource with the highest utilisation in most"
        " replications; above about 85 % waits grow fast. Unlimited resources are left out.",
        label="Bars of utilisation by resource and scenario; the bottleneck is marked.",
        figure=drawn,
        table=_pool_table(data, used, first),
        empty="No resource has a counted capacity, so there is no utilisation to show.",
    )


def _known(used: pd.DataFrame, name: str) -> pd.Series[float]:
    return used.loc[name].dropna().sort_values(ascending=False, kind="stable")


def _rows(data: ReportData, used: pd.DataFrame) -> Rows:
    blocks = []
    for name in data.names:
        pools = list(_known(used, name).index)[:_MOST_POOLS]
        if pools:
            blocks.append((name, data.labels[name], [(pool, _pool(pool)) for pool in pools]))
    return rows_of(blocks)


def _pool(pool: str) -> str:
    """Write `site/resource` as people say it."""
    site, _, resource = pool.rpartition("/")
    return f"{resource}, {site}" if site else resource


def _bottleneck(first: pd.DataFrame, name: str) -> str | None:
    """Return the pool that was the bottleneck in most replications; None if there is none."""
    if name not in first.index or not first.loc[name].max() > 0:
        return None
    return str(first.loc[name].idxmax())


def _bars(used: pd.DataFrame, first: pd.DataFrame, rows: Rows) -> list[go.Bar]:
    cells = [(position, name, pool) for (name, pool), position in rows.item.items()]
    bars = []
    for label, colour, pattern, wanted in (
        ("bottleneck", VERMILLION, "/", True),
        ("other resources", BLUE, "", False),
    ):
        own = [cell for cell in cells if (_bottleneck(first, cell[1]) == cell[2]) == wanted]
        if own:
            values = [float(used.loc[name, pool]) for _, name, pool in own]
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
                    customdata=[[hover(_pool(pool))] for _, _, pool in own],
                    hovertemplate="%{customdata[0]}: %{x:.1%}<extra></extra>",
                )
            )
    return bars


def _pool_table(data: ReportData, used: pd.DataFrame, first: pd.DataFrame) -> Table:
    queue, change = means(data, "pool.queue"), means(data, "pool.changeover")
    rows: list[list[Cell | str]] = []
    for name in data.names:
        for pool in _known(used, name).index:
            mark = "bottleneck" if _bottleneck(first, name) == pool else ""
            share = float(first.loc[name, pool]) if pool in first else float("nan")
            rows.append(
                [
                    data.labels[name],
                    _pool(pool),
                    Cell(show(float(used.loc[name, pool]), "share"), mark=mark),
                    show(share, "share"),
                    *(
                        plain(float(f.loc[name, pool])) if pool in f else ""
                        for f in (queue, change)
                    ),
                ]
            )
    heads = ["Scenario", "Resource", "Utilisation", "Bottleneck in replications", "Mean queue",
             "Changeover, unit-days"]  # fmt: skip
    return table("Utilisation by resource", heads, rows, text_columns=2)
