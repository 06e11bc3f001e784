"""The figures of a slot board: weeks by suites, Gantt, promises, and loads against limits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cartlogix.board.rows import Row, rows
from cartlogix.board.story import Story
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, ROW
from cartlogix.report.tables import Cell, Column, RowGroup, Table, capped, table
from cartlogix.report.theme import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    VERMILLION,
    area,
    figure,
    hover,
    literal,
)

MOST_ROWS = 60
_KINDS = {
    "patient": (BLUE, ""),
    "donor": (GREEN, "x"),
    "vector": (PURPLE, "/"),
    "under way": (GREY, "-"),
    "late": (VERMILLION, "\\"),
    "down": (ORANGE, "+"),
}


def week_board(story: Story) -> Table:
    """Return weeks by suites: what starts in each week, with its days."""
    placed = _in_suites(story)
    weeks: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    start = story.posed.clock.start
    monday = start - dt.timedelta(days=start.weekday())
    for row in placed:
        first = (row.first.date - monday).days // 7
        last = (row.last.date - monday).days // 7
        weeks[first][row.place].append(
            f"{row.order} ({_day(row.first.date)} to {_day(row.last.date)})"
        )
        for week in range(first + 1, last + 1):
            weeks[week][row.place].append(f"… {row.order}")
    suites = _suites(story)
    lines: list[tuple[Cell | str, ...]] = []
    for week in range(max(weeks, default=-1) + 1):
        day = monday + dt.timedelta(days=7 * week)
        cells = [Cell("; ".join(weeks[week][suite]) or "-") for suite in suites]
        lines.append((f"{day.isocalendar().week:02d}, {day.isoformat()}", *cells))
    columns = (Column("Week, from"), *(Column(suite) for suite in suites))
    return Table("Weeks by suites", columns, (RowGroup(tuple(lines)),),
                 note="… is still in the suite from the week before.",
                 empty="No order takes a suite.")  # fmt: skip


def _day(day: dt.date) -> str:
    return f"{day.day} {day.strftime('%b')}"


def _suites(story: Story) -> list[str]:
    return [one.name for one in story.posed.problem.resources if one.kind == "suite"]


def _in_suites(story: Story) -> list[Row]:
    found = [
        row for row in rows(story.posed, story.plan) if row.kind == "manufacture" and row.place
    ]
    return sorted(found, key=lambda row: (row.start, row.order))


def board_gantt(story: Story) -> Exhibit:
    """Return who is in which suite, chair, bed or QC place, and when."""
    placed = [row for row in rows(story.posed, story.plan) if row.place and row.end > row.start]
    suites = _suites(story)
    lanes = _lanes(placed, suites)
    order = {resource.name: n for n, resource in enumerate(story.posed.problem.resources)}
    others = {(order[row.place], lane) for row, lane in lanes if row.place not in suites}
    names = [*suites, *(lane for _, lane in sorted(others))][:MOST_ROWS]
    drawn = None
    if placed:
        drawn = figure(_bars(story, lanes, names), x="", y="", height=110 + ROW * len(names),
                       values_on="x")  # fmt: skip
        drawn.update_layout(barmode="overlay")
        end = max(row.end for row in placed)
        drawn.update_xaxes(type="date", range=[tick_date(story, 0), tick_date(story, end + 1)],
                           **week_axis(story))  # fmt: skip
        drawn.update_yaxes(range=[len(names) - 0.4, -0.6], tickmode="array",
                           tickvals=list(range(len(names))),
                           ticktext=[literal(name, 26) for name in names])  # fmt: skip
    listed, note = capped(
        [[row.order, row.step, row.place, str(row.first), str(row.last)] for row in placed], 400
    )
    heads = ["Order", "Step", "Place", "From", "To"]
    return Exhibit(
        title="Gantt",
        caption="Suites by name; other places are counted, not named, and each is drawn in the"
        " first one that is free, for as long as it is taken.",
        label="Gantt chart of the plan: bars of orders in suites and other places over the board.",
        figure=drawn,
        table=table("Steps by place", heads, listed, text_columns=5, note=note),
        empty="Nothing is planned.",
    )


def week_axis(story: Story) -> dict[str, Any]:
    """Return ticks on Mondays, every week, every second or every fourth one."""
    start = story.posed.clock.start
    monday = start - dt.timedelta(days=start.weekday())
    days = story.posed.clock.ticks / story.posed.clock.per_day
    weeks = 1 if days <= 42 else 2 if days <= 126 else 4
    return {"tick0": monday.isoformat(), "dtick": weeks * 7 * 86_400_000, "tickformat": "%-d %b"}


def _lanes(placed: Sequence[Row], suites: Sequence[str]) -> list[tuple[Row, str]]:
    """Return each row with its lane: its suite, or the first free one of a counted place."""
    ends: dict[str, list[int]] = defaultdict(list)
    found = []
    for row in sorted(placed, key=lambda one: (one.start, one.end, one.order)):
        if row.place in suites:
            found.append((row, row.place))
            continue
        until = ends[row.place]
        lane = next((i for i, end in enumerate(until) if end <= row.start), len(until))
        if lane == len(until):
            until.append(0)
        until[lane] = max(row.free, row.start + 1)
        found.append((row, f"{row.place} {lane + 1}"))
    return found


def tick_date(story: Story, tick: float) -> str:
    """Return a tick as plotly reads dates."""
    clock = story.posed.clock
    moment = dt.datetime.combine(clock.start, dt.time()) + dt.timedelta(days=tick / clock.per_day)
    return moment.isoformat(timespec="minutes")


def _bars(story: Story, lanes: Sequence[tuple[Row, str]], names: Sequence[str]) -> list[Any]:
    late = {one.order for one in story.late}
    running = {order.id for order in story.posed.board.orders if order.running is not None}
    kinds = {order.id: order.kind for order in story.posed.board.orders}
    groups: dict[str, list[tuple[Row, int]]] = defaultdict(list)
    for row, lane in lanes:
        if lane not in names:
            continue
        what: str = kinds[row.order]
        if row.order in running and row.start == 0:
            what = "under way"
        elif row.order in late:
            what = "late"
        groups[what].append((row, names.index(lane)))
    bars = [_down(story, names)]
    for what, (colour, pattern) in _KINDS.items():
        if groups[what]:
            bars.append(_bar(story, what, groups[what], area(colour, pattern, 0.35)))
    return [bar for bar in bars if bar is not None]


def _bar(story: Story, what: str, own: Sequence[tuple[Row, int]], marker: dict[str, Any]) -> go.Bar:
    day = 86_400_000 / story.posed.clock.per_day
    wide = [_length(row) >= 3 * story.posed.clock.per_day for row, _ in own]
    return go.Bar(
        y=[lane for _, lane in own],
        base=[tick_date(story, row.start) for row, _ in own],
        x=[_length(row) * day for row, _ in own],
        orientation="h",
        width=BAR,
        name=what,
        marker=marker,
        text=[
            literal(row.order, 12) if fits else "" for (row, _), fits in zip(own, wide, strict=True)
        ],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 11, "color": "#ffffff"},
        constraintext="inside",
        customdata=[
            [hover(row.order), hover(row.step), str(row.first), str(row.last)] for row, _ in own
        ],
        hovertemplate=f"%{{customdata[0]}}, {what}<br>%{{customdata[1]}}: %{{customdata[2]}} to"
        " %{customdata[3]}<extra></extra>",
    )


def _length(row: Row) -> int:
    """Return for how many ticks a step takes its place."""
    return max(row.free - row.start, 1)


def _down(story: Story, names: Sequence[str]) -> go.Bar | None:
    """Return the days on which suites are closed."""
    clock = story.posed.clock
    spans = [
        (names.index(resource.name), tick)
        for resource in story.posed.problem.resources
        if resource.kind == "suite" and resource.name in names
        for tick, units in enumerate(resource.capacity[: clock.ticks])
        if not units
    ]
    if not spans:
        return None
    colour, pattern = _KINDS["down"]
    return go.Bar(
        y=[lane for lane, _ in spans],
        base=[tick_date(story, tick) for _, tick in spans],
        x=[86_400_000 / clock.per_day] * len(spans),
        orientation="h",
        width=0.95,
        name="down",
        marker=area(colour, pattern) | {"opacity": 0.45},
        hovertemplate="down<extra></extra>",
    )


def promise_figure(story: Story) -> Exhibit:
    """Return planned end, P50, P90 and due date of every order as dots in a row."""
    numbers = [
        number for number, job in enumerate(story.posed.problem.jobs) if job.name in story.promises
    ]
    numbers.sort(key=lambda number: story.plan.end(story.posed.problem, number) or 0)
    shown = numbers[:MOST_ROWS]
    drawn = None
    if shown:
        drawn = figure(_dots(story, shown), x="", y="", height=110 + 20 * len(shown),
                       values_on="x")  # fmt: skip
        drawn.update_xaxes(type="date", **week_axis(story))
        names = [literal(story.posed.problem.jobs[number].name, 22) for number in shown]
        drawn.update_yaxes(range=[len(shown) - 0.4, -0.6], tickmode="array",
                           tickvals=list(range(len(shown))), ticktext=names)  # fmt: skip
    cut = "" if len(numbers) <= MOST_ROWS else f" The first {MOST_ROWS} of {len(numbers)} orders."
    return Exhibit(
        title="Promise dates",
        caption=f"Each line runs from the median (P50) to the date that holds in nine of ten"
        f" futures (P90).{cut}",
        label="Dots by order: planned end, median and 90 % date, and due date.",
        figure=drawn,
        table=Table("", (), ()),
        empty="Nothing is planned.",
    )


def _dots(story: Story, shown: Sequence[int]) -> list[Any]:
    problem = story.posed.problem
    lines_x: list[str | None] = []
    lines_y: list[int | None] = []
    points: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for lane, number in enumerate(shown):
        job, promise = problem.jobs[number], story.promises[problem.jobs[number].name]
        end = story.plan.end(problem, number)
        ticks = {"planned end": end, "P50": promise.p50, "P90": promise.p90, "due": job.due}
        for name, tick in ticks.items():
            if tick is not None and np.isfinite(tick):
                points[name].append((lane, tick_date(story, tick)))
        if np.isfinite(promise.p90):
            lines_x += [tick_date(story, promise.p50), tick_date(story, promise.p90), None]
            lines_y += [lane, lane, None]
    traces: list[Any] = [
        go.Scatter(x=lines_x, y=lines_y, mode="lines", showlegend=False, hoverinfo="skip",
                   line={"color": GREY, "width": 3})
    ]  # fmt: skip
    looks = {
        "planned end": (BLUE, "circle"),
        "P50": (GREEN, "diamond"),
        "P90": (VERMILLION, "square"),
        "due": (INK, "line-ns-open"),
    }
    for name, (colour, symbol) in looks.items():
        own = points[name]
        traces.append(
            go.Scatter(
                x=[x for _, x in own],
                y=[lane for lane, _ in own],
                mode="markers",
                name=name,
                marker={"color": colour, "symbol": symbol, "size": 9,
                        "line": {"width": 2 if name == "due" else 0, "color": colour}},
                hovertemplate=f"{name}: %{{x|%Y-%m-%d}}<extra></extra>",
            )
        )  # fmt: skip
    return traces
