"""From plain columns to the frames of a Trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.trace.tables import TABLES, Column, Trace


@dataclass(frozen=True)
class Coded:
    """A text column as codes into a list of texts."""

    codes: Any
    texts: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str], index: Any) -> Coded:
        """Code a column that picks from `texts` by index; equal texts share a code."""
        unique = list(dict.fromkeys(texts))
        place = {text: code for code, text in enumerate(unique)}
        codes = np.array([place[text] for text in texts], dtype=np.int64)
        return cls(codes[index], unique)


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
    tables = {
        name: pd.DataFrame(
            {key: _series(columns[name][key], column) for key, column in schema.items()}
        )
        for name, schema in TABLES.items()
    }
    return Trace(replication, window, stop, events, tables)


def _series(values: Any, column: Column) -> Any:
    if isinstance(values, Coded):
        used = np.unique(np.asarray(values.codes, dtype=np.int64))
        # Categories in alphabetical order and only those that occur: equal data, equal bytes.
        texts = sorted({values.texts[code] for code in used})
        place = {text: code for code, text in enumerate(texts)}
        recode = np.array([place.get(text, -1) for text in values.texts], dtype=np.int64)
        codes = recode[np.asarray(values.codes, dtype=np.int64)] if len(used) else []
        return pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str"))
    if column.dtype == "category":
        unique = list(dict.fromkeys(values))
        place = {text: code for code, text in enumerate(unique)}
        return _series(Coded(np.array([place[v] for v in values], dtype=np.int64), unique), column)
    return np.asarray(values, dtype=column.dtype)
