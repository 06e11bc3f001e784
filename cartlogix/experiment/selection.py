"""Choosing the best of several scenarios, with replications spent where they matter.

A race: every scenario that is still in gets one more replication at a time, and one that is
clearly worse than another one drops out. The rule is KN of Kim and Nelson, A fully sequential
procedure for indifference-zone selection in simulation, ACM TOMACS 11 (2001) 251-273, with c = 1.
It compares in pairs, so common random numbers shorten the race. The spread of each paired
difference is that of the first replications; KN++ (2006) renews it all the time and is shorter,
but on normal figures it chose right less often than it promised. If the best one is better than all
others by the indifference, it is chosen with at least the confidence asked for; otherwise, one
that is nearly as good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import Floats, Interval, bonferroni_level, half_width
from cartlogix.scenario.base import Name, Part
from cartlogix.scenario.findings import PlacedError, suggest


class Select(Part):
    """Which scenario is the best by one figure of all patients."""

    kpi: Name
    """Name of the figure, as in the tidy KPI table; whether less or more is better is its own."""
    indifference: Annotated[float, Field(gt=0)]
    """Smallest difference worth finding, in the unit of the figure."""
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """Chance of choosing the best one if it is better than all others by the indifference."""
    minimum: Annotated[int, Field(ge=10, le=100_000)] = 20
    """Replications of every scenario before the first one may drop out."""
    maximum: Annotated[int, Field(ge=10, le=100_000)] = 500
    """Replications after which the race ends, decided or not."""

    @model_validator(mode="after")
    def _fits(self) -> Select:
        if self.maximum < self.minimum:
            message = f"must not be less than minimum ({self.minimum})"
            raise PlacedError(("maximum",), message)
        directed = [name for name, kpi in KPIS.items() if not kpi.by and kpi.direction != "none"]
        if self.kpi not in directed:
            hint = suggest(self.kpi, directed)
            message = f"no single figure with a better side is called '{self.kpi}'{hint}"
            raise PlacedError(("kpi",), message)
        return self


class Race:
    """Takes figures replication by replication, and drops who is clearly worse."""

    def __init__(self, rule: Select, names: Sequence[str]) -> None:
        self.rule = rule
        self.names = tuple(names)
        self.done = 0
        """Replications so far."""
        self.ran = dict.fromkeys(self.names, 0)
        """Replications of each scenario."""
        self._sign = 1.0 if KPIS[rule.kpi].direction == "lower" else -1.0
        self._in = np.ones(len(names), dtype=bool)
        shape = (len(names), len(names))
        self._n, self._sums, self._squares = (np.zeros(shape) for _ in range(3))
        self._reach: Floats = np.zeros(shape)

    @property
    def alive(self) -> list[str]:
        """The scenarios that are still in."""
        return [name for name, inside in zip(self.names, self._in, strict=True) if inside]

    @property
    def over(self) -> bool:
        """Whether no further replication is wanted."""
        return len(self.alive) < 2 or self.done >= self.rule.maximum

    def add(self, figures: Mapping[str, float]) -> None:
        """Take the figure of one more replication of every scenario that is still in."""
        self.done += 1
        values = np.array([figures.get(name, np.nan) for name in self.names]) * self._sign
        values[~self._in] = np.nan
        for name in self.alive:
            self.ran[name] += 1
        gaps = values[:, None] - values[None, :]
        known = ~np.isnan(gaps)
        gaps = np.where(known, gaps, 0.0)
        self._n += known
        self._sums += gaps
        self._squares += gaps**2
        if self.done == self.rule.minimum:
            self._reach = self._scaled_variances()
        if self.done >= self.rule.minimum:
            self._drop()

    def _scaled_variances(self) -> Floats:
        """Return h squared times the variance of each paired difference, over that many."""
        degrees = np.maximum(self._n, 2) - 1
        share = 2 * (1 - self.rule.confidence) / max(len(self.names) - 1, 1)
        h2: Floats = (share ** (-2 / degrees) - 1) * degrees  # 2 eta (n - 1)
        return h2 * self._moments()[1]

    def _drop(self) -> None:
        mean, _ = self._moments()
        r, delta = np.maximum(self._n, 1), self.rule.indifference
        margin = np.maximum(0.0, delta / (2 * r) * (self._reach / delta**2 - r))
        pairs = self._in[:, None] & self._in[None, :] & (self._n >= 2)
        # Of two that are exactly alike, as with capacity that nobody needs, the first one goes on:
        # no further replication would tell them apart.
        alike = np.tri(len(self.names), k=-1, dtype=bool) & (mean == 0) & (margin == 0)
        self._in &= ~(pairs & ((mean > margin) | alike)).any(axis=1)

    def _moments(self) -> tuple[Floats, Floats]:
        n = np.maximum(self._n, 2)
        mean = self._sums / n
        return mean, np.maximum(self._squares - n * mean**2, 0.0) / (n - 1)

    def best(self) -> str:
        """Return the one that is in and has the best mean against the others that are."""
        mean, _ = self._moments()
        order = [i for i, inside in enumerate(self._in) if inside]
        return self.names[min(order, key=lambda i: float(mean[i, order].sum()))]

    def differences(self) -> dict[str, Interval]:
        """Return the paired difference of every other one from the best, in the figure's unit.

        It is taken over the replications that both had; the intervals are widened for their number
        (Bonferroni). They do not allow for the race having been stopped when it was.
        """
        mean, variance = self._moments()
        i = self.names.index(self.best())
        level = bonferroni_level(len(self.names) - 1, self.rule.confidence)
        half = half_width(np.sqrt(variance[i]), self._n[i], level)
        found = {}
        for j, name in enumerate(self.names):
            if j != i:
                middle, reach = 0.0 - self._sign * float(mean[i, j]), float(half[j])
                found[name] = Interval(middle, middle - reach, middle + reach)
        return found

    def not_separable(self) -> list[str]:
        """Return who cannot be told from the best one: the interval is unknown or holds 0."""
        return [
            name for name, one in self.differences().items() if not (one.low > 0 or one.high < 0)
        ]
