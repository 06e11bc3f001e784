"""Figures in words: how numbers are written, and tables of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

NOT_APPLICABLE = "not applicable"
NOT_AVAILABLE = "not available"
_ROUNDING = 1e-9  # relative: limits closer than this differ by rounding only


@dataclass(frozen=True)
class Cell:
    """A cell with a second line, or a tone that a mark in words goes with."""

    text: str
    small: str = ""
    tone: str = ""
    """good, bad, flat or assumption; only ever repeats what the words say."""
    mark: str = ""
    """The tone in words, such as better or worse."""


@dataclass(frozen=True)
class Column:
    """The head of a column."""

    head: str
    numeric: bool = False
    width: int = 0
    """Percent of the table's width; with 0 the browser decides by the contents."""


@dataclass(frozen=True)
class RowGroup:
    """Rows that belong together, under a heading of their own if it is not empty."""

    rows: tuple[tuple[Cell | str, ...], ...]
    heading: str = ""
    key: str = ""
    """What a page control selects the group by."""


@dataclass(frozen=True)
class Table:
    """A table as the page shows it; `empty` is said when there is no row."""

    caption: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    note: str = ""
    empty: str = "There is nothing to show here."

    @property
    def is_empty(self) -> bool:
        """Whether no group has a row."""
        return not any(group.rows for group in self.groups)


@dataclass(frozen=True)
class Fold:
    """Tables behind a heading that the reader opens."""

    title: str
    tables: tuple[Table, ...]


def table(
    caption: str,
    heads: Iterable[str],
    rows: Iterable[Iterable[Cell | str]],
    *,
    text_columns: int = 1,
    note: str = "",
) -> Table:
    """Return a plain table whose first `text_columns` columns are text and the rest numbers."""
    columns = tuple(Column(head, index >= text_columns) for index, head in enumerate(heads))
    return Table(caption, columns, (RowGroup(tuple(tuple(row) for row in rows)),), note)


def capped(rows: list[list[str]], limit: int) -> tuple[list[list[str]], str]:
    """Return the first `limit` rows and a note that says so if there are more."""
    if len(rows) <= limit:
        return rows, ""
    return rows[:limit], f"The first {limit} of {len(rows)} rows; all are in the result folder."


def is_share(unit: str) -> bool:
    """Whether a KPI's unit is a share of 1, which people read as a percentage."""
    return unit in ("share", "1", "fraction", "probability")


def shown_unit(unit: str) -> str:
    """Return the unit as printed behind a level."""
    return "%" if is_share(unit) else unit


def decimals_for(value: float) -> int:
    """Return the decimals that give about three significant digits."""
    size = abs(value)
    if not math.isfinite(size) or size >= 100:
        return 0
    return 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 or size == 0 else 4


def plain(value: float, decimals: int | None = None) -> str:
    """Return a number with thousands separated and a true minus sign, or "not applicable".

    Exactly nothing is "0"; what only rounds to nothing keeps its decimals.
    """
    if not math.isfinite(value):
        return NOT_APPLICABLE
    if value == 0:
        return "0"
    places = decimals_for(value) if decimals is None else decimals
    text = f"{round(value, places):,.{max(places, 0)}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    return text.replace("-", "−")


def show(value: float, unit: str = "") -> str:
    """Return a value with its unit; a share is shown in percent."""
    if not math.isfinite(value):
        return NOT_APPLICABLE
    scaled = value * 100 if is_share(unit) else value
    places = (1 if abs(scaled) >= 1 else 2) if is_share(unit) and round(scaled, 6) % 1 else None
    return joined(plain(scaled, places), shown_unit(unit))


def spoken(name: str) -> str:
    """Return a name of the scenario file as people write it, where it has no title."""
    return name.replace("_", " ")


def joined(number: str, unit: str) -> str:
    """Return number and unit with a space that does not break."""
    return f"{number}\u00a0{unit}" if unit else number


def interval_decimals(low: float, high: float) -> int:
    """Return the decimals that show an interval's half-width with two digits at most.

    There are at most as many digits as :func:`decimals_for` gives, four for values from 1000 on;
    below 0 means tens, hundreds. An interval that leaves out 0 does not seem to end there.
    """
    half, size = abs(high - low) / 2, max(abs(low), abs(high))
    most = 3 - math.floor(math.log10(size)) if 1000 <= size < math.inf else decimals_for(size)
    if not math.isfinite(half) or half == 0:
        return most
    places = min(most, 1 - math.floor(math.log10(half)))
    return max(places, min(places + 1, _to_be_seen(low, high))) if low * high > 0 else places


def _to_be_seen(*values: float) -> int:
    """Return the decimals at which the smallest of some values other than 0 is not shown as 0."""
    return -math.floor(math.log10(min(map(abs, values))))


def row_decimals(estimates: Iterable[tuple[float, float, float]]) -> int | None:
    """Return the decimals for estimates that stand side by side, each (value, low, high).

    The coarsest of their own decimals, but one digit at least of the smallest, and none for small
    whole numbers. None where there is nothing to show.
    """
    own, least = [], []
    known = [one for one in estimates if math.isfinite(one[0]) and one[0] != 0]
    limits = [limit for one in known for limit in one if math.isfinite(limit)]
    if limits and all(limit == round(limit) and abs(limit) < 1000 for limit in limits):
        return 0
    for value, low, high in known:
        has_interval = math.isfinite(low) and math.isfinite(high)
        places = interval_decimals(low, high) if has_interval else decimals_for(value)
        own.append(places)
        shown = (value, low, high) if has_interval and low * high > 0 else (value,)
        least.append(min(places, _to_be_seen(*shown)))
    return max(min(own), *least) if own else None


def show_range(low: float, high: float, unit: str = "", decimals: int | None = None) -> str:
    """Return "20.1 to 22.5" (without the unit), or "not available".

    Empty where the digits shown do not differ: they are then certain.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOT_AVAILABLE
    factor = 100 if is_share(unit) else 1
    low, high = low * factor, high * factor
    places = interval_decimals(low, high) if decimals is None else decimals
    texts = plain(low, places), plain(high, places)
    return " to ".join(texts) if texts[0] != texts[1] else ""


def is_point(low: float, high: float) -> bool:
    """Whether an interval is a single value, but for rounding."""
    return abs(high - low) <= _ROUNDING * max(abs(low), abs(high))


def show_estimate(
    value: float, low: float, high: float, unit: str = "", decimals: int | None = None
) -> tuple[str, str]:
    """Return a value and its interval, both to the digits that the interval supports.

    The first has the unit, the second is "20.1 to 22.5", "not available", or empty where the
    digits shown are certain. `decimals` are those of the row that the estimate stands in.
    """
    if not math.isfinite(value):
        return NOT_APPLICABLE, ""
    factor = 100 if is_share(unit) else 1
    interval = show_range(low, high, unit, decimals)
    if decimals is None and (interval == NOT_AVAILABLE or not interval):
        return show(value, unit), interval
    places = interval_decimals(low * factor, high * factor) if decimals is None else decimals
    return joined(plain(value * factor, places), shown_unit(unit)), interval


def show_change(
    value: float,
    low: float = math.nan,
    high: float = math.nan,
    unit: str = "",
    points: str = "pp",
) -> tuple[str, str]:
    """Return a difference and its interval; shares differ by percentage points."""
    if not is_share(unit):
        return show_estimate(value, low, high, unit)
    return show_estimate(value * 100, low * 100, high * 100, points)


def show_level(text: str) -> str:
    """Return what an input is set to, a number as people read it."""
    try:
        return plain(float(text))
    except ValueError:
        return text
