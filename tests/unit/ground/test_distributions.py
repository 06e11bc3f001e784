from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from cartlogix.ground.distributions import Constant, Law
from cartlogix.ground.law_registry import LAWS, PARAMETER_KINDS, build_law

EXAMPLES: list[tuple[str, dict[str, float | Sequence[float]]]] = [
    ("constant", {"value": 14.0}),
    ("constant", {"value": 0.0}),
    ("exponential", {"mean": 2.5}),
    ("exponential", {"mean": 0.0}),
    ("exponential", {"rate": 0.2}),
    ("uniform", {"low": 1.0, "high": 4.0}),
    ("uniform", {"low": 2.0, "high": 2.0}),
    ("triangular", {"low": 5.0, "mode": 7.0, "high": 14.0}),
    ("triangular", {"low": 5.0, "mode": 5.0, "high": 14.0}),
    ("triangular", {"low": 5.0, "mode": 14.0, "high": 14.0}),
    ("triangular", {"low": 5.0, "mode": 5.0, "high": 5.0}),
    ("gamma", {"shape": 3.0, "scale": 2.0}),
    ("gamma", {"shape": 0.8, "scale": 2.0}),
    ("gamma", {"mean": 10.0, "sd": 3.0}),
    ("gamma", {"mean": 10.0, "sd": 0.0}),
    ("lognormal", {"mean": 10.0, "sd": 3.0}),
    ("lognormal", {"mean": 10.0, "sd": 0.0}),
    ("lognormal", {"median": 9.0, "sigma": 0.4}),
    ("lognormal", {"median": 9.0, "sigma": 0.0}),
    ("weibull", {"scale": 4.0, "shape": 1.7}),
    ("weibull", {"scale": 4.0, "shape": 1e6}),
    ("empirical", {"values": [3.0, 1.0, 2.0, 2.0]}),
    ("empirical", {"values": [3.0, 1.0, 9.0], "weights": [1.0, 3.0, 0.0]}),
]

REFUSED: list[tuple[str, dict[str, float | Sequence[float]], str]] = [
    ("lognormall", {"mean": 1.0}, "did you mean 'lognormal'"),
    ("weird", {"mean": 1.0}, "use one of constant, exponential"),
    ("gamma", {"maen": 1.0, "sd": 1.0}, "did you mean 'mean'"),
    ("gamma", {"mean": 1.0}, "needs {mean, sd} or {shape, scale}, not {mean}"),
    ("gamma", {"mean": 1.0, "sd": 1.0, "shape": 1.0}, "needs {mean, sd} or {shape, scale}"),
    ("empirical", {"weights": [1.0]}, "needs {values} and optionally weights"),
    ("constant", {"value": [1.0]}, "value must be a single number"),
    ("empirical", {"values": 1.0}, "values must be a list"),
    ("constant", {"value": -1.0}, "value must be 0 or more, not -1"),
    ("constant", {"value": math.nan}, "value must be a finite number"),
    ("exponential", {"mean": math.inf}, "mean must be a finite number"),
    ("exponential", {"mean": 1e308}, "too large to compute"),
    ("exponential", {"rate": 0.0}, "rate must be a finite number above 0"),
    ("uniform", {"low": 4.0, "high": 1.0}, "high (1) is below low (4)"),
    ("triangular", {"low": 1.0, "mode": 9.0, "high": 4.0}, "mode (9) lies outside"),
    ("triangular", {"low": 4.0, "mode": 4.0, "high": 1.0}, "high (1) is below low (4)"),
    ("gamma", {"mean": 1.0, "sd": -1.0}, "sd must be a finite number, 0 or more, not -1"),
    ("gamma", {"mean": 0.0, "sd": 1.0}, "mean must be above 0 when sd is 1"),
    ("gamma", {"shape": 0.0, "scale": 1.0}, "shape must be a finite number above 0"),
    ("gamma", {"shape": 5e-324, "scale": 1.0}, "shape must be a finite number above 0"),
    ("lognormal", {"mean": 1.0, "sd": -1.0}, "sd must be"),
    ("lognormal", {"mean": 1e-300, "sd": 1e300}, "sd (1e+300) is too large for mean"),
    ("lognormal", {"median": 0.0, "sigma": 1.0}, "median must be a finite number above 0"),
    ("lognormal", {"median": 1.0, "sigma": -1.0}, "sigma must be 0 or more"),
    ("lognormal", {"median": 1.0, "sigma": 1e308}, "too large to compute"),
    ("weibull", {"scale": 1.0, "shape": 1e-200}, "too large to compute"),
    ("empirical", {"values": []}, "values is empty"),
    ("empirical", {"values": [1.0, -2.0]}, "values[1] must be 0 or more"),
    ("empirical", {"values": [1.0], "weights": [1.0, 2.0]}, "2 weights for 1 values"),
    ("empirical", {"values": [1.0], "weights": [0.0]}, "weights sum to 0"),
    ("empirical", {"values": [0.0, 1e308]}, "too large to compute"),
]


