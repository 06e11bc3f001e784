"""Welch's curve and the transient of patients whose days are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cartlogix.analysis.warm_up import BINS, Welch, transient


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
