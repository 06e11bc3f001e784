"""Tables beside a YAML file: CSV files and Excel sheets, each cell with its place."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.document import MAX_BYTES
from cartlogix.scenario.findings import suggest
from cartlogix.scenario.nodes import Mark, Node, placed, refuse
from cartlogix.scenario.scalars import NotAValueError, read_scalar

Row = tuple[int, tuple[str, ...]]
"""The number of a row in its file, and its cells as text; empty where nothing is written."""


@dataclass(frozen=True)
class Sheet:
    """A table: the columns, the rows that hold something, and where each cell stands."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    place: Callable[[int, int], Mark]
    """The place of a cell, by the number of its row and of its column, from 1."""

    def require(self, known: Collection[str], needed: Iterable[str]) -> None:
        """Refuse unknown, missing and double columns.

        Raises:
            InvalidInput: with every finding at once.
        """
        findings = [
            Finding(*self.place(1, 1), name, f"unknown column '{name}'{suggest(name, list(known))}"
                    f"; known columns: {', '.join(known)}")
            for name in self.columns if name not in known
        ]  # fmt: skip
        findings += [
            Finding(*self.place(1, 1), name, f"the column '{name}' is missing; add it")
            for name in needed
            if name not in self.columns
        ]
        if len(set(self.columns)) < len(self.columns):
            findings.append(
                Finding(*self.place(1, 1), "", "a column is there twice; keep one of them")
            )
        if findings:
            raise InvalidInput(findings)

    def records(
        self, texts: Collection[str], lists: Collection[str] = (), first: int | None = None
    ) -> list[Node]:
        """Return each row as a mapping; an empty cell leaves its key out.

        Args:
            texts: columns whose cells are text, whatever they look like.
            lists: columns whose cells hold several texts, separated by semicolons.
            first: read only so many rows.

        Raises:
            InvalidInput: at a cell that is no value.
        """
        return [self._record(*row, texts, lists) for row in self.rows[:first]]

    def _record(
        self, number: int, cells: tuple[str, ...], texts: Collection[str], lists: Collection[str]
    ) -> Node:
        found = {}
        for column, (name, text) in enumerate(zip(self.columns, cells, strict=True), start=1):
            if text:
                mark = self.place(number, column)
                found[name] = placed(_value(name, text, mark, texts, lists), mark)
        mark = self.place(number, 1)
        return Node(found, mark, mark)


def _value(name: str, text: str, mark: Mark, texts: Collection[str], lists: Collection[str]) -> Any:
    if name in lists:
        return [part.strip() for part in text.split(";")]
    if name in texts:
        return text
    try:
        return read_scalar(text, plain=True, tag=None)
    except NotAValueError as error:
        refuse(mark, name, str(error))


@dataclass(frozen=True)
class Limit:
    """How many bytes are read of a file, and what a user is told about it."""

    size: int = 2 * MAX_BYTES
    words: str = f"at most {2 * MAX_BYTES:,} bytes are read"


def beside(name: str, folder: Path, mark: Mark, key: str) -> Path:
    """Return the file that a key names, which must stand in the folder of who names it.

    Raises:
        InvalidInput: at `mark`, if the file leads elsewhere or does not exist.
    """
    target = (folder / name).resolve()
    if Path(name).is_absolute() or not target.is_relative_to(folder.resolve()):
        refuse(mark, key, f"'{name}' leaves the folder; put it beside the file that names it")
    try:
        found = target.is_file()
    except OSError as error:
        refuse(mark, key, f"'{name}' cannot be read: {error.strerror}")
    if not found:
        refuse(mark, key, f"there is no file '{name}' beside this one; check the spelling")
    return folder / name


def read_csv(path: Path, mark: Mark, key: str, limit: Limit = Limit()) -> Sheet:
    """Read a CSV file with a line of column names.

    Raises:
        InvalidInput: at `mark`, where the file is named, or at the line that is wrong.
    """
    reader = csv.reader(io.StringIO(_text(path, mark, key, limit)), strict=True)
    file = str(path)
    try:
        columns = tuple(cell.strip() for cell in next(reader, []))
        rows = tuple(
            (reader.line_num, tuple(map(str.strip, row)))
            for row in reader
            if any(map(str.strip, row))
        )
    except csv.Error as error:
        refuse(mark, key, f"{file}:{reader.line_num}: this is not valid CSV: {error}")
    for line, row in rows:
        if len(row) != len(columns):
            words = f"{len(row)} cells, but the file has {len(columns)} columns; quote commas"
            refuse(Mark(file, line, 1), "", words)
    return Sheet(columns, rows, lambda line, column: Mark(file, line, 1))


def _text(path: Path, mark: Mark, key: str, limit: Limit) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit.size + 1)
    except OSError as error:
        refuse(mark, key, f"'{path.name}' cannot be read: {error.strerror}")
    if len(raw) > limit.size:
        refuse(mark, key, f"'{path.name}' is too large: {limit.words}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(mark, key, f"'{path.name}' is not UTF-8; save it as UTF-8")
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if control:
        code = f"U+{ord(control[0]):04X}"
        refuse(mark, key, f"'{path.name}' holds the character {code}; remove it")
    return text


def read_workbook(path: Path, mark: Mark, key: str) -> dict[str, Sheet]:
    """Read every sheet of an Excel workbook; the first row holds the column names.

    Formulas count as the values they had when the workbook was saved.

    Raises:
        InvalidInput: at `mark`, if the file is too large or is no workbook.
    """
    import openpyxl  # noqa: PLC0415 - loaded only where a workbook is named

    limit = Limit()
    try:
        if path.stat().st_size > limit.size:
            refuse(mark, key, f"'{path.name}' is too large: {limit.words}")
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            names = book.sheetnames
            return {name: _excel(str(path), name, book[name].iter_rows()) for name in names}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        refuse(mark, key, f"'{path.name}' is no Excel workbook (.xlsx): {error}")


def _excel(file: str, name: str, rows: Iterator[Sequence[Any]]) -> Sheet:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    head = [_shown(cell.value) for cell in next(rows, ())]
    width = max((number for number, text in enumerate(head, start=1) if text), default=0)
    found = []
    for number, row in enumerate(rows, start=2):
        cells = tuple(_shown(cell.value) for cell in row[:width])
        if any(cells):
            found.append((number, cells + ("",) * (width - len(cells))))
    return Sheet(
        tuple(head[:width]),
        tuple(found),
        lambda row, column: Mark(
            f"{file}, sheet {name}, cell {get_column_letter(column)}{row}", 0, 0
        ),
    )


def _shown(value: Any) -> str:
    """Return a cell as somebody would type it; what no program types is left out."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(r"[\x00-\x1f\x7f]", " ", str(value)).strip()
