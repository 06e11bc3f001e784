"""What is not known of a scenario's inputs, and how its consequences are looked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.factors import level_at
from cartlogix.experiment.inputs import PooledKpi, ScenarioInput
from cartlogix.ground.distributions import Law
from cartlogix.ground.law_registry import build_law
from cartlogix.scenario.base import Part, Text
from cartlogix.scenario.findings import PlacedError

_BOUNDED = ("uniform", "triangular")
_TAIL = 0.001
"""Quantiles nearer to 0 or 1 are not used: a law without bounds has no such levels."""


class Uncertain(ScenarioInput):
    """One input of the scenarios that is not known for sure."""

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


class Sensitivity(Part):
    """How `cartlogix sensitivity` looks for what drives the answer."""

    kpis: Annotated[tuple[PooledKpi, ...], Field(min_length=1, max_length=10)] = (
        "cost.per_infused",
        "enrolment_to_infusion.mean",
        "share.infused",
    )
    """Figures of all patients."""
    decide: PooledKpi = "cost.per_infused"
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
    def _can_be_answered(self) -> Sensitivity:
        if KPIS[self.decide].direction == "none":
            message = f"'{self.decide}' has no better direction; decide by another figure"
            raise PlacedError(("decide",), message)
        if self.samples & (self.samples - 1):
            message = f"must be a power of 2, such as 64; found {self.samples}"
            raise PlacedError(("samples",), message)
        return self
