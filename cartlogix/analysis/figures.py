"""The figures of a study as matrices: a row for each figure, a column for each replication.

Eight bytes for each figure of each replication, so that thousands of replications fit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import Floats

KEYS = ["kpi", "group", "indication"]
"""What a figure is of."""

Tables = Mapping[str, pd.DataFrame]
"""The figures of each scenario: the index has :data:`KEYS`, columns are replications."""

_Codes = npt.NDArray[np.int32]


class FigureTable:
    """Gathers the figures of one scenario as they come."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], int] = {}
        self._parts: list[tuple[_Codes, _Codes, Floats]] = []

    def add(self, kpis: pd.DataFrame) -> None:
        """Take rows of `replication, kpi, group, indication, value`."""
        codes, distinct = pd.factorize(pd.MultiIndex.from_frame(kpis[KEYS].astype(str)))
        own = [self._rows.setdefault(key, len(self._rows)) for key in distinct]
        row = np.array(own, dtype=np.int32)[codes]
        values = kpis["value"].to_numpy(dtype=np.float64)
        self._parts.append((row, kpis["replication"].to_numpy(dtype=np.int32), values))

    def table(self) -> pd.DataFrame:
        """Return the matrix: figures in order of appearance; counts that are absent are 0."""
        numbers = [numbers for _, numbers, _ in self._parts]
        replications = np.unique(np.concatenate(numbers)) if numbers else np.zeros(0, np.int32)
        absent = [0.0 if absent_is_zero(key[0]) else np.nan for key in self._rows]
        values = np.repeat(np.array(absent, dtype=np.float64)[:, None], replications.size, axis=1)
        for row, number, value in self._parts:
            values[row, np.searchsorted(replications, number)] = value
        index = pd.MultiIndex.from_tuples(list(self._rows), names=KEYS)
        return pd.DataFrame(values, index=index, columns=replications)


def absent_is_zero(kpi: str) -> bool:
    """Whether a figure that is absent from a replication is a count of 0."""
    return kpi in KPIS and KPIS[kpi].absent_is_zero


def by_scenario(kpis: pd.DataFrame) -> Tables:
    """Return the matrices of a tidy table `scenario, replication, kpi, group, ..., value`."""
    tables = {}
    for name in kpis["scenario"].unique():
        figures = FigureTable()
        figures.add(kpis[(kpis["scenario"] == name).to_numpy()])
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
