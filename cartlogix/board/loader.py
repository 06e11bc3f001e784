"""From the file of a slot board, and the CSV files that it names, to a checked board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cartlogix.board.checks import check
from cartlogix.board.moment import Moment, read_moment
from cartlogix.board.schema import MOST_ORDERS, Board, Order
from cartlogix.ground.csv_text import unguarded
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.compose import Composed
from cartlogix.scenario.document import MAX_BYTES, read_document
from cartlogix.scenario.findings import findings_from
from cartlogix.scenario.kind import demand_kind
from cartlogix.scenario.nodes import Node, dotted, refuse
from cartlogix.scenario.sheet import Limit, Sheet, beside, read_csv

_LISTS = ("plants", "after")
_COLUMNS = tuple(name for name in Order.model_fields if name not in ("pins", "running"))
_TEXTS = ("id", "product", "site", "indication", *_LISTS)
_PLAN_COLUMNS = ("order", "step", "start", "place")

PreviousPlan = Mapping[tuple[str, str], tuple[Moment, str]]
"""Start and place of each step of the plan before, by order and step."""


@dataclass(frozen=True)
class Loaded:
    """A board, the plan before it, and warnings about it."""

    board: Board
    previous: PreviousPlan
    warnings: tuple[Finding, ...]


def load(path: Path) -> Loaded:
    """Read, validate and check one board.

    Raises:
        InvalidInput: with every finding at once.
    """
    document = read_document(path)
    root = document.root
    demand_kind(root, "board")
    composed = Composed(_with_orders(root, path), {}, ())
    try:
        board = Board.model_validate(_tuples(composed.data))
    except ValidationError as error:
        raise InvalidInput(findings_from(error, composed, Board)) from None
    findings = [
        Finding(*composed.locate(problem.path), dotted(problem.path, composed.data),
                problem.message, severity=problem.severity)
        for problem in check(board)
    ]  # fmt: skip
    if any(finding.severity == "error" for finding in findings):
        raise InvalidInput(findings)
    previous: PreviousPlan = {}
    if board.previous_plan is not None:
        previous = _plan(_beside(root, path, "previous_plan"))
    return Loaded(board, previous, tuple(findings))


def _tuples(item: Any) -> Any:  # noqa: ANN401 - YAML data
    """Turn lists into tuples: strict validation of frozen parts takes nothing else."""
    if isinstance(item, Mapping):
        return {key: _tuples(value) for key, value in item.items()}
    return tuple(map(_tuples, item)) if isinstance(item, list) else item


def _beside(root: Node, path: Path, key: str) -> Sheet:
    """Read the CSV file that a key names."""
    node = root.value[key]
    most = f"a board takes at most {MOST_ORDERS:,} orders and {2 * MAX_BYTES:,} bytes"
    limit = Limit(2 * MAX_BYTES, most)
    return read_csv(beside(node.value, path.parent, node.mark, key), node.mark, key, limit)


def _with_orders(root: Node, path: Path) -> Node:
    """Return the board with the orders of its CSV file, each cell at its own place."""
    listed = root.value.get("orders")
    count = len(listed.value) if listed is not None and isinstance(listed.value, list) else 0
    named = root.value.get("orders_file")
    rows: list[Node] = []
    if named is not None and isinstance(named.value, str) and named.value:
        sheet = _beside(root, path, "orders_file")
        sheet.require(_COLUMNS, ("id", "product"))
        rows = sheet.records(_TEXTS, _LISTS, MOST_ORDERS + 1)
        count += len(sheet.rows)
    if count > MOST_ORDERS:
        mark = (listed if named is None else named).mark
        refuse(mark, "orders", f"{count:,} orders; a board takes at most {MOST_ORDERS:,}")
    if not rows or (listed is not None and not isinstance(listed.value, list)):
        return root
    before = [] if listed is None else listed.value
    mark = named.mark if listed is None else listed.mark
    orders = Node([*before, *rows], mark, mark)
    return Node({**root.value, "orders": orders}, root.mark, root.key_mark)


def _plan(sheet: Sheet) -> PreviousPlan:
    """Read the board of the plan before; further columns are left alone."""
    columns = tuple(name for name in sheet.columns if name in _PLAN_COLUMNS)
    replace(sheet, columns=columns, rows=()).require(_PLAN_COLUMNS, _PLAN_COLUMNS)
    places = [sheet.columns.index(name) for name in _PLAN_COLUMNS]
    found = {}
    for number, cells in sheet.rows:
        order, step, start, place = (cells[index] for index in places)
        try:
            when = read_moment(start)
        except ValueError as error:
            refuse(sheet.place(number, 1), "start", str(error))
        found[unguarded(order), unguarded(step)] = (when, unguarded(place))
    return found
