"""Welch's curve of every steady-state scenario, with its warm-up and the cut of MSER-5."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table, plain, table
from cartlogix.report.theme import BLUE, GREEN, GREY, INK, VERMILLION, figure, literal

_MOST_PANELS = 24
_COLUMN_FROM = 5
"""Panels from which on two stand side by side."""
_ROW = 150  # pixels
_GAP = 60
_TABLE_ROWS = 20


def warm_up_exhibit(settling: pd.DataFrame, labels: Mapping[str, str]) -> Exhibit:
    """Return one panel for each scenario."""
    panels = [
        (labels.get(str(name), str(name)), mine)
        for name, mine in settling.groupby("scenario", sort=False, observed=True)
    ]
    more = len(panels) - _MOST_PANELS
    return Exhibit(
        title="Warm-up",
        caption="Days from enrolment to infusion by day of enrolment: means of each stretch of"
        " time over all replications, and Welch's moving average of them. Each panel has its own"
        " scale of days." + (f" {more} more are in settling.parquet." if more > 0 else ""),
        label="A panel for each scenario: Welch's curve, the warm-up that was chosen, and the cut"
        " of MSER-5.",
        figure=_drawn(panels[:_MOST_PANELS]),
        table=_curve_table(panels),
    )


def warm_up_table(settling: pd.DataFrame, labels: Mapping[str, str]) -> Table:
    """Return the warm-up of each scenario beside what MSER-5 says of it."""
    rows = []
    for name, mine in settling.groupby("scenario", sort=False, observed=True):
        warm_up, cut = float(mine["warm_up"].iloc[0]), float(mine["mser5"].iloc[0])
        before, after = (
            float(mine["mean"][part].mean())
            for part in (mine["day"] < warm_up, mine["day"] >= warm_up)
        )
        verdict = "looks too short" if mine["too_short"].iloc[0] else "long enough"
        if not mine["steady"].iloc[0]:
            verdict = "no steady state"
        days = (_text(value) for value in (warm_up, cut, before, after))
        rows.append([labels.get(str(name), str(name)), *days, verdict])
    heads = ["Scenario", "Warm-up [d]", "MSER-5 would drop [d]", "Mean during the warm-up [d]",
             "Mean after it [d]", "Verdict"]  # fmt: skip
    note = (
        "Means are of the curve, from enrolment to infusion. Too short: MSER-5 would drop the"
        " beginning of the window, and that differs from the rest (Welch's test, 5 %). No steady"
        " state: more work arrives than can be done, and nobody may leave the line, so that no"
        " warm-up is long enough."
    )
    return table("Is the warm-up long enough?", heads, rows, note=note)


def _text(value: float) -> str:
    return "none" if math.isnan(value) else plain(value)


def _curve_table(panels: list[tuple[str, pd.DataFrame]]) -> Table:
    rows = []
    for label, mine in panels:
        step = max(1, len(mine) // _TABLE_ROWS)
        for row in mine.iloc[step // 2 :: step].to_dict("records"):
            rows.append([label, *(_text(row[key]) for key in ("day", "mean", "moving_average"))])
    heads = ["Scenario", "Day of enrolment", "Mean [d]", "Moving average [d]"]
    return table("Welch's curve, every tenth stretch of time", heads, rows)


def _drawn(panels: list[tuple[str, pd.DataFrame]]) -> go.Figure:
    columns = 1 if len(panels) < _COLUMN_FROM else 2
    lines = -(-len(panels) // columns)
    height = lines * (_ROW + _GAP) + _GAP
    traces: list[Any] = []
    for number, (_, mine) in enumerate(panels):
        traces += _traces(mine, "" if number == 0 else str(number + 1), named=number == 0)
    drawn = figure(traces, x="", y="", height=height)
    base = {axis: drawn.layout[axis].to_plotly_json() for axis in ("xaxis", "yaxis")}
    for number, (label, _) in enumerate(panels):
        _place(drawn, base, number, columns, lines, literal(label, 60 // columns))
    drawn.update_layout(legend={"y": 1 + _GAP / (lines * (_ROW + _GAP)) / 2})
    return drawn


def _place(
    drawn: go.Figure, base: Mapping[str, Any], number: int, columns: int, lines: int, label: str
) -> None:
    """Give a panel its place, its axes and its heading."""
    row, column = divmod(number, columns)
    key = "" if number == 0 else str(number + 1)
    part = _GAP / (_ROW + _GAP) / lines  # of the height, above each panel
    top = 1 - row / lines - part
    x, y = (copy.deepcopy(base[axis]) for axis in ("xaxis", "yaxis"))
    x |= {"domain": [column / columns + (0.06 if column else 0), (column + 1) / columns],
          "anchor": f"y{key}", "showgrid": False, "ticks": "outside"}  # fmt: skip
    y |= {"domain": [max(0.0, 1 - (row + 1) / lines), top], "anchor": f"x{key}", "nticks": 4}
    if row == lines - 1:
        x["title"] = {**x["title"], "text": "day of enrolment"}
    drawn.update_layout({f"xaxis{key}": x, f"yaxis{key}": y})
    drawn.add_annotation(
        text=label, x=0, xref=f"x{key} domain", y=1, yref=f"y{key} domain", xanchor="left",
        yanchor="bottom", showarrow=False, font={"size": 12, "color": INK},
    )  # fmt: skip


def _traces(mine: pd.DataFrame, key: str, *, named: bool) -> Iterator[go.Scatter]:
    days, means = mine["day"].tolist(), _known(mine["mean"])
    seen = [value for value in means if value is not None]
    ends = [0.0, max(seen, default=1.0)]
    start, cut = float(mine["warm_up"].iloc[0]), float(mine["mser5"].iloc[0])
    looks: list[tuple[str, list[float], list[float | None], dict[str, Any]]] = [
        ("mean of a stretch of time", days, means,
         {"mode": "markers", "marker": {"color": GREY, "size": 3}}),
        ("moving average (Welch)", days, _known(mine["moving_average"]),
         {"mode": "lines", "line": {"color": BLUE, "width": 2}}),
        ("end of the warm-up", [start, start], [*ends],
         {"mode": "lines", "line": {"color": VERMILLION, "width": 2}}),
        ("cut of MSER-5", [cut, cut], [*ends],
         {"mode": "lines", "line": {"color": GREEN, "width": 2, "dash": "dot"}}),
    ]  # fmt: skip
    for name, x, y, look in looks:
        yield go.Scatter(
            x=x, y=y, xaxis=f"x{key}", yaxis=f"y{key}", showlegend=named,
            name=name if named else None, hovertemplate=f"{name}: %{{x:.4g}}, %{{y:.4g}}"
            "<extra></extra>", **look,
        )  # fmt: skip


def _known(values: pd.Series[float]) -> list[float | None]:
    return [None if math.isnan(value) else round(value, 3) for value in values]
