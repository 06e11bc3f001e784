"""Main effects and their ranges of small tables, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from cartlogix.analysis.effects import effect_ranges, main_effects
from cartlogix.analysis.figures import Tables
from tests.figures import by_scenario

MEAN = "enrolment_to_infusion.mean"
RUNS = {
    "x1y1": ("x", "1", "y", "1", (10, 12, 11)),
    "x2y1": ("x", "2", "y", "1", (11, 14, 12)),
    "x1y2": ("x", "1", "y", "2", (20, 24, 21)),
    "x2y2": ("x", "2", "y", "2", (23, 26, 26)),
}


def tables() -> tuple[Tables, pd.DataFrame]:
    kpis = pd.DataFrame(
        [
            {"scenario": name, "replication": number, "kpi": MEAN, "group": ""}
            | {"indication": "all", "value": float(value)}
            for name, (*_, values) in RUNS.items()
            for number, value in enumerate(values)
        ]
    )
    levels = [
        (name, "plant", factor, level)
        for name, (x, a, y, b, _) in RUNS.items()
        for factor, level in ((x, a), (y, b))
    ]
    return by_scenario(kpis), pd.DataFrame(levels, columns=["scenario", "base", "factor", "level"])


def test_a_level_is_averaged_over_the_levels_of_the_others() -> None:
    found = main_effects(*tables()).set_index(["factor", "level"])["mean"]
    # x = 1: replications (10 + 20) / 2, (12 + 24) / 2, (11 + 21) / 2.
    assert found["x", "1"] == pytest.approx((15 + 18 + 16) / 3)
    assert found["y", "2"] == pytest.approx((21.5 + 25 + 23.5) / 3)


def test_a_mean_without_a_steady_state_has_no_interval() -> None:
    tabled, levels = tables()
    found = main_effects(tabled, levels, ["x1y1"]).set_index(["factor", "level"])["low"]
    assert found.isna().to_dict() == {
        ("x", "1"): True, ("x", "2"): False, ("y", "1"): True, ("y", "2"): False,
    }  # fmt: skip


def test_ranges_are_paired_and_hold_together() -> None:
    found = effect_ranges(*tables()).set_index("factor")
    x = found.loc["x"]
    # Paired differences of x: 17 - 15, 20 - 18, 19 - 16: mean 7/3, sd 0.57735.
    assert (x["least"], x["most"]) == ("1", "2")
    assert x["difference"] == pytest.approx(7 / 3)
    # Two factors with one pair of levels each: t(2) at 1 - 0.05 / 4 is 6.2053.
    half = 6.2053 * 0.5773503 / 3**0.5
    assert (x["low"], x["high"]) == pytest.approx((7 / 3 - half, 7 / 3 + half), abs=1e-3)
    # y: (21.5, 25, 23.5) less (10.5, 13, 11.5).
    assert found.loc["y", "difference"] == pytest.approx((11 + 12 + 12) / 3)


def test_the_level_order_does_not_matter() -> None:
    tabled, levels = tables()
    turned = levels.assign(level=levels["level"].replace({"1": "2", "2": "1"}))
    found = effect_ranges(tabled, turned).set_index("factor").loc["x"]
    assert (found["least"], found["most"]) == ("2", "1")
    assert found["difference"] == pytest.approx(7 / 3)
