"""The matrix of a scenario's figures: every value in its place, and little else in memory."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pandas as pd

from cartlogix.analysis.compare import summarise
from cartlogix.analysis.figures import FigureTable


def _part(replications: range, groups: range) -> pd.DataFrame:
    keys = [(k, f"g{group}") for k in replications for group in groups]
    return pd.DataFrame(
        {
            "replication": [k for k, _ in keys],
            "kpi": "pool.queue",
            "group": [name for _, name in keys],
            "indication": "all",
            "value": np.random.default_rng(replications.start).normal(size=len(keys)),
        }
    )


def test_figures_that_appear_late_are_absent_before() -> None:
    figures = FigureTable(range(3))
    rows = [
        (0, "pool.queue", "a", 1.5),
        (1, "pool.queue", "a", 2.5),
        (1, "lost_by_cause", "b", 4.0),
        (2, "pool.queue", "late", 3.5),
    ]
    for number, kpi, group, value in rows:
        row = {"replication": number, "kpi": kpi, "group": group, "indication": "all"}
        figures.add(pd.DataFrame([{**row, "value": value}]))
    table = figures.table()
    assert table.columns.to_numpy().tolist() == [0, 1, 2]
    assert [key[1] for key in table.index] == ["a", "b", "late"]
    found = table.to_numpy()
    assert found[1].tolist() == [0.0, 4.0, 0.0]  # a count that is absent is 0
    assert found[0, :2].tolist() == [1.5, 2.5]
    assert math.isnan(found[0, 2])
    assert np.isnan(found[2, :2]).all()
    assert found[2, 2] == 3.5


def test_many_replications_take_eight_bytes_a_figure() -> None:
    step, replications, groups = 50, 2000, range(100)
    figures = FigureTable(range(replications))
    figures.add(_part(range(step), groups))
    tracemalloc.start()
    try:
        for first in range(step, replications, step):
            figures.add(_part(range(first, first + step), groups))
        table = figures.table()
        summary = summarise({"s": table})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not table.isna().to_numpy().any()
    assert (summary["n"] == replications).all()
    # The matrix was there before; on top comes what a part takes, and what a few figures do.
    assert peak < 8 * replications * len(groups) * 0.9


def test_a_summary_does_not_depend_on_how_many_figures_there_are() -> None:
    many = FigureTable(range(40))
    many.add(_part(range(40), range(97)))
    table = many.table()
    whole = summarise({"s": table})
    for rows in (slice(0, 50), slice(30, 97)):
        pd.testing.assert_frame_equal(
            summarise({"s": table.iloc[rows]}), whole[rows].reset_index(drop=True), rtol=0, atol=0
        )
