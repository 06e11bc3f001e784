"""What `sweep` prints: the figures by level."""

from __future__ import annotations

import math

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.tidy import ALL
from cartlogix.cli.console import say, table
from cartlogix.experiment.plan import Study
from cartlogix.experiment.results import Results
from cartlogix.report.text import interval_text

_SHOWN = 4
_MOST_ROWS = 60


def print_levels(study: Study, results: Results) -> None:
    """Print the first headline figures of every run, a row for each; that of a race before them."""
    if not len(results.summary):
        return
    raced = [KPIS[study.select.kpi]] if study.select else []
    headlines = [kpi for kpi in KPIS.values() if kpi.headline]
    shown = list(dict.fromkeys([*raced, *headlines]))[:_SHOWN]
    rows = results.summary
    pooled = rows[((rows["indication"] == ALL) & (rows["group"] == "")).to_numpy()]
    keys = zip(pooled["scenario"].astype("str"), pooled["kpi"].astype("str"), strict=True)
    limits = zip(pooled["mean"], pooled["low"], pooled["high"], strict=True)
    figures = dict(zip(keys, limits, strict=True))
    unknown = (math.nan,) * 3
    cells = [
        [
            arm.name,
            *(interval_text(*figures.get((arm.name, kpi.name), unknown), kpi) for kpi in shown),
        ]
        for arm in study.arms[:_MOST_ROWS]
    ]
    currency = results.scenarios[0].costs.currency
    heads = [
        f"{kpi.title} [{'%' if kpi.unit == 'share' else kpi.unit.replace('{currency}', currency)}]"
        for kpi in shown
    ]
    say("Mean (95 % interval), all patients")
    table(["run", *heads], cells, right=range(1, len(heads) + 1))
    if len(study.arms) > _MOST_ROWS:
        say(f"... and {len(study.arms) - _MOST_ROWS} more; all are in by_factor.parquet")
