"""Figures by period: patients who wait, patients infused, and how full the pools were."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData, ReportedScenario
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table, capped, plain, show_range, table
from cartlogix.report.theme import DASHES, SERIES, figure, hover, literal

_MOST_LINES = 6
_MOST_ROWS = 200


def over_time(data: ReportData) -> list[Exhibit]:
    """Return the exhibits by period, none if no scenario asks for them."""
    rows = data.summary[data.summary["indication"] == "all"]
    exhibits = [
        _patients(data, rows, "period.in_system", "Patients who wait, by period",
                  "mean patients between enrolment and infusion"),
        _patients(data, rows, "period.infused", "Patients infused, by period",
                  "first infusions in the period"),
        *(_pools(item, rows) for item in data.scenarios),
    ]  # fmt: skip
    return [exhibit for exhibit in exhibits if exhibit is not None]


def _patients(
    data: ReportData, rows: pd.DataFrame, kpi: str, title: str, what: str
) -> Exhibit | None:
    mine = rows[rows["kpi"] == kpi]
    if mine.empty:
        return None
    lines = []
    for name in data.names[:_MOST_LINES]:
        own = mine[mine["scenario"] == name].sort_values("group")
        lines.append((data.short_labels[name], own))
    return Exhibit(
        title=title,
        caption=f"Means over replications: {what}. Intervals stand in the table.",
        label=f"Lines over time, one for each scenario: {what}.",
        figure=_lines(lines, what, scale=1.0),
        table=_table(title, lines, scale=1.0),
    )


def _pools(item: ReportedScenario, rows: pd.DataFrame) -> Exhibit | None:
    mine = rows[(rows["kpi"] == "period.utilisation") & (rows["scenario"] == item.name)]
    if mine.empty:
        return None
    parts = mine["group"].astype(str).str.rsplit(", ", n=1, expand=True)
    mine = mine.assign(pool=parts[0], group=parts[1])
    busiest = mine.groupby("pool")["mean"].max().sort_values(ascending=False, kind="stable")
    lines = [
        (str(pool), mine[mine["pool"] == pool].sort_values("group"))
        for pool in busiest.index[:_MOST_LINES]
    ]
    return Exhibit(
        title=f"How full the pools are, by period: {item.label}",
        caption="Utilisation in percent, means over replications, of the pools that come fullest."
        f" {_full(rows, item)}",
        label=f"Lines of utilisation over time in {item.label}, one for each pool.",
        figure=_lines(lines, "utilisation in percent", scale=100.0),
        table=_table(f"Utilisation by period, {item.label}", lines, scale=100.0),
    )


def _full(rows: pd.DataFrame, item: ReportedScenario) -> str:
    """Say when pools become full, in how many replications."""
    mine = rows[(rows["scenario"] == item.name).to_numpy()]
    said = []
    shares = mine[mine["kpi"] == "pool.ever_full"]
    for row in shares[shares["mean"] > 0].to_dict("records"):
        days = mine[(mine["kpi"] == "pool.full_from") & (mine["group"] == row["group"])]
        first = days.to_dict("records")[0]
        when = f"{row['group']} from day {plain(first['mean'], 0)}"
        span = show_range(first["low"], first["high"])
        share = f"{100 * row['mean']:.0f} % of replications"
        said.append(f"{when} ({span}) in {share}")
    if not said:
        return "No pool reaches 95 % in any period."
    return f"95 % or more is reached by {'; '.join(said)}."


def _lines(lines: list[tuple[str, pd.DataFrame]], what: str, scale: float) -> go.Figure:
    traces = [
        go.Scatter(
            x=_days(own),
            y=(own["mean"] * scale).round(3).tolist(),
            mode="lines+markers",
            name=literal(label),
            line={"color": SERIES[index], "dash": DASHES[index], "width": 2},
            hovertemplate=f"{hover(label)}: %{{y}} from day %{{x}}<extra></extra>",
        )
        for index, (label, own) in enumerate(lines)
    ]
    drawn = figure(traces, x="first day of the period", y=what, height=360)
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def _days(own: pd.DataFrame) -> list[float]:
    return [float(str(name).removeprefix("day ")) for name in own["group"]]


def _table(caption: str, lines: list[tuple[str, pd.DataFrame]], scale: float) -> Table:
    rows = [
        [label, plain(day, 0), plain(row["mean"] * scale), show_range(row["low"] * scale,
                                                                      row["high"] * scale)]
        for label, own in lines
        for day, row in zip(_days(own), own.to_dict("records"), strict=True)
    ]  # fmt: skip
    kept, note = capped(rows, _MOST_ROWS)
    return table(caption, ["", "From day", "Mean", "95 % interval"], kept, note=note)
