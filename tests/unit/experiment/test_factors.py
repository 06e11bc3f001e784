"""Factors and designs: which points are run, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from cartlogix.experiment.factors import Design, Factor, point_text, points

A = Factor(name="a", path="x.a", values=(1, 2))
B = Factor(name="b", path="x.b", values=("1 d", "2 d"))


def test_a_grid_is_every_combination_and_pairs_go_together() -> None:
    grid = [point_text(point) for point in points([A, B], Design())]
    assert grid == ["a=1, b=1 d", "a=1, b=2 d", "a=2, b=1 d", "a=2, b=2 d"]
    paired = points([A, B], Design(kind="paired"))
    assert paired == [{"a": 1, "b": "1 d"}, {"a": 2, "b": "2 d"}]
    assert points([], Design()) == [{}]


def test_a_list_is_as_written() -> None:
    rows = ({"b": "9 d", "a": 7},)
    assert points([A, B], Design(kind="list", rows=rows)) == [{"a": 7, "b": "9 d"}]


def test_a_latin_hypercube_uses_every_slice_once() -> None:
    wide = Factor(name="w", path="x", low=10, high=20)
    whole = Factor(name="n", path="y", low=0, high=100, whole=True, unit="d")
    design = Design(kind="latin_hypercube", points=10, seed=3)
    found = points([wide, whole], design)
    assert sorted(int(point["w"] - 10) for point in found) == list(range(10))
    days = [int(str(point["n"]).removesuffix(" d")) for point in found]
    # A whole number may be rounded up to the edge of its slice.
    assert all(10 * k <= day <= 10 * k + 10 for k, day in enumerate(sorted(days)))
    assert points([wide, whole], design) == found
    other = Design(kind="latin_hypercube", points=10, seed=4)
    assert points([wide, whole], other) != found


@pytest.mark.parametrize(
    ("factors", "design", "why"),
    [
        ([A, Factor(name="c", path="c", values=(1,))], Design(kind="paired"), "same number"),
        ([A], Design(kind="latin_hypercube", points=3), "needs low and high"),
        ([Factor(name="c", path="c", low=1, high=2)], Design(), "needs values"),
        ([A], Design(kind="list", rows=({"b": 1},)), "row 1 must name each factor once: a"),
        ([Factor(name=n, path=n, values=tuple(range(101))) for n in "abc"], Design(), "1,030,301"),
    ],
)
def test_what_does_not_fit_is_refused(factors: list[Factor], design: Design, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        points(factors, design)


def test_a_factor_has_levels_or_a_range() -> None:
    for wrong in ({}, {"values": (1,), "low": 1, "high": 2}, {"low": 2, "high": 1},
                  {"values": (1, 1)}):  # fmt: skip
        with pytest.raises(ValidationError):
            Factor(name="a", path="x", **wrong)
