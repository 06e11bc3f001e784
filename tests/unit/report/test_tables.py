"""How numbers are written."""

import pytest

from cartlogix.report.tables import plain, show, show_estimate, show_range

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (21.34, "d", "21.3\u00a0d"),
        (45.0, "d", "45\u00a0d"),
        (318_379.4, "USD", "318,379\u00a0USD"),
        (0.8218, "share", "82.2\u00a0%"),
        (0.3, "share", "30\u00a0%"),
        (0.00833, "share", "0.83\u00a0%"),
        (-0.0, "d", "0\u00a0d"),
        (-1.25, "d", "−1.25\u00a0d"),
        (NAN, "d", "not applicable"),
        (float("inf"), "d", "not applicable"),
    ],
)
def test_a_value_with_its_unit(value: float, unit: str, text: str) -> None:
    assert show(value, unit) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "texts"),
    [
        (21.31, 20.12, 22.49, ("21.3\u00a0d", "20.1 to 22.5")),
        (194_201, 191_936, 196_465, ("194,200\u00a0d", "191,900 to 196,500")),
        (0.02, -0.41, 0.45, ("0.02\u00a0d", "−0.41 to 0.45")),
        (7.0, 7.0, 7.0, ("7.00\u00a0d", "7.00 to 7.00")),
        (7.0, NAN, NAN, ("7\u00a0d", "not available")),
        (NAN, NAN, NAN, ("not applicable", "")),
    ],
)
def test_an_estimate_has_the_digits_of_its_interval(
    value: float, low: float, high: float, texts: tuple[str, str]
) -> None:
    assert show_estimate(value, low, high, "d") == texts


def test_an_interval_that_is_missing_is_said_so() -> None:
    assert show_range(NAN, 1.0) == "not available"


def test_a_rounded_zero_has_no_minus_sign() -> None:
    assert plain(-0.0004, 1) == "0.0"
