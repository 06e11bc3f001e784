"""Where the days go: each step's waiting, working, transport and rework."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from cartlogix.report.data import ReportData, ReportedScenario
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, Means, Rows, heading, means, rows_of
from cartlogix.report.tables import Table, plain, spoken, table
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
    titles = {item.name: step_titles(item) for item in data.scenarios}
    total = {name: _total(days, name, list(titles[name])) for name in data.names}
    drawn = None
    if any(sum(own.values()) > 0 for own in total.values()):
        rows = _rows(data, total, titles)
        drawn = figure(_bars(days, rows, titles), x="mean days per infused patient", y="",
                       height=100, values_on="x")  # fmt: skip
        drawn.update_layout(barmode="stack")
        rows.style(drawn)
    return Exhibit(
        title="Where the days go",
        caption="Mean days of infused patients at each step, in the order of the route. Waiting"
        " runs from ready to started; rework is all time whose result was not used. The days of a"
        " scenario add up to its mean time from enrolment to infusion; means are shown because"
        " medians of steps do not add up.",
        label="Stacked bars of mean days by step: waiting, working, transport and rework.",
        figure=drawn,
        table=_step_table(data, days, titles),
        empty="No patient was infused, so there are no days by step to show.",
    )


def step_titles(item: ReportedScenario) -> dict[str, str]:
    """Return the title of each step by name, in the order of the routes."""
    steps = [step for pathway in item.scenario.pathways for step in pathway.route]
    return {step.name: step.title or spoken(step.name) for step in steps}


def _total(days: dict[str, Means], name: str, steps: list[str]) -> dict[str, float]:
    return {step: sum(found[name].get(step, 0.0) for found in days.values()) for step in steps}


def _rows(data: ReportData, total: Means, titles: dict[str, dict[str, str]]) -> Rows:
    blocks = []
    for name in data.names:
        shown = [(step, title) for step, title in titles[name].items()
                 if total[name][step] >= _LEAST]  # fmt: skip
        days = f"{plain(sum(total[name].values()))} d"
        blocks.append((name, heading(data.short_labels[name], days), shown))
    return rows_of(blocks)


def _bars(days: dict[str, Means], rows: Rows, titles: dict[str, dict[str, str]]) -> list[go.Bar]:
    bars = []
    for phase, (colour, pattern) in PHASES.items():
        found = days[phase]
        cells = [(position, found[name][step], titles[name][step])
                 for (name, step), position in rows.item.items()
                 if found[name].get(step, 0) > 0]  # fmt: skip
        if cells:
            bars.append(
                go.Bar(
                    y=[position for position, _, _ in cells],
                    x=[round(value, 3) for _, value, _ in cells],
                    orientation="h",
                    width=BAR,
                    name=phase,
                    marker=area(colour, pattern),
                    customdata=[[hover(title)] for _, _, title in cells],
                    hovertemplate=f"%{{customdata[0]}}, {phase}: %{{x:.2f}} d<extra></extra>",
                )
            )
    return bars


def _step_table(
    data: ReportData, days: dict[str, Means], titles: dict[str, dict[str, str]]
) -> Table:
    rows = []
    for name in data.names:
        for step, title in titles[name].items():
            values = [days[phase][name].get(step, math.nan) for phase in PHASES]
            if not all(map(math.isnan, values)):
                whole = sum(value for value in values if not math.isnan(value))
                shown = (plain(value) for value in (*values, whole))
                rows.append([data.short_labels[name], title, *shown])
    heads = ["Scenario", "Step", *(phase.capitalize() for phase in PHASES), "Sum"]
    return table("Mean days per infused patient by step and phase", heads, rows, text_columns=2)
