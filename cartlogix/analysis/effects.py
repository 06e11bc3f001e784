"""What each level of a factor does to a figure, averaged over the levels of the others."""

from __future__ import annotations

import pandas as pd

from cartlogix.analysis.figures import KEYS, Tables, tidy
from cartlogix.analysis.registry import HEADLINES
from cartlogix.analysis.statistics import mean_interval
from cartlogix.analysis.tidy import ALL

COLUMNS = ("base", "factor", "level", "kpi", "mean", "low", "high", "n")


def main_effects(tables: Tables, levels: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of every headline figure at each level of each factor.

    The runs of one scenario that share the level are averaged within each replication, since they
    share their random numbers; the 95 % interval is over the replications (Law, Simulation
    Modeling and Analysis, 5th ed., section 12.2).

    Args:
        tables: the figures of every run.
        levels: `scenario, base, factor, level`, a row for each factor of each run.
    """
    headline = [(kpi, "", ALL) for kpi in HEADLINES]
    kpis = tidy({name: one[one.index.isin(headline)] for name, one in tables.items()})
    joined = kpis[kpis["value"].notna()].merge(levels, on="scenario", how="inner")
    rows = []
    keys = ["base", "factor", "level", "kpi"]
    for key, mine in joined.groupby(keys, sort=False, observed=True):
        means = mine.groupby("replication", observed=True)["value"].mean()
        rows.append((*key, *mean_interval(means.to_numpy()), len(means)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
