"""The part of an experiment file that asks for the cheapest design within limits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import upper_bound
from cartlogix.experiment.inputs import Input, PooledKpi, check_apart
from cartlogix.scenario.base import Name, Part
from cartlogix.scenario.findings import PlacedError

Design = tuple[int, ...]
"""A whole number for each decision."""
_MOST_DESIGNS = 5000


class Decision(Input):
    """One whole number that a design decides on."""

    low: Annotated[int, Field(ge=0)]
    """Least number."""
    high: Annotated[int, Field(ge=1)]
    """Greatest number."""
    step: Annotated[int, Field(ge=1)] = 1
    """Distance between numbers that are tried."""

    @property
    def choices(self) -> range:
        """The numbers that are tried."""
        return range(self.low, self.high + 1, self.step)

    @model_validator(mode="after")
    def _is_open(self) -> Decision:
        if self.low >= self.high:
            raise ValueError(f"decision '{self.name}': low must be less than high")
        if self.low + self.step > self.high:
            raise ValueError(f"decision '{self.name}': step {self.step} leaves only {self.low}")
        return self


class Limit(Part):
    """What a design must keep to."""

    kpi: PooledKpi
    """Figure of all patients."""
    at_most: float | None = None
    """The mean over replications must not be above it."""
    at_least: float | None = None
    """The mean over replications must not be below it."""

    @model_validator(mode="after")
    def _has_one_side(self) -> Limit:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"the limit on '{self.kpi}' needs either at_most or at_least")
        bound = self.at_least if self.at_most is None else self.at_most
        most = upper_bound(KPIS[self.kpi].unit)
        if bound is not None and not 0 <= bound <= most:
            span = f"between 0 and {most:g}" if most < math.inf else "0 or more"
            side = "at_least" if self.at_most is None else "at_most"
            message = f"'{self.kpi}' is {span}: a limit of {bound:g} decides nothing"
            raise PlacedError((side,), message)
        return self


class Search(Part):
    """The cheapest design that keeps to its limits, for `cartlogix design`."""

    scenario: Name | None = None
    """The scenario that is designed; the first one if left out."""
    decisions: Annotated[tuple[Decision, ...], Field(min_length=1, max_length=20)]
    """What is decided."""
    minimise: PooledKpi = "cost.per_infused"
    """Figure of all patients that is to be least."""
    limits: Annotated[tuple[Limit, ...], Field(min_length=1, max_length=10)]
    """What must hold; the first one's figure is an axis of the Pareto front."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    """Confidence with which each limit must hold: that of a one-sided t limit of the mean."""
    replications: Annotated[int, Field(ge=3, le=10_000)] = 10
    """Replications of every design that is not ruled out by the first few."""
    first: Annotated[int, Field(ge=3, le=10_000)] = 4
    """Replications after which designs are ruled out; more of them rule out more."""
    verify: Annotated[int, Field(ge=3, le=10_000)] = 20
    """Replications of the answer with fresh random numbers."""
    method: Literal["grid", "optuna"] = "grid"
    """Try every design, or as many as `trials` says by the tree of Parzen estimators of Optuna."""
    trials: Annotated[int, Field(ge=2, le=5000)] = 60
    """Designs that the method `optuna` tries."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    """Seed of the method `optuna`."""

    @model_validator(mode="after")
    def _can_be_answered(self) -> Search:
        check_apart(self.decisions, "decisions", ("decisions",))
        if KPIS[self.minimise].direction == "higher":
            message = f"more of '{self.minimise}' is better; put it into limits"
            raise PlacedError(("minimise",), message)
        if self.first > self.replications:
            message = f"first must not be more than replications, {self.replications}"
            raise PlacedError(("first",), message)
        if self.method == "grid" and self.size > _MOST_DESIGNS:
            raise ValueError(f"{self.size:,} designs are too many for a grid; use method: optuna")
        return self

    @property
    def kpis(self) -> tuple[str, ...]:
        """Every figure that is asked for, that to be least first."""
        return tuple(dict.fromkeys((self.minimise, *(limit.kpi for limit in self.limits))))

    @property
    def size(self) -> int:
        """Number of designs."""
        count = 1
        for one in self.decisions:
            count *= len(one.choices)
        return count

    def designs(self) -> Iterator[Design]:
        """Yield every design, the last decision changing first."""
        yield from itertools.product(*(one.choices for one in self.decisions))

    def values(self, design: Design) -> dict[str, int]:
        """Return what a design sets, by path."""
        listed = zip(self.decisions, design, strict=True)
        return {path: number for one, number in listed for path in one.paths}
