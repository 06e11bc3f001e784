"""Statistics at their edges: few values, no spread, many comparisons."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.analysis.statistics import (
    bonferroni_level,
    half_width,
    holm,
    mean_interval,
    mser5,
    p_value,
    paired_difference,
    quantile_interval,
    quantile_ranks,
    ratio_interval,
    wilson_interval,
)
from cartlogix.analysis.survival import cumulative_incidence, kaplan_meier

NAN = math.nan


def test_one_value_has_a_mean_but_no_interval() -> None:
    assert mean_interval([4.0]) == pytest.approx((4, NAN, NAN), nan_ok=True)
    assert mean_interval([]) == pytest.approx((NAN, NAN, NAN), nan_ok=True)
    assert half_width([0.0, 1.0], [1, 0]) == pytest.approx([NAN, NAN], nan_ok=True)


def test_no_difference_is_exactly_zero() -> None:
    assert paired_difference([1.1, 2.2, 0.3], [1.1, 2.2, 0.3]) == (0, 0, 0)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equal lengths, got 2 and 1"):
        paired_difference([1, 2], [1])
    with pytest.raises(ValueError, match="equal lengths, got 2 and 1"):
        ratio_interval([1, 2], [1])


def test_p_value() -> None:
    # t = 2.7764451052 with 4 degrees of freedom is the 97.5 % point.
    assert p_value(2.7764451052, np.sqrt(5), 5) == pytest.approx(0.05, abs=1e-9)
    assert p_value([0.0, 1.0, 1.0], [0.0, 0.0, 1.0], [5, 5, 1]) == pytest.approx(
        [1, 0, NAN], nan_ok=True
    )


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.04 times 3, 2, 1: 0.03, 0.04, 0.04.
    assert holm([0.04, NAN, 0.01, 0.02]) == pytest.approx([0.04, NAN, 0.03, 0.04], nan_ok=True)
    assert holm([0.6, 0.9]) == pytest.approx([1, 1])


def test_bonferroni_level() -> None:
    assert bonferroni_level(5) == pytest.approx(0.99)
    assert bonferroni_level(0) == pytest.approx(0.95)


def test_ratio_is_sum_over_sum() -> None:
    # 10/1 and 20/4: 30/5 = 6, not the mean of 10 and 5. Residuals 4 and -4, sd sqrt(32).
    half = 12.7062047362 * np.sqrt(32 / 2) / 2.5
    assert ratio_interval([10, 20], [1, 4]) == pytest.approx((6, 6 - half, 6 + half), abs=1e-8)
    assert ratio_interval([1, 2], [0, 0]) == pytest.approx((NAN, NAN, NAN), nan_ok=True)


def test_wilson_at_the_ends() -> None:
    # With none in ten the upper limit is z2 / (n + z2).
    z2 = 1.959963984540054**2
    assert wilson_interval(0, 10) == pytest.approx((0, 0, z2 / (10 + z2)), abs=1e-12)
    assert wilson_interval(10, 10).high == 1
    assert math.isnan(wilson_interval(0, 0).estimate)
    with pytest.raises(ValueError, match="3 successes in 2 trials"):
        wilson_interval(3, 2)


def test_too_few_values_give_no_quantile_interval() -> None:
    assert quantile_ranks(5, 0.5) is None
    assert quantile_ranks(0, 0.5) is None
    assert quantile_ranks(6, 0.5) == pytest.approx((1, 6, 1 - 2 / 64))
    assert quantile_interval([1, 2, 3], 0.5) == pytest.approx((2, NAN, NAN), nan_ok=True)
    assert quantile_interval(range(1, 21), 0.5) == (10.5, 6, 15)
    assert math.isnan(quantile_interval([], 0.5).estimate)
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_ranks(10, 1)


def test_mser5_of_a_short_series_drops_nothing() -> None:
    assert mser5([9, 1, 2, 3, 4, 5]) == 0


def test_kaplan_meier_where_nobody_finishes() -> None:
    curve = kaplan_meier([3, 4], [False, False])
    assert math.isnan(curve.median)
    assert curve.restricted_mean(4) == 4
    assert math.isnan(curve.restricted_mean(5))
    assert math.isnan(kaplan_meier([], []).restricted_mean(5))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_without_censoring_the_curve_is_the_empirical_one(times: list[int]) -> None:
    curve = kaplan_meier(times, [True] * len(times))
    assert curve.survival == pytest.approx([np.mean(np.array(times) > t) for t in curve.times])
    assert curve.restricted_mean(30) == pytest.approx(np.mean(times))
    incidence = cumulative_incidence(times, [True] * len(times), [False] * len(times))
    assert incidence.incidence == pytest.approx(1 - curve.survival)


def test_cumulative_incidence_by_hand() -> None:
    # Infused at 1, lost at 2, censored at 3, infused at 4: 1/4 + (1/2)(1/1).
    curve = cumulative_incidence([1, 2, 3, 4], [1, 0, 0, 1], [0, 1, 0, 0])
    assert curve.incidence == pytest.approx([0.25, 0.25, 0.25, 0.75])
    assert [curve.at(t) for t in (0.5, 1, 3.9, 9)] == pytest.approx([0, 0.25, 0.25, 0.75])


def test_events_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 times but 1"):
        kaplan_meier([1, 2], [True])
    with pytest.raises(ValueError, match="2 times but 1 and 2"):
        cumulative_incidence([1, 2], [True], [True, False])
