"""Values and numbers in findings: as they are written in YAML, and how they should be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_LONGEST = 120
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_PERCENT = re.compile(r"[-+]?\d{1,20}(\.\d{1,20})?\s*%")
_WITH_WORD = re.compile(
    r"(?P<before>[^\d\s.+-]{0,9})\s*(?P<number>[-+]?\d[\d_,.]*)\s*(?P<after>\D*)"
)
_REST_OF_NUMBER = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(/?\s*(min|h|d|w|y)|%|[A-Za-z]{3})?")


def as_written(value: object) -> str:
    """Return a plain value as one line of YAML: `{law: gamma, shape: 9}`, text in quotes."""
    text = _quoted(value) if isinstance(value, str) else _flow(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def number_remedy(text: str, *, money: bool = False) -> str:
    """Return how to write a number that was written as other text, after a semicolon."""
    stripped = text.strip()
    if _PERCENT.fullmatch(stripped):
        return f"; write {float(stripped.rstrip('% ')) / 100:.12g}"
    if re.fullmatch(r"[-+]?\d[\d_]*(\.\d+)?", stripped):
        return f"; write {stripped.replace('_', '')} without quotes or underscores"
    found = _WITH_WORD.fullmatch(stripped)
    if found is None:
        return "; write digits only, without quotes or a unit"
    number, words = found["number"], found["before"] + found["after"]
    where = " (the currency stands once, in costs.currency)" if money and words else ""
    alone = f" alone{where}" if words else ""
    if _GROUPED.fullmatch(number):
        plain = f"; write {number.replace(',', '')}{alone}"
        one = number.count(",") == 1 and "." not in number
        return f"{plain}, or {number.replace(',', '.')} with a point" if one else plain
    if _DECIMAL_COMMA.fullmatch(number):
        return f"; write {number.replace(',', '.')} with a point{alone and f',{alone}'}"
    return f"; write {number.replace('_', '')}{alone}"


def is_rest_of_number(text: str) -> bool:
    """Whether a key may be what a comma has cut off from a number, unit included."""
    return _REST_OF_NUMBER.fullmatch(text.strip()) is not None


def split_number(first: str, rest: str) -> str:
    """Return a finding about `{value: 5,784}`: in braces the comma ends the value."""
    whole, found = first + rest.strip(), _REST_OF_NUMBER.fullmatch(rest.strip())
    point = f"{first}.{rest.strip()} with a decimal point"
    cut = "in braces a comma ends the value; write"
    if found is None or not _GROUPED.fullmatch(f"{first},{found['number']}"):
        return f"{cut} {point}"
    plain = f"{cut} {whole} without a thousands separator"
    return plain if "." in rest else f"{plain}, or {point}"


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        plain = re.fullmatch(r"[\w/%][\w /%.+-]*", value)
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, default=str)


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line}'" if len(line) <= 60 else f"'{line[:59]}…'"
