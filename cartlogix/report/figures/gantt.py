"""Who is in which suite when: the first weeks of the measured window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go

from cartlogix.report.data import ReportData, ReportedScenario
from cartlogix.report.figures.capacity import pool_title
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.rows import BAR, ROW
from cartlogix.report.tables import Table, capped, plain, spoken, table
from cartlogix.report.theme import BLUE, GREEN, GREY, PURPLE, VERMILLION, area, figure, literal
from cartlogix.trace.tables import Trace

WEEKS = 8
MOST_LANES = 40
_TINY = 1e-6  # days: times a changeover apart from its work by rounding only
_KINDS = {
    "patient, first attempt": (BLUE, ""),
    "patient, remake": (PURPLE, "/"),
    "lot for stock": (GREEN, "x"),
    "failed or broken off": (VERMILLION, "\\"),
    "changeover": (GREY, "-"),
}


def suite_charts(data: ReportData) -> list[Exhibit]:
    """Return one exhibit for each scenario whose manufacturing pool was used."""
    exhibits = []
    for item in data.scenarios:
        trace = data.traces.get(item.name)
        if trace is not None:
            exhibits.append(_exhibit(item, trace))
    return exhibits


def lanes(spans: Iterable[tuple[float, float, bool]]) -> list[int]:
    """Return a swimlane for each span of start, end, and whether it follows another one.

    Spans come ordered by start. Each takes the lowest free lane, but a changeover takes the lane
    of the work that ended as it began. A pool counts its units and does not name them, so who had
    which suite is a drawing.
    """
    ends: list[float] = []
    chosen = []
    for start, end, follows in spans:
        free = [lane for lane, until in enumerate(ends) if until <= start + _TINY]
        after = [lane for lane in free if follows and ends[lane] >= start - _TINY]
        lane = next(iter(after or free), len(ends))
        if lane == len(ends):
            ends.append(end)
        ends[lane] = end
        chosen.append(lane)
    return chosen


def suite_pools(item: ReportedScenario, trace: Trace) -> list[str]:
    """Return the pools drawn: those called suites, else those that manufacturing waits for."""
    pools = trace["pools"]
    named = pools[pools["resource"].astype(str).str.contains("suite|line", case=False)]
    if len(named):
        return sorted(named["pool"].astype(str))
    steps = [step for pathway in item.scenario.pathways for step in pathway.route]
    steps += [step for stock in item.scenario.stocks for step in stock.lot.route]
    wanted = {next(iter(s.needs)) for s in steps if s.marks == "manufacture" and s.needs}
    return sorted(pools.loc[pools["resource"].astype(str).isin(list(wanted)), "pool"].astype(str))


def jobs(trace: Trace, pools: Sequence[str]) -> pd.DataFrame:
    """Return the work in the pools that overlaps the first weeks, with `lane` and `what`."""
    begin, end = trace.window[0], trace.window[0] + 7 * WEEKS
    work = trace["activities"]
    work = work[work["pool"].astype(str).isin(list(pools)) & work["started"].notna()]
    work = work.assign(ended=work["ended"].fillna(trace.stop), what=_what(work))
    work = work[work["ended"] > work["started"]]
    work = work.assign(follows=work["kind"].astype(str) == "changeover")
    work = work.sort_values(["started", "follows"], ascending=[True, False], kind="stable")
    parts = []
    for pool, part in work.groupby(work["pool"].astype(str)):
        spans = zip(part["started"], part["ended"], part["follows"], strict=True)
        parts.append(part.assign(pool=pool, lane=lanes(spans)))
    if not parts:
        return work.assign(lane=pd.Series(dtype="int64"))
    placed = pd.concat(parts)
    return placed[(placed["ended"] > begin) & (placed["started"] < end)]


def _what(work: pd.DataFrame) -> pd.Series[str]:
    what = pd.Series("patient, first attempt", index=work.index)
    what[work["attempt"] > 1] = "patient, remake"
    what[work["entity"].astype(str) == "lot"] = "lot for stock"
    what[work["outcome"].isin(["failed", "aborted"])] = "failed or broken off"
    what[work["kind"].astype(str) == "changeover"] = "changeover"
    return what


def _exhibit(item: ReportedScenario, trace: Trace) -> Exhibit:
    placed = jobs(trace, suite_pools(item, trace))
    begin = trace.window[0]
    drawn, note = None, ""
    if len(placed):
        rows = sorted({(pool, lane) for pool, lane in zip(placed["pool"], placed["lane"],
                                                          strict=True)})  # fmt: skip
        if len(rows) > MOST_LANES:
            note = f" The first {MOST_LANES} of {len(rows)} lanes are drawn."
            rows = rows[:MOST_LANES]
        height = 108 + ROW * len(rows)
        drawn = figure(_bars(placed, rows), x="days since the start of the run", y="",
                       height=height, values_on="x")  # fmt: skip
        drawn.update_layout(barmode="overlay")
        drawn.update_xaxes(range=[begin, begin + 7 * WEEKS], dtick=7)
        names = [_lane_name(pool, lane, rows) for pool, lane in rows]
        drawn.update_yaxes(range=[len(rows) - 0.4, -0.6], tickmode="array",
                           tickvals=list(range(len(rows))), ticktext=names)  # fmt: skip
    return Exhibit(
        title=f"Suites, first {WEEKS} weeks: {item.label}",
        caption=f"Work in the manufacturing suites in the first {WEEKS} weeks of the measured"
        " window, first replication. Suites are counted, not named: each job is drawn in the"
        f" first lane that is free.{note}",
        label=f"Gantt chart of manufacturing suites in {item.label}: bars of work and changeover"
        f" over {WEEKS} weeks.",
        figure=drawn,
        table=_job_table(placed),
        empty=f"No suite was used in these {WEEKS} weeks: nothing was made in this window, or not"
        " in counted suites.",
    )


def _lane_name(pool: str, lane: int, rows: list[tuple[str, int]]) -> str:
    several = len({name for name, _ in rows}) > 1
    site = pool.rsplit("/", 1)[0]
    return f"{literal(spoken(site), 14)} {lane + 1}" if several else f"suite {lane + 1}"


def _bars(placed: pd.DataFrame, rows: list[tuple[str, int]]) -> list[go.Bar]:
    row_of = {row: index for index, row in enumerate(rows)}
    where = [row_of.get(key, -1) for key in zip(placed["pool"], placed["lane"], strict=True)]
    placed = placed.assign(row=where)
    placed = placed[placed["row"] >= 0]
    bars = []
    for what, (colour, pattern) in _KINDS.items():
        own = placed[placed["what"] == what]
        if own.empty:
            continue
        bars.append(
            go.Bar(
                y=own["row"].astype(int).tolist(),
                base=own["started"].round(2).tolist(),
                x=(own["ended"] - own["started"]).round(2).tolist(),
                orientation="h",
                width=BAR,
                name=what,
                marker=area(colour, pattern),
                customdata=[[_who(e, i), round(b, 1)] for e, i, b in zip(
                    own["entity"], own["id"], own["ended"], strict=True)],
                hovertemplate=f"{what}<br>%{{customdata[0]}}: day %{{base:.1f}} to"
                " %{customdata[1]}<extra></extra>",
            )
        )  # fmt: skip
    return bars


def _who(entity: str, number: int) -> str:
    return "changeover" if entity == "resource" else f"{entity} {number}"


def _job_table(placed: pd.DataFrame) -> Table:
    ordered = placed.sort_values("started", kind="stable")
    rows = [
        [pool_title(str(pool)), str(lane + 1), str(what), _who(str(entity), number),
         plain(start, 1), plain(end, 1)]
        for pool, lane, what, entity, number, start, end in zip(
            *(ordered[column].tolist() for column in ("pool", "lane", "what", "entity", "id",
                                                      "started", "ended")), strict=True)
    ]  # fmt: skip
    shown, note = capped(rows, 40)
    heads = ["Pool", "Lane", "Work", "For", "Start, day", "End, day"]
    return table("Work in the suites", heads, shown, text_columns=4, note=note)
