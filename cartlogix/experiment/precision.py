"""How many replications are enough: stop when intervals are narrow, and stay narrow.

The rule is that of Hoad, Robinson and Davies, Automated selection of the number of replications for
a discrete-event simulation, J Oper Res Soc 61 (2010) 1632-1644: from the minimum on, intervals are
computed after each replication; once all half-widths are within their targets, some more
replications are run (the look-ahead), and if one of these takes an interval beyond its target, the
search goes on from there. All scenarios are run equally often, since they are compared in pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from cartlogix.analysis.statistics import Interval, mean_interval
from cartlogix.experiment.inputs import PooledKpi
from cartlogix.scenario.base import Part

_FULL_LOOK_AHEAD = 100  # replications from which on the look-ahead grows with their number


class HalfWidth(Part):
    """How narrow the 95 % interval of one figure of all patients must be."""

    kpi: PooledKpi
    """Name of the figure, as in the tidy KPI table."""
    absolute: Annotated[float, Field(gt=0)] | None = None
    """Largest half-width, in the unit of the figure."""
    relative: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Largest half-width as a share of the mean; of the baseline's mean for a difference."""
    differences: bool = True
    """Whether paired differences must be as narrow."""

    @model_validator(mode="after")
    def _has_one_target(self) -> HalfWidth:
        if (self.absolute is None) == (self.relative is None):
            raise ValueError("a half-width is either absolute or relative")
        return self

    def target(self, mean: float) -> float:
        """Return the largest half-width allowed at a mean."""
        return self.absolute if self.absolute is not None else (self.relative or 0) * abs(mean)


class Precision(Part):
    """Replications until intervals are narrow enough."""

    half_width: Annotated[tuple[HalfWidth, ...], Field(min_length=1, max_length=20)]
    """How narrow which intervals must be."""
    minimum: Annotated[int, Field(ge=3, le=100_000)] = 20
    """Replications that are run in any case."""
    maximum: Annotated[int, Field(ge=3, le=100_000)] = 500
    """Replications after which the study stops, narrow or not."""
    look_ahead: Annotated[int, Field(ge=0, le=1000)] = 5
    """Further replications for which intervals must stay narrow; above 100 replications, the same
    share of their number (kLimit of Hoad, Robinson and Davies)."""

    @model_validator(mode="after")
    def _is_ordered(self) -> Precision:
        if self.maximum < self.minimum:
            raise ValueError("maximum must not be less than minimum")
        return self

    def ahead(self, replications: int) -> int:
        """Return the look-ahead from a number of replications."""
        return self.look_ahead * max(replications, _FULL_LOOK_AHEAD) // _FULL_LOOK_AHEAD


class Width(NamedTuple):
    """One interval that is judged."""

    what: str
    half: float
    target: float

    @property
    def is_narrow(self) -> bool:
        """Whether it is within its target; an unknown one is not."""
        return self.half <= self.target


@dataclass
class Stopping:
    """Judges after each replication whether to stop."""

    rule: Precision
    pairs: Sequence[tuple[str, str]]
    """Scenarios that are compared, a baseline first."""
    done: int = 0
    """Replications so far."""
    since: int | None = None
    """Replications after which all intervals were narrow, and stayed so until now."""
    _values: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, figures: Mapping[str, Mapping[str, float]]) -> None:
        """Take the figures of one more replication, by scenario and KPI."""
        self.done += 1
        for scenario, mine in figures.items():
            known = self._values.setdefault(scenario, {})
            for wanted in self.rule.half_width:
                known.setdefault(wanted.kpi, []).append(mine.get(wanted.kpi, math.nan))
        if self.done < self.rule.minimum or not all(one.is_narrow for one in self.widths()):
            self.since = None
        elif self.since is None:
            self.since = self.done

    @property
    def reached(self) -> bool:
        """Whether intervals were narrow for as long as the look-ahead asks."""
        return self.since is not None and self.done >= self.since + self.rule.ahead(self.since)

    @property
    def over(self) -> bool:
        """Whether no further replication is wanted."""
        return self.reached or self.done >= self.rule.maximum

    def widths(self) -> Iterator[Width]:
        """Yield every interval that must be narrow, as it is now."""
        for wanted in self.rule.half_width:
            for scenario, known in self._values.items():
                yield _width(wanted, f"{wanted.kpi} of {scenario}", _interval(known[wanted.kpi]))
            for a, b in self.pairs if wanted.differences else ():
                if a in self._values and b in self._values:
                    one, other = (self._values[name][wanted.kpi] for name in (a, b))
                    found = _interval([y - x for x, y in zip(one, other, strict=True)])
                    what = f"{wanted.kpi}, {b} minus {a}"
                    yield _width(wanted, what, found, _interval(one).estimate)


def _interval(values: Sequence[float]) -> Interval:
    return mean_interval([value for value in values if not math.isnan(value)])


def _width(wanted: HalfWidth, what: str, found: Interval, reference: float | None = None) -> Width:
    half = found.high - found.estimate
    return Width(what, half, wanted.target(found.estimate if reference is None else reference))
