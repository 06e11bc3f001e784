"""Stocks of doses over time: receipts, expiries, and demand that found nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cartlogix.analysis.inventory import first_asked
from cartlogix.report.data import ReportData, ReportedScenario
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table, capped, plain, spoken, table
from cartlogix.report.theme import (
    BLUE,
    DASHES,
    GREEN,
    ORANGE,
    PURPLE,
    SERIES,
    VERMILLION,
    figure,
    hover,
    literal,
)
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

MOST_POINTS = 400
_MOST_MARKS = 150
_MOST_STOCKS = 6
_INK_OF = {"receipt": GREEN, "expiry": ORANGE, "stock-out": VERMILLION}
_SYMBOL_OF = {"receipt": "triangle-up", "expiry": "triangle-down-open", "stock-out": "x"}


def stock_trajectories(data: ReportData) -> list[Exhibit]:
    """Return one exhibit for each scenario that keeps a stock."""
    return [
        _exhibit(item, data.traces[item.name])
        for item in data.scenarios
        if item.scenario.stocks and item.name in data.traces
    ]


def _exhibit(item: ReportedScenario, trace: Trace) -> Exhibit:
    moves = trace["stock_moves"]
    titles = {stock.name: stock.title or spoken(stock.name) for stock in item.scenario.stocks}
    drawn = None
    if len(moves):
        traces: list[go.Scatter] = []
        for index, (name, title) in enumerate(list(titles.items())[:_MOST_STOCKS]):
            own = moves[moves["stock"] == name]
            if len(own):
                traces.append(_level(own, trace, title, index))
        traces += _marks(marks_of(trace, item.scenario), titles)
        drawn = figure(traces, x="days since the start of the run", y="doses on hand", height=340)
        drawn.update_yaxes(rangemode="tozero")
        _show_window(drawn, trace)
    return Exhibit(
        title=f"Stock: {item.label}",
        caption="Doses on hand in the first replication, with receipts, expiries and stock-outs"
        " (a patient asked and no dose could be issued at once). The shaded span is the measured"
        " window.",
        label=f"Line of doses on hand over time in {item.label}, with marks at receipts, expiries"
        " and stock-outs.",
        figure=drawn,
        table=_months(trace, item.scenario, titles),
        empty="No dose was moved in this scenario.",
    )


def level_points(own: pd.DataFrame, stop: float) -> pd.DataFrame:
    """Return `time` and `on_hand` of one stock; thinned so that each low point stays.

    Args:
        own: movements of one stock.
        stop: end of the run, in days.
    """
    steps = own[["time", "on_hand"]].drop_duplicates("time", keep="last").reset_index(drop=True)
    if len(steps) > MOST_POINTS:
        part = pd.cut(steps["time"], MOST_POINTS // 2, labels=False)
        low = steps.groupby(part)["on_hand"].idxmin()
        last = steps.groupby(part)["time"].idxmax()
        steps = steps.loc[sorted({*low, *last})]
    end = pd.DataFrame({"time": [stop], "on_hand": [int(steps["on_hand"].iloc[-1])]})
    return pd.concat([steps, end], ignore_index=True)


def marks_of(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return `time`, `stock`, `event`, `doses`, `level`: receipts, expiries and stock-outs."""
    moves = trace["stock_moves"]
    kept = moves[moves["reason"].isin(["receipt", "expiry"]) & (moves["quantity"] != 0)]
    moved = pd.DataFrame(
        {
            "time": kept["time"],
            "stock": kept["stock"].astype(str),
            "event": kept["reason"].astype(str),
            "doses": kept["quantity"].abs(),
            "level": kept["on_hand"],
        }
    )
    draws = trace["activities"][trace["activities"]["kind"] == "draw"]
    waited = ~(draws["started"] <= draws["queued"])
    out = draws[waited & draws["queued"].notna()]
    asked = pd.DataFrame(
        {
            "time": out["queued"],
            "stock": first_asked(trace, scenario, out),
            "event": "stock-out",
            "doses": 1,
            "level": 0,
        }
    )
    return pd.concat([moved, asked], ignore_index=True).sort_values("time", kind="stable")


def _level(own: pd.DataFrame, trace: Trace, title: str, index: int) -> go.Scatter:
    points = level_points(own, trace.stop)
    return go.Scatter(
        x=points["time"].round(2).tolist(),
        y=points["on_hand"].tolist(),
        mode="lines",
        name=literal(title, 40),
        line={
            "shape": "hv",
            "width": 1.8,
            "color": (BLUE, PURPLE, *SERIES)[index],
            "dash": DASHES[index % len(DASHES)],
        },
        hovertemplate=f"{hover(title)}: %{{y}} on hand, day %{{x:.1f}}<extra></extra>",
    )


def _marks(marks: pd.DataFrame, titles: dict[str, str]) -> list[go.Scatter]:
    traces = []
    for event, colour in _INK_OF.items():
        own = marks[marks["event"] == event]
        if own.empty:
            continue
        shown = own.iloc[np.unique(np.linspace(0, len(own) - 1, _MOST_MARKS).astype(int))]
        names = [hover(titles.get(stock, stock)) for stock in shown["stock"]]
        traces.append(
            go.Scatter(
                x=shown["time"].round(2).tolist(),
                y=shown["level"].tolist(),
                customdata=list(zip(names, shown["doses"].tolist(), strict=True)),
                mode="markers",
                name=f"{event} ({len(own)})",
                marker={"symbol": _SYMBOL_OF[event], "size": 8, "color": colour,
                        "line": {"width": 1.5, "color": colour}},
                hovertemplate=f"{event} of %{{customdata[1]}}, %{{customdata[0]}},"
                " day %{x:.1f}<extra></extra>",
            )
        )  # fmt: skip
    return traces


def _show_window(drawn: go.Figure, trace: Trace) -> None:
    start, end = trace.window
    if start > 0 or end < trace.stop:
        drawn.add_shape(type="rect", x0=start, x1=min(end, trace.stop), y0=0, y1=1, yref="paper",
                        layer="below", line={"width": 0}, fillcolor=BLUE, opacity=0.06)  # fmt: skip


def _months(trace: Trace, scenario: Scenario, titles: dict[str, str]) -> Table:
    """Return what happened in each four weeks of each stock."""
    moves, marks = trace["stock_moves"], marks_of(trace, scenario)
    rows = []
    for name, title in titles.items():
        own, happened = (
            events[events["stock"] == name].assign(span=lambda f: (f["time"] // 28).astype(int))
            for events in (moves, marks)
        )
        for number, part in own.groupby("span"):
            span = int(str(number))
            seen = happened[happened["span"] == span]
            total = seen.groupby("event")["doses"].sum()
            issued = -part.loc[part["reason"] == "issue", "quantity"].sum()
            rows.append(
                [
                    title,
                    f"{span * 28} to {span * 28 + 28}",
                    *(plain(float(value), 0) for value in (
                        total.get("receipt", 0), issued, total.get("expiry", 0),
                        total.get("stock-out", 0), part["on_hand"].min(),
                        part["on_hand"].iloc[-1],
                    )),
                ]
            )  # fmt: skip
    shown, note = capped(rows, 40)
    heads = ["Stock", "Days", "Received", "Issued", "Expired", "Stock-outs", "Lowest", "At the end"]
    return table("Doses in each four weeks", heads, shown, text_columns=2, note=note)
