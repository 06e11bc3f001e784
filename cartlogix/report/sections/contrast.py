"""One comparison of two scenarios by one KPI, fair to both when their patients differ.

A pooled mean over unlike indications can point the other way than every indication by itself
(Simpson's paradox). Where that happens, or where the two scenarios see different mixes of
indications, the contrast weighs the indications alike: by their mean share of the enrolled in the
two scenarios (direct standardisation).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.analysis.kpi import Kpi
from cartlogix.analysis.statistics import (
    bonferroni_level,
    cut_at,
    paired_difference,
    upper_bound,
)
from cartlogix.report.data import ReportData

MIX_TOLERANCE = 0.05
"""Share of patients that would have to change indication before two mixes count as different."""


@dataclass(frozen=True)
class Contrast:
    """How scenario `b` differs from `a`: `difference` is b - a, the limits are simultaneous."""

    a: str
    b: str
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    n: int
    pooled: float
    """The pooled difference, also where the contrast is standardised."""
    standardised: bool = False
    same_way: tuple[str, ...] = ()
    """Indications that clearly differ in the direction of the difference."""
    other_way: tuple[str, ...] = ()
    """Indications that clearly differ in the opposite direction."""
    mix_differs: bool = False

    @property
    def known(self) -> bool:
        """Whether the KPI is defined in both scenarios."""
        return math.isfinite(self.difference)

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval (at least two replications)."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def clear(self) -> bool:
        """Whether the direction is beyond doubt; without an interval it never is."""
        return _sign(self.difference, self.low, self.high) != 0

    @property
    def paradox(self) -> bool:
        """Whether pooled figures and figures weighed by indication point in opposite directions.

        Without an interval neither points anywhere.
        """
        return self.has_interval and self.standardised and self.pooled * self.difference < 0

    def turned(self) -> Contrast:
        """Return the same contrast seen from the other side."""
        return replace(self, a=self.b, b=self.a, mean_a=self.mean_b, mean_b=self.mean_a,
                       difference=-self.difference, low=-self.high, high=-self.low,
                       pooled=-self.pooled)  # fmt: skip


@dataclass(frozen=True)
class Mixes:
    """The share of each indication (columns) among each scenario's patients (rows)."""

    enrolled: pd.DataFrame
    infused: pd.DataFrame

    @classmethod
    def of(cls, data: ReportData) -> Mixes:
        """Count the patients of all replications."""
        ends = data.patients.ends
        return cls(_mix(ends), _mix(ends[ends["status"] == "infused"]))

    def distance(self, a: str, b: str) -> float:
        """Return the share of patients in which two mixes differ (total variation).

        The larger one of the distance among the enrolled and among the infused.
        """
        distances = [0.0]
        for mix in (self.enrolled, self.infused):
            if a in mix.index and b in mix.index:
                one, other = (mix.loc[[name]].to_numpy(dtype=np.float64) for name in (a, b))
                distances.append(float(np.abs(one - other).sum()) / 2)
        return max(distances)

    def differ(self, a: str, b: str) -> bool:
        """Whether two scenarios treat different mixes of indications."""
        return self.distance(a, b) > MIX_TOLERANCE


def _mix(ends: pd.DataFrame) -> pd.DataFrame:
    wide = ends.groupby(["scenario", "indication"])["patients"].sum().unstack(fill_value=0)
    return wide.div(wide.sum(axis=1), axis=0)


def contrasts(data: ReportData, kpi: str, comparisons: int, mixes: Mixes) -> list[Contrast]:
    """Return a contrast by a KPI for every scenario that was compared with the first one.

    Args:
        data: the report's data.
        kpi: name of the KPI.
        comparisons: number of intervals that must hold together.
        mixes: the indications among the patients of each scenario.
    """
    rows = data.differences
    rows = rows[(rows["kpi"] == kpi) & (rows["group"] == "")]
    rows = rows[(rows["a"] == data.names[0]) | (rows["b"] == data.names[0])]
    found = []
    for _, row in rows[rows["indication"] == "all"].iterrows():
        pair = rows[(rows["a"] == row["a"]) & (rows["b"] == row["b"])]
        found.append(_contrast(data, row, pair[pair["indication"] != "all"], comparisons, mixes))
    return found