def moments_by_quadrature(law: Law) -> tuple[float, float]:
    """Integrate ppf over u = 1 / (1 + exp(-x)), which resolves both tails."""
    x, step = np.linspace(-36.0, 36.0, 400_001, retstep=True)
    u = 1 / (1 + np.exp(-x))
    density = u * (1 - u) * step
    quantiles = law.ppf(np.clip(u, 2.0**-53, 1 - 2.0**-53))
    mean = float(quantiles @ density)
    return mean, float((quantiles - mean) ** 2 @ density)


@pytest.mark.parametrize(("name", "parameters"), EXAMPLES)
def test_analytic_moments_agree_with_the_quantiles(
    name: str, parameters: dict[str, float | Sequence[float]]
) -> None:
    law = build_law(name, parameters)
    mean, variance = moments_by_quadrature(law)
    # Steps of an empirical law cost one grid cell, at most 72 / 400,000 / 4 of the range.
    assert law.mean == pytest.approx(mean, rel=1e-4, abs=1e-12)
    assert law.variance == pytest.approx(variance, rel=5e-4, abs=1e-10)
    if "sd" in parameters:
        assert (law.mean, math.sqrt(law.variance)) == pytest.approx((10.0, parameters["sd"]))


@pytest.mark.parametrize(("name", "parameters"), EXAMPLES)
def test_quantiles_are_monotone_and_finite(
    name: str, parameters: dict[str, float | Sequence[float]]
) -> None:
    u = np.concatenate([[2.0**-53], np.linspace(0.001, 0.999, 999), [1 - 2.0**-53]])
    quantiles = build_law(name, parameters).ppf(u)
    assert quantiles.shape == u.shape
    assert np.isfinite(quantiles).all()
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles) >= 0).all()


@pytest.mark.parametrize(("name", "parameters"), EXAMPLES)
def test_parameters_build_the_law_again(
    name: str, parameters: dict[str, float | Sequence[float]]
) -> None:
    law = build_law(name, parameters)
    again = build_law("constant" if law.is_constant else name, law.parameters())
    assert (again.mean, again.variance) == pytest.approx((law.mean, law.variance))


@pytest.mark.parametrize(("name", "parameters", "message"), REFUSED)
def test_bad_parameters_are_refused(
    name: str, parameters: dict[str, float | Sequence[float]], message: str
) -> None:
    with pytest.raises(ValueError) as refusal:
        build_law(name, parameters)
    assert message in str(refusal.value)


def test_every_law_has_an_example_and_every_parameter_a_kind() -> None:
    assert {name for name, _ in EXAMPLES} == set(LAWS)
    for spec in LAWS.values():
        assert set(spec.parameter_names) <= set(PARAMETER_KINDS)


def test_lognormal_quantile_by_hand() -> None:
    law = build_law("lognormal", {"median": 9.0, "sigma": 0.4})
    # The standard normal quantile of 0.975 is 1.959963984540054.
    expected = 9.0 * math.exp(0.4 * 1.959963984540054)
    assert law.ppf(np.array([0.5, 0.975])) == pytest.approx([9.0, expected])


def test_no_spread_is_a_constant() -> None:
    assert build_law("gamma", {"mean": 3.0, "sd": 0.0}) == Constant(3.0)
    assert build_law("lognormal", {"mean": 0.0, "sd": 0.0}) == Constant(0.0)
