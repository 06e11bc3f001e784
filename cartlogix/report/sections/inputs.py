"""The inputs with their sources; what has none is marked as an assumption."""

from __future__ import annotations

from collections.abc import Sequence

from cartlogix.report.data import ReportData
from cartlogix.report.tables import Cell, Column, RowGroup, Table


def input_lead(data: ReportData) -> str:
    """Return how many inputs are assumptions, in a sentence."""
    inputs = data.shared_inputs
    assumed = sum(row.source is None for row in inputs)
    lead = f"{len(inputs)} inputs, {assumed} of them assumptions: figures without a stated source."
    several = " Equal values of several scenarios share a row and count once."
    return lead + (several if len(data.scenarios) > 1 else "")


def input_table(data: ReportData) -> Table:
    """Return a row for each input, with the scenarios that have it."""
    several = len(data.scenarios) > 1
    rows: list[tuple[Cell | str, ...]] = []
    for row in data.shared_inputs:
        note = row.note or ""
        tone = "" if row.source else "assumption"
        who = [_who(data, row.scenarios)] if several else []
        remark = note if row.source else note.removeprefix("assumption:").strip()
        cell = Cell(row.source or "assumption", remark, tone)
        rows.append((row.path, row.value, *who, cell))
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


def _who(data: ReportData, names: Sequence[str]) -> str:
    if set(names) == set(data.names):
        return "all"
    return ", ".join(data.short_labels.get(name, name) for name in names)
