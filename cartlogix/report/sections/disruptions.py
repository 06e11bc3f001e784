"""What went wrong, what it broke off, how long recovery took, and who was lost by it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cartlogix.analysis.recovery import recovery
from cartlogix.report.data import ReportData, ReportedScenario
from cartlogix.report.sections.comparison import level_cells, row_head
from cartlogix.report.tables import (
    Cell,
    Column,
    RowGroup,
    Table,
    capped,
    plain,
    show_range,
    table,
)
from cartlogix.trace.tables import Trace

_MOST_ROWS = 100


def disruption_tables(data: ReportData) -> tuple[Table, ...]:
    """Return the tables of the disruptions, none if no scenario names any."""
    disturbed = [item for item in data.scenarios if item.scenario.disruptions]
    if not disturbed:
        return ()
    calm = [item for item in data.scenarios if not item.scenario.disruptions]
    found = [_figures(data, item) for item in disturbed]
    for item in disturbed:
        if calm:
            found.append(_recovery(data, calm[0], item))
            found.append(_lost(data, calm[0], item))
        if item.name in data.traces:
            found.append(_recalls(item, data.traces[item.name]))
    return tuple(one for one in found if not one.is_empty)


def _figures(data: ReportData, item: ReportedScenario) -> Table:
    names = {one.name: one.title or one.name for one in item.scenario.disruptions}
    kpis = [kpi for kpi in data.registry.values() if kpi.by == "disruption"]
    rows = data.summary[(data.summary["scenario"] == item.name).to_numpy()]
    keyed = {(str(r["kpi"]), str(r["group"])): r for r in rows.to_dict("records")}
    shown: list[tuple[Cell | str, ...]] = [
        (row_head(kpi), *level_cells(kpi, [keyed.get((kpi.name, name)) for name in names]))
        for kpi in kpis
    ]
    heads = [Column(title, numeric=True) for title in names.values()]
    caption = f"Disruptions of {item.label}: mean over replications and 95 % interval"
    groups = (RowGroup(tuple(row for row in shown if len(row) > 1)),)
    return Table(caption, (Column("Figure"), *heads), groups)


def _recovery(data: ReportData, calm: ReportedScenario, item: ReportedScenario) -> Table:
    found = recovery(*(data.values(one.name, "period.in_system") for one in (calm, item)))
    rows = []
    if found is not None:
        back = f"{found.recovered} of {found.replications} replications recover in the window"
        rows = [
            ["Highest number more who wait (patients)", plain(found.dip.estimate),
             show_range(found.dip.low, found.dip.high)],
            ["Recovery time (d)", plain(found.days.estimate),
             show_range(found.days.low, found.days.high)],
        ]  # fmt: skip
        back = f"{back}."
    note = (
        "Patients between enrolment and infusion, period by period, less those of"
        f" {calm.label}. Recovery runs from the first difference until the difference has fallen"
        f" to a tenth of its highest. {back if found is not None else ''}"
    )
    caption = f"Dip and recovery of {item.label}, on the same patients"
    return table(caption, ["", "Mean", "95 % interval"], rows, note=note)


def _lost(data: ReportData, calm: ReportedScenario, item: ReportedScenario) -> Table:
    """Return whom the disruptions cost the infusion, in the first replication."""
    rows: list[list[str]] = []
    if calm.name in data.traces and item.name in data.traces:
        before, after = (_cohort(data.traces[one.name]) for one in (calm, item))
        both = after.join(before["status"].rename("before"), how="inner")
        gone = both[(both["before"] == "infused") & (both["status"] == "lost")]
        rows = [
            [str(number), str(row["indication"]), plain(float(row["enrolled"]), 1),
             str(row["cause"]), str(row["lost_step"]), plain(float(row["left"]), 1)]
            for number, row in zip(gone.index, gone.to_dict("records"), strict=True)
        ]  # fmt: skip
    kept, note = capped(rows, _MOST_ROWS)
    caption = f"Lost in {item.label}, infused without its disruptions (first replication)"
    heads = ["Patient", "Indication", "Enrolled (day)", "Cause", "Step", "Lost (day)"]
    return table(caption, heads, kept, note=note)


def _cohort(trace: Trace) -> pd.DataFrame:
    return trace.cohort.set_index("patient")[
        ["indication", "enrolled", "status", "cause", "lost_step", "left"]
    ]


def _recalls(item: ReportedScenario, trace: Trace) -> Table:
    """Return the chain of custody of recalled lots, in the first replication."""
    rows = [
        [str(r["disruption"]), plain(float(r["time"]), 1), f"{r['stock']} {r['lot']}",
         "not issued" if r["patient"] < 0 else f"patient {r['patient']}", str(r["state"]),
         str(np.int64(r["doses"]))]
        for r in trace["recalls"].to_dict("records")
    ]  # fmt: skip
    kept, note = capped(rows, _MOST_ROWS)
    caption = f"Recalled lots of {item.label}: whom every dose went to (first replication)"
    return table(caption, ["Recall", "Day", "Lot", "Where", "State", "Doses"], kept, note=note)
