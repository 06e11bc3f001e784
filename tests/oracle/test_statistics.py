"""Statistics against published and hand-computed values (oracles T02 to T05)."""

import numpy as np
import pytest

from cartlogix.analysis.statistics import (
    mean_interval,
    mser5,
    paired_difference,
    quantile_ranks,
    wilks_sample_size,
    wilson_interval,
)
from cartlogix.analysis.survival import kaplan_meier

A = (31.2, 28.9, 30.4, 33.1, 29.7, 32.5, 30.9, 28.4, 31.8, 30.1)
B = (27.9, 26.1, 27.0, 30.2, 26.3, 28.8, 28.1, 25.2, 28.6, 26.9)


def test_t02_paired_interval_under_common_random_numbers() -> None:
    interval = paired_difference(B, A)
    assert interval == pytest.approx((3.19, 2.983631965, 3.396368035), abs=1e-6)


def test_t02_reversed_pair_has_the_opposite_interval() -> None:
    estimate, low, high = paired_difference(A, B)
    assert (-estimate, -high, -low) == pytest.approx(paired_difference(B, A), abs=1e-12)


def test_t_interval_of_a_mean() -> None:
    # Values 1..5: mean 3, sd sqrt(2.5), t(4, 0.975) = 2.7764451052.
    half = 2.7764451052 * np.sqrt(2.5 / 5)
    assert mean_interval([1, 2, 3, 4, 5]) == pytest.approx((3, 3 - half, 3 + half), abs=1e-9)


def test_t03_mser5_drops_exactly_the_transient() -> None:
    series = [*range(50, 10, -2), *([9, 11] * 90)]
    assert mser5(series) == 20


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_t03_mser5_keeps_a_flat_series(value: float) -> None:
    assert mser5([value] * 200) == 0


def test_t04_quantile_intervals_from_order_statistics() -> None:
    median, ninetieth = quantile_ranks(20, 0.5), quantile_ranks(100, 0.9)
    assert median is not None and median[:2] == (6, 15)
    assert median.coverage == pytest.approx(0.9586105347, abs=1e-9)
    assert ninetieth is not None and ninetieth[:2] == (84, 96)
    assert ninetieth.coverage == pytest.approx(0.9556901072, abs=1e-9)


def test_t04_wilks_sample_size() -> None:
    assert wilks_sample_size(0.95, 0.95) == 59
    assert wilks_sample_size(0.5, 0.75) == 2


def test_t05_kaplan_meier_with_unfinished_patients() -> None:
    curve = kaplan_meier([5, 8, 8, 12, 15, 20], [1, 1, 0, 1, 0, 1])
    assert curve.times.tolist() == [5, 8, 12, 20]
    assert curve.survival == pytest.approx([5 / 6, 2 / 3, 4 / 9, 0], abs=1e-9)
    assert curve.median == 12
    # Area: 5 + 3 * 5/6 + 4 * 2/3 + 8 * 4/9.
    assert curve.restricted_mean(20) == pytest.approx(5 + 2.5 + 8 / 3 + 32 / 9, abs=1e-9)


def test_wilson_interval_as_published() -> None:
    # Newcombe (1998), method 3, e.g. 15/148: 0.0624 to 0.1605.
    assert wilson_interval(15, 148) == pytest.approx((15 / 148, 0.0624, 0.1605), abs=5e-5)
