# ruff: noqa: D102 - the methods of every law are documented once, in the protocol Law
"""Probability laws of non-negative quantities, drawn by inverse transform.

Parameters are in base units (days, 1/day, currency units). Draws come only through `ppf`, which
is monotone in u, so one uniform column gives comparable draws under every law. Laws from named
parameters, as a scenario gives them, are built in `law_registry`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ParameterValue = float | tuple[float, ...]


class Law(Protocol):
    """A probability law with analytic moments and an inverse distribution function."""

    is_constant: ClassVar[bool]

    @property
    def mean(self) -> float:
        """The expectation."""

    @property
    def variance(self) -> float:
        """The variance, in the square of the quantity's unit."""

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at u, each in the open interval (0, 1)."""

    def parameters(self) -> dict[str, ParameterValue]:
        """Return one parameter set that `build_law` accepts for this law."""


class _Fields:
    """The parameters of a law are the fields of its class that are set."""

    __slots__: tuple[str, ...] = ()
    is_constant: ClassVar[bool] = False

    def parameters(self) -> dict[str, ParameterValue]:
        given = {name: getattr(self, name) for name in self.__slots__ if name[0] != "_"}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Constant(_Fields):
    """Always `value`."""

    value: float
    is_constant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _require_at_least_zero(value=self.value)

    @property
    def mean(self) -> float:
        return self.value

    @property
    def variance(self) -> float:
        return 0.0

    def ppf(self, u: Floats) -> Floats:
        return np.full(np.shape(u), self.value, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Exponential(_Fields):
    """Exponential with `mean`."""

    mean: float

    def __post_init__(self) -> None:
        _require_at_least_zero(mean=self.mean)
        _require_finite_moments(self)

    @property
    def variance(self) -> float:
        return self.mean * self.mean

    def ppf(self, u: Floats) -> Floats:
        return -self.mean * np.log1p(-u)


@dataclass(frozen=True, slots=True)
class Uniform(_Fields):
    """Uniform between `low` and `high`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _require_at_least_zero(low=self.low, high=self.high)
        if self.high < self.low:
            raise ValueError(f"high ({self.high:g}) is below low ({self.low:g})")
        _require_finite_moments(self)

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        return (self.high - self.low) * (self.high - self.low) / 12

    def ppf(self, u: Floats) -> Floats:
        return self.low + (self.high - self.low) * u


@dataclass(frozen=True, slots=True)
class Triangular(_Fields):
    """Triangular on [`low`, `high`] with its peak at `mode`."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _require_at_least_zero(low=self.low, mode=self.mode, high=self.high)
        if self.high < self.low:
            raise ValueError(f"high ({self.high:g}) is below low ({self.low:g})")
        if not self.low <= self.mode <= self.high:
            raise ValueError(
                f"mode ({self.mode:g}) lies outside low to high ({self.low:g} to {self.high:g})"
            )
        _require_finite_moments(self)

    @property
    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    @property
    def variance(self) -> float:
        rise, fall = self.mode - self.low, self.high - self.mode
        return (rise * rise + rise * fall + fall * fall) / 18

    def ppf(self, u: Floats) -> Floats:
        width = self.high - self.low
        rise, fall = self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(u * width * rise)
        falling = self.high - np.sqrt((1 - u) * width * fall)
        return np.where(u * width < rise, rising, falling)


@dataclass(frozen=True, slots=True)
class Gamma(_Fields):
    """Gamma with mean `shape * scale`; an integer shape gives the Erlang law."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        _require_above_zero(shape=self.shape)
        _require_at_least_zero(scale=self.scale)
        _require_finite_moments(self)

    @property
    def mean(self) -> float:
        return self.shape * self.scale

    @property
    def variance(self) -> float:
        return self.shape * self.scale * self.scale

    def ppf(self, u: Floats) -> Floats:
        from scipy.special import gammaincinv  # noqa: PLC0415 - slow to load

        return np.asarray(self.scale * gammaincinv(self.shape, u), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Lognormal(_Fields):
    """Lognormal: the logarithm has mean `mu` (log of the median) and sd `sigma`."""

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.mu):
            raise ValueError(f"mu must be a finite number, not {self.mu:g}")
        _require_at_least_zero(sigma=self.sigma)
        _require_finite_moments(self)

    @property
    def mean(self) -> float:
        return _exp(self.mu + self.sigma * self.sigma / 2)

    @property
    def variance(self) -> float:
        square = self.sigma * self.sigma
        return math.expm1(square) * self.mean * self.mean if square < 700 else math.inf

    def ppf(self, u: Floats) -> Floats:
        from scipy.special import ndtri  # noqa: PLC0415 - slow to load

        return np.asarray(np.exp(self.mu + self.sigma * ndtri(u)), dtype=np.float64)

    def parameters(self) -> dict[str, ParameterValue]:
        return {"median": _exp(self.mu), "sigma": self.sigma}


