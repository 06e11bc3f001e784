"""What a solve is given to spend, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cartlogix.scheduling.plan import Plan

Status = Literal["optimal", "feasible", "heuristic", "infeasible", "unknown"]
"""optimal: proven · feasible: a solver's plan with a bound · heuristic: a rule's or the local
search's plan with a bound · infeasible: proven that no plan exists · unknown: none found, none
excluded."""


@dataclass(frozen=True)
class Budget:
    """What a solve may spend.

    Attributes:
        seconds: Limit on wall-clock time; None is none. A plan that was cut off by it may differ
            from one run to the next.
        effort: Deterministic work: 1 is about a second on a usual core. A solve that only this
            limits repeats exactly. None is no limit.
        exact: Whether to look for a proof; without it only rules and local search run.
        seed: For the local search and the solvers.
        patience: Insertions per job without a better plan after which the local search ends; None
            is never.
    """

    seconds: float | None = None
    effort: float | None = None
    exact: bool = True
    seed: int = 1
    patience: int | None = None


@dataclass(frozen=True)
class Trial:
    """One rule or method that was tried: the terms of its plan, None if it found none."""

    method: str
    terms: Mapping[str, float] | None
    values: tuple[float, ...] | None
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """The answer of a solve.

    Attributes:
        plan: The best plan that was found; None if there is none.
        status: See `Status`.
        method: What found the plan.
        terms: Every term of the plan, as the referee computes it.
        values: The objective, level by level.
        bounds: Proven lower bound of each level, given the values reached on those before it.
        trials: Every rule and method, in the order tried.
        seconds: Wall-clock time.
    """

    plan: Plan | None
    status: Status
    method: str
    terms: Mapping[str, float]
    values: tuple[float, ...]
    bounds: tuple[float, ...]
    trials: tuple[Trial, ...]
    seconds: float

    @property
    def gap(self) -> float:
        """(value - bound) / value at the first level that is not proven; 0 when all are."""
        for value, bound in zip(self.values, self.bounds, strict=True):
            if value > bound:
                return (value - bound) / abs(value) if value and math.isfinite(bound) else math.inf
        return 0.0
