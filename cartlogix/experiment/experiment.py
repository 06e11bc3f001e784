"""An experiment file: which scenarios to compare, what to vary in them, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field, model_validator

from cartlogix.experiment.break_even import BreakEven
from cartlogix.experiment.factors import Design, Factor, points
from cartlogix.experiment.inputs import check_apart
from cartlogix.experiment.precision import Precision
from cartlogix.experiment.search import Search
from cartlogix.experiment.selection import Select
from cartlogix.experiment.uncertain import Sensitivity, Uncertain
from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.findings import PlacedError, suggest


class StudyScenario(Part):
    """One scenario of an experiment file."""

    name: Name
    """Name of the scenario in this experiment."""
    title: Text | None = None
    """Name as shown in the report; the scenario's own title if left out."""
    description: Text | None = None
    """What the scenario is, in the report. If left out, what its file says, but nothing where `set`
    makes something else of it under a title of its own."""
    file: Name
    """Scenario file, relative to the experiment file."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Values by dotted path that this experiment changes."""
    tags: tuple[Name, ...] = ()
    """Words by which `sweep --only` finds it."""


class Experiment(Part):
    """An experiment file: which scenarios to compare, and why."""

    name: Name
    """Name of the experiment."""
    title: Text | None = None
    """Title of the report."""
    question: Text | None = None
    """The question that the experiment answers."""
    baseline: Name | tuple[Name, ...] | None = None
    """Scenario, or several, with which the others are compared; the first one if left out."""
    scenarios: Annotated[tuple[StudyScenario, ...], Field(min_length=1, max_length=200)]
    """The scenarios."""
    factors: tuple[Factor, ...] = ()
    """What is varied in them; such a file is run by `sweep`."""
    design: Design = Design()
    """Which levels of the factors are run together."""
    replications: Annotated[int, Field(ge=1, le=100_000)] | Precision | None = None
    """Replications of every scenario, or how narrow intervals must be; `--replications` wins."""
    select: Select | None = None
    """Which scenario is the best, in place of equally many replications of all; `--replications`
    wins."""
    break_even: Annotated[tuple[BreakEven, ...], Field(max_length=20)] = ()
    """Where two of the scenarios change places along one or two factors."""
    uncertain: Annotated[tuple[Uncertain, ...], Field(max_length=100)] = ()
    """Inputs that are not known for sure, for `sensitivity`."""
    sensitivity: Sensitivity = Sensitivity()
    """How `sensitivity` looks for what drives the answer."""
    search: Search | None = None
    """The design that `design` looks for."""

    @model_validator(mode="after")
    def _factors_fit(self) -> Experiment:
        check_apart(self.factors, "factors", ("factors",))
        for index, factor in enumerate(self.factors):
            place = ("factors", index, "scenarios")
            self._know(factor.scenarios, f"factor '{factor.name}'", place)
        points(self.factors, self.design)
        return self

    @model_validator(mode="after")
    def _select_decides(self) -> Experiment:
        if self.select and self.replications is not None:
            message = "select decides on the number of replications; take one out"
            raise PlacedError(("replications",), message)
        if self.select and len(self.scenarios) == 1 and not self.factors:
            raise PlacedError(("select",), "select needs two or more scenarios, or factors")
        return self

    @model_validator(mode="after")
    def _break_even_fits(self) -> Experiment:
        names = [one.name for one in self.break_even]
        if len(set(names)) < len(names):
            raise ValueError("two parts of break_even have one name; names must differ")
        for index, one in enumerate(self.break_even):
            self._know(one.between, f"break_even '{one.name}'", ("break_even", index, "between"))
        return self

    @model_validator(mode="after")
    def _inputs_fit(self) -> Experiment:
        check_apart(self.uncertain, "uncertain inputs", ("uncertain",))
        for index, one in enumerate(self.uncertain):
            self._know(one.scenarios, f"uncertain '{one.name}'", ("uncertain", index, "scenarios"))
        if self.search and self.search.scenario:
            self._know([self.search.scenario], "search", ("search", "scenario"))
        return self

    def _know(self, names: Iterable[str], what: str, place: tuple[str | int, ...]) -> None:
        known = {scenario.name for scenario in self.scenarios}
        for name in names:
            if name not in known:
                message = f"{what}: no scenario is named '{name}'{suggest(name, known)}"
                raise PlacedError(place, message)

    @property
    def baselines(self) -> tuple[str, ...]:
        """Scenarios with which the others are compared; none if the file names none."""
        return (self.baseline,) if isinstance(self.baseline, str) else self.baseline or ()


_LISTS = ("scenarios", "factors", "tags", "baseline", "values", "rows", "path", "half_width",
          "break_even", "between", "kpis", "uncertain",
          "decisions", "limits")  # fmt: skip
_PARTS = ("design", "replications", "sensitivity", "search")


def with_tuples(data: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of an experiment's own keys into tuples; a level stays what it is."""

    def turned(key: str, value: object) -> object:
        if key in _LISTS and isinstance(value, list):
            inner = key in (
                "scenarios",
                "factors",
                "break_even",
                "uncertain",
                "decisions",
                "limits",
            )
            return tuple(with_tuples(one) if inner and isinstance(one, dict) else one
                         for one in value)  # fmt: skip
        return with_tuples(value) if key in _PARTS and isinstance(value, dict) else value

    return {key: turned(key, value) for key, value in data.items()}
