"""Differences along a factor, and maps of who is ahead over two factors."""

from __future__ import annotations

import plotly.graph_objects as go

from cartlogix.report.break_even_data import Question
from cartlogix.report.break_even_text import ahead, sentence, winner
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table, plain, show_estimate, table
from cartlogix.report.theme import BLUE, GREY, INK, VERMILLION, figure, literal

# By who is ahead, so that a scenario looks the same on every map.
_LOOKS = {"a": (VERMILLION, "square"), "b": (BLUE, "circle"), "": (GREY, "x-thin-open")}


def break_even_exhibit(question: Question) -> Exhibit:
    """Return the chart of one question with its table."""
    a, b = question.labels
    count = question.asked["replications"]
    title = question.title
    if question.is_map:
        what = "The line is where they change places, its bars the 95 % band."
        label = f"{title}: a map of who is ahead."
    else:
        what = (
            f"{b} less {a}, with simultaneous 95 % intervals; they change places where it is zero."
        )
        label = f"{title}: difference by level."
    return Exhibit(
        title,
        f"{sentence(question)}. {what} {count} replications on the same patients at each point;"
        " verdicts and bands of all its points and figures hold together with 95 %.",
        label,
        _map(question) if question.is_map else _line(question),
        _table(question),
    )


def _line(question: Question) -> go.Figure:
    points = question.points.sort_values("x")
    half = (points["high_adjusted"] - points["difference"]).fillna(0.0)
    ends = [float(points["x"].min()), float(points["x"].max())]
    traces = [
        go.Scatter(x=ends, y=[0, 0], mode="lines", line={"color": INK, "width": 1},
                   hoverinfo="skip", showlegend=False),
        go.Scatter(
            x=points["x"].tolist(),
            y=points["difference"].tolist(),
            error_y={"type": "data", "array": half.tolist(), "color": BLUE, "thickness": 1},
            mode="lines+markers",
            line={"color": BLUE},
            hovertemplate="%{y:.4g} at %{x:.4g}<extra></extra>",
            showlegend=False,
        ),
    ]  # fmt: skip
    return figure(traces, x=literal(question.axis()), y=f"difference [{question.unit}]",
                  height=280, legend=False)  # fmt: skip


def _map(question: Question) -> go.Figure:
    points, traces = question.points, []
    for ahead_there, (colour, symbol) in _LOOKS.items():
        lower = winner(question, ahead_there)
        mine = points[(points["lower"] == lower).to_numpy()]
        if len(mine):
            name = ahead(question, lower) if lower else "cannot be told apart"
            traces.append(
                go.Scatter(
                    x=mine["x"].tolist(),
                    y=mine["y"].tolist(),
                    mode="markers",
                    marker={"color": colour, "symbol": symbol, "size": 13,
                            "line": {"color": colour, "width": 2}},
                    name=literal(name),
                    hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
                )
            )  # fmt: skip
    lines = question.lines
    found = lines[(lines["kind"] == "crossing").to_numpy()].sort_values(["y", "at"])
    least, most = float(points["x"].min()), float(points["x"].max())
    if len(found):
        right = found["high"].fillna(most) - found["at"]
        left = found["at"] - found["low"].fillna(least)
        traces.append(
            go.Scatter(
                x=found["at"].tolist(),
                y=found["y"].tolist(),
                error_x={"type": "data", "symmetric": False, "array": right.tolist(),
                         "arrayminus": left.tolist(), "color": INK, "thickness": 1},
                mode="lines+markers",
                marker={"color": INK, "size": 5},
                line={"color": INK, "width": 1},
                name="break-even",
                hovertemplate="break-even at %{x:.4g} where %{y:.4g}<extra></extra>",
            )
        )  # fmt: skip
    return figure(traces, x=literal(question.axis(0)), y=literal(question.axis(1)), height=380)


def _table(question: Question) -> Table:
    a, b = question.labels
    rows = []
    for row in question.points.sort_values(["y", "x"]).to_dict("records"):
        limits = row["low_adjusted"], row["high_adjusted"]
        shown = show_estimate(row["difference"], *limits, question.unit)
        who = ahead(question, row["lower"]) if row["lower"] else "cannot be told apart"
        levels = [plain(row["x"]), *([plain(row["y"])] if question.is_map else [])]
        rows.append([*levels, who, *shown])
    axes = [question.axis(index) for index in range(1 + question.is_map)]
    heads = [*axes, "Verdict", f"{b} less {a}", "Simultaneous 95 % interval"]
    return table(question.title, heads, rows, text_columns=len(axes) + 1)
