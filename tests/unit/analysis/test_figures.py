"""The matrix of a scenario's figures: every value in its place, and little of it in memory."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from cartlogix.analysis.compare import differences, summarise
from cartlogix.analysis.figures import FigureGatherer, FigureTable, tidy
from cartlogix.ground.scratch import Scratch
from tests.figures import figure_table


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


def _gathered(replications: range, *rows: tuple[int, str, str, float]) -> FigureTable:
    gatherer = FigureGatherer(replications, Scratch())
    for number, kpi, group, value in rows:
        row = {"replication": number, "kpi": kpi, "group": group, "indication": "all"}
        gatherer.add(pd.DataFrame([{**row, "value": value}]))
    return gatherer.table()


def _all(table: FigureTable) -> np.ndarray:
    return table.values(np.arange(len(table.index)))


def test_figures_that_appear_late_are_absent_before() -> None:
    table = _gathered(
        range(3),
        (0, "pool.queue", "a", 1.5),
        (1, "pool.queue", "a", 2.5),
        (1, "lost_by_cause", "b", 4.0),
        (2, "pool.queue", "late", 3.5),
    )
    assert table.replications.tolist() == [0, 1, 2]
    assert [key[1] for key in table.index] == ["a", "b", "late"]
    found = _all(table)
    assert found[1].tolist() == [0.0, 4.0, 0.0]  # a count that is absent is 0
    assert found[0, :2].tolist() == [1.5, 2.5]
    assert math.isnan(found[0, 2])
    assert np.isnan(found[2, :2]).all()
    assert found[2, 2] == 3.5


def test_a_figure_may_appear_after_hundreds_of_replications_and_be_absent_again() -> None:
    table = _gathered(
        range(1000),
        (3, "pool.queue", "a", 1.0),
        (700, "lost_by_cause", "b", 2.0),
        (701, "pool.queue", "late", 3.0),
        (999, "lost_by_cause", "b", 4.0),
    )
    found = _all(table)
    assert np.flatnonzero(~np.isnan(found[0])).tolist() == [3]
    assert {k: found[1, k] for k in np.flatnonzero(found[1])} == {700: 2.0, 999: 4.0}
    assert np.flatnonzero(~np.isnan(found[2])).tolist() == [701]
    # Rows are returned as they are asked for, whatever stands between them.
    np.testing.assert_array_equal(table.values(np.array([2, 0])), found[[2, 0]])


def test_replications_that_come_too_late_are_refused() -> None:
    with pytest.raises(ValueError, match="ascending"):
        _gathered(range(1000), (600, "pool.queue", "a", 1.0), (3, "pool.queue", "a", 1.0))


@pytest.mark.parametrize("replications", [1, 255, 256, 257, 700])
def test_what_is_read_is_what_came(replications: int) -> None:
    given = _part(range(replications), range(9)).assign(scenario="s")
    scratch = Scratch()
    other = _part(range(300), range(4))  # shares the file
    tables = {"s": figure_table(given, scratch), "t": figure_table(other, scratch)}
    found = tidy(tables)
    mine = found[found["scenario"] == "s"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine[list(given)], given, check_dtype=False)
    assert found[found["scenario"] == "t"]["value"].tolist() == other["value"].tolist()


def test_memory_does_not_grow_by_the_figures_of_replications() -> None:
    _, few, many = (_peak(replications) for replications in (100, 1_000, 4_000))
    # Of a replication its number is known, and sorted with others; nothing of its hundred figures.
    assert many - few < 3_000 * 16 * 8


def _peak(replications: int, step: int = 50) -> int:
    """Bytes at most while replications of a hundred figures are gathered and summed up."""
    part = _part(range(step), range(100))
    gatherer = FigureGatherer(range(replications), Scratch())
    tracemalloc.start()
    try:
        for first in range(0, replications, step):
            gatherer.add(part.assign(replication=part["replication"] + first))
        table = gatherer.table()
        summary = summarise({"s": table})
        paired = differences({"s": table, "t": table})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (summary["n"] == replications).all()
    assert (paired["difference"] == 0).all()
    return peak


def test_a_summary_does_not_depend_on_how_many_figures_there_are() -> None:
    whole = summarise({"s": figure_table(_part(range(40), range(97)), Scratch())})
    every = _part(range(40), range(97))
    for first, last in ((0, 50), (30, 97), (41, 42)):
        own = every[every["group"].isin([f"g{group}" for group in range(first, last)])]
        found = summarise({"s": figure_table(own, Scratch())})
        expected = whole[first:last].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected, rtol=0, atol=0)
