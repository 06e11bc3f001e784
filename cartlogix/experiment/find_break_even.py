"""Finding where two scenarios change places: a grid of levels, then more of them near the place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.analysis.break_even import Line, follow, verdict
from cartlogix.analysis.statistics import Floats, bonferroni_level, paired_difference
from cartlogix.experiment.break_even import BreakEven
from cartlogix.experiment.factors import Factor, level_at, level_number
from cartlogix.experiment.points import Points
from cartlogix.experiment.tables import records
from cartlogix.experiment.variants import Variants
from cartlogix.scenario.model import Scenario

POINTS = (
    "break_even", "kpi", "x", "y", "mean_a", "mean_b", "difference", "low", "high", "low_adjusted",
    "high_adjusted", "lower",
)  # fmt: skip
LINES = ("break_even", "kpi", "y", "kind", "at", "low", "high", "before", "after")
_NEAR = 0.02
"""Part of a factor's range within which a further level would say nothing new."""

Point = tuple[float, ...]


@dataclass
class BreakEvenSearch:
    """Runs two scenarios at points of one or two factors, each point once."""

    spec: BreakEven
    variants: Mapping[str, Variants]
    points: Points
    replications: int = 0
    """Replications of each point, found from the scenarios."""
    _seen: dict[Point, tuple[dict[str, Floats], ...]] = field(default_factory=dict)

    def run(self) -> None:
        """Try the grid, and further levels of a line where its break-even seems to be."""
        self._try(self.spec.points())
        for _ in range(self.spec.refine if len(self.spec.factors) == 1 else 0):
            further = list(self._further())
            if not further:
                return
            self._try((level,) for level in further)

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return every point, and the zones and crossings of every line along the first factor."""
        points = pd.DataFrame(self._point_rows(), columns=list(POINTS))
        return points, pd.DataFrame(self._line_rows(), columns=list(LINES))

    def _further(self) -> Iterator[float]:
        """Yield levels where the crossing, or a limit of its band, is not yet enclosed closely."""
        factor = self.spec.factors[0]
        levels = sorted(x for (x,) in self._seen)
        near = _NEAR * (levels[-1] - levels[0])
        for kpi in self.spec.kpis:
            for crossing in self._line(kpi, None).crossings:
                for place in (crossing.at, crossing.low, crossing.high):
                    if math.isnan(place):
                        continue
                    level = level_number(level_at(place, "", whole=factor.whole))[0]
                    room = 0.5 if factor.whole else near
                    if all(abs(level - one) > room for one in levels):
                        levels.append(level)
                        yield level

    def _try(self, points: Iterable[Point]) -> None:
        todo = [point for point in points if point not in self._seen]
        sides = [[self._scenario(name, point) for point in todo] for name in self.spec.between]
        few = min(one.run.replications for side in sides for one in side)
        self.replications = min(few, self.spec.replications or few)
        found = self.points.figures([*sides[0], *sides[1]], self.spec.kpis,
                                    range(self.replications))  # fmt: skip
        for index, point in enumerate(todo):
            self._seen[point] = (found[index], found[len(todo) + index])

    def _scenario(self, name: str, point: Point) -> Scenario:
        written = zip(self.spec.factors, point, strict=True)
        levels = {factor.name: self._written(factor, level) for factor, level in written}
        return self.variants[name].at(self.spec.values(name, levels))

    def _written(self, factor: Factor, level: float) -> Any:  # noqa: ANN401 - a value of a file
        """Return a level as the file has it, or as it would have it."""
        known = self.spec.levels(factor)
        unit = level_number(factor.values[0])[1]
        return known[level] if level in known else level_at(level, unit, whole=factor.whole)

    @property
    def _level(self) -> float:
        """The level of each interval, with which all points and bands hold together with 95 %."""
        places = len(self._seen) + len(self._ys())
        return bonferroni_level(places * len(self.spec.kpis))

    def _line(self, kpi: str, y: float | None) -> Line:
        places = sorted(point for point in self._seen if y is None or point[1] == y)
        pairs = [self._seen[point] for point in places]
        differences = np.column_stack([b[kpi] - a[kpi] for a, b in pairs])
        return follow(np.array([point[0] for point in places]), differences, self._level)

    def _ys(self) -> Sequence[float | None]:
        if len(self.spec.factors) == 1:
            return [None]
        return list(self.spec.levels(self.spec.factors[1]))

    def _point_rows(self) -> Iterator[tuple[object, ...]]:
        for kpi in self.spec.kpis:
            for point in sorted(self._seen, key=lambda point: point[::-1]):
                a, b = (side[kpi] for side in self._seen[point])
                y = point[1] if len(point) > 1 else math.nan
                found = paired_difference(a, b)
                together = paired_difference(a, b, self._level)[1:]
                lower = verdict(b - a, self._level)
                head = (self.spec.name, kpi, point[0], y, a.mean(), b.mean())
                yield (*head, *found, *together, lower)

    def _line_rows(self) -> Iterator[tuple[object, ...]]:
        for kpi in self.spec.kpis:
            for y in self._ys():
                line, place = self._line(kpi, y), math.nan if y is None else y
                head = (self.spec.name, kpi, place)
                for zone in line.zones:
                    yield (*head, "zone", math.nan, zone.low, zone.high, zone.lower, zone.lower)
                for one in line.crossings:
                    yield (*head, "crossing", one.at, one.low, one.high, one.before, one.after)


@dataclass(frozen=True)
class BreakEvens:
    """Every break-even question of a study, answered."""

    points: pd.DataFrame
    """break_even, kpi, x, y (NaN on a line), mean_a, mean_b, difference (b - a), low and high
    (paired 95 %), low_adjusted and high_adjusted (which hold together for all points and figures of
    a question, and with its bands), lower (a, b, or empty if these cannot tell)."""
    lines: pd.DataFrame
    """break_even, kpi, y, kind (zone or crossing), at, low, high, before, after (which one is
    lower there); a limit is NaN where a band goes on to the end of the levels."""
    asked: tuple[Mapping[str, Any], ...]
    """What was asked: name, title, scenarios with labels, factors, KPIs, replications."""


def find_break_even(
    specs: Sequence[BreakEven], variants: Mapping[str, Variants], points: Points
) -> BreakEvens | None:
    """Answer the break-even questions of a study; None if there are none.

    Raises:
        InvalidInput: if a scenario does not allow a level that was not listed.
        PartialFailure: if a replication fails.
    """
    searches = [BreakEvenSearch(spec, variants, points) for spec in specs]
    for search in searches:
        search.run()
    if not searches:
        return None
    tables = [search.tables() for search in searches]
    found = [pd.concat(parts, ignore_index=True) for parts in zip(*tables, strict=True)]
    return BreakEvens(found[0], found[1], tuple(_asked(search) for search in searches))


def break_even_json(found: BreakEvens | None) -> dict[str, Any]:
    """Return the answers for programs; nothing if nothing was asked."""
    if found is None:
        return {}
    tables = {"points": found.points, "lines": found.lines}
    return {
        "break_even": {
            "asked": list(found.asked),
            **{name: records(frame) for name, frame in tables.items()},
        }
    }


def _asked(search: BreakEvenSearch) -> dict[str, Any]:
    spec = search.spec
    sides = [search.variants[name] for name in spec.between]
    return {
        "name": spec.name,
        "title": spec.label,
        "between": [{"name": one.name, "label": one.at({}).label} for one in sides],
        "factors": [
            {
                "name": factor.name,
                "label": factor.label,
                "unit": level_number(factor.values[0])[1],
                "whole": factor.whole,
            }
            for factor in spec.factors
        ],
        "kpis": list(spec.kpis),
        "replications": search.replications,
    }
