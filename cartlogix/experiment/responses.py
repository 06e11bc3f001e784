"""What scenarios answer where their uncertain inputs have other values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cartlogix.analysis.statistics import Floats
from cartlogix.experiment.inputs import values_in
from cartlogix.experiment.points import Points
from cartlogix.experiment.uncertain import Uncertain
from cartlogix.experiment.variants import Variants
from cartlogix.scenario.model import Scenario

Key = tuple[str, str]
"""A scenario, or a difference between two, and a KPI."""
Levels = Mapping[str, Any]
"""Value of each input by its name; one that is left out is as in the scenario."""


@dataclass
class Responses:
    """Runs scenarios at values of their inputs, on the same patients everywhere."""

    variants: Sequence[Variants]
    inputs: Sequence[Uncertain]
    kpis: Sequence[str]
    points: Points
    most: int | None = None
    """Most replications; those of the scenarios if None."""
    replications: int = field(default=0, init=False)

    def at(self, levels: Sequence[Levels]) -> dict[Key, Floats]:
        """Return each figure: a row for each of the levels, a column for each replication.

        Differences of every further scenario from the first one stand among them as
        `second - first`.

        Raises:
            InvalidInput: if a scenario does not allow a value.
            PartialFailure: if a replication fails.
        """
        listed = [[self._scenario(one, each) for each in levels] for one in self.variants]
        few = min(one.run.replications for scenarios in listed for one in scenarios)
        self.replications = min(few, self.most or few)
        flat = [scenario for scenarios in listed for scenario in scenarios]
        figures = self.points.figures(flat, self.kpis, range(self.replications))
        found: dict[Key, Floats] = {}
        for number, one in enumerate(self.variants):
            mine = figures[number * len(levels) : (number + 1) * len(levels)]
            for kpi in self.kpis:
                found[one.name, kpi] = np.array([each[kpi] for each in mine])
        first, *others = self.variants
        for other in others:
            for kpi in self.kpis:
                difference = found[other.name, kpi] - found[first.name, kpi]
                found[f"{other.name} - {first.name}", kpi] = difference
        return found

    def quantiles(self, places: Floats) -> dict[Key, Floats]:
        """Return the same at quantiles of the inputs: a row for each point, a column for each."""
        return self.at([self.levels(row) for row in places])

    def levels(self, row: Floats) -> Levels:
        """Return the values at quantiles of the inputs."""
        return {
            one.name: one.level(float(place)) for one, place in zip(self.inputs, row, strict=True)
        }

    def _scenario(self, variants: Variants, levels: Levels) -> Scenario:
        return variants.at(values_in(variants.name, self.inputs, levels))
