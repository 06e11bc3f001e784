"""The loads of a slot board against its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from cartlogix.board.story import Story
from cartlogix.report.figures.board import tick_date, week_axis
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.tables import Table, capped, plain, table
from cartlogix.report.theme import BLUE, VERMILLION, area, figure
from cartlogix.scheduling.objective import used
from cartlogix.scheduling.problem import Resource

MOST_LOADS = 6
"""Most limits of which the load is drawn."""

Units = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Load:
    """Units used and offered of a limit by window, and the windows until its last use."""

    resource: Resource
    used: Units
    offered: Units
    busy: int

    @property
    def share(self) -> float:
        """Load until the last use."""
        return float(self.used[: self.busy].sum() / max(self.offered[: self.busy].sum(), 1))


def _loads(story: Story) -> list[_Load]:
    """Return the load of every limit, the fullest first."""
    problem = story.posed.problem
    found = []
    for resource, amount in zip(problem.resources, used(problem, story.plan), strict=True):
        windows = -(-problem.horizon // resource.window)
        offered = resource.units(windows, overtime=False)
        found.append(_Load(resource, amount[:windows], offered, _busy(amount[:windows])))
    return sorted(found, key=lambda load: -load.share)


def load_table(story: Story) -> Table:
    """Return the load of every limit."""
    rows = [
        [load.resource.name, load.resource.kind, plain(float(load.used.sum()), 0),
         plain(float(load.offered[: load.busy].sum()), 0),
         f"{load.share:.0%}" if load.busy else "-",
         plain(float(np.sum((load.used >= load.offered) & (load.used > 0))), 0)]
        for load in _loads(story)
    ]  # fmt: skip
    return table(
        "All limits until their last use",
        ["Limit", "Kind", "Used", "Offered", "Load", "Full"],
        rows,
        text_columns=2,
        note="Used and offered are units in ticks (in weeks for bookings); the last column counts"
        " those in which all there is, or overtime too, was used.",
    )


def load_figures(story: Story) -> tuple[Exhibit, ...]:
    """Return the loads of the fullest limits over time; suites are in the Gantt chart."""
    shown = [load for load in _loads(story) if load.resource.kind != "suite" and load.busy]
    return tuple(_load(story, load) for load in shown[:MOST_LOADS])


def _busy(amount: Units) -> int:
    """Return the windows until the last use."""
    found = np.flatnonzero(amount)
    return int(found[-1]) + 1 if len(found) else 0


def _load(story: Story, load: _Load) -> Exhibit:
    window = load.resource.window
    shown = min(len(load.used), max(load.busy + 3, 14))
    amount, offered = load.used[:shown].tolist(), load.offered[:shown].tolist()
    x = [tick_date(story, tick * window) for tick in range(shown)]
    day = 86_400_000 * window / story.posed.clock.per_day
    when = "week from %{x|%Y-%m-%d}" if window > 1 else "%{x|%a %Y-%m-%d}"
    drawn = figure(
        [
            go.Bar(x=x, y=amount, name="used", width=day * 0.8, offset=day * 0.1,
                   marker=area(BLUE), hovertemplate=f"{when}: %{{y}} used<extra></extra>"),
            go.Scatter(x=[*x, tick_date(story, shown * window)], y=[*offered, offered[-1]],
                       name="limit", mode="lines",
                       line={"color": VERMILLION, "width": 2, "shape": "hv"},
                       hovertemplate=f"{when}: limit %{{y}}<extra></extra>"),
        ],
        x="", y="units", height=190,
    )  # fmt: skip
    top = max(*amount, *offered, 1)
    drawn.update_xaxes(type="date", **week_axis(story))
    drawn.update_yaxes(range=[0, top * 1.12], dtick=max(1, -(-top // 4)))
    each = "week" if window > 1 else "day" if story.posed.clock.per_day == 1 else "half day"
    rows = [
        [str(story.posed.clock.at(tick * window)), str(amount[tick]), str(offered[tick])]
        for tick in range(shown)
        if amount[tick]
    ]
    listed, note = capped(rows, 120)
    return Exhibit(
        title=load.resource.name,
        caption=f"What the plan takes in each {each}, and what there is.",
        label=f"Load of {load.resource.name} over time against its limit.",
        figure=drawn,
        table=table("Where it is used", ["From", "Used", "Limit"], listed, note=note),
    )
