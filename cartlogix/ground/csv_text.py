"""CSV for people: cells that a spreadsheet would take for formulas are marked as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = tuple("=+-@\t\r")


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV; cells that look like formulas are marked as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([guarded(cell) for cell in line] for line in lines)
    return out.getvalue()


def unguarded(text: str) -> str:
    """Return a cell without the sign that keeps a formula from being one."""
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text
