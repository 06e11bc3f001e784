"""What is not known of a scenario's inputs, and how its consequences are looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.factors import level_at
from cartlogix.ground.distributions import Law
from cartlogix.ground.law_registry import build_law
from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.findings import suggest

_BOUNDED = ("uniform", "triangular")
_TAIL = 0.001
"""Quantiles nearer to 0 or 1 are not used: a law without bounds has no such levels."""


class Uncertain(Part):
    """One input of the scenarios that is not known for sure."""

    name: Name
    """Name of the input, as it stands in tables."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    path: Name | tuple[Name, ...]
    """Dotted path of the value, as after `--set`; several paths take one level."""
    scenarios: tuple[Name, ...] = ()
    """Scenarios that have it; all if left out."""
    law: Literal["uniform", "triangular", "lognormal", "gamma"] = "uniform"
    """What is believed of it: a range, or another law with its parameters."""
    low: float | None = None
    """Least value of a uniform or triangular law."""
    mode: float | None = None
    """Most likely value of a triangular law."""
    high: float | None = None
    """Greatest value of a uniform or triangular law."""
    mean: float | None = None
    """Mean of a lognormal or gamma law."""
    sd: float | None = None
    """Standard deviation of a lognormal or gamma law."""
    median: float | None = None
    """Median of a lognormal law, with sigma."""
    sigma: float | None = None
    """Standard deviation of the logarithm of a lognormal law."""
    unit: Text = ""
    """Unit written behind the values, such as `d` or `/y`."""
    whole: bool = False
    """Values are rounded to whole numbers."""
    source: Text | None = None
    """Where the law is from."""
    note: Text | None = None
    """Remark of the author; an assumption is called so."""

    @property
    def label(self) -> str:
        """The title if there is one, otherwise the name."""
        return self.title or self.name

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that it sets."""
        return (self.path,) if isinstance(self.path, str) else self.path

    @property
    def belief(self) -> Law:
        """The law."""
        keys = ("low", "mode", "high", "mean", "sd", "median", "sigma")
        given = {key: value for key in keys if (value := getattr(self, key)) is not None}
        return build_law(self.law, given)

    @model_validator(mode="after")
    def _has_a_law(self) -> Uncertain:
        try:
            law = self.belief
        except ValueError as error:
            raise ValueError(f"uncertain '{self.name}': {error}") from None
        if law.variance == 0:
            raise ValueError(f"uncertain '{self.name}' has no spread; take it out")
        return self

    def level(self, quantile: float) -> Any:  # noqa: ANN401 - a value of a file
        """Return the value at a quantile of the law as a file would have it."""
        inner = min(max(quantile, _TAIL), 1 - _TAIL)
        if self.law in _BOUNDED and quantile in (0, 1):
            number = self.high if quantile else self.low
            assert number is not None
        else:
            number = float(self.belief.ppf(np.array([inner]))[0])
        return level_at(number, self.unit, whole=self.whole)

    @property
    def ends(self) -> tuple[float, float]:
        """The quantiles of a low and a high value: the bounds, or 5 and 95 % without bounds."""
        return (0.0, 1.0) if self.law in _BOUNDED else (0.05, 0.95)


def values_of(
    inputs: Sequence[Uncertain], scenario: str, levels: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what levels of the inputs set in a scenario, by path."""
    return {
        path: levels[one.name]
        for one in inputs
        if one.name in levels and (not one.scenarios or scenario in one.scenarios)
        for path in one.paths
    }


class Sensitivity(Part):
    """How `cartlogix sensitivity` looks for what drives the answer."""

    kpis: Annotated[tuple[Name, ...], Field(min_length=1, max_length=10)] = (
        "cost.per_infused",
        "enrolment_to_infusion.mean",
        "share.infused",
    )
    """Figures of all patients."""
    decide: Name = "cost.per_infused"
    """Figure by which one of the scenarios is chosen, for the worth of knowing an input."""
    replications: Annotated[int, Field(ge=2, le=10_000)] | None = None
    """Replications of each point, at most those of the scenarios; as many as these if left out."""
    draws: Annotated[int, Field(ge=4, le=100_000)] = 64
    """Draws of the inputs by the method `uncertainty`, in a Latin hypercube."""
    trajectories: Annotated[int, Field(ge=2, le=1000)] = 10
    """Trajectories of the method `morris`."""
    samples: Annotated[int, Field(ge=4, le=65_536)] = 64
    """Base samples of the method `sobol`, a power of 2."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    """Seed of the draws."""

    @model_validator(mode="after")
    def _knows_its_figures(self) -> Sensitivity:
        for kpi in (*self.kpis, self.decide):
            if kpi not in KPIS or KPIS[kpi].by:
                known = [name for name, one in KPIS.items() if not one.by]
                raise ValueError(f"no figure of all patients is '{kpi}'{suggest(kpi, known)}")
        if KPIS[self.decide].direction == "none":
            raise ValueError(f"decide: '{self.decide}' has no better direction")
        if self.samples & (self.samples - 1):
            raise ValueError(f"samples must be a power of 2, not {self.samples}")
        return self
