"""Quantities: a value or a law with its unit, and where the figure comes from.

In YAML a quantity is written in one of three ways::

    duration: 14 d
    duration: {value: 14 d, source: "Triantafyllou 2022"}
    duration: {law: gamma, shape: 9, scale: 1 d, note: "fitted by eye"}

What carries no ``source`` is an assumption, and the report shows it as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from cartlogix.ground.distributions import Constant, Law
from cartlogix.ground.law_registry import (
    LAWS,
    LIST_PARAMETERS,
    PARAMETER_KINDS,
    ParameterKind,
    build_law,
)
from cartlogix.ground.units import Dimension, canonical, parse_measure
from cartlogix.scenario.wording import as_written, number_remedy

_PLAIN = (Dimension.NUMBER, Dimension.PROBABILITY, Dimension.MONEY)
_MAX_ABS = 1e12


@dataclass(frozen=True, slots=True)
class Quantity:
    """A law over values of one dimension, in base units (days, per day, currency units)."""

    law: Law
    dimension: Dimension
    written: Mapping[str, Any]
    source: str | None = None
    note: str | None = None

    @property
    def value(self) -> float:
        """The value of a constant quantity, otherwise its mean, in base units."""
        return self.law.mean

    @property
    def is_assumption(self) -> bool:
        """Whether no source is stated for this figure."""
        return self.source is None

    def plain(self) -> dict[str, Any]:
        """Return the canonical YAML form: base units, shortest exact numbers, source and note."""
        extra = {"source": self.source, "note": self.note}
        return {**self.written, **{k: v for k, v in extra.items() if v is not None}}


@dataclass(frozen=True)
class QuantityOf:
    """Annotation that makes pydantic read a :class:`Quantity` of one dimension."""

    dimension: Dimension
    constant: bool = False
    positive: bool = False

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate with :meth:`read`, serialise with :meth:`Quantity.plain`."""
        del source, handler
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda quantity: quantity.plain()
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the accepted YAML forms to editors."""
        del schema, handler
        scalar = self._scalar_schema()
        text = {"type": "string"}
        forms: list[dict[str, Any]] = [scalar, _closed({"value": scalar}, ["value"])]
        if not self.constant:
            forms += [
                _closed({"law": {"const": name}, **self._law_schema(name)}, ["law"])
                for name in LAWS
            ]
        for form in forms[1:]:
            form["properties"] |= {"source": text, "note": text}
        return {"anyOf": forms}

    def read(self, given: object) -> Quantity:
        """Turn the YAML form into a quantity.

        Raises:
            ValueError: with the value as written and how to write it properly.
        """
        if isinstance(given, Quantity):
            return given
        form: Mapping[str, Any] = given if isinstance(given, Mapping) else {"value": given}
        source, note = _text(form, "source"), _text(form, "note")
        body = {key: item for key, item in form.items() if key not in ("source", "note")}
        law, written = self._law(body)
        self._check(law, given)
        return Quantity(law, self.dimension, written, source, note)

    def _law(self, body: Mapping[str, Any]) -> tuple[Law, dict[str, Any]]:
        if "law" not in body:
            if set(body) != {"value"}:
                unknown = ", ".join(sorted(map(str, set(body) - {"value"}))) or "nothing"
                raise ValueError(
                    f"a quantity is a value, or a mapping with 'value' or 'law'; found {unknown}"
                )
            value = self._measure(body["value"], self.dimension)
            return Constant(value), {"value": self._plain(value, self.dimension)}
        name = body["law"]
        if not isinstance(name, str):
            raise ValueError(f"the name of a law is text, found {as_written(name)}")
        values: dict[str, Any] = {}
        written: dict[str, Any] = {"law": name}
        for key, item in body.items():
            if key == "law":
                continue
            dimension = self._dimension_of(key)
            many = isinstance(item, (list, tuple))
            parsed = [self._measure(x, dimension) for x in (item if many else [item])]
            values[key] = parsed if many else parsed[0]
            plain = [self._plain(x, dimension) for x in parsed]
            written[key] = plain if many else plain[0]
        return build_law(name, values), written

    def _check(self, law: Law, given: object) -> None:
        if self.constant and not law.is_constant:
            raise ValueError(f"a fixed value is needed here, not a law; found {as_written(given)}")
        if self.positive and law.mean <= 0:
            raise ValueError(f"must be greater than 0, found {as_written(given)}")
        if self.dimension is Dimension.PROBABILITY and not 0 <= law.mean <= 1:
            raise ValueError(f"a probability lies between 0 and 1, found {as_written(given)}")

    @staticmethod
    def _measure(item: object, dimension: Dimension) -> float:
        if isinstance(item, bool) or not isinstance(item, (int, float, str)):
            raise ValueError(f"a number or a measure is needed, found {as_written(item)}")
        if dimension not in _PLAIN:
            return parse_measure(str(item), dimension)
        if isinstance(item, str):
            remedy = number_remedy(item, money=dimension is Dimension.MONEY)
            raise ValueError(f"a plain number is needed, found {as_written(item)}{remedy}")
        if not 0 <= item <= _MAX_ABS:
            raise ValueError(f"must be a number from 0 to {_MAX_ABS:.0e}, found {as_written(item)}")
        return float(item)

    @staticmethod
    def _plain(value: float, dimension: Dimension) -> float | str:
        return value if dimension in _PLAIN else canonical(value, dimension)

    def _scalar_schema(self, dimension: Dimension | None = None) -> dict[str, Any]:
        dimension = dimension or self.dimension
        if dimension in _PLAIN:
            top = {"maximum": 1} if dimension is Dimension.PROBABILITY else {}
            return {"type": "number", "minimum": 0, **top}
        units = "(min|h|d|w|y)"
        slash = "/" if dimension is Dimension.RATE else ""
        return {"type": "string", "pattern": rf"^[0-9.eE+-]+\s*{slash}{units}$"}

    def _law_schema(self, name: str) -> dict[str, Any]:
        spec = LAWS[name]
        fields: dict[str, Any] = {}
        for key in spec.parameter_names:
            scalar = self._scalar_schema(self._dimension_of(key))
            listed = key in LIST_PARAMETERS
            fields[key] = {"type": "array", "items": scalar} if listed else scalar
        return fields

    def _dimension_of(self, parameter: str) -> Dimension:
        """Return what a law's parameter measures when the law is of this dimension."""
        kind = PARAMETER_KINDS.get(parameter, ParameterKind.QUANTITY)
        if kind is ParameterKind.DIMENSIONLESS:
            return Dimension.NUMBER
        if kind is ParameterKind.INVERSE and self.dimension is Dimension.DURATION:
            return Dimension.RATE
        return self.dimension


