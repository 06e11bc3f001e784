"""What it takes to repeat the run, and what every figure means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cartlogix.report.data import ReportData
from cartlogix.report.sections.comparison import FAMILIES
from cartlogix.report.tables import Column, RowGroup, Table, shown_unit

_DIRECTIONS = {"lower": "lower is better", "higher": "higher is better", "none": "neither"}


def manifest_table(data: ReportData) -> Table:
    """Return the manifest, a row for each entry; nested entries by dotted path."""
    rows = tuple((path, value) for path, value in _flat(data.manifest, ""))
    return Table(
        "Manifest of the run",
        (Column("Entry"), Column("Value")),
        (RowGroup(rows),),
        empty="No manifest was written.",
    )


def kpi_table(data: ReportData) -> Table:
    """Return name, unit, direction and definition of every KPI, by family."""
    groups = tuple(
        RowGroup(
            tuple(
                (
                    kpi.title,
                    kpi.name,
                    shown_unit(kpi.unit) or "number",
                    _DIRECTIONS.get(kpi.direction, kpi.direction),
                    kpi.definition,
                )
                for kpi in data.registry.values()
                if kpi.family == family
            ),
            title,
        )
        for family, title in FAMILIES.items()
    )
    heads = ("Figure", "Name in the tables", "Unit", "Direction", "Definition")
    return Table("Definitions of all figures", tuple(Column(head) for head in heads), groups)


def _flat(entry: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(entry, Mapping) and entry:
        for key, value in entry.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(entry, (list, tuple)) and any(isinstance(v, Mapping) for v in entry):
        for index, value in enumerate(entry, 1):
            yield from _flat(value, f"{path}.{index}" if path else str(index))
    elif isinstance(entry, (list, tuple)):
        yield path, " ".join(str(value) for value in entry) or "none"
    else:
        yield path, "not recorded" if entry is None or entry == "" else str(entry)
