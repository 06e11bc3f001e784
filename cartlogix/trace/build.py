"""From plain columns to the frames of a Trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartlogix.trace.tables import TABLES, Column, Trace

Codes = Sequence[int] | NDArray[np.int64]


@dataclass(frozen=True)
class Coded:
    """A text column as codes into a list of texts."""

    codes: Codes
    texts: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str], index: Codes) -> Coded:
        """Code a column that picks from `texts` by index; equal texts share a code."""
        column = cls.each(texts)
        return cls(np.asarray(column.codes)[index], column.texts)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    @classmethod
    def each(cls, texts: Sequence[str]) -> Coded:
        """Code a column that holds its texts row by row; equal texts share a code."""
        unique = list(dict.fromkeys(texts))
        if len(unique) == 1:
            return cls(np.zeros(len(texts), dtype=np.int64), unique)
        place = {text: code for code, text in enumerate(unique)}
        return cls(np.fromiter(map(place.__getitem__, texts), np.int64, len(texts)), unique)


Columns = dict[str, Any]
"""Columns by name: sequences, arrays, or :class:`Coded` texts."""


def build_trace(
    replication: int,
    window: tuple[float, float],
    stop: float,
    events: int,
    columns: Mapping[str, Columns],
) -> Trace:
    """Build the Trace of one replication.

    Raises:
        KeyError: if a column of :data:`cartlogix.trace.tables.TABLES` is missing.
    """
    tables = {name: _table(name, columns[name]) for name in TABLES}
    return Trace(replication, window, stop, events, tables)


def _table(name: str, columns: Columns) -> pd.DataFrame:
    if not any(len(columns[key]) for key in TABLES[name]):
        return _empty(name).copy(deep=False)
    return _frame(name, columns)


def _frame(name: str, columns: Columns) -> pd.DataFrame:
    schema = TABLES[name]
    return pd.DataFrame({key: _series(columns[key], column) for key, column in schema.items()})


@lru_cache
def _empty(name: str) -> pd.DataFrame:
    # A table that a scenario has no use for costs as much to make as one with a thousand rows.
    return _frame(name, dict.fromkeys(TABLES[name], ()))


def _series(values: Any, column: Column) -> Any:  # noqa: ANN401 - a column of any kind
    if isinstance(values, Coded):
        return _categorical(np.asarray(values.codes, dtype=np.int64), values.texts)
    if column.dtype == "category":
        return _series(Coded.each(values), column)
    return np.asarray(values, dtype=column.dtype)


def _categorical(codes: NDArray[np.int64], texts: Sequence[str]) -> pd.Categorical:
    # Categories in alphabetical order and only those that occur: equal data, equal bytes.
    counts = np.bincount(codes, minlength=len(texts))
    used = sorted({text for text, number in zip(texts, counts, strict=True) if number})
    place = {text: code for code, text in enumerate(used)}
    recode = np.array([place.get(text, -1) for text in texts], dtype=np.int64)
    recoded = recode[codes] if len(codes) else codes
    return pd.Categorical.from_codes(recoded, dtype=_category_dtype(tuple(used)))


@lru_cache(maxsize=1024)
def _category_dtype(texts: tuple[str, ...]) -> pd.CategoricalDtype:
    # Replications repeat the same few, and to make one costs as much as a thousand rows.
    return pd.CategoricalDtype(pd.Index(texts, dtype="str"))
