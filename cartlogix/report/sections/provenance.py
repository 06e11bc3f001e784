"""What it takes to repeat the run, and what every figure means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cartlogix.report.data import ReportData
from cartlogix.report.sections.comparison import FAMILIES
from cartlogix.report.tables import Column, Fold, RowGroup, Table, shown_unit

_DIRECTIONS = {"lower": "lower is better", "higher": "higher is better", "none": "neither"}


def manifest_table(manifest: Mapping[str, object]) -> Table:
    """Return the manifest less its files, a row for each entry; nested ones by dotted path."""
    rows = tuple(_flat({k: v for k, v in manifest.items() if k != "files"}, ""))
    return Table("Manifest of the run", (Column("Entry", width=34), Column("Value", width=66)),
                 (RowGroup(rows),), empty="No manifest was written.")  # fmt: skip


def file_folds(data: ReportData) -> tuple[Fold, ...]:
    """Return a fold with the files of the result folder and what they must hold, if listed."""
    files = data.manifest.get("files")
    if not isinstance(files, Mapping) or not files:
        return ()
    rows = tuple((str(path), str(digest)) for path, digest in files.items())
    columns = (Column("File", width=42), Column("SHA-256", width=58))
    return (Fold(f"The {len(rows)} files of the result folder",
                 (Table("Files and their SHA-256", columns, (RowGroup(rows),)),)),)  # fmt: skip


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
    heads = {"Figure": 20, "Name in the tables": 24, "Unit": 9, "Direction": 12, "Definition": 35}
    columns = tuple(Column(head, width=width) for head, width in heads.items())
    return Table("Definitions of all figures", columns, groups)


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
