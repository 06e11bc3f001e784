"""Summaries and paired differences of small KPI tables, by hand."""

import math
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.analysis import compare
from tests.figures import by_scenario

MEAN = "enrolment_to_infusion.mean"
A = (31.2, 28.9, 30.4, 33.1, 29.7, 32.5, 30.9, 28.4, 31.8, 30.1)
B = (27.9, 26.1, 27.0, 30.2, 26.3, 28.8, 28.1, 25.2, 28.6, 26.9)


def summarise(kpis: pd.DataFrame) -> pd.DataFrame:
    return compare.summarise(by_scenario(kpis))


def differences(kpis: pd.DataFrame, pairs: Sequence[tuple[str, str]] | None = None) -> pd.DataFrame:
    return compare.differences(by_scenario(kpis), pairs)


def table(kpi: str = MEAN, group: str = "", **values: tuple[float, ...]) -> pd.DataFrame:
    rows = [
        {"scenario": name, "replication": index, "kpi": kpi, "group": group}
        | {"indication": "all", "value": value}
        for name, series in values.items()
        for index, value in enumerate(series)
        if not math.isinf(value)  # infinity stands for: no row
    ]
    return pd.DataFrame(rows)


def test_summary_of_one_figure() -> None:
    (row,) = summarise(table(a=(1, 2, 3, 4, 5, math.nan))).to_dict("records")
    half = 2.7764451052 * math.sqrt(2.5 / 5)
    assert (row["scenario"], row["kpi"], row["group"], row["indication"]) == ("a", MEAN, "", "all")
    assert (row["mean"], row["n"]) == (3, 5)
    assert row["sd"] == pytest.approx(math.sqrt(2.5))
    assert (row["low"], row["high"]) == pytest.approx((3 - half, 3 + half))


def test_one_replication_has_no_interval() -> None:
    (row,) = summarise(table(a=(4.0,))).to_dict("records")
    assert row["mean"] == 4 and row["n"] == 1
    assert all(math.isnan(row[key]) for key in ("sd", "low", "high"))
    (row,) = differences(table(a=(4.0,), b=(6.0,))).to_dict("records")
    assert row["difference"] == 2
    assert all(math.isnan(row[key]) for key in ("low", "high", "low_adjusted", "p", "correlation"))


def test_a_cause_without_a_row_counts_as_nobody() -> None:
    kpis = table("lost_by_cause", "death", a=(2, math.inf), b=(math.inf, 1))
    kpis = pd.concat([kpis, table(a=(1, 1), b=(1, 1), c=(1, 1))], ignore_index=True)
    summary = summarise(kpis)
    causes = summary[summary["kpi"] == "lost_by_cause"]
    assert causes["mean"].tolist() == [1, 0.5]
    found = differences(kpis, [("b", "c"), ("a", "b")])
    assert found[found["kpi"] == "lost_by_cause"]["difference"].tolist() == [-0.5, -0.5]


def test_a_figure_that_only_one_scenario_has_is_not_compared() -> None:
    kpis = pd.concat([table("pool.busy", "plant/suite", a=(1, 2)), table(a=(1, 1), b=(2, 2))])
    assert differences(kpis)["kpi"].tolist() == [MEAN]


def test_paired_difference() -> None:
    (row,) = differences(table(a=B, b=A)).to_dict("records")
    assert (row["a"], row["b"], row["n"]) == ("a", "b", 10)
    assert row["difference"] == pytest.approx(3.19)
    assert row["difference"] == pytest.approx(row["mean_b"] - row["mean_a"])
    assert (row["low"], row["high"]) == pytest.approx((2.983631965, 3.396368035), abs=1e-6)
    assert (row["low_adjusted"], row["high_adjusted"]) == pytest.approx((row["low"], row["high"]))
    assert row["p_adjusted"] == row["p"] < 1e-9
    assert row["correlation"] == pytest.approx(pd.Series(A).corr(pd.Series(B)))


def test_intervals_widen_with_the_number_of_comparisons() -> None:
    kpis = pd.concat(
        [table(a=B, b=A, c=B), table("share.lost", a=B, b=A, c=B), table("pool.queue", a=B, b=A)]
    )
    found = differences(kpis)
    assert len(found) == 7
    family = found[found["kpi"] != "pool.queue"]
    # Six comparisons: t(9) at 1 - 0.05 / 12 is 3.3642 against 2.2622.
    first = family.iloc[0]
    widening = (first["high_adjusted"] - first["difference"]) / (
        first["high"] - first["difference"]
    )
    assert widening == pytest.approx(3.3642 / 2.2622, abs=2e-2)
    assert first["p_adjusted"] == pytest.approx(6 * first["p"])
    # Further figures are a family of their own: here it is one comparison.
    (other,) = found[found["kpi"] == "pool.queue"].to_dict("records")
    assert other["low_adjusted"] == pytest.approx(other["low"])
    assert other["p_adjusted"] == other["p"]


def test_indications_hold_together_among_themselves() -> None:
    names = ("myeloma", "lupus", "myositis")
    parts = [table(a=B, b=A).assign(indication=name) for name in names]
    found = differences(pd.concat([table(a=B, b=A), *parts])).set_index("indication")
    pooled = found.loc["all"]
    assert pooled["low_adjusted"] == pytest.approx(pooled["low"])
    for name in names:
        one = found.loc[name]
        # t(9) at 1 - 0.05 / 6 is 2.9333 against 2.2622.
        widening = (one["high_adjusted"] - one["difference"]) / (one["high"] - one["difference"])
        assert widening == pytest.approx(2.9333 / 2.2622, abs=1e-4)
        assert one["p_adjusted"] == pytest.approx(3 * one["p"])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8))
def test_a_scenario_does_not_differ_from_itself(values: list[float]) -> None:
    same = tuple(values)
    (row,) = differences(table(a=same, b=same)).to_dict("records")
    keys = ("difference", "low", "high", "low_adjusted", "high_adjusted")
    assert [row[key] for key in keys] == [0] * 5
    assert row["p"] == 1


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=8))
def test_the_order_of_a_pair_only_turns_the_sign(pairs: list[tuple[float, float]]) -> None:
    kpis = table(a=tuple(a for a, _ in pairs), b=tuple(b for _, b in pairs))
    (row,) = differences(kpis).to_dict("records")
    (back,) = differences(kpis, [("b", "a")]).to_dict("records")
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(
        (-back["difference"], -back["high"], -back["low"])
    )


def test_nothing_to_compare() -> None:
    found = differences(table(a=A))
    assert found.empty and "p_adjusted" in found.columns


def test_what_common_random_numbers_gained() -> None:
    # By hand: variances 1 and 4, of the difference (0, 1, 2) again 1; so (1 + 4) / 1 = 5.
    (row,) = differences(table(a=(1, 2, 3), b=(1, 3, 5))).to_dict("records")
    assert row["correlation"] == pytest.approx(1)
    assert row["variance_ratio"] == pytest.approx(5)
    # Of opposite luck sharing makes it worse: the difference (2, 0, -2) varies by 4, not by 2.
    (row,) = differences(table(a=(1, 2, 3), b=(3, 2, 1))).to_dict("records")
    assert row["variance_ratio"] == pytest.approx(0.5)
    (row,) = differences(table(a=(1, 2, 3), b=(2, 3, 4))).to_dict("records")
    assert math.isnan(row["variance_ratio"])  # the difference does not vary at all
