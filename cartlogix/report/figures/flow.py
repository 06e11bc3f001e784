"""Where patients end up: everybody enrolled is infused, lost for a cause, or still under way."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table, plain, show, spoken, table
from cartlogix.report.theme import (
    GREEN,
    GREY,
    ORANGE,
    PATTERNS,
    PURPLE,
    SKY,
    VERMILLION,
    area,
    figure,
    hover,
    literal,
    wrapped,
)

INFUSED, UNDER_WAY = "infused", "still under way"
_LOST_COLOURS = (VERMILLION, PURPLE, ORANGE, SKY)
_MOST_CAUSES = 6


def ends(data: ReportData) -> pd.DataFrame:
    """Return patients for each replication by scenario (rows) and end (columns).

    The columns are infused, `lost: <cause>` with the most frequent first, and still under way;
    in every row they add up to the enrolled.
    """
    kinds = data.patients.ends
    end = kinds["status"].map({"infused": INFUSED, "in_progress": UNDER_WAY})
    cause = kinds["cause"].replace("", "cause not stated").map(spoken)
    kinds = kinds.assign(end=end.fillna("lost: " + cause))
    counts = kinds.pivot_table("patients", "scenario", "end", "sum", fill_value=0)
    replications = {item.name: item.scenario.run.replications for item in data.scenarios}
    counts = counts.div(pd.Series(replications).reindex(counts.index), axis=0)
    lost = counts.drop(columns=[INFUSED, UNDER_WAY], errors="ignore").sum().sort_values()
    order = [INFUSED, *lost.index[::-1], UNDER_WAY]
    return counts.reindex(index=list(data.names), columns=order, fill_value=0.0)


def patient_flow(data: ReportData) -> Exhibit:
    """Return a stacked bar for each scenario that adds up to everybody enrolled."""
    counts = ends(data)
    enrolled = counts.sum(axis=1)
    drawn = None
    if enrolled.sum() > 0:
        drawn = figure(_bars(data, _few_causes(counts), enrolled), x="patients in a replication",
                       y="", height=130 + 62 * len(counts), values_on="x")  # fmt: skip
        drawn.update_layout(barmode="stack", bargap=0.4)
        drawn.update_yaxes(autorange="reversed")
    return Exhibit(
        title="Infused, lost and under way",
        caption="Each bar adds up to everybody enrolled in the measured window, on average over"
        " replications; nobody is left out.",
        label="Stacked bars of enrolled patients by end: infused, lost by cause, still under way.",
        figure=drawn,
        table=_flow_table(data, counts),
        empty="No patient was enrolled in the measured window.",
    )


def balance(data: ReportData) -> tuple[str, ...]:
    """Return a sentence for each scenario that shows that its patients add up."""
    sentences = []
    for name, row in ends(data).iterrows():
        lost = row.drop([INFUSED, UNDER_WAY]).sum()
        whole = row.sum()
        sentences.append(
            f"{data.short_labels[str(name)]}: {plain(whole, 1)} enrolled = {plain(row[INFUSED], 1)}"
            f" infused + {plain(lost, 1)} lost + {plain(row[UNDER_WAY], 1)} still under way"
        )
    return tuple(sentences)


def _few_causes(counts: pd.DataFrame) -> pd.DataFrame:
    lost = [column for column in counts if column not in (INFUSED, UNDER_WAY)]
    if len(lost) <= _MOST_CAUSES:
        return counts
    rest = lost[_MOST_CAUSES - 1 :]
    merged = counts.drop(columns=rest)
    merged.insert(len(merged.columns) - 1, "lost: other causes", counts[rest].sum(axis=1))
    return merged


def _bars(data: ReportData, counts: pd.DataFrame, enrolled: pd.Series[float]) -> list[go.Bar]:
    labels = [wrapped(data.short_labels[name]) for name in counts.index]
    bars = []
    for index, end in enumerate(counts.columns):
        if end == INFUSED:
            marker = area(GREEN)
        elif end == UNDER_WAY:
            marker = area(GREY, "-")
        else:
            marker = area(_LOST_COLOURS[(index - 1) % 4], PATTERNS[1 + (index - 1) % 7])
        shares = (counts[end] / enrolled.where(enrolled > 0)).fillna(0)
        bars.append(
            go.Bar(
                y=labels,
                x=counts[end].round(2).tolist(),
                orientation="h",
                name=literal(end, 40),
                marker=marker,
                customdata=[[show(share, "share")] for share in shares],
                hovertemplate=f"{hover(end)}: %{{x:,.1f}} (%{{customdata[0]}})<extra></extra>",
            )
        )
    return bars


def _flow_table(data: ReportData, counts: pd.DataFrame) -> Table:
    heads = ["End", *(data.short_labels[str(name)] for name in counts.index)]
    rows = []
    for end in counts.columns:
        shares = counts[end] / counts.sum(axis=1)
        values = [f"{plain(counts[end][name], 1)} ({show(shares[name], 'share')})"
                  if counts.loc[name].sum() else "none" for name in counts.index]  # fmt: skip
        rows.append([str(end), *values])
    rows.append(["enrolled (sum)", *(plain(value, 1) for value in counts.sum(axis=1))])
    return table("Patients in a replication by end, and their share of the enrolled", heads, rows)
