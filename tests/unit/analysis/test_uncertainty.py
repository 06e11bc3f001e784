"""Variance taken apart by hand, and the worth of knowing against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from cartlogix.analysis.uncertainty import chance_of_best, components, worth_of_knowing


def loss(mean: float, sd: float) -> float:
    """Return the unit normal loss: E[max(0, -x)] for |mean|, which is the worth of knowing x."""
    density = sd * math.exp(-mean * mean / (2 * sd * sd)) / math.sqrt(2 * math.pi)
    return float(density - abs(mean) * ndtr(-abs(mean) / sd))


def test_variance_by_hand() -> None:
    """Rows differ by 6, columns by 2, and nothing else: mean squares are 36, 4 and 0."""
    found = components(np.array([[1.0, 3], [7, 9]]))
    assert found.mean == 5
    assert found.parameters == pytest.approx((36 - 0) / 2)
    assert found.luck == pytest.approx((4 - 0) / 2)
    assert found.share == pytest.approx(18 / 20)


def test_parts_are_unbiased() -> None:
    """The mean of many estimates is the truth, within four standard errors of that mean."""
    random = np.random.default_rng(1)
    estimates = []
    for _ in range(400):
        inputs, luck = random.normal(0, 3, (12, 1)), random.normal(0, 2, (1, 6))
        found = components(inputs + luck + random.normal(0, 1, (12, 6)))
        estimates.append((found.parameters, found.luck))
    mean, error = np.mean(estimates, axis=0), np.std(estimates, axis=0, ddof=1) / 20
    assert np.all(np.abs(mean - [9, 5]) < 4 * error)


def test_what_does_not_vary_has_no_parts() -> None:
    found = components(np.full((3, 3), 2.0))
    assert (found.parameters, found.luck) == (0, 0)
    assert math.isnan(found.share)
    with pytest.raises(ValueError, match="two draws and two replications"):
        components(np.ones((1, 5)))


def test_the_worth_of_knowing_is_the_normal_loss() -> None:
    """Two alternatives that differ by mu + 2 x + y + luck: closed forms for x, y, and both."""
    random = np.random.default_rng(7)
    inputs, mu = random.normal(size=(20_000, 2)), 0.5
    beyond = mu + 2 * inputs[:, 0] + inputs[:, 1] + random.normal(size=20_000)
    losses = np.column_stack([np.full(20_000, 3.0), 3.0 + beyond])
    for columns, sd in (([0, 1], math.sqrt(5)), ([0], 2.0), ([1], 1.0)):
        found = worth_of_knowing(losses, inputs[:, columns])
        # The gain of a draw has the spread of a half-normal tail, at most sd.
        assert found.value == pytest.approx(loss(mu, sd), abs=4 * sd / math.sqrt(20_000))
        assert found.low <= found.value <= found.high
    best = chance_of_best(losses, inputs)
    chance = float(ndtr(mu / math.sqrt(5)))
    assert best[0] == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / 20_000))


def test_three_alternatives_and_an_input_without_influence() -> None:
    """Losses 0, x and -x: knowing x gains E|x|, knowing anything else nothing."""
    random = np.random.default_rng(3)
    x = random.normal(size=(5000, 1))
    losses = np.column_stack([np.zeros(5000), x, -x])
    found = worth_of_knowing(losses, x)
    assert found.value == pytest.approx(math.sqrt(2 / math.pi), abs=4 / math.sqrt(5000))
    other = worth_of_knowing(losses, random.normal(size=(5000, 1)))
    assert other.value < 0.1 * found.value
