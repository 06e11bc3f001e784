"""How numbers are written."""

import pytest

from cartlogix.report.tables import (
    plain,
    row_decimals,
    show,
    show_change,
    show_estimate,
    show_level,
    show_range,
)

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
        (7.0, 7.0, 7.0, ("7\u00a0d", "")),
        (0.0, 0.0, 0.0, ("0\u00a0d", "")),
        (0.0, 0.0, 0.3, ("0\u00a0d", "0 to 0.30")),
        (7.0, NAN, NAN, ("7\u00a0d", "not available")),
        (NAN, NAN, NAN, ("not applicable", "")),
        (10.4, 0.4, 20.4, ("10.4\u00a0d", "0.4 to 20.4")),
        (10.4, -0.4, 21.2, ("10\u00a0d", "0 to 21")),
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


@pytest.mark.parametrize(
    ("estimates", "decimals"),
    [
        ([(30.41, 29.9, 30.9), (8.13, 8.01, 8.24)], 1),
        ([(7.41, 6.8, 8.0), (0.032, 0.03, 0.034)], 2),
        ([(124_316, 121_356, 127_276), (33_991, 32_784, 35_198)], -2),
        ([(513, NAN, NAN), (0, 0, 0)], 0),
        ([(30.41, NAN, NAN), (8.13, NAN, NAN)], 1),
        ([(0, 0, 0), (NAN, NAN, NAN)], None),
        ([(-1_088, -1_850, -325), (-10.9, -20.3, -1.5)], 0),
        ([(-1_088, -1_850, -325), (-10.9, -23.3, 1.5)], -1),
    ],
)
def test_figures_side_by_side_share_their_decimals(
    estimates: list[tuple[float, float, float]], decimals: int | None
) -> None:
    assert row_decimals(estimates) == decimals


def test_shares_differ_by_percentage_points() -> None:
    assert show_change(-0.021, -0.03, -0.01, "share") == ("−2.1\u00a0pp", "−3.0 to −1.0")
    assert show_change(2.04, unit="d")[0] == "2.04\u00a0d"


def test_levels_are_legible() -> None:
    assert [show_level(text) for text in ("109841", "0.25", "25 d", "first")] == [
        "109,841", "0.25", "25 d", "first"]  # fmt: skip
