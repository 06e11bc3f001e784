"""The part of an experiment file that asks where two scenarios change places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from cartlogix.experiment.factors import Factor, level_number
from cartlogix.experiment.inputs import PooledKpi, check_apart, values_in
from cartlogix.scenario.base import Name, Part, Text

_MOST_POINTS = 2000


class BreakEven(Part):
    """Where two scenarios change places along one or two factors."""

    name: Name
    """Name of the question, as it stands in tables."""
    title: Text | None = None
    """Name as shown in the report; the titles of the factors if left out."""
    between: tuple[Name, Name]
    """The two scenarios."""
    factors: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=2)]
    """One factor gives a line, two give a map; levels are numbers, alone or with a unit."""
    kpis: Annotated[tuple[PooledKpi, ...], Field(min_length=1, max_length=10)] = (
        "cost.per_infused",
        "enrolment_to_infusion.mean",
        "share.infused",
    )
    """Figures of all patients by which they are compared."""
    replications: Annotated[int, Field(ge=2, le=100_000)] | None = None
    """Replications of each level, at most those of the scenarios; as many as these if left out."""
    refine: Annotated[int, Field(ge=0, le=20)] = 1
    """Times that further levels are tried where a line's break-even and its limits seem to be."""

    @property
    def label(self) -> str:
        """The title if there is one, otherwise those of the factors."""
        return self.title or " and ".join(factor.label for factor in self.factors)

    @model_validator(mode="after")
    def _can_be_answered(self) -> BreakEven:
        if self.between[0] == self.between[1]:
            raise ValueError("between needs two different scenarios")
        check_apart(self.factors, "factors", ("factors",))
        points = 1
        for factor in self.factors:
            self._is_measured(factor)
            points *= len(factor.values)
        if points > _MOST_POINTS:
            raise ValueError(f"{points:,} points; at most {_MOST_POINTS:,} are run")
        return self

    def _is_measured(self, factor: Factor) -> None:
        if len(factor.values) < 2:
            raise ValueError(f"factor '{factor.name}' needs two or more values, as numbers")
        units = {level_number(value)[1] for value in factor.values}
        if len(units) > 1:
            raise ValueError(f"factor '{factor.name}': values need one unit, not {sorted(units)}")
        for name in factor.scenarios:
            if name not in self.between:
                raise ValueError(f"factor '{factor.name}': '{name}' is not one of the two")

    def levels(self, factor: Factor) -> dict[float, Any]:
        """Return the levels of a factor as written by their numbers, ascending."""
        return {
            level_number(value)[0]: value
            for value in sorted(factor.values, key=lambda value: level_number(value)[0])
        }

    def points(self) -> Iterator[tuple[float, ...]]:
        """Yield every point of the grid, the first factor changing first."""
        first, *others = [list(self.levels(factor)) for factor in self.factors]
        for second in others[0] if others else [None]:
            for level in first:
                yield (level,) if second is None else (level, second)

    def values(self, scenario: str, point: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a point, levels by factor, sets in a scenario, by path."""
        return values_in(scenario, self.factors, point)
