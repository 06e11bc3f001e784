"""Bars in rows, a block of rows under the label of each scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.theme import wrapped

ROW = 24
"""Height of a row in pixels."""
BAR = 0.72
"""Width of a bar as a share of its row; plotly would guess it from the gaps between rows."""


@dataclass(frozen=True)
class Rows:
    """Positions of the rows: a header for each block, and an entry for each of its items."""

    header: dict[str, int]
    item: dict[tuple[str, str], int]
    labels: tuple[str, ...]

    def style(self, drawn: go.Figure, extra: int = 90) -> go.Figure:
        """Give the y axis its labels and the figure the height that they need."""
        drawn.update_layout(height=extra + ROW * len(self.labels))
        drawn.update_yaxes(
            tickmode="array",
            tickvals=list(range(len(self.labels))),
            ticktext=list(self.labels),
            range=[len(self.labels) - 0.4, -0.6],
            showline=False,
            ticks="",
        )
        return drawn


def rows_of(blocks: Iterable[tuple[str, str, list[tuple[str, str]]]]) -> Rows:
    """Lay out blocks of (key, label, items), each item a (key, label), from the top."""
    header: dict[str, int] = {}
    item: dict[tuple[str, str], int] = {}
    labels: list[str] = []
    for key, label, items in blocks:
        header[key] = len(labels)
        labels.append(f"<b>{wrapped(label, 24, 1)}</b>")
        for name, title in items:
            item[key, name] = len(labels)
            labels.append(wrapped(title, 26, 1))
    return Rows(header, item, tuple(labels))


def means(data: ReportData, kpi: str, indication: str = "all") -> pd.DataFrame:
    """Return the mean over replications of a KPI by scenario (rows) and group (columns)."""
    rows = data.summary
    rows = rows[(rows["kpi"] == kpi) & (rows["indication"] == indication)]
    rows = rows.astype({"scenario": str, "group": str})
    wide = rows.pivot_table(index="scenario", columns="group", values="mean", sort=False)
    return wide.reindex(list(data.names))
