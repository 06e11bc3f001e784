"""How figures look: one palette for light and dark, one layout, and text that stays text.

Series colours are the colour-blind-safe set of Okabe and Ito (Color Universal Design, 2008), two
of them a little darker for contrast on white. A colour never stands alone: lines differ in dash,
areas in pattern, and every legend is in words.
"""

from __future__ import annotations

import html
import textwrap
from typing import Any

import plotly.graph_objects as go

BLUE, VERMILLION, GREEN, PURPLE = "#0072b2", "#d55e00", "#008c66", "#a8508a"
ORANGE, SKY, GREY, INK = "#e69f00", "#56b4e9", "#7d8892", "#1d2630"
PAPER, GRID, MUTED, AXIS = "#ffffff", "#e4e8ec", "#56626e", "#aab3bb"

DARK = {
    BLUE: "#4aa3df",
    VERMILLION: "#f0874a",
    GREEN: "#38bf97",
    PURPLE: "#d996c2",
    ORANGE: "#f2bf4a",
    SKY: "#9ad6f7",
    GREY: "#9aa6b1",
    INK: "#e6eaee",
    PAPER: "#1a2128",
    GRID: "#333e48",
    MUTED: "#a3b0bc",
    AXIS: "#55616c",
}
"""The colour that replaces each colour when the page is dark."""

SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "x", ".", "\\", "+", "-", "|")

FONT = 'Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif'

CONFIG: dict[str, Any] = {
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
}
"""Plotly's configuration of every figure: nothing can be sent anywhere."""


def literal(text: str, limit: int = 60) -> str:
    """Return text that plotly shows as written, cut to `limit` characters.

    Plotly reads a small part of HTML in names, labels and hover text.
    """
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= limit else one_line[: limit - 1].rstrip() + "…"
    return html.escape(cut, quote=False)


def wrapped(text: str, width: int = 20, lines: int = 3) -> str:
    """Return a literal label for an axis, broken into short lines."""
    parts = textwrap.wrap(" ".join(text.split()), width, max_lines=lines, placeholder=" …")
    return "<br>".join(html.escape(part, quote=False) for part in parts)


def hover(text: str) -> str:
    """Return a literal text for use inside a hover template, where `%{` would be read."""
    return literal(text).replace("%{", "%&#123;")


def area(colour: str, pattern: str = "", opacity: float = 0.75) -> dict[str, Any]:
    """Return the marker of a bar: a colour and, where it needs one, a pattern.

    `opacity` is that of the pattern; text on a bar needs a faint one.
    """
    marker: dict[str, Any] = {"color": colour, "line": {"color": PAPER, "width": 1}}
    if pattern:
        marker["pattern"] = {
            "shape": pattern,
            "fgcolor": PAPER,
            "fgopacity": opacity,
            "size": 7,
            "solidity": 0.25,
        }
    return marker


def _axis(title: str, *, grid: bool) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}, "standoff": 10},
        "showgrid": grid,
        "gridcolor": GRID,
        "zeroline": False,
        "showline": not grid,
        "linecolor": AXIS,
        "ticks": "" if grid else "outside",
        "tickcolor": AXIS,
        "automargin": True,
        "tickfont": {"size": 12, "color": INK},
    }


def figure(
    traces: list[Any],
    *,
    x: str,
    y: str,
    height: int,
    values_on: str = "y",
    legend: bool = True,
) -> go.Figure:
    """Return a figure in the page's style.

    Args:
        traces: plotly traces.
        x: title of the x axis, with unit.
        y: title of the y axis, with unit.
        height: in pixels; the width follows the page.
        values_on: axis that measures, "x" or "y" (or "both"), and so has grid lines.
        legend: whether a legend stands above the figure.
    """
    layout = {
        "template": {"layout": {}},
        "height": height,
        "margin": {"l": 8, "r": 14, "t": 8, "b": 8, "pad": 2},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "font": {"family": FONT, "size": 12, "color": INK},
        "dragmode": False,
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12, "color": INK},
            "traceorder": "normal",
        },
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": AXIS,
            "font": {"family": FONT, "size": 12, "color": INK},
            "namelength": -1,
        },
        "xaxis": _axis(x, grid=values_on in ("x", "both")),
        "yaxis": _axis(y, grid=values_on in ("y", "both")),
    }
    return go.Figure(data=traces, layout=layout)
