"""What each level of a factor does to a figure, averaged over the levels of the others."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from itertools import product

import pandas as pd

from cartlogix.analysis.figures import KEYS, FigureTable, Tables
from cartlogix.analysis.registry import HEADLINES, KPIS
from cartlogix.analysis.statistics import bonferroni_level, mean_interval, paired_difference
from cartlogix.analysis.tidy import ALL

COLUMNS = ("base", "factor", "level", "kpi", "mean", "low", "high", "n")
RANGES = (
    "base", "factor", "kpi", "least", "most", "mean_least", "mean_most",
    "difference", "low", "high",
)  # fmt: skip


def main_effects(
    tables: Tables, levels: pd.DataFrame, unsteady: Collection[str] = ()
) -> pd.DataFrame:
    """Return the mean of every headline figure at each level of each factor.

    The runs of one scenario that share the level are averaged within each replication, since they
    share their random numbers; the 95 % interval is over the replications (Law, Simulation
    Modeling and Analysis, 5th ed., section 12.2).

    Args:
        tables: the figures of every run.
        levels: `scenario, base, factor, level`, a row for each factor of each run.
        unsteady: runs without a steady state: lead times to which they add get no interval.
    """
    without = levels[levels["scenario"].isin(list(unsteady))]
    lost = set(without[["base", "factor", "level"]].itertuples(index=False, name=None))
    rows = []
    for (base, factor, kpi), by_level in _levels_of(tables, levels):
        for level, means in by_level.items():
            mean, low, high = mean_interval(means.to_numpy())
            if KPIS[kpi].family == "lead_time" and (base, factor, level) in lost:
                low = high = math.nan
            rows.append((base, factor, level, kpi, mean, low, high, len(means)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def effect_ranges(tables: Tables, levels: pd.DataFrame) -> pd.DataFrame:
    """Return how far each factor of each scenario moves every headline figure.

    `difference` is that of the levels with the `most` and the `least` mean, paired by replication.
    Which two levels these are follows from the figures, so the limits are widened until those of
    every two levels of every factor, scenario and figure hold together with 95 % (Bonferroni).

    Args:
        tables: the figures of every run.
        levels: `scenario, base, factor, level`, a row for each factor of each run.
    """
    counts = [len(by_level) for _, by_level in _levels_of(tables, levels)]
    pairs = sum(count * (count - 1) // 2 for count in counts)
    rows = []
    for (base, factor, kpi), by_level in _levels_of(tables, levels):
        means = {level: float(values.mean()) for level, values in by_level.items()}
        least, most = (end(means, key=means.__getitem__) for end in (min, max))
        both = pd.concat([by_level[least], by_level[most]], axis=1).dropna().to_numpy()
        change = paired_difference(both[:, 0], both[:, 1], bonferroni_level(pairs))
        rows.append((base, factor, kpi, least, most, means[least], means[most], *change))
    return pd.DataFrame(rows, columns=list(RANGES))


def _levels_of(
    tables: Tables, levels: pd.DataFrame
) -> Iterator[tuple[tuple[str, str, str], dict[str, pd.Series[float]]]]:
    """Yield scenario, factor and headline figure, with the value of the figure at each level.

    That is the mean over the runs that share the level, by replication.
    """
    runs = {
        key: mine.groupby("level", sort=False)["scenario"].agg(list).to_dict()
        for key, mine in levels.groupby(["base", "factor"], sort=False)
    }
    for base, kpi, (of, factor) in product(dict.fromkeys(levels["base"]), HEADLINES, runs):
        if of != base:
            continue
        by_level = runs[of, factor]
        means = {str(level): _mean_of(names, tables, kpi) for level, names in by_level.items()}
        found = {level: values for level, values in means.items() if len(values)}
        if found:
            yield (str(base), str(factor), kpi), found


def _mean_of(names: Iterable[str], tables: Tables, kpi: str) -> pd.Series[float]:
    """Return the mean of a figure over some runs, in each replication in which one has it."""
    runs = [_headline(tables[name], kpi) for name in names if name in tables]
    return pd.concat(runs, axis=1).mean(axis=1).dropna() if runs else pd.Series(dtype=float)


def _headline(table: FigureTable, kpi: str) -> pd.Series[float]:
    row = table.index.get_indexer(pd.MultiIndex.from_tuples([(kpi, "", ALL)]))
    values = table.values(row[row >= 0])
    return pd.Series(values[0] if len(values) else math.nan, index=table.replications)


def by_factor(summary: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Return the summary with the scenario that was varied and a column for each factor."""
    wide = levels.pivot(index="scenario", columns="factor", values="level")
    wide = wide[list(dict.fromkeys(levels["factor"]))].reset_index()
    bases = levels[["scenario", "base"]].drop_duplicates()
    joined = summary.merge(bases, on="scenario").merge(wide, on="scenario")
    factors = [str(name) for name in wide.columns if name != "scenario"]
    figures = [str(name) for name in summary.columns if name not in ("scenario", *KEYS)]
    wide_rows: pd.DataFrame = joined[["scenario", "base", *factors, *KEYS, *figures]]
    return wide_rows
