"""Factors of an experiment, and the points of a design: which levels are run together."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from cartlogix.experiment.inputs import ScenarioInput
from cartlogix.scenario.base import Part, Text

Point = Mapping[str, Any]
"""The level of each factor by its name."""
_MOST_POINTS = 10_000


class Factor(ScenarioInput):
    """One thing that an experiment varies."""

    values: tuple[Any, ...] = ()
    """The levels."""
    low: float | None = None
    """Least level of a Latin hypercube."""
    high: float | None = None
    """Greatest level of a Latin hypercube."""
    unit: Text = ""
    """Unit written behind the levels of a Latin hypercube, such as `d` or `/y`."""
    whole: bool = False
    """Levels that are not listed (of a Latin hypercube, near a break-even) are whole numbers."""

    @model_validator(mode="after")
    def _has_levels(self) -> Factor:
        ranged = self.low is not None and self.high is not None
        if bool(self.values) == ranged:
            raise ValueError(f"factor '{self.name}' needs either values, or low and high")
        if ranged and self.low >= self.high:  # type: ignore[operator]
            raise ValueError(f"factor '{self.name}': low must be less than high")
        texts = [level_text(value) for value in self.values]
        if len(set(texts)) < len(texts):
            raise ValueError(f"factor '{self.name}' has a level twice")
        return self


class Design(Part):
    """Which levels of the factors are run together."""

    kind: Literal["grid", "paired", "list", "latin_hypercube"] = "grid"
    """Every combination; the first levels together, then the second ones; the rows as listed; or
    a Latin hypercube (McKay, Beckman and Conover 1979): each range cut into as many equal slices
    as there are points, and each slice used once."""
    rows: tuple[dict[str, Any], ...] = ()
    """Points of a list: the level of each factor by its name."""
    points: Annotated[int, Field(ge=2, le=_MOST_POINTS)] | None = None
    """Number of points of a Latin hypercube."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    """Seed of a Latin hypercube."""

    @model_validator(mode="after")
    def _has_points(self) -> Design:
        if (self.kind == "list") != bool(self.rows):
            raise ValueError("rows belong to kind: list, which needs them")
        if (self.kind == "latin_hypercube") != (self.points is not None):
            raise ValueError("points belong to kind: latin_hypercube, which needs them")
        return self


def points(factors: Sequence[Factor], design: Design) -> list[Point]:
    """Return the points of a design in order; one without any level if nothing is varied.

    Raises:
        ValueError: if factors and design do not fit each other.
    """
    if not factors:
        return [{}]
    names = [factor.name for factor in factors]
    if design.kind == "list":
        return _rows(names, design.rows)
    ranged = [factor.name for factor in factors if not factor.values]
    if design.kind == "latin_hypercube":
        if len(ranged) < len(factors):
            raise ValueError("every factor of a Latin hypercube needs low and high, not values")
        return [dict(zip(names, row, strict=True)) for row in _hypercube(factors, design)]
    if ranged:
        raise ValueError(f"factor '{ranged[0]}' needs values; a range is for a Latin hypercube")
    levels = [factor.values for factor in factors]
    if design.kind == "paired":
        if len({len(values) for values in levels}) > 1:
            raise ValueError("paired factors need the same number of values each")
        return [dict(zip(names, row, strict=True)) for row in zip(*levels, strict=True)]
    count = int(np.prod([len(values) for values in levels], dtype=np.float64))
    if count > _MOST_POINTS:
        raise ValueError(f"the grid has {count:,} points; at most {_MOST_POINTS:,} are run")
    return [dict(zip(names, row, strict=True)) for row in itertools.product(*levels)]


def level_text(level: object) -> str:
    """Return a level as it stands in names and tables."""
    return level if isinstance(level, str) else json.dumps(level, ensure_ascii=False)


def level_number(level: object) -> tuple[float, str]:
    """Return number and unit of a level such as `12` or `14 d`.

    Raises:
        ValueError: if it is something else.
    """
    if isinstance(level, int | float) and not isinstance(level, bool):
        return float(level), ""
    number, _, unit = level.partition(" ") if isinstance(level, str) else ("", "", "")
    try:
        return float(number), unit.strip()
    except ValueError:
        raise ValueError(f"{level_text(level)} is no number, alone or with a unit") from None


def level_at(number: float, unit: str, *, whole: bool = False) -> int | float | str:
    """Return a level as it is written, to six digits."""
    value = round(number) if whole else float(f"{number:.6g}")
    return f"{value:g} {unit}" if unit else value


def point_text(point: Point) -> str:
    """Return a point as it stands in names: `suites=10, failure=0.1`."""
    return ", ".join(f"{name}={level_text(level)}" for name, level in point.items())


def _rows(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[Point]:
    for number, row in enumerate(rows, start=1):
        if set(row) != set(names):
            raise ValueError(f"row {number} must name each factor once: {', '.join(names)}")
    return [{name: row[name] for name in names} for row in rows]


def _hypercube(factors: Sequence[Factor], design: Design) -> Iterator[list[Any]]:
    assert design.points is not None
    random = np.random.default_rng(design.seed)
    count = design.points
    columns = []
    for factor in factors:
        low = factor.low
        assert low is not None
        assert factor.high is not None
        share = (random.permutation(count) + random.random(count)) / count
        columns.append(
            [
                level_at(low + (factor.high - low) * float(s), factor.unit, whole=factor.whole)
                for s in share
            ]
        )
    yield from map(list, zip(*columns, strict=True))
