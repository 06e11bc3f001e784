"""Break-even points by hand, by brute force, and how often their bands hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import bdtr
from scipy.stats import t

from cartlogix.analysis.break_even import Zone, follow, verdict


def test_without_any_spread_the_band_is_a_point() -> None:
    found = follow(np.array([0.0, 10, 30]), np.array([[-5.0, 5, 25]] * 3))
    (crossing,) = found.crossings
    assert (crossing.at, crossing.low, crossing.high) == (5.0, 5.0, 5.0)
    assert (crossing.before, crossing.after) == ("b", "a")
    assert [zone.lower for zone in found.zones] == ["b", "", "a"]


def test_a_shift_per_replication_gives_the_t_interval() -> None:
    """Where every replication has the slope 1, the band is the t interval of its zeros."""
    zeros = np.array([6.0, 7.5, 9.0, 5.5, 8.0])
    levels = np.array([0.0, 4, 20])
    (crossing,) = follow(levels, levels[None, :] - zeros[:, None]).crossings
    half = t.ppf(0.975, 4) * zeros.std(ddof=1) / math.sqrt(5)
    assert crossing.at == pytest.approx(zeros.mean())
    assert crossing.low == pytest.approx(zeros.mean() - half)
    assert crossing.high == pytest.approx(zeros.mean() + half)


@pytest.mark.parametrize("seed", range(20))
def test_zones_are_what_the_interval_says_at_every_place(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = np.cumsum(random.uniform(0.5, 3, 5))
    differences = random.normal(0, 1, (6, 5)) + random.normal(0, 1, 5)
    line = follow(levels, differences)
    assert line.zones[0].low == levels[0]
    assert line.zones[-1].high == levels[-1]
    for place in np.linspace(levels[0], levels[-1], 997):
        at = np.array([np.interp(place, levels, row) for row in differences])
        held = [z for z in line.zones if z.low - 1e-9 <= place <= z.high + 1e-9]
        assert verdict(at) in {zone.lower for zone in held}


def test_the_band_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    levels, truth, studies, held = np.array([0.0, 5, 10]), 4.2, 500, 0
    for _ in range(studies):
        slopes, noise = random.normal(1, 0.2, (8, 1)), random.normal(0, 1, (8, 1))
        line = follow(levels, slopes * (levels[None, :] - truth) + noise)
        held += any(z.low <= truth <= z.high for z in line.zones if not z.lower)
    # The number of successes lies outside these limits in 1 of 1,000 such tests.
    assert bdtr(held, studies, 0.95) > 0.0005
    assert 1 - bdtr(held - 1, studies, 0.95) > 0.0005


def test_what_does_not_cross_is_not_said_to() -> None:
    ahead = follow(np.array([1.0, 2]), np.array([[3.0, 4], [3.5, 4.5]]))
    assert ahead.crossings == ()
    assert ahead.zones == (Zone(1.0, 2.0, "a"),)
    noise = np.array([[5.0, -4, 6], [-6.0, 5, -4], [1.0, 2, -3]])
    unsure = follow(np.array([1.0, 2, 3]), noise)
    assert [zone.lower for zone in unsure.zones] == [""]
    assert all(math.isnan(one.low) and math.isnan(one.high) for one in unsure.crossings)


def test_a_touch_is_no_crossing() -> None:
    touched = np.array([[4.0, 1, 4], [4.2, -1.1, 4.1], [3.9, 0.05, 4.3]])
    line = follow(np.array([0.0, 1, 2]), touched)
    assert [zone.lower for zone in line.zones] == ["a", "", "a"]
    assert line.crossings == ()


def test_what_is_not_known_is_left_out() -> None:
    line = follow(np.array([0.0, 5, 10]), np.array([[-1.0, math.nan, 1], [-1.0, 0.0, 1]]))
    assert line.crossings[0].at == pytest.approx(5)
    assert follow(np.array([0.0, 1]), np.array([[1.0, 2]])).zones == ()
    assert verdict(np.array([1.0])) == ""
    with pytest.raises(ValueError, match="ascend"):
        follow(np.array([1.0, 1]), np.array([[1.0, 2]]))
