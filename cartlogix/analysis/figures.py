"""The figures of a study as matrices: a row for each figure, a column for each replication.

The values stand in a file, some replications side by side, so that memory does not grow with the
number of replications. What is computed from them reads a few figures at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import Floats
from cartlogix.ground.scratch import Memory, Scratch

KEYS = ["kpi", "group", "indication"]
"""What a figure is of."""

_SIDE_BY_SIDE = 256
"""Replications of which the values of a figure stand side by side."""
_VALUES = 20_000
"""Values to work on at a time: of many replications, all figures at once would fill memory; of few,
a handful at a time would take far longer."""

Rows = npt.NDArray[np.int64]


class _Block(NamedTuple):
    """Some replications, side by side: where they begin, and how many figures there were."""

    begin: int
    figures: int
    replications: int


@dataclass(frozen=True, eq=False)
class FigureTable:
    """The figures of one scenario; counts that are absent from a replication are 0, others NaN."""

    index: pd.MultiIndex
    """:data:`KEYS` of each row, in order of appearance."""
    replications: Rows
    """Numbers of the columns, in ascending order."""
    _blocks: tuple[_Block, ...]
    _scratch: Scratch | Memory

    def values(self, rows: Rows) -> Floats:
        """Return the values of some figures: a row for each, a column for each replication."""
        found = np.empty((rows.size, self.replications.size))
        zero = np.array([absent_is_zero(self.index[row][0]) for row in rows], dtype=np.bool_)
        found[:] = np.where(zero, 0.0, np.nan)[:, None]
        runs = np.split(np.arange(rows.size), np.flatnonzero(np.diff(rows) != 1) + 1)
        first = 0
        for block in self._blocks:
            columns = slice(first, first + block.replications)
            for run in runs:
                known = run[rows[run] < block.figures]
                if known.size:
                    found[known, columns] = self._read(block, int(rows[known[0]]), known.size)
            first = columns.stop
        return found

    def rows_of(self, kpi: str) -> Rows:
        """Return the rows of a KPI: one for each of its groups and indications."""
        return np.flatnonzero(self.index.get_level_values("kpi") == kpi)

    def strips(self) -> Iterator[Rows]:
        """Yield all rows, so few at a time that what is computed of them stays small."""
        return strips(len(self.index), self.replications.size)

    def _read(self, block: _Block, row: int, count: int) -> Floats:
        begin = block.begin + 8 * row * block.replications
        values = self._scratch.read(begin, count * block.replications)
        return values.reshape(count, block.replications)


Tables = Mapping[str, FigureTable]
"""The figures of each scenario by its name."""


class FigureGatherer:
    """Gathers the figures of one scenario as they come.

    Args:
        replications: the numbers of the replications that will come, in ascending order.
        scratch: takes the values; several scenarios can share one.
    """

    def __init__(self, replications: Iterable[int], scratch: Scratch | Memory) -> None:
        self._replications = np.fromiter(replications, dtype=np.int64)
        self._scratch = scratch
        self._rows: dict[tuple[str, ...], int] = {}
        self._blocks: list[_Block] = []
        self._values = self._unknown(0)

    def add(self, kpis: pd.DataFrame) -> None:
        """Take rows of `replication, kpi, group, indication, value`.

        Their replications do not lie before those that came already, but for a few.

        Raises:
            OSError: if the disk is full.
            ValueError: if they are written already.
        """
        codes, distinct = pd.factorize(pd.MultiIndex.from_frame(kpis[KEYS].astype(str)))
        own = [self._rows.setdefault(key, len(self._rows)) for key in distinct]
        row = np.array(own, dtype=np.int64)[codes]
        column = np.searchsorted(self._replications, kpis["replication"].to_numpy(dtype=np.int64))
        value = kpis["value"].to_numpy(dtype=np.float64)
        block, column = np.divmod(column, _SIDE_BY_SIDE)
        for number in np.unique(block):
            if number < len(self._blocks):
                raise ValueError("replications do not come in ascending order")
            self._turn_to(int(number))
            mine = block == number
            self._values[row[mine], column[mine]] = value[mine]

    def table(self) -> FigureTable:
        """Return the figures once all have come.

        Raises:
            OSError: if the disk is full.
        """
        self._turn_to(-(-self._replications.size // _SIDE_BY_SIDE))
        index = pd.MultiIndex.from_tuples(list(self._rows), names=KEYS)
        return FigureTable(index, self._replications, tuple(self._blocks), self._scratch)

    def _turn_to(self, block: int) -> None:
        """Write the blocks before one, and make room for figures that appear for the first time."""
        while len(self._blocks) < block:
            begin = self._scratch.append(self._values)
            self._blocks.append(_Block(begin, *self._values.shape))
            self._values = self._unknown(0)
        if len(self._values) < len(self._rows):
            self._values = np.vstack([self._values, self._unknown(len(self._values))])

    def _unknown(self, known: int) -> Floats:
        """Return the rows of figures from the so manieth on, for the block that is now filled."""
        first = len(self._blocks) * _SIDE_BY_SIDE
        columns = min(_SIDE_BY_SIDE, max(self._replications.size - first, 0))
        new = [0.0 if absent_is_zero(key[0]) else np.nan for key in list(self._rows)[known:]]
        return np.repeat(np.array(new, dtype=np.float64)[:, None], columns, axis=1)


def strips(rows: int, columns: int) -> Iterator[Rows]:
    """Yield the numbers of rows of a matrix, so few at a time that they fill little memory."""
    count = max(1, rows // max(1, _VALUES // max(columns, 1)))
    edges = [rows * number // count for number in range(count + 1)]
    return (np.arange(first, last) for first, last in pairwise(edges))


def absent_is_zero(kpi: str) -> bool:
    """Whether a figure that is absent from a replication is a count of 0."""
    return kpi in KPIS and KPIS[kpi].absent_is_zero


def tidy(tables: Tables) -> pd.DataFrame:
    """Return `scenario, replication, kpi, group, indication, value`, replication by replication."""
    parts = []
    for name, table in tables.items():
        keys = table.index.to_frame(index=False)
        values = table.values(np.arange(len(keys)))
        for replication, column in zip(table.replications, values.T, strict=True):
            part = keys.assign(value=column)
            part.insert(0, "scenario", name)
            part.insert(1, "replication", int(replication))
            parts.append(part)
    columns = ["scenario", "replication", *KEYS, "value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
