"""Where the days go: each step's waiting, working, transport and rework."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData, ReportedScenario
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, Rows, means, rows_of
from cartlogix.report.tables import Table, plain, table
from cartlogix.report.theme import BLUE, ORANGE, PURPLE, SKY, area, figure, hover

PHASES = {
    "waiting": (ORANGE, "/"),
    "working": (BLUE, ""),
    "transport": (SKY, "."),
    "rework": (PURPLE, "x"),
}
"""Colour and pattern of each phase that analysis tells apart."""
_LEAST = 0.005  # days: shorter steps would be invisible


def days_by_step(data: ReportData) -> Exhibit:
    """Return mean days by step and phase, a block of bars for each scenario."""
    days = {phase: means(data, f"step_time.{phase}") for phase in PHASES}
    median = means(data, "step_time.median")
    titles = {item.name: _titles(item) for item in data.scenarios}
    total = pd.DataFrame(index=list(data.names))
    for frame in days.values():
        total = total.add(frame.drop(columns="", errors="ignore"), fill_value=0).fillna(0)
    drawn = None
    if total.size and total.to_numpy().sum() > 0:
        rows = _rows(data, total, titles)
        drawn = figure(_bars(days, rows, titles), x="mean days per infused patient", y="",
                       height=100, values_on="x")  # fmt: skip
        drawn.update_layout(barmode="stack")
        _add_totals(drawn, data, rows, total)
        rows.style(drawn)
    return Exhibit(
        title="Where the days go",
        caption="Mean days of infused patients at each step, in the order of the route. Waiting"
        " runs from ready to started; rework is all time whose result was not used. The days of a"
        " scenario add up to its mean time from enrolment to infusion; means are shown because"
        " medians of steps do not add up. Medians are in the data table.",
        label="Stacked bars of mean days by step: waiting, working, transport and rework.",
        figure=drawn,
        table=_step_table(data, days, median, titles),
        empty="No patient was infused, so there are no days by step to show.",
    )


def _titles(item: ReportedScenario) -> dict[str, str]:
    steps = [step for pathway in item.scenario.pathways for step in pathway.route]
    return {step.name: step.title or step.name for step in steps}


def _rows(data: ReportData, total: pd.DataFrame, titles: dict[str, dict[str, str]]) -> Rows:
    blocks = []
    for name in data.names:
        shown = [(step, title) for step, title in titles[name].items()
                 if step in total and total.loc[name, step] >= _LEAST]  # fmt: skip
        blocks.append((name, data.labels[name], shown))
    return rows_of(blocks)


def _bars(
    days: dict[str, pd.DataFrame], rows: Rows, titles: dict[str, dict[str, str]]
) -> list[go.Bar]:
    bars = []
    for phase, (colour, pattern) in PHASES.items():
        frame = days[phase]
        cells = [(position, frame.loc[name, step], titles[name][step])
                 for (name, step), position in rows.item.items()
                 if step in frame and frame.loc[name, step] > 0]  # fmt: skip
        if cells:
            bars.append(
                go.Bar(
                    y=[position for position, _, _ in cells],
                    x=[round(float(value), 3) for _, value, _ in cells],
                    orientation="h",
                    width=BAR,
                    name=phase,
                    marker=area(colour, pattern),
                    customdata=[[hover(title)] for _, _, title in cells],
                    hovertemplate=f"%{{customdata[0]}}, {phase}: %{{x:.2f}} d<extra></extra>",
                )
            )
    return bars


def _add_totals(drawn: go.Figure, data: ReportData, rows: Rows, total: pd.DataFrame) -> None:
    for name in data.names:
        whole = plain(float(total.loc[name].sum()))
        drawn.add_annotation(x=0, y=rows.header[name], xanchor="left", showarrow=False, xshift=2,
                             text=f"<b>{whole} d</b> in all")  # fmt: skip


def _step_table(
    data: ReportData,
    days: dict[str, pd.DataFrame],
    median: pd.DataFrame,
    titles: dict[str, dict[str, str]],
) -> Table:
    rows = []
    for name in data.names:
        for step, title in titles[name].items():
            values = [_value(days[phase], name, step) for phase in PHASES]
            if any(value == value for value in values):  # noqa: PLR0124 - NaN where undefined
                whole = sum(value for value in values if value == value)  # noqa: PLR0124
                figures = [*values, whole, _value(median, name, step)]
                rows.append([data.labels[name], title, *(plain(value) for value in figures)])
    heads = ["Scenario", "Step", *(phase.capitalize() for phase in PHASES), "Sum", "Median of all"]
    return table("Mean days per infused patient by step and phase", heads, rows, text_columns=2)


def _value(frame: pd.DataFrame, scenario: str, step: str) -> float:
    return float(frame.loc[scenario, step]) if step in frame else float("nan")