def _contrast(
    data: ReportData,
    row: pd.Series[float],
    parts: pd.DataFrame,
    comparisons: int,
    mixes: Mixes,
) -> Contrast:
    a, b, kpi = str(row["a"]), str(row["b"]), str(row["kpi"])
    limits = limits_of(row)
    difference = float(row["difference"])
    pooled = Contrast(a, b, float(row["mean_a"]), float(row["mean_b"]), difference, *limits,
                      int(row["n"]), difference)  # fmt: skip
    if not _is_average(data.registry[kpi]) or len(parts) < 2:
        return pooled
    signs = {
        str(part["indication"]): _sign(float(part["difference"]), *limits_of(part))
        for _, part in parts.iterrows()
    }
    mix_differs = mixes.differ(a, b)
    opposed = [name for name, sign in signs.items() if sign * difference < 0]
    best = pooled
    if mix_differs or opposed:
        best = _standardised(data, pooled, kpi, comparisons, mixes.enrolled)
    return replace(
        best,
        same_way=tuple(name for name, sign in signs.items() if sign * best.difference > 0),
        other_way=tuple(name for name, sign in signs.items() if sign * best.difference < 0),
        mix_differs=mix_differs,
    )


def mix_note(data: ReportData) -> str:
    """Return a warning where figures of all patients compare different mixes of indications."""
    mixes = Mixes.of(data)
    pairs = [(a, b) for k, a in enumerate(data.names) for b in data.names[k + 1 :]]
    if not any(mixes.differ(a, b) for a, b in pairs):
        return ""
    return (
        "The scenarios treat different mixes of indications, so figures of all indications"
        " together may mislead: choose an indication to compare them."
    )


def limits_of(row: Mapping[Any, Any] | pd.Series[float]) -> tuple[float, float]:
    """Return the simultaneous limits of a difference."""
    return float(row["low_adjusted"]), float(row["high_adjusted"])


def _is_average(kpi: Kpi) -> bool:
    """Whether a KPI is an average over patients, which can be weighed by indication."""
    return kpi.unit in ("d", "share") or (kpi.family == "cost" and ".per_" in kpi.name)


def _standardised(
    data: ReportData, pooled: Contrast, kpi: str, comparisons: int, mix: pd.DataFrame
) -> Contrast:
    weights = (mix.loc[pooled.a] + mix.loc[pooled.b]) / 2
    values = {name: _by_indication(data, name, kpi) for name in (pooled.a, pooled.b)}
    both = values[pooled.a].columns.intersection(values[pooled.b].columns)
    weights = weights.reindex(both).dropna()
    if weights.sum() <= 0:
        return pooled
    weights /= weights.sum()
    a, b = (values[name][weights.index].mul(weights).sum(axis=1, skipna=False) for name in values)
    paired = pd.DataFrame({"a": a, "b": b}).dropna()
    if paired.empty:
        return pooled
    most = upper_bound(data.registry[kpi].unit)
    found = cut_at(
        paired_difference(paired["a"], paired["b"], bonferroni_level(comparisons)), -most, most
    )
    return replace(pooled, mean_a=float(paired["a"].mean()), mean_b=float(paired["b"].mean()),
                   difference=found.estimate, low=found.low, high=found.high, n=len(paired),
                   standardised=True)  # fmt: skip


def _by_indication(data: ReportData, scenario: str, kpi: str) -> pd.DataFrame:
    """Return a KPI by replication (rows) and indication (columns that were ever defined)."""
    rows = data.values(scenario, kpi)
    rows = rows[(rows["group"] == "") & (rows["indication"] != "all")]
    wide = rows.astype({"indication": str}).pivot_table(
        index="replication", columns="indication", values="value", dropna=True, observed=True
    )
    return wide.dropna(axis=1, how="all")


def _sign(difference: float, low: float, high: float) -> int:
    """Return -1 or 1 where the interval leaves no doubt about the direction, otherwise 0."""
    if not (math.isfinite(low) and math.isfinite(high)) or low <= 0 <= high:
        return 0
    return (difference > 0) - (difference < 0)
