"""Laws by name: which parameter sets each accepts, what the parameters measure, and the builder."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

from cartlogix.ground.distributions import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Law,
    Lognormal,
    ParameterValue,
    Triangular,
    Uniform,
    Weibull,
)


class ParameterKind(StrEnum):
    """What a parameter measures, relative to the quantity that follows the law."""

    QUANTITY = "quantity"
    INVERSE = "inverse"
    DIMENSIONLESS = "dimensionless"


PARAMETER_KINDS: Mapping[str, ParameterKind] = MappingProxyType(
    {
        **dict.fromkeys(
            ("value", "values", "mean", "sd", "low", "mode", "high", "median", "scale"),
            ParameterKind.QUANTITY,
        ),
        "rate": ParameterKind.INVERSE,
        **dict.fromkeys(("shape", "sigma", "weights"), ParameterKind.DIMENSIONLESS),
    }
)
"""The kind of every parameter; a name means the same in all laws."""

LIST_PARAMETERS = frozenset({"values", "weights"})
"""The parameters that are lists; all others are single numbers."""


@dataclass(frozen=True, slots=True)
class LawSpec:
    """The parameter sets a law accepts, each with its constructor, and optional parameters."""

    forms: Mapping[tuple[str, ...], Callable[..., Law]]
    optional: frozenset[str] = frozenset()

    @property
    def parameter_sets(self) -> tuple[tuple[str, ...], ...]:
        """The accepted sets of required parameters, in the order to show them."""
        return tuple(self.forms)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Every parameter of any set, each once, optional ones last."""
        required = dict.fromkeys(name for names in self.forms for name in names)
        return (*required, *sorted(self.optional))


def exponential_from_rate(rate: float) -> Exponential:
    """Return the exponential law with mean 1 / rate; ValueError unless rate is above 0."""
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"rate must be a finite number above 0, not {rate:g}")
    return Exponential(mean=1 / rate)


def gamma_from_mean_sd(mean: float, sd: float) -> Gamma | Constant:
    """Return the gamma law with this mean and standard deviation; Constant if sd is 0."""
    ratio = _spread(mean, sd)
    if ratio == 0:
        return Constant(mean)
    return Gamma(shape=1 / ratio / ratio, scale=sd * ratio)


def lognormal_from_mean_sd(mean: float, sd: float) -> Lognormal | Constant:
    """Return the lognormal law whose own mean and sd (not the logarithm's) these are.

    sigma^2 = ln(1 + (sd / mean)^2) and mu = ln(mean) - sigma^2 / 2; Constant if sd is 0.
    """
    ratio = _spread(mean, sd)
    if ratio == 0:
        return Constant(mean)
    square = math.log1p(ratio * ratio)
    return Lognormal(mu=math.log(mean) - square / 2, sigma=math.sqrt(square))


def lognormal_from_median_sigma(median: float, sigma: float) -> Lognormal | Constant:
    """Return the lognormal law with this median and sd of the logarithm; Constant if sigma is 0."""
    if not (math.isfinite(median) and median > 0):
        raise ValueError(f"median must be a finite number above 0, not {median:g}")
    return Constant(median) if sigma == 0 else Lognormal(mu=math.log(median), sigma=sigma)


LAWS: Mapping[str, LawSpec] = MappingProxyType(
    {
        "constant": LawSpec({("value",): Constant}),
        "exponential": LawSpec({("mean",): Exponential, ("rate",): exponential_from_rate}),
        "uniform": LawSpec({("low", "high"): Uniform}),
        "triangular": LawSpec({("low", "mode", "high"): Triangular}),
        "gamma": LawSpec({("mean", "sd"): gamma_from_mean_sd, ("shape", "scale"): Gamma}),
        "lognormal": LawSpec(
            {
                ("mean", "sd"): lognormal_from_mean_sd,
                ("median", "sigma"): lognormal_from_median_sigma,
            }
        ),
        "weibull": LawSpec({("scale", "shape"): Weibull}),
        "empirical": LawSpec({("values",): Empirical}, optional=frozenset({"weights"})),
    }
)
"""Every law by the name a scenario uses."""


def build_law(name: str, parameters: Mapping[str, float | Sequence[float]]) -> Law:
    """Return the law `name` with `parameters` in base units.

    Raises ValueError for an unknown law or parameter (with a suggestion), a set of parameters
    that the law does not accept, a list where a number is needed or the reverse, and for values
    outside the law's range.
    """
    if name not in LAWS:
        raise ValueError(f"unknown law {name!r}{_suggestion(name, LAWS)}; use one of {_list(LAWS)}")
    spec = LAWS[name]
    for given in parameters:
        if given not in spec.parameter_names:
            raise ValueError(
                f"{name} has no parameter {given!r}{_suggestion(given, spec.parameter_names)}; "
                f"give {_sets(spec)}"
            )
    required = parameters.keys() - spec.optional
    for names, constructor in spec.forms.items():
        if required == set(names):
            return constructor(**{key: _shaped(key, parameters[key]) for key in parameters})
    raise ValueError(f"{name} needs {_sets(spec)}, not {{{', '.join(parameters)}}}")


def _shaped(name: str, value: float | Sequence[float]) -> ParameterValue:
    if isinstance(value, (int, float)):
        if name in LIST_PARAMETERS:
            raise ValueError(f"{name} must be a list of numbers, not {value!r}")
        return float(value)
    if name not in LIST_PARAMETERS:
        raise ValueError(f"{name} must be a single number, not a list")
    return tuple(float(each) for each in value)


def _spread(mean: float, sd: float) -> float:
    """Return sd / mean after checking both; 0 if the sd vanishes beside the mean in a float."""
    for name, value in (("mean", mean), ("sd", sd)):
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a finite number, 0 or more, not {value:g}")
    if mean + sd == mean:
        return 0.0
    if mean == 0:
        raise ValueError(f"mean must be above 0 when sd is {sd:g}")
    if not math.isfinite(sd / mean * (sd / mean)):
        raise ValueError(f"sd ({sd:g}) is too large for mean ({mean:g})")
    return sd / mean


def _sets(spec: LawSpec) -> str:
    sets = " or ".join(f"{{{', '.join(names)}}}" for names in spec.parameter_sets)
    return f"{sets} and optionally {_list(sorted(spec.optional))}" if spec.optional else sets


def _suggestion(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _list(names: Mapping[str, object] | Sequence[str]) -> str:
    return ", ".join(names)
