"""Forecasts of a snapshot's patients, by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cartlogix.analysis.forecast import forecasts
from cartlogix.analysis.statistics import wilson_interval
from cartlogix.scenario.model import Scenario


def scenario(target: str | None) -> Scenario:
    indication = {"name": "lupus"} | ({"target": target} if target else {})
    person = {"enrolled": "2026-12-25", "indication": "lupus", "since": "2027-01-01"}
    return Scenario.from_plain(
        {
            "name": "x",
            "demand": {
                "arrivals": {"process": "poisson", "rate": "1 /d"},
                "indications": [indication],
            },
            "pathways": [
                {"name": "own", "modality": "autologous", "route": [{"name": "infusion"}]}
            ],
            "run": {"start": "2027-01-04"},
            "snapshot": {"patients": [{"name": "P-1", "step": "infusion", **person}]},
        }
    )


def times(infused: list[float]) -> pd.DataFrame:
    status = ["lost" if math.isnan(day) else "infused" for day in infused]
    return pd.DataFrame({"patient": 0, "infused": infused, "status": status})


def test_quantiles_count_the_lost_as_never() -> None:
    days = [float(day) for day in range(1, 89)] + [math.nan] * 12
    (found,) = forecasts(times(days), scenario("30 d"))
    assert found.due == 20
    assert found.median.estimate == 50
    # Binomial(100, 1/2): P(B <= 39) = 0.0176 and P(B <= 40) = 0.0284: ranks 40 and 61.
    assert (found.median.low, found.median.high) == (40, 61)
    assert found.p90.estimate == math.inf
    assert found.on_time == wilson_interval(20, 100)
    assert found.lost == wilson_interval(12, 100)


def test_few_replications_and_no_target() -> None:
    (found,) = forecasts(times([3.0, 5.0]), scenario(None))
    assert found.median.estimate == 3
    assert math.isnan(found.median.low) and math.isnan(found.on_time.estimate)
    assert found.due == math.inf


def test_patients_outside_the_cohort_have_no_forecast() -> None:
    assert forecasts(times([]), scenario("30 d")) == []


def test_shares_are_exact() -> None:
    (found,) = forecasts(times([1.0] * 20), scenario("30 d"))
    assert found.on_time.estimate == 1 and found.lost.estimate == 0
    assert found.median == pytest.approx((1, 1, 1))