def _text(form: Mapping[str, Any], key: str) -> str | None:
    value = form.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} must be text, found {as_written(value)}")
    return value


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def days(text: str) -> Quantity:
    """Read a fixed duration, for defaults in the schema: ``days("14 d")``."""
    return QuantityOf(Dimension.DURATION, constant=True).read(text)


def number(value: float) -> Quantity:
    """Read a plain number, for defaults in the schema."""
    return QuantityOf(Dimension.NUMBER).read(value)


def probability(value: float) -> Quantity:
    """Read a probability, for defaults in the schema."""
    return QuantityOf(Dimension.PROBABILITY, constant=True).read(value)


def money(value: float) -> Quantity:
    """Read an amount in the scenario's currency, for defaults in the schema."""
    return QuantityOf(Dimension.MONEY).read(value)


Duration = Annotated[Quantity, QuantityOf(Dimension.DURATION)]
FixedDuration = Annotated[Quantity, QuantityOf(Dimension.DURATION, constant=True)]
PositiveDuration = Annotated[Quantity, QuantityOf(Dimension.DURATION, constant=True, positive=True)]
Rate = Annotated[Quantity, QuantityOf(Dimension.RATE, constant=True)]
Probability = Annotated[Quantity, QuantityOf(Dimension.PROBABILITY, constant=True)]
Money = Annotated[Quantity, QuantityOf(Dimension.MONEY, constant=True)]
Number = Annotated[Quantity, QuantityOf(Dimension.NUMBER, constant=True)]
NumberLaw = Annotated[Quantity, QuantityOf(Dimension.NUMBER)]
