"""The figure of the warm-up: a panel for each scenario, and its tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cartlogix.report.figures.warm_up import warm_up_exhibit, warm_up_table


def settling(count: int) -> pd.DataFrame:
    """Curves of 200 days that are flat at 10 d after 20 days of 30 d."""
    frames = []
    for number in range(count):
        day = np.arange(0.5, 200)
        mean = np.where(day < 20, 30.0, 10.0)
        mean[100] = math.nan
        rows = {"day": day, "mean": mean, "moving_average": mean, "warm_up": 40.0 * (number % 2)}
        rows |= {"mser5": 20.0, "too_short": number % 2 == 0, "steady": number != 2}
        frames.append(pd.DataFrame({"scenario": f"s{number}", **rows}))
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (4, 1), (5, 2), (30, 2)])
def test_there_is_a_panel_for_each_scenario(count: int, columns: int) -> None:
    exhibit = warm_up_exhibit(settling(count), {"s0": "The <b>first</b>"})
    figure = exhibit.figure
    assert figure is not None
    spec = figure.to_plotly_json()
    shown = min(count, 24)
    assert len(spec["data"]) == 4 * shown
    assert [one["showlegend"] for one in spec["data"]].count(True) == 4
    axes = [axis for key, axis in spec["layout"].items() if key.startswith("xaxis")]
    assert len(axes) == shown
    assert len({tuple(axis["domain"]) for axis in axes}) == columns
    assert spec["layout"]["annotations"][0]["text"] == "The &lt;b&gt;first&lt;/b&gt;"
    assert ("more are in settling.parquet" in exhibit.caption) == (count > 24)
    assert len(exhibit.table.groups[0].rows) == 20 * count


def test_the_table_says_whether_the_warm_up_is_long_enough() -> None:
    rows = [list(map(str, row)) for row in warm_up_table(settling(3), {}).groups[0].rows]
    assert rows[0][:3] == ["s0", "0", "20"]
    assert rows[0][-1] == "looks too short"
    assert rows[0][3] == "none"  # nobody is enrolled before day 0
    assert rows[1] == ["s1", "40", "20", "20", "10", "long enough"]
    assert rows[2][-1] == "no steady state"