@dataclass(frozen=True, slots=True)
class Weibull(_Fields):
    """Weibull with survival exp(-(x / scale) ** shape)."""

    scale: float
    shape: float

    def __post_init__(self) -> None:
        _require_at_least_zero(scale=self.scale)
        _require_above_zero(shape=self.shape)
        _require_finite_moments(self)

    @property
    def mean(self) -> float:
        return self.scale * _exp(math.lgamma(1 + 1 / self.shape))

    @property
    def variance(self) -> float:
        # Relative to the squared mean, so that nothing cancels when the shape is large.
        log_ratio = math.lgamma(1 + 2 / self.shape) - 2 * math.lgamma(1 + 1 / self.shape)
        relative = math.expm1(log_ratio) if log_ratio < 700 else math.inf
        return max(relative, 0.0) * self.mean * self.mean

    def ppf(self, u: Floats) -> Floats:
        quantiles: Floats = self.scale * (-np.log1p(-u)) ** (1 / self.shape)
        return quantiles


@dataclass(frozen=True, slots=True)
class Empirical(_Fields):
    """One of `values`, with probability proportional to `weights` (equal if None)."""

    values: tuple[float, ...]
    weights: tuple[float, ...] | None = None
    _ordered: Floats = field(init=False, repr=False, compare=False)
    _cumulative: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights = self.weights if self.weights is not None else (1.0,) * len(self.values)
        if not self.values:
            raise ValueError("values is empty; give at least one")
        if len(weights) != len(self.values):
            raise ValueError(f"{len(weights)} weights for {len(self.values)} values")
        _require_at_least_zero(**{f"values[{i}]": value for i, value in enumerate(self.values)})
        _require_at_least_zero(**{f"weights[{i}]": weight for i, weight in enumerate(weights)})
        total = sum(weights)
        if not 0 < total < math.inf:
            raise ValueError(f"weights sum to {total:g}; the sum must be above 0 and finite")
        order = np.argsort(self.values, kind="stable")
        cumulative = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
        object.__setattr__(self, "_ordered", np.asarray(self.values, dtype=np.float64)[order])
        object.__setattr__(self, "_cumulative", cumulative / cumulative[-1])
        _require_finite_moments(self)

    @property
    def mean(self) -> float:
        return float(self._ordered @ np.diff(self._cumulative, prepend=0.0))

    @property
    def variance(self) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            squares = (self._ordered - self.mean) ** 2
            return float(squares @ np.diff(self._cumulative, prepend=0.0))

    def ppf(self, u: Floats) -> Floats:
        # The smallest value whose cumulative probability reaches u.
        return self._ordered[np.searchsorted(self._cumulative, u, side="left")]


def _require_at_least_zero(**parameters: float) -> None:
    for name, value in parameters.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, not {value:g}")
        if value < 0:
            raise ValueError(f"{name} must be 0 or more, not {value:g}")


def _require_above_zero(**parameters: float) -> None:
    for name, value in parameters.items():
        # Below 1e-300 the inverse gamma function gives up.
        if not (math.isfinite(value) and value > 1e-300):
            raise ValueError(f"{name} must be a finite number above 0, not {value:g}")


def _require_finite_moments(law: Law) -> None:
    if not (math.isfinite(law.mean) and math.isfinite(law.variance)):
        raise ValueError("mean and variance are too large to compute; use smaller parameters")


def _exp(exponent: float) -> float:
    return math.exp(exponent) if exponent < 709 else math.inf
