"""Every ungrouped figure side by side, and the differences between scenarios."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import pandas as pd

from cartlogix.analysis.registry import Kpi
from cartlogix.report.data import ReportData
from cartlogix.report.sections.contrast import limits_of
from cartlogix.report.tables import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    Cell,
    Column,
    RowGroup,
    Table,
    interval_decimals,
    is_share,
    plain,
    show_estimate,
    show_range,
    shown_unit,
)

FAMILIES = {
    "lead_time": "Lead time",
    "access": "Access",
    "capacity": "Capacity",
    "inventory": "Stock",
    "cost": "Cost",
}
_MOST_PAIRS = 15
_NOTHING = 1e-9  # relative: differences that come from rounding only
_Key = TypeVar("_Key")


def indication_choices(data: ReportData) -> tuple[tuple[str, str], ...]:
    """Return key and title of each choice of patients; none if there is one indication only.

    Keys are our own words, since names may hold anything.
    """
    if len(data.indications) < 2:
        return ()
    ones = [(f"indication-{k}", title) for k, title in enumerate(data.indications.values(), 1)]
    return (("all", "all indications"), *ones)


def comparison_tables(data: ReportData) -> tuple[Table, ...]:
    """Return the table of levels and, with two scenarios or more, that of differences."""
    heads = [Column(data.labels[name], numeric=True) for name in data.names]
    rows = data.summary[data.summary["group"] == ""]
    keyed = {(str(r["scenario"]), str(r["kpi"]), str(r["indication"])): r
             for _, r in rows.iterrows()}  # fmt: skip
    levels = Table(
        "Mean over replications and 95 % interval",
        (Column("Figure"), *heads),
        _groups(data, list(data.names), lambda kpi, name, part: _level(
            kpi, keyed.get((name, kpi.name, part)))),
    )  # fmt: skip
    if len(data.scenarios) < 2:
        return (levels,)
    return levels, _differences(data)


def grouped_table(data: ReportData, family: str, caption: str) -> Table:
    """Return the figures of a family that are kept by pool, stock or the like."""
    rows = data.summary
    rows = rows[(rows["group"] != "") & (rows["indication"] == "all")]
    keyed = {(str(r["scenario"]), str(r["kpi"]), str(r["group"])): r for _, r in rows.iterrows()}
    names = list(dict.fromkeys(group for _, _, group in keyed))
    groups = []
    for name in names:
        shown: list[tuple[Cell | str, ...]] = []
        for kpi in data.registry.values():
            cells = [_level(kpi, keyed.get((one, kpi.name, name))) for one in data.names]
            if kpi.family == family and any(cells):
                shown.append((_head(kpi), *(cell or Cell(NOT_APPLICABLE) for cell in cells)))
        groups.append(RowGroup(tuple(shown), name))
    heads = [Column(data.labels[name], numeric=True) for name in data.names]
    return Table(caption, (Column("Figure"), *heads), tuple(groups))


def _differences(data: ReportData) -> Table:
    rows = data.differences[data.differences["group"] == ""]
    pairs = list(dict.fromkeys(zip(rows["a"].astype(str), rows["b"].astype(str), strict=True)))
    keyed = {
        (str(r["a"]), str(r["b"]), str(r["kpi"]), str(r["indication"])): r
        for _, r in rows.iterrows()
    }
    heads = [Column(f"{data.labels[b]} minus {data.labels[a]}", numeric=True) for a, b in pairs]
    return Table(
        "Differences with 95 % intervals, paired on the same patients",
        (Column("Figure"), *heads[:_MOST_PAIRS]),
        _groups(data, pairs[:_MOST_PAIRS], lambda kpi, pair, part: _difference(
            kpi, keyed.get((*pair, kpi.name, part)))),
        note="Headline figures of all indications together have simultaneous intervals: all of"
        " them hold together with 95 % confidence. Other intervals are individual. Better and"
        " worse are said where the interval leaves no doubt and the figure has a good direction;"
        " lower and higher where it has none.",
        empty="No differences were computed.",
    )  # fmt: skip


def _groups(
    data: ReportData, columns: list[_Key], cell: Callable[[Kpi, _Key, str], Cell | None]
) -> tuple[RowGroup, ...]:
    """Return a group of rows for each choice of patients and family of KPIs."""
    keys = ["all", *(data.indications if len(data.indications) > 1 else ())]
    titles = {"all": "all indications", **data.indications}
    groups = []
    for index, part in enumerate(keys):
        for family, title in FAMILIES.items():
            rows: list[tuple[Cell | str, ...]] = []
            for kpi in data.registry.values():
                cells = [cell(kpi, column, part) for column in columns]
                if kpi.family == family and not kpi.by and any(cells):
                    rows.append((_head(kpi), *(one or Cell(NOT_APPLICABLE) for one in cells)))
            heading = f"{title}, {titles[part]}" if len(keys) > 1 else title
            key = ("all" if index == 0 else f"indication-{index}") if len(keys) > 1 else ""
            groups.append(RowGroup(tuple(rows), heading, key))
    return tuple(groups)


def _head(kpi: Kpi) -> str:
    unit = shown_unit(kpi.unit)
    return f"{kpi.title} ({unit})" if unit else kpi.title


def _level(kpi: Kpi, row: pd.Series[float] | None) -> Cell | None:
    if row is None:
        return None
    factor = 100 if is_share(kpi.unit) else 1
    value, interval = show_estimate(row["mean"] * factor, row["low"] * factor, row["high"] * factor)
    return Cell(value, interval)


def _difference(kpi: Kpi, row: pd.Series[float] | None) -> Cell | None:
    if row is None or not math.isfinite(row["difference"]):
        return None
    low, high = limits_of(row)
    if max(abs(row["difference"]), abs(low), abs(high)) <= _NOTHING * abs(row["mean_a"]):
        return Cell("0", tone="flat", mark="no difference")
    factor = 100 if is_share(kpi.unit) else 1
    unit = " pp" if is_share(kpi.unit) else ""
    if not (math.isfinite(low) and math.isfinite(high)):
        return Cell(plain(row["difference"] * factor) + unit, f"interval {NOT_AVAILABLE}")
    places = interval_decimals(low * factor, high * factor)
    text = plain(row["difference"] * factor, places) + unit
    tone, mark = _tone(kpi, row["difference"], low, high)
    return Cell(text, show_range(low, high, kpi.unit, places), tone, mark)


def _tone(kpi: Kpi, difference: float, low: float, high: float) -> tuple[str, str]:
    if low <= 0 <= high:
        return "flat", "no clear difference"
    if kpi.direction == "none":
        return "flat", "lower" if difference < 0 else "higher"
    better = (difference < 0) == (kpi.direction == "lower")
    return ("good", "▲ better") if better else ("bad", "▼ worse")
