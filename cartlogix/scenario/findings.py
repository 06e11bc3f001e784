"""From schema errors to findings: the place in the file, plain words, and what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, get_args

from pydantic import BaseModel, RootModel, ValidationError

from cartlogix.ground.errors import Finding
from cartlogix.scenario.nodes import Key, Mark, dotted
from cartlogix.scenario.wording import as_written, number_remedy

_EXPECTED = (
    ("int", "a whole number"),
    ("float", "a number"),
    ("decimal", "a number"),
    ("string", "text"),
    ("bool", "true or false"),
    ("list", "a list"),
    ("tuple", "a list"),
    ("set", "a list"),
    ("frozen_set", "a list"),
    ("dict", "a mapping"),
    ("mapping", "a mapping"),
    ("model", "a mapping"),
    ("model_attributes", "a mapping"),
    ("dataclass", "a mapping"),
    ("date", "a date such as 2026-01-31"),
    ("datetime", "a date and time such as 2026-01-31T08:00"),
    ("time", "a time of day such as 08:00"),
)
_TYPE_ERROR = {
    f"{kind}_{ending}": words
    for kind, words in _EXPECTED
    for ending in ("type", "parsing", "exact", "from_float")
} | {
    "int_from_float": "a whole number",
    "date_from_datetime_parsing": "a date such as 2026-01-31",
    "none_required": "nothing (null)",
}
_BOUND = {
    "greater_than": ("must be greater than", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be less than", "lt"),
    "less_than_equal": ("must be at most", "le"),
    "multiple_of": ("must be a multiple of", "multiple_of"),
}


class PlacedError(ValueError):
    """An error of a validator about a place below what it validates."""

    def __init__(self, place: tuple[Key, ...], message: str) -> None:
        super().__init__(message)
        self.place = place


class Located(Protocol):
    """Plain data that knows where each value was written."""

    @property
    def data(self) -> dict[str, Any]:
        """The plain data that was validated."""

    def locate(self, path: tuple[Key, ...]) -> Mark:
        """Return the place of a value."""

    def locate_key(self, path: tuple[Key, ...]) -> Mark:
        """Return the place of a value's key."""


