"""From the file of a slot board, and the CSV files that it names, to a checked board."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cartlogix.board.checks import check
from cartlogix.board.moment import Moment, read_moment
from cartlogix.board.schema import MOST_ORDERS, Board, Order
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.compose import Composed
from cartlogix.scenario.document import MAX_BYTES, read_document
from cartlogix.scenario.findings import findings_from, suggest
from cartlogix.scenario.nodes import Mark, Node, dotted, placed, refuse
from cartlogix.scenario.scalars import NotAValueError, read_scalar

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
    for key in ("demand", "scenarios"):
        if key in root.value and "orders" not in root.value:
            mark = root.value[key].key_mark
            refuse(mark, key, "this is no slot board; give it to run or compare")
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


@dataclass(frozen=True)
class _Sheet:
    """A CSV file: its name as shown, its columns, and its rows with their lines."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def _beside(root: Node, path: Path, key: str) -> _Sheet:
    """Read the CSV file that a key names."""
    node = root.value[key]
    mark, name = node.mark, node.value
    target = (path.parent / name).resolve()
    if Path(name).is_absolute() or not target.is_relative_to(path.parent.resolve()):
        refuse(mark, key, f"'{name}' leaves the folder of the board; put the CSV file beside it")
    try:
        if not target.is_file():
            refuse(mark, key, f"there is no file '{name}' beside the board; check the spelling")
        with target.open("rb") as stream:
            raw = stream.read(MAX_BYTES * 2 + 1)
    except OSError as error:
        refuse(mark, key, f"'{name}' cannot be read: {error.strerror}")
    shown = str(path.parent / name)
    return _sheet(_text(raw, mark, key, name), shown, mark, key)


def _text(raw: bytes, mark: Mark, key: str, name: str) -> str:
    if len(raw) > MAX_BYTES * 2:
        most = f"{MOST_ORDERS:,} orders and {2 * MAX_BYTES:,} bytes"
        refuse(mark, key, f"'{name}' is too large: a board takes at most {most}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(mark, key, f"'{name}' is not UTF-8; save it as UTF-8")
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if control:
        code = f"U+{ord(control[0]):04X}"
        refuse(mark, key, f"'{name}' holds the character {code}; remove it")
    return text


def _sheet(text: str, file: str, mark: Mark, key: str) -> _Sheet:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        columns = tuple(cell.strip() for cell in next(reader, []))
        rows = [(reader.line_num, tuple(row)) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        refuse(mark, key, f"{file}:{reader.line_num}: this is not valid CSV: {error}")
    for line, row in rows:
        if len(row) != len(columns):
            words = f"{len(row)} cells, but the file has {len(columns)} columns; quote commas"
            refuse(Mark(file, line, 1), "", words)
    return _Sheet(file, columns, tuple(rows))


def _with_orders(root: Node, path: Path) -> Node:
    """Return the board with the orders of its CSV file, each cell at its own place."""
    listed = root.value.get("orders")
    count = len(listed.value) if listed is not None and isinstance(listed.value, list) else 0
    named = root.value.get("orders_file")
    rows: list[Node] = []
    if named is not None and isinstance(named.value, str) and named.value:
        sheet = _beside(root, path, "orders_file")
        _known(sheet, _COLUMNS, ("id", "product"))
        rows = [_order(sheet, line, row) for line, row in sheet.rows[: MOST_ORDERS + 1]]
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


def _known(sheet: _Sheet, known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    findings = [
        Finding(sheet.file, 1, 1, name, f"unknown column '{name}'{suggest(name, known)}"
                f"; known columns: {', '.join(known)}")
        for name in sheet.columns if name not in known
    ]  # fmt: skip
    findings += [
        Finding(sheet.file, 1, 1, name, f"the column '{name}' is missing; add it")
        for name in needed
        if name not in sheet.columns
    ]
    if len(set(sheet.columns)) < len(sheet.columns):
        findings.append(Finding(sheet.file, 1, 1, "", "a column is there twice; keep one of them"))
    if findings:
        raise InvalidInput(findings)


def _order(sheet: _Sheet, line: int, row: tuple[str, ...]) -> Node:
    """Return a row as a mapping; an empty cell leaves its key out."""
    mark = Mark(sheet.file, line, 1)
    cells = {}
    for name, text in zip(sheet.columns, row, strict=True):
        if text.strip():
            cells[name] = placed(_cell(name, text.strip(), sheet.file, line), mark)
    return Node(cells, mark, mark)


def _cell(name: str, text: str, file: str, line: int) -> Any:  # noqa: ANN401 - YAML data
    if name in _LISTS:
        return [part.strip() for part in text.split(";")]
    if name in _TEXTS:
        return text
    try:
        return read_scalar(text, plain=True, tag=None)
    except NotAValueError as error:
        refuse(Mark(file, line, 1), name, str(error))


def _plan(sheet: _Sheet) -> PreviousPlan:
    """Read the board of the plan before; further columns are left alone."""
    _known(_Sheet(sheet.file, tuple(c for c in sheet.columns if c in _PLAN_COLUMNS), ()),
           _PLAN_COLUMNS, _PLAN_COLUMNS)  # fmt: skip
    places = [sheet.columns.index(name) for name in _PLAN_COLUMNS]
    found = {}
    for line, row in sheet.rows:
        order, step, start, place = (row[index] for index in places)
        try:
            when = read_moment(start)
        except ValueError as error:
            refuse(Mark(sheet.file, line, 1), "start", str(error))
        found[unguarded(order), unguarded(step)] = (when, unguarded(place))
    return found


def unguarded(text: str) -> str:
    """Return a cell without the sign that keeps a formula from being one."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text
