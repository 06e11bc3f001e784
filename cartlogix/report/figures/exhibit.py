"""A figure with everything that must stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from cartlogix.report.tables import Table


@dataclass(frozen=True)
class Exhibit:
    """A figure, its caption, its name for those who cannot see it, and its data table."""

    title: str
    caption: str
    label: str
    """Accessible name: what the figure shows, in one sentence."""
    figure: go.Figure | None
    """None when there is nothing to draw; `empty` then says why."""
    table: Table
    empty: str = ""
