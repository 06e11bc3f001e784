"""Bars in rows, a block of rows under the label of each scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.theme import INK, literal, wrapped

ROW = 24
"""Height of a row in pixels."""
BAR = 0.72
"""Width of a bar as a share of its row; plotly would guess it from the gaps between rows."""


@dataclass(frozen=True)
class Rows:
    """Positions of the rows: a heading for each block, and an entry for each of its items."""

    header: dict[int, str]
    """The heading of each row that holds nothing else."""
    item: dict[tuple[str, str], int]
    labels: tuple[str, ...]

    def style(self, drawn: go.Figure, extra: int = 90) -> go.Figure:
        """Write labels and headings and give the figure the height that they need."""
        for row, text in self.header.items():
            drawn.add_annotation(x=0, xref="paper", xanchor="left", xshift=2, y=row, text=text,
                                 showarrow=False, font={"size": 12, "color": INK})  # fmt: skip
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


_LONGEST = 36
"""Characters of a heading that fit on a narrow screen."""


def heading(label: str, figure: str) -> str:
    """Return `label: figure`; a label that is too long is cut, the figure is not."""
    room = _LONGEST - len(figure) - 2
    short = label if len(label) <= room else label[: room - 1].rstrip(" …") + "…"
    return f"{short}: {figure}"


def rows_of(blocks: Iterable[tuple[str, str, list[tuple[str, str]]]]) -> Rows:
    """Lay out blocks of (key, label, items), each item a (key, label), from the top."""
    header: dict[int, str] = {}
    item: dict[tuple[str, str], int] = {}
    labels: list[str] = []
    for key, label, items in blocks:
        header[len(labels)] = f"<b>{literal(label, _LONGEST)}</b>"
        labels.append("")
        for name, title in items:
            item[key, name] = len(labels)
            labels.append(wrapped(title, 26, 1))
    return Rows(header, item, tuple(labels))


Means = dict[str, dict[str, float]]
"""Means over replications by scenario and group."""


def means(data: ReportData, kpi: str) -> Means:
    """Return the means of a KPI of all patients, by scenario and group, where it is defined."""
    rows = data.summary
    rows = rows[(rows["kpi"] == kpi) & (rows["indication"] == "all") & rows["mean"].notna()]
    found: Means = {name: {} for name in data.names}
    for scenario, group, mean in zip(rows["scenario"], rows["group"], rows["mean"], strict=True):
        found[str(scenario)][str(group)] = float(mean)
    return found