def suggest(word: str, choices: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the choice closest to a word, or nothing."""
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word.lower()[:100], by_lower, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[close[0]]}'?" if close else ""


def findings_from(
    error: ValidationError, composed: Located, model: type[BaseModel]
) -> tuple[Finding, ...]:
    """Return what a schema found wrong, sorted by place, each problem once.

    Args:
        error: what validating `composed.data` against `model` raised.
        composed: the data that was validated, with its places.
        model: the schema; its field names serve as suggestions.
    """
    expected: dict[tuple[Key, ...], list[str]] = {}
    findings = set()
    for item in error.errors(include_url=False):
        path, rest = _data_path(item["loc"], composed.data)
        if item["type"] in _TYPE_ERROR:
            words = expected.setdefault(path, [])
            if _TYPE_ERROR[item["type"]] not in words:
                words.append(_TYPE_ERROR[item["type"]])
        elif not _is_echo(item):
            findings.add(_finding(item, path, rest, composed, model))
    for path, words in expected.items():
        found = _value_at(composed.data, path)
        message = f"expected {' or '.join(words)}, found {_found(found)}{_remedy(found, words)}"
        findings.add(Finding(*composed.locate(path), dotted(path, composed.data), message))
    return tuple(sorted(findings))


def _is_echo(item: Mapping[str, Any]) -> bool:
    """Whether a list only counts as too short because its items have findings of their own."""
    if item["type"] != "too_short":
        return False
    return len(item["input"]) >= int(item["ctx"]["min_length"])


def _finding(
    item: Mapping[str, Any],
    path: tuple[Key, ...],
    rest: tuple[Key, ...],
    composed: Located,
    model: type[BaseModel],
) -> Finding:
    """Return the finding for one error that is not about the type of a value."""
    context = item.get("ctx", {})
    mark = composed.locate(path)
    match item["type"]:
        case "extra_forbidden":
            mark = composed.locate_key(path)
            known = _field_names(model, item["loc"][:-1])
            word = str(path[-1]) if path else ""
            hint = suggest(word, known) or (f"; known keys: {', '.join(known)}" if known else "")
            message = f"unknown key '{word}'{hint}"
        case "missing":
            path = (*path, item["loc"][-1])
            message = f"the key '{item['loc'][-1]}' is missing; add it"
        case "union_tag_not_found":
            key = context["discriminator"].strip("'")
            path = (*path, key)
            message = f"the key '{key}' is missing; add it"
        case "union_tag_invalid":
            path = (*path, context["discriminator"].strip("'"))
            mark = composed.locate(path)
            message = _not_among(context["tag"], context["expected_tags"])
        case "literal_error" | "enum":
            message = _not_among(_value_at(composed.data, path), context["expected"])
        case _:
            if rest and rest[-1] == "[key]":
                mark = composed.locate_key(path)
            if isinstance(error := context.get("error"), PlacedError):
                path = (*path, *error.place)
                mark = composed.locate(path)
            message = _other(item, context)
    return Finding(*mark, dotted(path, composed.data), message)


def _other(item: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    kind, found = item["type"], item["input"]
    if kind in _BOUND:
        words, key = _BOUND[kind]
        return f"{words} {context[key]}, found {_found(found)}"
    if kind in ("too_short", "string_too_short"):
        least = context["min_length"]
        unit = "item" if kind == "too_short" else "character"
        return f"needs at least {least} {unit}{'' if least == 1 else 's'}"
    if kind in ("too_long", "string_too_long"):
        unit = "items" if kind == "too_long" else "characters"
        return f"has too many {unit}; at most {context['max_length']} are allowed"
    if kind == "finite_number":
        return "must be a finite number"
    if kind == "string_pattern_mismatch":
        return f"{_found(found)} is not written as needed (pattern {context['pattern']})"
    message = re.sub(r"^(Value error|Assertion failed), ", "", str(item["msg"]))
    return " ".join(message.split())


def _not_among(found: object, expected: str) -> str:
    choices = re.findall(r"'([^']*)'", expected)
    close = suggest(found, choices) if isinstance(found, str) else ""
    listed = ", ".join(choices) or expected
    return f"must be one of {listed}; found {_found(found)}{close}"


def _found(value: object) -> str:
    """Write a value as in YAML, on one line, text in single quotes."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing (null)" if value is None else as_written(value)


def _remedy(found: object, expected: list[str]) -> str:
    """Say what to write instead, where the intention is plain."""
    if "a whole number" in expected and isinstance(found, float) and found.is_integer():
        return f"; write {int(found)}"
    if isinstance(found, int | float) and "text" in expected:
        return f'; write "{_found(found)}" in quotes for text'
    if not isinstance(found, str):
        return ""
    if "true or false" in expected:
        word = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(found.lower())
        return f"; write {word or 'true or false'}"
    return number_remedy(found) if {"a number", "a whole number"} & set(expected) else ""


def _value_at(data: Any, path: tuple[Key, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def _data_path(loc: tuple[Key, ...], data: Any) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """Split an error's location into a path that the data has, and the parts left over.

    Union tags and names of models stand between the keys; they match nothing and are skipped.
    """
    path: list[Key] = []
    rest: list[Key] = []
    for part in loc:
        indexes = range(len(data) if isinstance(data, list | tuple) else 0)
        if part in (data if isinstance(data, Mapping) else indexes):
            data = data[part]
            path.append(part)
        else:
            rest.append(part)
    return tuple(path), tuple(rest)


def _field_names(model: type[BaseModel], loc: tuple[Key, ...]) -> list[str]:
    """Return the keys that the models at an error's location accept."""
    here = _models(model)
    for part in loc:
        named = [kind for kind in here if part in _tags(kind)]
        below = [inner for kind in here for inner in _below(kind, part)]
        here = below or named or here
    return list(dict.fromkeys(name for kind in here for name in _keys(kind)))


def _models(annotation: object) -> list[type[BaseModel]]:
    """Return the models inside an annotation: a model, a union, a list or mapping of them."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        return _models(annotation.model_fields["root"].annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    inner = getattr(annotation, "__value__", None)
    parts = get_args(annotation) if inner is None else (inner,)
    return [kind for part in parts for kind in _models(part)]


def _below(model: type[BaseModel], part: Key) -> list[type[BaseModel]]:
    for name, info in model.model_fields.items():
        if part in (name, info.alias, info.validation_alias):
            return _models(info.annotation)
    return []


def _keys(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _tags(model: type[BaseModel]) -> set[Key]:
    """Return the names under which a union may refer to a model."""
    values = [get_args(info.annotation) for info in model.model_fields.values()]
    return {model.__name__, *(v for args in values for v in args if isinstance(v, str))}
