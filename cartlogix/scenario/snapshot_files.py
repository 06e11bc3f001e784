"""Reading the tables that a snapshot names into the scenario, each cell at its own place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cartlogix.scenario.base import Part
from cartlogix.scenario.nodes import Node, refuse
from cartlogix.scenario.sheet import Sheet, beside, read_csv, read_workbook
from cartlogix.scenario.snapshot import SnapshotLot, SnapshotPatient, SnapshotStock

_TABLES: Mapping[str, type[Part]] = {
    "patients": SnapshotPatient,
    "lots": SnapshotLot,
    "stock": SnapshotStock,
}
_NUMBERS = ("attempt", "doses")


def with_tables(root: Node, path: Path) -> Node:
    """Return a scenario whose snapshot holds the rows of the tables that it names.

    Args:
        root: the scenario.
        path: its file; tables stand beside the file that names them.

    Raises:
        InvalidInput: at a table that cannot be read, or that a list in the YAML file rivals.
    """
    snapshot = root.value.get("snapshot")
    if snapshot is None or not isinstance(snapshot.value, dict):
        return root
    entries = dict(snapshot.value)
    for table, key, node, sheet in _sheets(snapshot, path):
        if table in entries:
            refuse(node.mark, f"snapshot.{key}", f"'{table}' is given twice; keep one of the two")
        columns = tuple(_TABLES[table].model_fields)
        needed = [n for n, field in _TABLES[table].model_fields.items() if field.is_required()]
        sheet.require(columns, needed)
        texts = [name for name in columns if name not in _NUMBERS]
        entries[table] = Node(sheet.records(texts), node.mark, node.key_mark)
    for key in ("workbook", *(f"{table}_file" for table in _TABLES)):
        entries.pop(key, None)
    whole = Node(entries, snapshot.mark, snapshot.key_mark)
    return Node({**root.value, "snapshot": whole}, root.mark, root.key_mark)


def _sheets(snapshot: Node, path: Path) -> list[tuple[str, str, Node, Sheet]]:
    """Return the tables that are named: the table, the key that names it, and the sheet."""
    found: list[tuple[str, str, Node, Sheet]] = []
    for table in _TABLES:
        key = f"{table}_file"
        node = snapshot.value.get(key)
        if node is not None and isinstance(node.value, str):
            target = beside(node.value, _folder(node, path), node.mark, f"snapshot.{key}")
            found.append((table, key, node, read_csv(target, node.mark, f"snapshot.{key}")))
    node = snapshot.value.get("workbook")
    if node is not None and isinstance(node.value, str):
        target = beside(node.value, _folder(node, path), node.mark, "snapshot.workbook")
        sheets = read_workbook(target, node.mark, "snapshot.workbook")
        for name, sheet in sheets.items():
            if name not in _TABLES:
                words = f"the sheet '{name}' is none of {', '.join(_TABLES)}; rename or remove it"
                refuse(sheet.place(1, 1), "snapshot.workbook", words)
            if sheet.columns:
                found.append((name, "workbook", node, sheet))
    return found


def _folder(node: Node, path: Path) -> Path:
    return Path(node.mark.file).parent if node.mark.line else path.parent
