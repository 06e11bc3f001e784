"""Every ungrouped figure side by side: the headline figures at once, the others to unfold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cartlogix.analysis.kpi import Kpi
from cartlogix.report.data import ReportData
from cartlogix.report.sections.contrast import Mixes, limits_of, mix_note
from cartlogix.report.tables import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    Cell,
    Column,
    Fold,
    RowGroup,
    Table,
    is_share,
    plain,
    row_decimals,
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
    "over_time": "Over time",
}
_MOST_PAIRS = 15
_UNLIKE = "different patients"
_NOTHING = 1e-9  # relative: differences that come from rounding only

Row = Mapping[Any, Any]
"""A row of the summary or of the differences, by column."""


def indication_choices(data: ReportData) -> tuple[tuple[str, str], ...]:
    """Return key and title of each choice of patients; none if there is one indication only.

    Keys are our own words, since names may hold anything.
    """
    if len(data.indications) < 2:
        return ()
    ones = [(f"indication-{k}", title) for k, title in enumerate(data.indications.values(), 1)]
    return (("all", "All indications"), *ones)


def comparison(data: ReportData) -> tuple[tuple[Table, ...], tuple[Fold, ...]]:
    """Return the tables of the headline figures, and a fold of all others for each family."""
    figures = _Figures.of(data)
    headline = [kpi for kpi in data.registry.values() if kpi.headline]
    folds = []
    for family, title in FAMILIES.items():
        kpis = [kpi for kpi in data.registry.values()
                if kpi.family == family and not kpi.headline and not kpi.by]  # fmt: skip
        tables = tuple(table for table in _tables(data, figures, kpis) if not table.is_empty)
        if tables:
            folds.append(Fold(f"{title}: all further figures", tables))
    if figures.pairs and len(data.scenarios) > 1:
        gained = _shared_luck(data, figures, headline)
        folds.append(Fold("What common random numbers gained", (gained,)))
    levels, *rest = _tables(data, figures, headline)
    return (replace(levels, note=mix_note(data)), *rest), tuple(folds)


@dataclass(frozen=True)
class _Figures:
    """The ungrouped rows of the summary and of the differences, by their keys."""

    levels: dict[tuple[str, str, str], Row]
    """By scenario, KPI and indication."""
    differences: dict[tuple[str, str, str, str], Row]
    """By both scenarios, KPI and indication."""
    pairs: tuple[tuple[str, str], ...]
    unlike: frozenset[tuple[str, str]]
    """Pairs that treat different mixes of indications: pooled, neither of them is better."""

    @classmethod
    def of(cls, data: ReportData) -> _Figures:
        levels = data.summary[data.summary["group"] == ""].to_dict("records")
        rows = data.differences[data.differences["group"] == ""].to_dict("records")
        pairs = dict.fromkeys((str(r["a"]), str(r["b"])) for r in rows)
        mixes = Mixes.of(data)
        return cls(
            {(str(r["scenario"]), str(r["kpi"]), str(r["indication"])): r for r in levels},
            {(str(r["a"]), str(r["b"]), str(r["kpi"]), str(r["indication"])): r for r in rows},
            tuple(pairs)[:_MOST_PAIRS],
            frozenset(pair for pair in pairs if mixes.differ(*pair)),
        )


def level_cells(kpi: Kpi, rows: Iterable[Row | None]) -> tuple[Cell, ...]:
    """Return means with their intervals, to the same decimals; empty if none is known."""
    found = list(rows)
    if not any(row is not None for row in found):
        return ()
    factor = 100 if is_share(kpi.unit) else 1
    nothing = (math.nan,) * 3
    estimates = [
        nothing if row is None
        else (row["mean"] * factor, row["low"] * factor, row["high"] * factor)
        for row in found
    ]  # fmt: skip
    places = row_decimals(estimates)
    return tuple(
        Cell(*show_estimate(mean, low, high, decimals=places)) for mean, low, high in estimates
    )


def row_head(kpi: Kpi) -> str:
    """Return the title of a figure with its unit."""
    unit = shown_unit(kpi.unit)
    return f"{kpi.title} ({unit})" if unit else kpi.title


def _tables(data: ReportData, figures: _Figures, kpis: list[Kpi]) -> tuple[Table, ...]:
    heads = [Column(data.short_labels[name], numeric=True) for name in data.names]
    levels = Table(
        "Mean over replications and 95 % interval",
        (Column("Figure"), *heads),
        _groups(data, kpis, lambda kpi, part: level_cells(
            kpi, [figures.levels.get((name, kpi.name, part)) for name in data.names])),
    )  # fmt: skip
    return (levels,) if len(data.scenarios) < 2 else (levels, _differences(data, figures, kpis))


def _differences(data: ReportData, figures: _Figures, kpis: list[Kpi]) -> Table:
    labels = data.short_labels
    heads = [Column(f"{labels[b]} minus {labels[a]}", numeric=True) for a, b in figures.pairs]
    return Table(
        "Differences with 95 % intervals, paired on the same patients",
        (Column("Figure"), *heads),
        _groups(data, kpis, lambda kpi, part: _difference_cells(kpi, part, figures)),
        note="Better and worse are said where the interval leaves no doubt and the figure has a"
        " good direction; lower and higher where it has none. Intervals are simultaneous: with 95 %"
        " confidence they hold together for the headline figures of all indications together, for"
        " those of single indications, and for all further figures.",
        empty="No differences were computed.",
    )  # fmt: skip


def _shared_luck(data: ReportData, figures: _Figures, kpis: list[Kpi]) -> Table:
    """Return correlation and variance ratio of each difference."""
    labels = data.short_labels
    heads = [Column(f"{labels[b]} minus {labels[a]}", numeric=True) for a, b in figures.pairs]

    def cells(kpi: Kpi, part: str) -> tuple[Cell, ...]:
        rows = [figures.differences.get((*pair, kpi.name, part)) for pair in figures.pairs]
        found = tuple(_gain(row) for row in rows)
        return found if any(cell.text for cell in found) else ()

    return Table(
        "Correlation of the two scenarios over replications",
        (Column("Figure"), *heads),
        _groups(data, kpis, cells),
        note="Below: how many times as many replications independent runs would need for intervals"
        " as narrow, which is the variance that the difference would have without common random"
        " numbers over the one that it has.",
        empty="Nothing varies.",
    )


def _gain(row: Row | None) -> Cell:
    if row is None or not math.isfinite(row["correlation"] + row["variance_ratio"]):
        return Cell("")
    return Cell(plain(row["correlation"], 2), f"{plain(row['variance_ratio'], 1)} times")


def _groups(
    data: ReportData, kpis: list[Kpi], cells: Callable[[Kpi, str], tuple[Cell, ...]]
) -> tuple[RowGroup, ...]:
    """Return a group of rows for each choice of patients."""
    parts = ["all", *data.indications]
    choices = indication_choices(data)
    groups = []
    for part, (key, title) in zip(parts, choices or [("", "")], strict=False):
        rows: list[tuple[Cell | str, ...]] = []
        for kpi in kpis:
            found = cells(kpi, part)
            if found:
                rows.append((row_head(kpi), *found))
        groups.append(RowGroup(tuple(rows), title, key))
    return tuple(groups)


def _difference_cells(kpi: Kpi, part: str, figures: _Figures) -> tuple[Cell, ...]:
    """Return differences with their intervals, to the same decimals; empty if none is known."""
    rows = [figures.differences.get((*pair, kpi.name, part)) for pair in figures.pairs]
    if not any(row is not None and math.isfinite(row["difference"]) for row in rows):
        return ()
    factor = 100 if is_share(kpi.unit) else 1
    places = row_decimals(
        (row["difference"] * factor, *(limit * factor for limit in limits_of(row)))
        for row in rows
        if row is not None and not _is_nothing(row)
    )
    cells = [_difference(kpi, row, places) for row in rows]
    if part != "all":
        return tuple(cells)
    return tuple(
        replace(cell, tone="flat", mark=_UNLIKE) if pair in figures.unlike and cell.mark else cell
        for pair, cell in zip(figures.pairs, cells, strict=True)
    )


def _is_nothing(row: Row) -> bool:
    largest = max(abs(row["difference"]), *(abs(limit) for limit in limits_of(row)))
    return bool(largest <= _NOTHING * abs(row["mean_a"]))


def _difference(kpi: Kpi, row: Row | None, places: int | None) -> Cell:
    if row is None or not math.isfinite(row["difference"]):
        return Cell(NOT_APPLICABLE)
    low, high = limits_of(row)
    if _is_nothing(row):
        return Cell("0", tone="flat", mark="no difference")
    factor = 100 if is_share(kpi.unit) else 1
    unit = " pp" if is_share(kpi.unit) else ""
    text = plain(row["difference"] * factor, places) + unit
    if not (math.isfinite(low) and math.isfinite(high)):
        return Cell(text, f"interval {NOT_AVAILABLE}")
    tone, mark = _tone(kpi, row["difference"], low, high)
    return Cell(text, show_range(low, high, kpi.unit, places), tone, mark)


def _tone(kpi: Kpi, difference: float, low: float, high: float) -> tuple[str, str]:
    if low <= 0 <= high:
        return "flat", "no clear difference"
    if kpi.direction == "none":
        return "flat", "lower" if difference < 0 else "higher"
    better = (difference < 0) == (kpi.direction == "lower")
    return ("good", "▲ better") if better else ("bad", "▼ worse")
