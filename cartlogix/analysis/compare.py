"""From replications to conclusions: means with intervals, and paired differences.

Scenarios share their random numbers replication by replication, so differences are paired by
replication: the spread that both share cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartlogix.analysis.figures import KEYS, FigureTable, Rows, Tables, absent_is_zero, strips
from cartlogix.analysis.registry import HEADLINES
from cartlogix.analysis.statistics import Floats, bonferroni_level, half_width, holm, p_value
from cartlogix.analysis.tidy import ALL


def summarise(tables: Tables) -> pd.DataFrame:
    """Return `scenario, kpi, group, indication, mean, sd, n, low, high` over replications.

    The limits are those of the 95 % t interval. Replications in which a figure is undefined do
    not count in `n`; with n < 2 there is no spread and no interval (NaN).
    """
    parts = []
    for name, table in tables.items():
        found = [_moments(table.values(rows)) for rows in table.strips()]
        mean, sd, n = (np.concatenate(column) for column in zip(*found, strict=True))
        half = half_width(sd, n)
        figures = table.index.to_frame(index=False)
        figures.insert(0, "scenario", name)
        parts.append(figures.assign(mean=mean, sd=sd, n=n, low=mean - half, high=mean + half))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def differences(tables: Tables, pairs: Sequence[tuple[str, str]] | None = None) -> pd.DataFrame:
    """Return the paired differences b - a of scenarios, for every figure that both have.

    `low` and `high` are individual 95 % limits. `low_adjusted` and `high_adjusted` hold together
    with 95 % for a family of figures over all pairs (Bonferroni), and `p_adjusted` is adjusted over
    it by Holm's method. There are three families, so that looking at more does not widen what
    decides: headline figures of all patients, headline figures of single indications, all others.
    `correlation` and `variance_ratio` say what common random numbers gained: the variance that the
    difference would have without them, over the one that it has.

    Args:
        tables: the figures of every scenario.
        pairs: scenarios a and b by name; every two, in the order of the table, if left out.
    """
    chosen = list(combinations(tables, 2)) if pairs is None else list(pairs)
    parts = [_pair(a, b, tables[a], tables[b]) for a, b in chosen]
    if not parts:
        return pd.DataFrame(columns=list(_COLUMNS))
    found = pd.concat(parts, ignore_index=True)
    return _adjusted(found)[list(_COLUMNS)]


_COLUMNS = (
    "a", "b", *KEYS, "mean_a", "mean_b", "difference", "low", "high", "low_adjusted",
    "high_adjusted", "p", "p_adjusted", "correlation",
    "variance_ratio", "n",
)  # fmt: skip


def _moments(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, standard deviation and number of the known values of each row."""
    known = ~np.isnan(values)
    n = known.sum(axis=1).astype(np.float64)
    mean = np.where(known, values, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan)
    squares = np.where(known, values - mean[:, None], 0.0) ** 2
    sd = np.sqrt(squares.sum(axis=1) / np.where(n > 1, n - 1, np.nan))
    return mean, sd, n


def _pair(a: str, b: str, first: FigureTable, second: FigureTable) -> pd.DataFrame:
    """Return the differences of one pair: figures and replications that both have."""
    figures = _common(first.index, second.index)
    shared = np.intersect1d(first.replications, second.replications)
    parts = [
        _compared(*(_aligned(table, figures[rows], shared) for table in (first, second)))
        for rows in strips(len(figures), shared.size)
    ]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return figures.to_frame(index=False).assign(a=a, b=b, **found)


def _compared(one: Floats, other: Floats) -> dict[str, npt.NDArray[Any]]:
    """Return what is said of the differences of some figures, an array for each column."""
    unknown = np.isnan(one) | np.isnan(other)
    one, other = np.where(unknown, np.nan, one), np.where(unknown, np.nan, other)
    difference, sd, n = _moments(other - one)
    half = half_width(sd, n)
    return {
        "mean_a": _moments(one)[0],
        "mean_b": _moments(other)[0],
        "difference": difference,
        "sd": sd,
        "low": difference - half,
        "high": difference + half,
        "p": p_value(difference, sd, n),
        "correlation": _correlations(one, other),
        "variance_ratio": _variance_ratios(one, other, sd),
        "n": n.astype(np.int64),
    }


def _common(first: pd.MultiIndex, second: pd.MultiIndex) -> pd.MultiIndex:
    """Return the figures of both; a count that only one has is 0 in the other."""
    union = list(dict.fromkeys([*first, *second]))
    shared = set(first) & set(second)
    kept = [figure for figure in union if figure in shared or absent_is_zero(figure[0])]
    return pd.MultiIndex.from_tuples(kept, names=KEYS)


def _aligned(table: FigureTable, figures: pd.MultiIndex, replications: Rows) -> Floats:
    """Return the values of figures; those that the scenario does not have are counts of 0."""
    row = table.index.get_indexer(figures)
    found = np.zeros((len(figures), replications.size))
    values = table.values(row[row >= 0])
    if replications.size < table.replications.size:
        values = values[:, np.isin(table.replications, replications)]
    found[row >= 0] = values
    return found


def _correlations(one: Floats, other: Floats) -> Floats:
    """Return Pearson's correlation of each row; NaN where one side does not vary."""
    (mean_a, sd_a, n), (mean_b, sd_b, _) = _moments(one), _moments(other)
    product = np.nansum((one - mean_a[:, None]) * (other - mean_b[:, None]), axis=1)
    scale = (n - 1) * sd_a * sd_b
    known = scale > 0
    return np.where(known, product / np.where(known, scale, 1.0), np.nan)


def _variance_ratios(one: Floats, other: Floats, sd: Floats) -> Floats:
    """Return how many times the variance of the difference would be had both been independent.

    As many times more replications would then be needed for an interval of the same width; NaN
    where the difference does not vary.
    """
    apart = _moments(one)[1] ** 2 + _moments(other)[1] ** 2
    known = sd > 0
    return np.where(known, apart / np.where(known, sd, 1.0) ** 2, np.nan)


def _adjusted(found: pd.DataFrame) -> pd.DataFrame:
    """Add intervals and p values that hold together within each family of figures."""
    headline = found["kpi"].isin(HEADLINES).to_numpy()
    pooled = (found["indication"] == ALL).to_numpy()
    sd, n, p = (found[name].to_numpy(dtype=np.float64) for name in ("sd", "n", "p"))
    half, adjusted = np.full((2, len(found)), np.nan)
    for family in (headline & pooled, headline & ~pooled, ~headline):
        level = bonferroni_level(int(family.sum()))
        half[family] = half_width(sd[family], n[family], level)
        adjusted[family] = holm(p[family])
    return found.assign(
        low_adjusted=found["difference"] - half,
        high_adjusted=found["difference"] + half,
        p_adjusted=adjusted,
    )
