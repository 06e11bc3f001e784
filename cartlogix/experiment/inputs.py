"""What an experiment sets in its scenarios, and the figures that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from cartlogix.analysis.registry import KPIS
from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.findings import PlacedError, suggest


class Input(Part):
    """A value of scenarios that an experiment sets."""

    name: Name
    """Its name, as it stands in tables."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    path: Name | tuple[Name, ...]
    """Dotted path of the value that it sets, as after `--set`; several paths take one value."""

    @property
    def label(self) -> str:
        """The title if there is one, otherwise the name."""
        return self.title or self.name

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that it sets."""
        return (self.path,) if isinstance(self.path, str) else self.path


class ScenarioInput(Input):
    """One that not every scenario need have."""

    scenarios: tuple[Name, ...] = ()
    """Scenarios in which it is set; all if left out."""


def values_in(
    scenario: str, inputs: Iterable[ScenarioInput], levels: Mapping[str, Any]
) -> dict[str, Any]:
    """Return by path what levels of the inputs, by name, set in a scenario."""
    return {
        path: levels[one.name]
        for one in inputs
        if one.name in levels and (not one.scenarios or scenario in one.scenarios)
        for path in one.paths
    }


def check_apart(inputs: Iterable[Input], what: str, place: tuple[str, ...]) -> None:
    """Refuse inputs of one name, or that set one path in the same scenario.

    Args:
        inputs: those that are set together.
        what: what they are called.
        place: key of their list in the part that is validated.

    Raises:
        PlacedError: if two of them do.
    """
    seen: list[Input] = []
    for index, one in enumerate(inputs):
        for other in seen:
            if one.name == other.name:
                message = f"two {what} have one name; names must differ"
                raise PlacedError((*place, index, "name"), message)
            shared = set(one.paths) & set(other.paths)
            if shared and _meet(one, other):
                both = f"'{other.name}' and '{one.name}'"
                message = f"the {what} {both} both set {min(shared)}; take one of them out"
                raise PlacedError((*place, index, "path"), message)
        seen.append(one)


def _meet(one: Input, other: Input) -> bool:
    """Whether some scenario has both."""
    mine, others = (
        set(each.scenarios) if isinstance(each, ScenarioInput) else set() for each in (one, other)
    )
    return not mine or not others or bool(mine & others)


def _is_pooled(kpi: str) -> str:
    if kpi not in KPIS or KPIS[kpi].by:
        known = [name for name, one in KPIS.items() if not one.by]
        raise ValueError(f"no figure of all patients is '{kpi}'{suggest(kpi, known)}")
    return kpi


PooledKpi = Annotated[Name, AfterValidator(_is_pooled)]
"""The name of a figure of all patients."""
