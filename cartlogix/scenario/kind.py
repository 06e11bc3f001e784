"""What kind of file was given, and where to take one that another command reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from cartlogix.scenario.nodes import Node, refuse

FileKind = Literal["experiment", "scenario", "board"]

_TELLING: dict[FileKind, tuple[str, ...]] = {
    "experiment": ("scenarios",),
    "scenario": ("extends", "demand", "network", "stocks", "pathways", "costs", "run"),
    "board": ("start", "horizon", "plants", "sites", "products", "orders", "orders_file"),
}
"""Top-level keys that only one kind of file has."""

_GIVE: dict[FileKind, str] = {
    "experiment": "this is an experiment file: give it, alone, to run, compare or sweep",
    "scenario": "this is a scenario file: give it to run or compare",
    "board": "this is a slot board: give it to schedule",
}


def kind_of_file(keys: Iterable[str]) -> FileKind | None:
    """Return the kind of which a file has the most top-level keys; None if it has none."""
    given = frozenset(keys)
    counts = {kind: len(given.intersection(telling)) for kind, telling in _TELLING.items()}
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] else None


def demand_kind(root: Node, wanted: FileKind) -> None:
    """Refuse a file that is clearly of another kind.

    Raises:
        InvalidInput: with one finding, at a key that tells what it is.
    """
    kind = kind_of_file(root.value)
    if kind not in (wanted, None):
        key = next(key for key in _TELLING[kind] if key in root.value)
        refuse(root.value[key].key_mark, key, _GIVE[kind])
