"""Exact oracles: event tables and ledgers worked out by hand, to 1e-9 and to the cent."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from cartlogix.analysis.ledger import build_ledger
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle.judge import ORACLES, scenario_file
from tests.oracle.measures import column, hand_over, kpis, lead_times, visits, waits


def ran(case: str, suffix: str = "") -> tuple[Trace, Scenario, dict[str, Any]]:
    path = scenario_file(case)
    scenario = load(path.with_stem(path.stem + suffix)).scenario
    return replicate(scenario, 0), scenario, ORACLES[case]["expected"]


def exactly(value: object) -> object:
    return pytest.approx(value, abs=1e-9)


def days(frame: pd.DataFrame, name: str) -> list[float]:
    return [float(day) for day in column(frame, name)]


def test_q20_overload_of_four_suites() -> None:
    trace, scenario, expected = ran("Q20")
    seen = hand_over(trace, scenario)
    assert {key: seen[key] == exactly(value) for key, value in expected.items()} == dict.fromkeys(
        expected, True
    )


def test_p08_culture_over_the_weekend() -> None:
    trace, _, expected = ran("P08")
    harvest, culture = visits(trace, "harvest"), visits(trace)
    delay = column(harvest, "ended") - column(culture, "ended")
    assert days(harvest, "ended") == exactly(expected["harvest_day"])
    assert delay.tolist() == exactly(expected["delay"])
    assert delay.mean() == exactly(expected["mean_delay_uniform_weekday_start"])


def test_p09_each_indication_faster_and_all_slower() -> None:
    means = {}
    for arm, suffix in (("auto", ""), ("ots", "_off_the_shelf")):
        trace, _, expected = ran("P09", suffix)
        cohort = trace.cohort
        cohort = cohort.assign(days=column(cohort, "infused") - column(cohort, "enrolled"))
        assert cohort["days"].mean() == exactly(expected[f"pooled_{arm}"])
        means[arm] = cohort.groupby("indication", observed=True)["days"].mean()
        assert means[arm].mean() == exactly(expected[f"standardised_{arm}_50_50"])
    assert (means["ots"] / means["auto"]).tolist() == exactly([expected["ratio_each_stratum"]] * 2)


def test_e01_three_patients_and_one_suite() -> None:
    trace, scenario, expected = ran("E01")
    made = visits(trace)
    assert days(visits(trace, "ship in"), "ended") == exactly(expected["at_site"])
    assert days(made, "started") == exactly(expected["start"])
    assert days(made, "ended") == exactly(expected["end"])
    assert days(visits(trace, "release"), "ended") == exactly(expected["qc_end"])
    assert days(visits(trace, "ship out"), "ended") == exactly(expected["received"])
    assert days(trace.cohort, "infused") == exactly(expected["infusion"])
    assert waits(made).tolist() == exactly(expected["slot_wait"])
    assert lead_times(trace).tolist() == exactly(expected["days_from_apheresis_start"])
    kpi = kpis(trace, scenario, "capacity", "cost")
    assert kpi["pool.busy/plant/suite"] == exactly(expected["process_days"])
    ledger = build_ledger(trace, scenario)
    per_patient = ledger.groupby("id", observed=True)["cents"].sum().tolist()
    assert per_patient == [expected["cost_per_patient"] * 100] * 3
    assert kpi["cost.total"] == expected["total_cost"]


def test_e02_batches_expiry_and_a_stock_out() -> None:
    trace, scenario, expected = ran("E02")
    kpi = kpis(trace, scenario, "cost", "inventory")
    assert days(visits(trace, "order"), "ended") == exactly(expected["issue_day"])
    assert days(trace.cohort, "infused") == exactly(expected["infusion_day"])
    assert lead_times(trace).tolist() == exactly(expected["order_to_infusion"])
    assert kpi["stock.expired/doses"] == expected["expired"]
    assert trace["stock_moves"]["on_hand"].iloc[-1] == expected["on_hand_end"]
    assert kpi["stock.doses_made/doses"] == expected["made"]
    assert kpi["cost.total"] == expected["total_cost"]
    assert kpi["cost.per_infused"] == expected["cost_per_infused"]


def test_e03_in_vivo_without_apheresis_or_suite() -> None:
    trace, scenario, expected = ran("E03")
    kpi = kpis(trace, scenario, "capacity", "cost", "lead_time")
    assert days(trace.cohort, "infused") == exactly(expected["infusion_day"])
    assert kpi["cost.total"] == expected["total_cost"]
    assert kpi["pool.busy/plant/suite"] == expected["suite_days"]
    assert expected["vein_to_vein"] is None and math.isnan(kpi["vein_to_vein.mean"])


def test_c02_is_not_the_mean_over_the_infused() -> None:
    trace, scenario, expected = ran("C02")
    kpi = kpis(trace, scenario, "cost")
    infused = trace.cohort[trace.cohort["status"] == "infused"]
    ledger = build_ledger(trace, scenario)
    theirs = ledger[ledger["id"].isin(infused["patient"].astype(str))]["cents"].sum()
    assert theirs / 100 / len(infused) == expected["wrong_mean_over_infused"]
    assert kpi["cost.per_infused"] > expected["wrong_mean_over_infused"] + 10_000
