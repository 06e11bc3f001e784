"""Every figure of a scenario with its source: what the report shows and readers check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from cartlogix.ground.units import Dimension
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.quantity import Quantity


@dataclass(frozen=True)
class Input:
    """One figure: its path, its value in words, and where it is from (None: an assumption)."""

    path: str
    value: str
    source: str | None
    note: str | None


def inputs(scenario: Scenario) -> list[Input]:
    """Return every quantity that differs from the schema's default, and capacities with a source.

    A capacity without source or note is a decision, not an assumption about the world.
    """
    currency = scenario.costs.currency
    found = [
        Input(path, describe(quantity, currency), quantity.source, quantity.note)
        for path, quantity in _quantities(scenario, "")
    ]
    return [*found, *_capacities(scenario)]


def _capacities(scenario: Scenario) -> Iterator[Input]:
    for site in scenario.network.sites():
        for name, resource in site.resources.items():
            if resource.source is None and resource.note is None:
                continue
            units = "unlimited" if resource.capacity is None else str(resource.capacity)
            yield Input(f"{site.name}.{name}.capacity", units, resource.source, resource.note)


def describe(quantity: Quantity, currency: str = "") -> str:
    """Return a quantity in words, such as `gamma (shape 9, scale 1 d)` or `1500 USD`."""
    unit = f" {currency}" if quantity.dimension is Dimension.MONEY and currency else ""
    parts = {key: _words(item, unit) for key, item in quantity.written.items() if key != "law"}
    if "law" not in quantity.written:
        return parts["value"]
    listed = ", ".join(f"{key} {text}" for key, text in parts.items())
    return f"{quantity.written['law']} ({listed})"


def _words(item: object, unit: str) -> str:
    if isinstance(item, (list, tuple)):
        return " ".join(_words(each, unit) for each in item)
    return f"{item:.12g}{unit}" if isinstance(item, float) else str(item)


def _quantities(part: object, path: str) -> Iterator[tuple[str, Quantity]]:
    if isinstance(part, Quantity):
        yield path, part
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            if value != field.default:
                yield from _quantities(value, f"{path}.{field.alias or name}" if path else name)
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from _quantities(value, f"{path}.{name}")
    elif isinstance(part, tuple):
        for index, value in enumerate(part):
            yield from _quantities(value, f"{path}.{getattr(value, 'name', None) or index}")
