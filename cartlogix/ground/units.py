"""Measures written with a unit, such as `14 d` or `500 /y`, and their base units.

Base units are days for durations and 1/day for rates. A year is 365 days. Months are refused
because they have no fixed length. Money, numbers and probabilities are written bare.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

DAYS_PER: Mapping[str, float] = MappingProxyType(
    {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "y": 365.0}
)
"""Days in each unit of time; a year is 365 days."""

# Whole divisors keep 36 h = 1.5 d and 30 min = 1/48 d exact to the last bit.
_PARTS_OF_A_DAY = {"min": 1440.0, "h": 24.0}
_MONTHS = frozenset({"mo", "mon", "month", "months"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?\.?(nan|inf|infinity)\b", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?\d[\d.]*,\d")


class Dimension(StrEnum):
    """What a quantity measures; it decides which units may be written."""

    DURATION = "duration"
    RATE = "rate"
    MONEY = "money"
    NUMBER = "number"
    PROBABILITY = "probability"


_LONG = 8
"""Digits from which a number is long enough to try other units."""

_EXAMPLES: Mapping[Dimension, str] = MappingProxyType(
    {
        Dimension.DURATION: "14 d",
        Dimension.RATE: "500 /y",
        Dimension.MONEY: "2500",
        Dimension.NUMBER: "3",
        Dimension.PROBABILITY: "0.05",
    }
)
_BASE_UNITS: Mapping[Dimension, str] = MappingProxyType(
    {Dimension.DURATION: "d", Dimension.RATE: "/d"}
)


def parse_measure(text: str, dimension: Dimension) -> float:
    """Return the value of a written measure in base units: days, 1/day, or as written.

    Space between number and unit is optional. Raises ValueError, naming the text as written and
    the remedy, for a missing or unknown unit, a comma, and a value that is not finite, is
    negative or, for a probability, exceeds 1.
    """
    number, unit = _split(text, dimension)
    value = _in_base_units(number, unit, text, dimension)
    return checked(value, dimension, written=text)


def checked(value: float, dimension: Dimension, written: str | None = None) -> float:
    """Return `value` (base units) if the dimension allows it, else raise ValueError.

    `written` is how the user gave the value, for the message.
    """
    shown = _quoted(written) if written is not None else repr(value)
    if not math.isfinite(value):
        raise ValueError(
            f"{shown} is not a finite number; write one, such as {_example(dimension)}"
        )
    if value < 0:
        raise ValueError(f"{shown} is negative; a {dimension} must be 0 or more")
    if dimension is Dimension.PROBABILITY and value > 1:
        raise ValueError(f"{shown} exceeds 1; write a probability between 0 and 1, such as '0.05'")
    return value


def canonical(value: float, dimension: Dimension) -> str:
    """Return `value` (base units) written so that `parse_measure` gives back the same float.

    The base unit is used unless another one is much shorter: 500/365 per day is `500 /y`.
    """
    number = repr(float(value)).removesuffix(".0")
    unit = _BASE_UNITS.get(dimension)
    if unit is None:
        return number
    text = f"{number} {unit}"
    if len(number) <= _LONG or not 1e-9 < value < 1e9:
        return text
    slash = "/" if dimension is Dimension.RATE else ""
    for name, days in DAYS_PER.items():
        # Rounded to where a person would have written it; most values survive in one unit only.
        written = f"{value * days if slash else value / days:.12g} {slash}{name}"
        if len(written) < len(text) and parse_measure(written, dimension) == value:
            text = written
    return text


def format_duration(days: float) -> str:
    """Return a duration for people, at four significant digits: '30 min', '36 h', '14 d'.

    Whole and long durations are in days; below two days hours are used if the value is whole
    in them, and below one hour minutes.
    """
    magnitude = abs(days)
    if magnitude >= 2 or _is_whole(magnitude):
        return f"{_short(days)} d"
    if magnitude * 1440 < 60:
        return f"{_short(days * 1440)} min"
    if magnitude < 1 or _is_whole(magnitude * 24):
        return f"{_short(days * 24)} h"
    return f"{_short(days)} d"


def _split(text: str, dimension: Dimension) -> tuple[float, str]:
    stripped = text.strip()
    if _NOT_FINITE.match(stripped):
        raise ValueError(
            f"{_quoted(text)} is not a finite number; write one, such as {_example(dimension)}"
        )
    if _COMMA.match(stripped):
        raise ValueError(
            f"{_quoted(text)} has a comma; write a decimal point and no thousands separator"
        )
    match = _NUMBER.match(stripped)
    if match is None:
        raise ValueError(
            f"{_quoted(text)} is not a {dimension}; write one, such as {_example(dimension)}"
        )
    return float(match[0]), stripped[match.end() :].strip()


def _in_base_units(number: float, unit: str, text: str, dimension: Dimension) -> float:
    if dimension not in _BASE_UNITS:
        if unit:
            raise ValueError(
                f"{_quoted(text)} is not a {dimension}; "
                f"write a bare number, such as {_example(dimension)}"
            )
        return number
    if not unit:
        raise ValueError(
            f"{_quoted(text)} has no unit; write a unit, for example {_example(dimension)}"
        )
    slash = "/" if dimension is Dimension.RATE else ""
    name = unit.removeprefix("/").strip() if slash else unit
    if name.lower() in _MONTHS:
        raise ValueError(
            f"{_quoted(text)}: a month has no fixed length; use {slash}d, {slash}w or {slash}y"
        )
    if name not in DAYS_PER or not unit.startswith(slash):
        known = ", ".join(slash + each for each in DAYS_PER)
        raise ValueError(f"{_quoted(text)} has unknown unit {_quoted(unit)}; use one of {known}")
    if name in _PARTS_OF_A_DAY:
        parts = _PARTS_OF_A_DAY[name]
        return number * parts if slash else number / parts
    days = DAYS_PER[name]
    return number / days if slash else number * days


def _example(dimension: Dimension) -> str:
    return f"'{_EXAMPLES[dimension]}'"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "...")


def _is_whole(number: float) -> bool:
    return math.isclose(number, round(number), rel_tol=1e-9, abs_tol=1e-12)


def _short(number: float) -> str:
    if abs(number) >= 1000:
        return f"{number:.0f}"
    return f"{number:.4g}"
