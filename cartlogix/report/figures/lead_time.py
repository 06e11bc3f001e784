"""How long patients wait: the share infused by each day, and where the days go."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.patients import PER_DAY, Counts
from cartlogix.report.tables import NOT_APPLICABLE, Table, joined, plain, table
from cartlogix.report.theme import DASHES, GREY, MUTED, PAPER, SERIES, figure, hover, literal

MOST_POINTS = 200
_ROWS = 24
_NOBODY = np.zeros(0, dtype=np.int64)
_MOST_LINES = 4  # of target labels above each other


def share_infused(infused: Counts, enrolled: int, most: int = MOST_POINTS) -> pd.DataFrame:
    """Return the cumulative incidence of infusion as steps of `day` and `share`.

    Args:
        infused: how many were infused within so many hundredths of a day and not sooner.
        enrolled: everybody enrolled, infused or not; the denominator.
        most: most points returned; beyond it every so many patients make one step.
    """
    until = infused.cumsum()
    count = int(until[-1]) if until.size else 0
    patient = np.linspace(0, count - 1, most).round() if count else np.array([])
    step = np.unique(np.searchsorted(until, patient, side="right"))
    found = {"day": [0.0, *step / PER_DAY], "share": [0.0, *until[step] / max(enrolled, 1)]}
    return pd.DataFrame(found)


def cumulative_incidence(data: ReportData) -> Exhibit:
    """Return the share of enrolled patients infused by each day, a line for each scenario."""
    curves = {name: _curve(data, name) for name in data.names}
    longest = max((float(c["day"].max()) for c in curves.values() if len(c) > 1), default=0.0)
    lines = [
        _line(curves[name], data.labels[name], index, longest)
        for index, name in enumerate(data.names)
        if len(curves[name]) > 1
    ]
    drawn = None
    if lines:
        drawn = figure(lines, x="days since enrolment", y="share of enrolled patients infused",
                       height=400)  # fmt: skip
        top = 1.04 + 0.07 * min(len(_targets(data)), _MOST_LINES)
        drawn.update_yaxes(range=[0, top], tickformat=".0%", tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1])
        drawn.update_xaxes(range=[0, longest * 1.03 or 1])
        _add_targets(drawn, data, longest)
    return Exhibit(
        title="Share of enrolled patients infused by day",
        caption="Everybody enrolled counts, also those lost or still under way, so a line ends"
        " below 100 % when patients never reach infusion. All replications together."
        + (" Dotted vertical lines are targets." if _targets(data) else ""),
        label="Lines of the share of enrolled patients infused against days since enrolment, "
        f"for {len(data.names)} scenarios.",
        figure=drawn,
        table=_incidence_table(data, longest),
        empty="No patient was infused in any scenario, so there is no lead time to show.",
    )


def _curve(data: ReportData, name: str) -> pd.DataFrame:
    infused = data.patients.infused.get(name, _NOBODY)
    return share_infused(infused, data.patients.of(name))


def _line(curve: pd.DataFrame, label: str, index: int, longest: float) -> go.Scatter:
    day = [*curve["day"].round(2), round(longest, 2)]
    share = [*curve["share"].round(4), round(float(curve["share"].iloc[-1]), 4)]
    return go.Scatter(
        x=day,
        y=share,
        name=literal(label),
        mode="lines",
        line={
            "shape": "hv",
            "width": 2.5,
            "color": SERIES[index % len(SERIES)],
            "dash": DASHES[index % len(DASHES)],
        },
        hovertemplate=f"{hover(label)}<br>%{{y:.1%}} infused by day %{{x:.1f}}<extra></extra>",
    )


def _targets(data: ReportData) -> dict[float, list[str]]:
    """Return the titles of the indications by their target in days."""
    targets: dict[float, list[str]] = {}
    for item in data.scenarios:
        for one in item.scenario.demand.indications:
            title = one.title or one.name
            if one.target and title not in targets.setdefault(one.target.value, []):
                targets[one.target.value].append(title)
    return dict(sorted(targets.items()))


def _add_targets(drawn: go.Figure, data: ReportData, longest: float) -> None:
    several = len(data.indications) > 1
    targets = _targets(data)
    for row, (day, titles) in enumerate(targets.items()):
        if day > longest:
            continue  # stretching the axis to it would hide the curves
        who = titles[0] if len(titles) == 1 else f"{len(titles)} indications"
        text = f"target {plain(day)} d" + (f", {literal(who, 24)}" if several else "")
        # The earlier target stands higher, so that no later line runs through its label.
        level = 1.05 + 0.07 * ((len(targets) - 1 - row) % _MOST_LINES)
        drawn.add_shape(type="line", x0=day, x1=day, y0=0, y1=level + 0.02,
                        line={"color": GREY, "width": 1, "dash": "dot"})  # fmt: skip
        late = day > 0.6 * longest  # its label would leave the figure on the right
        drawn.add_annotation(x=day, y=level, text=text, showarrow=False,
                             xanchor="right" if late else "left", xshift=-3 if late else 3,
                             bgcolor=PAPER, borderpad=1,
                             font={"size": 11, "color": MUTED})  # fmt: skip


def _incidence_table(data: ReportData, longest: float) -> Table:
    step = next((s for s in (1, 2, 5, 7, 14, 28, 56, 91, 182, 364) if longest / s <= _ROWS), 728)
    days = [step * k for k in range(1, int(np.ceil(longest / step)) + 1)]
    rows = [[f"{day}", *(_percent(_share_by(data, name, day)) for name in data.names)]
            for day in days]  # fmt: skip
    heads = ["Day since enrolment", *(data.short_labels[name] for name in data.names)]
    return table("Share of enrolled patients infused by day", heads, rows)


def _percent(share: float) -> str:
    return joined(plain(share * 100, 1), "%") if share == share else NOT_APPLICABLE  # noqa: PLR0124


def _share_by(data: ReportData, name: str, day: int) -> float:
    """Return the share of the enrolled of a scenario who are infused within so many days."""
    enrolled = data.patients.of(name)
    infused = data.patients.infused.get(name, _NOBODY)
    return float(infused[: day * PER_DAY + 1].sum()) / enrolled if enrolled else math.nan
