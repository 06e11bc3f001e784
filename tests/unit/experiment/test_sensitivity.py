"""Indices of functions whose indices are known, and beliefs that cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from pydantic import ValidationError

from cartlogix.analysis.statistics import Floats
from cartlogix.experiment.responses import Key
from cartlogix.experiment.screening import morris, sobol
from cartlogix.experiment.uncertain import Sensitivity, Uncertain

KEY = ("stub", "figure")


def ishigami(places: Floats) -> Mapping[Key, Floats]:
    """The function of Ishigami and Homma (1990) with a = 7, b = 0.1 on [-pi, pi]^3."""
    x = -math.pi + 2 * math.pi * places
    value = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return {KEY: value, ("stub", "flat"): np.ones(len(x))}


def g_function(places: Floats) -> Mapping[Key, Floats]:
    """The function of Sobol with weights 0, 1 and 9."""
    weights = np.array([0.0, 1, 9])
    return {KEY: np.prod((np.abs(4 * places - 2) + weights) / (1 + weights), axis=1)}


def test_sobol_finds_the_shares_of_ishigami() -> None:
    found = sobol(["a", "b", "c"], ishigami, 1024, 1)
    mine = found[found["kpi"] == "figure"]
    variance = 49 / 8 + 0.1 * math.pi**4 / 5 + 0.01 * math.pi**8 / 18 + 0.5
    first = [0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2 / variance, 49 / 8 / variance, 0.0]
    both = 8 * 0.01 * math.pi**8 / 225 / variance
    for index, row in enumerate(mine.to_dict("records")):
        total = first[index] + (both if index != 1 else 0)
        assert row["first"] == pytest.approx(first[index], abs=row["first_half"])
        assert row["total"] == pytest.approx(total, abs=row["total_half"])
    assert found[found["kpi"] == "flat"]["total"].isna().all()


def test_sobol_finds_the_shares_of_the_g_function() -> None:
    parts = [1 / 3 / (1 + weight) ** 2 for weight in (0, 1, 9)]
    variance = math.prod(1 + part for part in parts) - 1
    for row, part in zip(sobol(["a", "b", "c"], g_function, 1024, 2).to_dict("records"), parts,
                         strict=True):  # fmt: skip
        assert row["first"] == pytest.approx(part / variance, abs=row["first_half"])


def test_morris_finds_exact_effects_of_a_plane() -> None:
    def plane(places: Floats) -> Mapping[Key, Floats]:
        return {KEY: places @ np.array([3.0, -2, 0]), ("stub", "flat"): np.zeros(len(places))}

    found = morris(["a", "b", "c"], plane, 8, 1)
    mine = found[found["kpi"] == "figure"]
    assert mine["mu_star"].tolist() == pytest.approx([3, 2, 0])
    assert mine["mu"].tolist() == pytest.approx([3, -2, 0])
    assert mine["sigma"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert (found[found["kpi"] == "flat"]["mu_star"] == 0).all()


def test_levels_follow_the_law() -> None:
    days = Uncertain(name="a", path="x", low=2, high=6, unit="d")
    assert [days.level(u) for u in (0, 0.5, 1)] == ["2 d", "4 d", "6 d"]
    whole = Uncertain(name="a", path="x", low=2, high=7, whole=True)
    assert [whole.level(u) for u in (0.0, 0.45, 1.0)] == [2, 4, 7]
    skewed = Uncertain(name="a", path="x", law="lognormal", median=100, sigma=0.5)
    assert skewed.level(0.5) == pytest.approx(100, rel=1e-5)
    assert skewed.ends == (0.05, 0.95)
    assert skewed.level(0) == skewed.level(0.001)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"low": 2}, "uniform needs"),
        ({"low": 2, "high": 2}, "has no spread"),
        ({"law": "gamma", "mean": 2, "sd": 1, "high": 3}, "no parameter 'high'"),
    ],
)
def test_beliefs_that_cannot_be(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Uncertain.model_validate({"name": "a", "path": "x", **given})


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"samples": 48}, "power of 2"),
        ({"kpis": ("cost.per_infusd",)}, "did you mean"),
        ({"decide": "patients.enrolled"}, "no better direction"),
    ],
)
def test_settings_that_cannot_be(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Sensitivity.model_validate(given)
