"""The figures of a study as matrices: a row for each figure, a column for each replication.

Eight bytes for each figure of each replication, so that thousands of replications fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from cartlogix.analysis.registry import KPIS

KEYS = ["kpi", "group", "indication"]
"""What a figure is of."""

Tables = Mapping[str, pd.DataFrame]
"""The figures of each scenario: the index has :data:`KEYS`, columns are replications."""


class FigureTable:
    """Gathers the figures of one scenario as they come.

    Args:
        replications: the numbers of the replications that will come, in ascending order.
    """

    def __init__(self, replications: Iterable[int]) -> None:
        self._replications = np.fromiter(replications, dtype=np.int32)
        self._rows: dict[tuple[str, ...], int] = {}
        # A column for each figure; the matrix is handed on as its transpose, without a copy.
        self._values = np.zeros((self._replications.size, 0))

    def add(self, kpis: pd.DataFrame) -> None:
        """Take rows of `replication, kpi, group, indication, value`."""
        codes, distinct = pd.factorize(pd.MultiIndex.from_frame(kpis[KEYS].astype(str)))
        own = [self._rows.setdefault(key, len(self._rows)) for key in distinct]
        self._widen()
        row = np.searchsorted(self._replications, kpis["replication"].to_numpy(dtype=np.int32))
        column = np.array(own, dtype=np.int64)[codes]
        self._values[row, column] = kpis["value"].to_numpy(dtype=np.float64)

    def table(self) -> pd.DataFrame:
        """Return the matrix: figures in order of appearance; counts that are absent are 0."""
        index = pd.MultiIndex.from_tuples(list(self._rows), names=KEYS)
        columns = self._replications
        return pd.DataFrame(self._values.T, index=index, columns=columns, copy=False)

    def _widen(self) -> None:
        """Make room for figures that appear for the first time."""
        known = self._values.shape[1]
        if known == len(self._rows):
            return
        wide = np.empty((self._values.shape[0], len(self._rows)))
        wide[:, :known] = self._values
        new = list(self._rows)[known:]
        wide[:, known:] = [0.0 if absent_is_zero(key[0]) else np.nan for key in new]
        self._values = wide


def absent_is_zero(kpi: str) -> bool:
    """Whether a figure that is absent from a replication is a count of 0."""
    return kpi in KPIS and KPIS[kpi].absent_is_zero


def by_scenario(kpis: pd.DataFrame) -> Tables:
    """Return the matrices of a tidy table `scenario, replication, kpi, group, ..., value`."""
    tables = {}
    for name in kpis["scenario"].unique():
        mine = kpis[(kpis["scenario"] == name).to_numpy()]
        figures = FigureTable(np.unique(mine["replication"].to_numpy()))
        figures.add(mine)
        tables[str(name)] = figures.table()
    return tables


def tidy(tables: Tables) -> pd.DataFrame:
    """Return `scenario, replication, kpi, group, indication, value`, replication by replication."""
    parts = []
    for name, table in tables.items():
        keys = table.index.to_frame(index=False)
        for replication in table.columns:
            part = keys.assign(value=table[replication].to_numpy())
            part.insert(0, "scenario", name)
            part.insert(1, "replication", int(replication))
            parts.append(part)
    columns = ["scenario", "replication", *KEYS, "value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
