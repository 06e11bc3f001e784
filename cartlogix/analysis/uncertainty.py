"""What is not known of the inputs against the luck of a replication, and what knowing is worth.

Sources: Searle, Casella and McCulloch, Variance Components (1992), chapter 4, for the two-way
analysis of variance; O'Hagan, Stevenson and Madan, Health Economics 16 (2007) 1009-1023, for its
use in simulations of patients; Raiffa and Schlaifer, Applied Statistical Decision Theory (1961),
for the expected value of information; Strong, Oakley and Brennan, Medical Decision Making 34 (2014)
311-326, for its estimation by regression.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cartlogix.analysis.statistics import Floats

_BEYOND = 25
"""Simulated values that lie beyond each limit of an interval."""
_ALONE, _TOGETHER = (1, 2, 3), (1, 2)


@dataclass(frozen=True)
class Components:
    """The variance of a figure, taken apart."""

    mean: float
    parameters: float
    """Variance because the inputs are not known."""
    luck: float
    """Variance of one replication whose inputs are known."""

    @property
    def share(self) -> float:
        """The part of a single replication's variance that knowing the inputs would take away."""
        whole = self.parameters + self.luck
        return self.parameters / whole if whole else math.nan


def components(values: Floats) -> Components:
    """Take the variance of a figure apart, draw by draw and replication by replication.

    Draws and replications are crossed: replication k has the same random numbers at every draw.
    With `R` replications of `N` draws, mean squares `A` between draws, `B` between replications
    and `E` of what is left, the inputs' part is `(A - E) / R`, and luck's is `(B - E) / N + E`;
    an estimate below zero counts as zero.

    Args:
        values: a row for each draw of the inputs, a column for each replication.

    Raises:
        ValueError: with fewer than two draws or two replications.
    """
    draws, replications = values.shape
    if draws < 2 or replications < 2:
        raise ValueError("two draws and two replications are needed to take variance apart")
    mean = float(values.mean())
    rows, columns = values.mean(axis=1), values.mean(axis=0)
    left = values - rows[:, None] - columns[None, :] + mean
    between = replications * float(((rows - mean) ** 2).sum()) / (draws - 1)
    by_luck = draws * float(((columns - mean) ** 2).sum()) / (replications - 1)
    rest = float((left**2).sum()) / ((draws - 1) * (replications - 1))
    luck = max(0.0, (by_luck - rest) / draws) + rest
    return Components(mean, max(0.0, (between - rest) / replications), luck)


@dataclass(frozen=True)
class Worth:
    """What it is worth to know some inputs before choosing, in the unit of the figure."""

    value: float
    low: float
    high: float


def worth_of_knowing(
    losses: Floats, inputs: Floats, seed: int = 1, confidence: float = 0.95
) -> Worth:
    """Return the expected value of knowing inputs exactly before choosing the least loss.

    `min over d of E[loss d] - E[min over d of E[loss d | inputs]]`. The expectation given the
    inputs is a regression of each alternative's loss beyond the first one's on them, by the
    polynomial that predicts best one draw that was left out; it also removes the luck of
    replications. The interval comes from drawing the coefficients from their sampling
    distribution, as Strong et al. propose. With all inputs this is the value of perfect
    information (EVPI), with some of them that of partial perfect information (EVPPI).

    Args:
        losses: a row for each draw, a column for each alternative; the mean over replications.
        inputs: a row for each draw, a column for each input that would be known.
        seed: seed of the interval.
        confidence: level of the interval.
    """
    beyond = losses[:, 1:] - losses[:, :1]
    design = _best_design(beyond, inputs)
    coefficients, spread = _fit(design, beyond)
    random = np.random.default_rng(seed)
    tail = (1 - confidence) / 2
    noise = random.standard_normal((math.ceil(_BEYOND / tail), *coefficients.shape))
    inverse: Floats = np.asarray(np.linalg.pinv(design.T @ design), dtype=np.float64)
    drawn: Floats = coefficients + _root(inverse) @ noise @ _root(spread).T
    simulated = [_gain(design @ one) for one in drawn]
    low, high = np.quantile(simulated, [tail, 1 - tail])
    return Worth(_gain(design @ coefficients), float(low), float(high))


def chance_of_best(losses: Floats, inputs: Floats) -> Floats:
    """Return the share of draws at which each alternative has the least expected loss."""
    beyond = losses[:, 1:] - losses[:, :1]
    design = _best_design(beyond, inputs)
    fitted = _with_first(design @ _fit(design, beyond)[0])
    return np.bincount(fitted.argmin(axis=1), minlength=losses.shape[1]) / len(losses)


def _gain(fitted: Floats) -> float:
    whole = _with_first(fitted)
    return float(whole.mean(axis=0).min() - whole.min(axis=1).mean())


def _with_first(beyond: Floats) -> Floats:
    return np.column_stack([np.zeros(len(beyond)), beyond])


def _fit(design: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return coefficients and the covariance of what they leave."""
    coefficients = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=np.float64)
    left = values - design @ coefficients
    degrees = max(1, len(design) - int(np.linalg.matrix_rank(design)))
    return coefficients, left.T @ left / degrees


def _best_design(values: Floats, inputs: Floats) -> Floats:
    """Return the polynomial of the inputs with the least error at draws that were left out."""
    return min(_designs(inputs), key=lambda design: _left_out(design, values))


def _designs(inputs: Floats) -> Iterator[Floats]:
    """Yield the constant, then polynomials with room to estimate them, the simpler first."""
    count, columns = inputs.shape
    spread = inputs.std(axis=0)
    z = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    one = np.ones((count, 1))
    yield one
    for degree in _ALONE if columns == 1 else _TOGETHER:
        powers = np.column_stack([one, *(z**power for power in range(1, degree + 1))])
        if powers.shape[1] <= count // 2:
            yield powers
        products = [z[:, i] * z[:, j] for i, j in combinations(range(columns), 2)]
        if degree > 1 and products and powers.shape[1] + len(products) <= count // 2:
            yield np.column_stack([powers, *products])


def _left_out(design: Floats, values: Floats) -> float:
    """Return the sum of squared errors at each draw of a fit without it (PRESS)."""
    left = values - design @ _fit(design, values)[0]
    leverage = np.einsum("ij,jk,ik->i", design, np.linalg.pinv(design.T @ design), design)
    return float(((left / np.maximum(1 - leverage, 1e-9)[:, None]) ** 2).sum())


def _root(covariance: Floats) -> Floats:
    """Return a matrix whose product with its transpose is a covariance, singular or not."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)
