"""What `sweep` prints: the plan of a study before it, and the figures by level after it."""

from __future__ import annotations

import math

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.tidy import ALL
from cartlogix.cli.console import say, say_json, table
from cartlogix.experiment.estimate import estimate, pilot
from cartlogix.experiment.plan import Study
from cartlogix.experiment.results import Results
from cartlogix.report.text import interval_text

_SHOWN = 4
_MOST_ROWS = 60


def print_plan(study: Study, jobs: int, *, as_json: bool) -> None:
    """Print every run with its events and memory, and the time of all by a pilot of each kind.

    The pilot is the first replication of the first run of every scenario of the file.
    """
    pilots = {}
    for arm in study.arms:
        if arm.base not in pilots:
            first = estimate(arm.scenario)
            took = pilot(arm.scenario)
            pilots[arm.base] = (took, took.events / max(first.events / first.replications, 1))
    rows, runs, events, seconds, memory = [], 0, 0, 0.0, 0.0
    for arm in study.arms:
        plan = estimate(arm.scenario)
        took, scale = pilots[arm.base]
        expected = round(plan.events * scale)
        runs += plan.replications
        events += expected
        seconds += took.seconds * expected / max(took.events, 1)
        memory = max(memory, plan.megabytes)
        rows.append((arm.name, plan.replications, expected))
    total = {
        "replications": runs,
        "events": events,
        "seconds": round(seconds / jobs, 1),
        "processes": jobs,
        "megabytes": round(memory * (jobs + 1)),
    }
    if as_json:
        keys = ("scenario", "replications", "events")
        say_json({"runs": [dict(zip(keys, row, strict=True)) for row in rows], "total": total})
        return
    cells = [[name, f"{replications:,}", f"{count:,}"] for name, replications, count in rows]
    table(["run", "replications", "events"], cells, right=(1, 2))
    say(
        f"\n{len(rows)} runs, {runs:,} replications, about {events:,} events: about "
        f"{_duration(seconds / jobs)} in {jobs} process{'es' if jobs > 1 else ''}, "
        f"{total['megabytes']:,} MB"
    )


def print_levels(study: Study, results: Results) -> None:
    """Print the first headline figures of every run, a row for each."""
    if not len(results.summary):
        return
    headline = [kpi for kpi in KPIS.values() if kpi.headline][:_SHOWN]
    rows = results.summary
    pooled = rows[((rows["indication"] == ALL) & (rows["group"] == "")).to_numpy()]
    keys = zip(pooled["scenario"].astype("str"), pooled["kpi"].astype("str"), strict=True)
    limits = zip(pooled["mean"], pooled["low"], pooled["high"], strict=True)
    figures = dict(zip(keys, limits, strict=True))
    unknown = (math.nan,) * 3
    cells = [
        [
            arm.name,
            *(interval_text(*figures.get((arm.name, kpi.name), unknown), kpi) for kpi in headline),
        ]
        for arm in study.arms[:_MOST_ROWS]
    ]
    currency = results.scenarios[0].costs.currency
    heads = [
        f"{kpi.title} [{'%' if kpi.unit == 'share' else kpi.unit.replace('{currency}', currency)}]"
        for kpi in headline
    ]
    say("Mean (95 % interval), all patients")
    table(["run", *heads], cells, right=range(1, len(heads) + 1))
    if len(study.arms) > _MOST_ROWS:
        say(f"... and {len(study.arms) - _MOST_ROWS} more; all are in by_factor.parquet")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
