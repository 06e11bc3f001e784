"""What became of the patients of all replications: counts, as few for many patients as for few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

PER_DAY = 100
"""Steps in which days to infusion are counted: more than the page shows."""
_KEYS = ["scenario", "indication", "status", "cause"]
_ROUNDING = 1e-6  # of a step: a whole number of steps stays that number

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Patients:
    """The patients of the cohorts of all replications."""

    ends: pd.DataFrame
    """scenario, indication, status (infused, lost, in_progress), cause (empty if not lost), and
    the number of such `patients`."""
    infused: Mapping[str, Counts]
    """By scenario: how many were infused within k hundredths of a day after their enrolment and
    not within k - 1."""

    def of(self, scenario: str, status: str | None = None) -> int:
        """Return the number of patients of a scenario, of a status if one is given."""
        mine = self.ends["scenario"] == scenario
        if status is not None:
            mine &= self.ends["status"] == status
        return int(self.ends.loc[mine, "patients"].sum())


class Tally:
    """Counts patients as they come."""

    def __init__(self) -> None:
        self._ends: Counter[tuple[str, ...]] = Counter()
        self._infused: dict[str, Counts] = {}

    def add(self, patients: pd.DataFrame) -> None:
        """Take patients: `scenario, indication, status, cause`, and `days` to the infusion."""
        counted = patients.groupby(_KEYS, observed=True).size().reset_index()
        for *key, count in counted.itertuples(index=False, name=None):
            self._ends[tuple(map(str, key))] += int(count)
        infused = patients[(patients["status"] == "infused").to_numpy()]
        for name, days in infused.groupby("scenario", observed=True)["days"]:
            steps = np.ceil(days.to_numpy(dtype=np.float64) * PER_DAY - _ROUNDING)
            counts = np.bincount(steps.astype(np.int64))
            self._infused[str(name)] = _sum(self._infused.get(str(name)), counts)

    def patients(self) -> Patients:
        """Return the counts."""
        rows = [(*key, count) for key, count in self._ends.items()]
        return Patients(pd.DataFrame(rows, columns=[*_KEYS, "patients"]), self._infused)


def _sum(known: Counts | None, more: Counts) -> Counts:
    if known is None:
        return more
    longer, shorter = sorted((known, more), key=len, reverse=True)
    longer[: len(shorter)] += shorter
    return longer
