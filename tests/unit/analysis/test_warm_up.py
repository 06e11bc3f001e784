"""Welch's curve and the transient of patients whose days are known."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from cartlogix.analysis.warm_up import BINS, Curve, Welch, smoothed, too_short, transient


def test_the_transient_ends_where_it_was_put() -> None:
    # A patient a day for 400 days waits 2 days less each day for 40 days, then 10 d, or 11 d.
    enrolled = np.arange(400.0)
    days = np.where(enrolled < 40, 90 - 2 * enrolled, 10 + enrolled % 2)
    welch = Welch(400.0)
    for _ in range(3):  # replications
        welch.add(enrolled, enrolled + days)
    curve = welch.curve()
    assert curve.days[0] == 1.0  # the middle of the first two days
    assert curve.means[0] == pytest.approx((90 + 88) / 2)
    assert curve.means[-1] == pytest.approx(10.5)
    assert transient(curve) == 40.0  # 20 stretches of two days, four batches of five


def test_a_flat_curve_has_no_transient() -> None:
    enrolled = np.arange(0.0, 400.0)
    welch = Welch(400.0)
    welch.add(enrolled, enrolled + 7)
    assert transient(welch.curve()) == 0.0


def test_patients_who_are_never_infused_do_not_count() -> None:
    welch = Welch(100.0)
    welch.add(np.array([1.0, 2.0, 150.0, -3.0]), np.array([math.nan, 9.0, 160.0, 4.0]))
    curve = welch.curve()
    assert np.count_nonzero(~np.isnan(curve.means)) == 1
    assert curve.means[int(2.0 / 100 * BINS)] == 7.0
    assert transient(curve) == 0.0  # too little to judge by


def _curve(values: npt.ArrayLike) -> Curve:
    means = np.asarray(values, dtype=np.float64)
    return Curve(np.arange(1.0, 2.0 * BINS, 2.0), means)


def test_a_window_that_begins_in_the_transient_begins_too_soon() -> None:
    means = 10 + np.arange(BINS) % 2 + np.where(np.arange(BINS) < 60, 20.0, 0.0)
    assert transient(_curve(means)) == 120.0
    assert too_short(_curve(means), 40.0)
    assert too_short(_curve(means), 99.0)  # two batches of ten days are left of it
    assert not too_short(_curve(means), 101.0)  # less than two: too little to judge by
    assert not too_short(_curve(means), 120.0)


def test_the_moving_average_by_hand() -> None:
    means = np.array([1.0, 2.0, 6.0, math.nan, 4.0, 8.0, 3.0])
    found = smoothed(Curve(np.arange(7.0), means), reach=2)
    # One at either end, three next to it, five in the middle; what is unknown does not count.
    expected = [1.0, (1 + 2 + 6) / 3, (1 + 2 + 6 + 4) / 4, (2 + 6 + 4 + 8) / 4,
                (6 + 4 + 8 + 3) / 4, (4 + 8 + 3) / 3, 3.0]  # fmt: skip
    assert found.tolist() == pytest.approx(expected)
    alone = smoothed(Curve(np.arange(3.0), np.array([math.nan, 5.0, math.nan])), reach=1)
    assert math.isnan(alone[0])
    assert alone[1] == 5.0


def test_one_odd_stretch_is_not_a_transient() -> None:
    means = 2 + 0.01 * (np.arange(BINS) % 3)
    means[73] = 2.5
    assert transient(_curve(means)) == 150.0
    assert not too_short(_curve(means), 98.0)
    means[50:73] = 2.5
    assert too_short(_curve(means), 98.0)


def test_a_step_between_constants_is_a_transient() -> None:
    means = np.where(np.arange(BINS) < 50, 3.0, 2.0)
    assert too_short(_curve(means), 20.0)
    assert not too_short(_curve(np.full(BINS, 2.0)), 20.0)
