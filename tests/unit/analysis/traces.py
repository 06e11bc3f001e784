"""Traces and scenarios written by hand: rows give what matters, the rest takes a plain default."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import TABLES, Trace

Row = Mapping[str, object]
_BY_DTYPE: dict[str, object] = {"float64": math.nan, "int64": 0, "bool": False, "category": ""}
_BY_COLUMN: dict[str, object] = {
    "in_cohort": True,
    "urgency": 1.0,
    "attempts": 1,
    "attempt": 1,
    "dose": 1,
    "entity": "patient",
    "kind": "work",
    "place": "centre > plant: standard",  # only shipments are looked up by it
    "indication": "lupus",
    "open_share": 1.0,
    "route": "auto",
    "first_pathway": "auto",
    "pathway": "auto",
    "stock": "cells",
}


def make_trace(
    window: tuple[float, float] = (0.0, 100.0),
    stop: float = 100.0,
    **rows: Sequence[Row],
) -> Trace:
    tables = {}
    for name, columns in TABLES.items():
        given = rows.get(name, [])
        unknown = {key for row in given for key in row} - columns.keys()
        assert not unknown, f"{name} has no {unknown}"
        filled = [
            {key: row.get(key, _default(key, column.dtype)) for key, column in columns.items()}
            for row in given
        ]
        dtypes = {key: column.dtype for key, column in columns.items()}
        tables[name] = pd.DataFrame(filled, columns=list(columns)).astype(dtypes)
    return Trace(replication=0, window=window, stop=stop, events=0, tables=tables)


def _default(column: str, dtype: str) -> object:
    return _BY_COLUMN.get(column, _BY_DTYPE[dtype])


AUTO: Row = {
    "name": "auto",
    "modality": "autologous",
    "route": [
        {"name": "apheresis", "duration": "1 d", "needs": "chair"},
        {"name": "ship_in", "ship": "plant"},
        {"name": "manufacture", "duration": "10 d", "needs": "suite"},
        {"name": "release", "duration": "5 d"},
        {"name": "ship_out", "ship": "centre"},
        {"name": "infusion"},
    ],
}
STOCKED: Row = {
    "name": "stocked",
    "modality": "off_the_shelf",
    "route": [{"name": "draw", "draw": "cells"}, {"name": "infusion"}],
}
CELLS: Row = {
    "name": "cells",
    "lot": {"route": [{"name": "culture", "duration": "10 d", "needs": "suite"}]},
}


def make_scenario(**parts: object) -> Scenario:
    """Lupus with a target of 30 days, a centre, a plant with two suites; parts replace these."""
    plain: dict[str, object] = {
        "name": "by hand",
        "demand": {
            "arrivals": {"process": "interval", "every": "1 d"},
            "indications": [{"name": "lupus", "target": "30 d"}, {"name": "myositis"}],
        },
        "network": {
            "centres": [{"name": "centre", "resources": {"chair": 1}}],
            "plants": [{"name": "plant", "resources": {"suite": 2}}],
            "lanes": [{"time": "1 d"}],
        },
        "stocks": [CELLS],
        "pathways": [AUTO, STOCKED],
        **parts,
    }
    return Scenario.from_plain(plain)


def activity(
    id: int,
    step: str,
    queued: float,
    started: float,
    ended: float,
    outcome: str = "done",
    **more: object,
) -> Row:
    return {
        "id": id,
        "step": step,
        "queued": queued,
        "started": started,
        "ended": ended,
        "outcome": outcome,
        **more,
    }


def figure(table: pd.DataFrame, kpi: str, group: str = "", indication: str = "all") -> float:
    row = table[
        (table["kpi"] == kpi) & (table["group"] == group) & (table["indication"] == indication)
    ]
    assert len(row) == 1, f"{len(row)} rows of {kpi} {group} {indication}"
    return float(row["value"].iloc[0])
