"""The inputs with their sources; what has none is marked as an assumption."""

from __future__ import annotations

from cartlogix.report.data import ReportData
from cartlogix.report.tables import Cell, Column, RowGroup, Table


def input_lead(data: ReportData) -> str:
    """Return how many inputs are assumptions, in a sentence."""
    paths = {row.path for row in data.inputs}
    assumed = {row.path for row in data.inputs if row.source is None}
    return (
        f"{len(paths)} inputs, {len(assumed)} of them assumptions: figures without a stated source."
    ) + (" Equal values of several scenarios share a row." if len(data.scenarios) > 1 else "")


def input_table(data: ReportData) -> Table:
    """Return a row for each path and value, with the scenarios that have it."""
    merged: dict[tuple[str, str, str | None, str], list[str]] = {}
    for row in data.inputs:
        names = merged.setdefault((row.path, row.value, row.source, row.note or ""), [])
        if row.scenario not in names:
            names.append(row.scenario)
    several = len(data.scenarios) > 1
    rows: list[tuple[Cell | str, ...]] = []
    for (path, value, source, note), names in merged.items():
        tone = "" if source else "assumption"
        who = [_who(data, names)] if several else []
        remark = note if source else note.removeprefix("assumption:").strip()
        rows.append((path, value, *who, Cell(source or "assumption", remark, tone)))
    columns = [
        Column("Input", width=33),
        Column("Value", width=18),
        Column("Source and note", width=49),
    ]
    if several:
        columns = [Column("Input", width=30), Column("Value", width=17),
                   Column("Scenarios", width=14), Column("Source and note", width=39)]  # fmt: skip
    return Table(
        "Inputs",
        tuple(columns),
        (RowGroup(tuple(rows)),),
        empty="No inputs are listed.",
    )


def _who(data: ReportData, names: list[str]) -> str:
    if set(names) == set(data.names):
        return "all"
    return ", ".join(data.short_labels.get(name, name) for name in names)
