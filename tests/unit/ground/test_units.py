from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.ground.units import Dimension, canonical, checked, format_duration, parse_measure


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("14 d", Dimension.DURATION, 14.0),
        ("14d", Dimension.DURATION, 14.0),
        (" 36 h ", Dimension.DURATION, 1.5),
        ("30 min", Dimension.DURATION, 30 / 1440),
        ("2 w", Dimension.DURATION, 14.0),
        ("1 y", Dimension.DURATION, 365.0),
        ("1e3 d", Dimension.DURATION, 1000.0),
        (".5 d", Dimension.DURATION, 0.5),
        ("0 d", Dimension.DURATION, 0.0),
        ("500 /y", Dimension.RATE, 500 / 365),
        ("0.0035 /d", Dimension.RATE, 0.0035),
        ("4/w", Dimension.RATE, 4 / 7),
        ("1 / h", Dimension.RATE, 24.0),
        ("2500", Dimension.MONEY, 2500.0),
        ("3", Dimension.NUMBER, 3.0),
        ("0.05", Dimension.PROBABILITY, 0.05),
    ],
)
def test_parse(text: str, dimension: Dimension, value: float) -> None:
    assert parse_measure(text, dimension) == value


@pytest.mark.parametrize(
    ("text", "dimension", "remedy"),
    [
        ("14", Dimension.DURATION, "write a unit, for example '14 d'"),
        ("500", Dimension.RATE, "write a unit, for example '500 /y'"),
        ("3 months", Dimension.DURATION, "a month has no fixed length; use d, w or y"),
        ("3 /month", Dimension.RATE, "a month has no fixed length; use /d, /w or /y"),
        ("3 weeks", Dimension.DURATION, "use one of min, h, d, w, y"),
        ("3 D", Dimension.DURATION, "use one of min, h, d, w, y"),
        ("3 d", Dimension.RATE, "use one of /min, /h, /d, /w, /y"),
        ("3 /d", Dimension.DURATION, "use one of min, h, d, w, y"),
        ("12:30", Dimension.DURATION, "unknown unit ':30'"),
        ("1,5 d", Dimension.DURATION, "write a decimal point"),
        ("1,500 d", Dimension.DURATION, "no thousands separator"),
        ("nan d", Dimension.DURATION, "not a finite number"),
        ("-inf d", Dimension.DURATION, "not a finite number"),
        (".inf", Dimension.DURATION, "not a finite number"),
        ("1e999 d", Dimension.DURATION, "not a finite number"),
        ("1e308 y", Dimension.DURATION, "not a finite number"),
        ("-1 d", Dimension.DURATION, "must be 0 or more"),
        ("", Dimension.DURATION, "write one, such as '14 d'"),
        ("soon", Dimension.DURATION, "write one, such as '14 d'"),
        ("1.5", Dimension.PROBABILITY, "between 0 and 1"),
        ("10%", Dimension.PROBABILITY, "write a bare number, such as '0.05'"),
        ("5 EUR", Dimension.MONEY, "write a bare number"),
    ],
)
def test_refusals_name_the_text_and_the_remedy(
    text: str, dimension: Dimension, remedy: str
) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_measure(text, dimension)
    assert repr(text) in str(refusal.value)
    assert remedy in str(refusal.value)


def test_refusals_stay_short() -> None:
    with pytest.raises(ValueError) as refusal:
        parse_measure("x" * 10_000, Dimension.DURATION)
    assert len(str(refusal.value)) < 200


@given(st.floats(0, allow_nan=False, allow_infinity=False))
def test_canonical_text_reads_back_as_the_same_float(value: float) -> None:
    for dimension in (Dimension.DURATION, Dimension.RATE, Dimension.MONEY):
        assert parse_measure(canonical(value, dimension), dimension) == value


def test_canonical_is_short() -> None:
    assert canonical(14.0, Dimension.DURATION) == "14 d"
    assert canonical(0.1, Dimension.RATE) == "0.1 /d"
    assert canonical(3.0, Dimension.NUMBER) == "3"
    assert canonical(500 / 365, Dimension.RATE) == "500 /y"
    assert canonical(8 / 24, Dimension.DURATION) == "8 h"
    assert canonical(1 / 7, Dimension.RATE) == "1 /w"


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0.0, "0 d"),
        (14.0, "14 d"),
        (2.5, "2.5 d"),
        (1.5, "36 h"),
        (1.23456, "1.235 d"),
        (0.5, "12 h"),
        (30 / 1440, "30 min"),
        (1 / 24, "1 h"),
        (12345.6, "12346 d"),
        (-0.5, "-12 h"),
    ],
)
def test_format_duration(days: float, text: str) -> None:
    assert format_duration(days) == text


def test_checked_speaks_of_the_number_when_nothing_was_written() -> None:
    assert checked(0.3, Dimension.PROBABILITY) == 0.3
    with pytest.raises(ValueError, match=r"-2\.0 is negative"):
        checked(-2.0, Dimension.MONEY)
