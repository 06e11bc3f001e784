"""What a report is made from: results of an experiment, without knowing how they were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cartlogix.analysis.kpi import Kpi
from cartlogix.experiment.find_break_even import BreakEvens
from cartlogix.report.patients import Patients
from cartlogix.report.text import short_labels
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace


@dataclass(frozen=True)
class ReportedScenario:
    """One scenario as the reader meets it."""

    name: str
    """Key in every frame's `scenario`, `a` and `b` columns."""
    label: str
    """What the reader sees; hostile text is allowed and shown literally."""
    description: str
    """What the scenario stands for; may be empty."""
    scenario: Scenario
    """The resolved scenario."""


@dataclass(frozen=True)
class InputRow:
    """One input of one scenario as the reader checks it."""

    scenario: str
    """Name of the scenario."""
    path: str
    """Path in the YAML file, such as `pathways.autologous.route.manufacture.duration`."""
    value: str
    """The value in words, with its unit."""
    source: str | None
    """Where the value is from; None marks an assumption."""
    note: str | None = None
    """Remark of the author."""


@dataclass(frozen=True)
class SharedInput:
    """One input as it stands in the list: equal ones of several scenarios are one."""

    path: str
    value: str
    source: str | None
    note: str | None
    scenarios: tuple[str, ...]
    """Names of the scenarios that have it."""


@dataclass(frozen=True)
class ReportData:
    """Everything that the page shows.

    Frames carry the columns named here; a figure that is undefined is NaN, never 0.
    """

    title: str
    """Title of the page."""
    question: str
    """The question that the experiment answers; may be empty."""
    scenarios: tuple[ReportedScenario, ...]
    """In the order of the page; the first one is the reference."""
    registry: Mapping[str, Kpi]
    """Every KPI by name; `{currency}` in a unit is filled in when the page is made."""
    values: Callable[[str, str], pd.DataFrame]
    """Returns replication, group, indication and value of a scenario and a KPI: there may be so
    many that they are read only where they are asked for."""
    summary: pd.DataFrame
    """scenario, kpi, group, indication, mean, sd, n, low, high (95 % over replications)."""
    differences: pd.DataFrame
    """a, b, kpi, group, indication, mean_a, mean_b, difference (b - a), low, high,
    low_adjusted, high_adjusted (simultaneous within each family of figures),
    p, p_adjusted, correlation, variance_ratio, n."""
    traces: Mapping[str, Trace]
    """By scenario name, the first replication's Trace."""
    patients: Patients
    """What became of the patients of all replications."""
    today: Mapping[str, pd.DataFrame]
    """Of scenarios that start from a snapshot, by name, a row for each of its patients in each
    replication: patient (number), status, infused (day; NaN if never)."""
    inputs: tuple[InputRow, ...]
    """Inputs with their sources."""
    warnings: tuple[str, ...]
    """What the reader must know before believing the figures."""
    manifest: Mapping[str, Any]
    """Versions, seed, hashes, wall time, command: how to get the same numbers again."""
    break_even: BreakEvens | None = None
    """Where scenarios change places, if that was asked."""
    settling: pd.DataFrame | None = None
    """Of steady-state scenarios: Welch's curve, the warm-up, and what MSER-5 says of it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios in the order of the page."""
        return tuple(item.name for item in self.scenarios)

    @property
    def labels(self) -> dict[str, str]:
        """Label of each scenario by name."""
        return {item.name: item.label for item in self.scenarios}

    @property
    def short_labels(self) -> dict[str, str]:
        """Label of each scenario for running text: up to its comma, if that tells them apart."""
        short = short_labels([item.label for item in self.scenarios])
        return dict(zip(self.names, short, strict=True))

    @property
    def shared_inputs(self) -> tuple[SharedInput, ...]:
        """The inputs, those that several scenarios have once: what every count of inputs counts."""
        users: dict[tuple[str, str, str | None, str | None], dict[str, None]] = {}
        for row in self.inputs:
            key = (row.path, row.value, row.source or None, row.note or None)
            users.setdefault(key, {})[row.scenario] = None
        return tuple(SharedInput(*key, tuple(names)) for key, names in users.items())

    @property
    def replications(self) -> int:
        """Replications of the scenario that has most."""
        return max((item.scenario.run.replications for item in self.scenarios), default=0)

    @property
    def currency(self) -> str:
        """The currency of the first scenario."""
        return self.scenarios[0].scenario.costs.currency if self.scenarios else ""

    def with_currency(self) -> ReportData:
        """Return the same data with the currency in the units of the KPIs."""
        registry = {
            name: replace(kpi, unit=kpi.unit.replace("{currency}", self.currency))
            for name, kpi in self.registry.items()
        }
        return replace(self, registry=registry)

    @property
    def indications(self) -> dict[str, str]:
        """Title of each indication by name, over all scenarios."""
        return {
            one.name: one.title or one.name
            for item in self.scenarios
            for one in item.scenario.demand.indications
        }
