"""Lead times of a few patients, against figures worked out by hand."""

import math

import pandas as pd
import pytest

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.analysis.lead_time import patient_times
from cartlogix.analysis.step_times import step_times
from cartlogix.trace.tables import Trace
from tests.unit.analysis.traces import activity, figure, make_scenario, make_trace

NAN = math.nan


def days(trace: Trace) -> dict[tuple[int, str, str], float]:
    table = step_times(trace)
    assert not table.duplicated(["patient", "step", "phase"]).any()
    keys = zip(table["patient"], table["step"], table["phase"], strict=True)
    found = dict(zip(keys, table["days"], strict=True))
    return {key: value for key, value in found.items() if value > 0}


def four_patients() -> Trace:
    """Infused on day 20 (target 30), infused late on day 45, lost on day 10, under way."""
    infused = {"status": "infused", "attempts": 1, "doses": 1}
    return make_trace(
        stop=50,
        patients=[
            {"patient": 1, "enrolled": 0, "due": 30, "apheresis": 2, "released": 18, "infused": 20}
            | infused,
            {"patient": 2, "enrolled": 5, "due": 35, "apheresis": 5, "released": 40, "infused": 45}
            | infused
            | {"urgency": 3.0},
            {"patient": 3, "enrolled": 6, "due": 36, "left": 16, "status": "lost"},
            {"patient": 4, "enrolled": 10, "due": 40, "status": "in_progress"},
            {"patient": 5, "enrolled": 8, "indication": "myositis", "infused": 38} | infused,
            {"patient": 6, "enrolled": 30, "due": 60, "status": "in_progress"},
            {"patient": 7, "enrolled": 1, "infused": 99, "in_cohort": False} | infused,
        ],
    )


def test_clocks_of_each_patient() -> None:
    times = patient_times(four_patients(), make_scenario())
    expected = {
        "patient": [1, 2, 3, 4, 5, 6],
        "followed": [20, 40, 10, 40, 30, 20],
        "enrolment_to_infusion": [20, 40, NAN, NAN, 30, NAN],
        "vein_to_vein": [18, 40, NAN, NAN, NAN, NAN],
        "turnaround": [16, 35, NAN, NAN, NAN, NAN],
        "within_target": [1, 0, 0, 0, NAN, NAN],
        "tardiness": [0, 10, 0, 10, NAN, 0],
    }
    for column, values in expected.items():
        assert times[column].tolist() == pytest.approx(values, nan_ok=True), column


def test_lead_time_figures() -> None:
    table = replication_kpis(four_patients(), make_scenario())
    assert figure(table, "enrolment_to_infusion.mean") == pytest.approx(30)
    assert figure(table, "enrolment_to_infusion.median") == pytest.approx(30)
    assert figure(table, "enrolment_to_infusion.p90") == pytest.approx(38)
    assert figure(table, "enrolment_to_infusion.mean", "", "lupus") == pytest.approx(30)
    assert figure(table, "enrolment_to_infusion.mean", "", "myositis") == pytest.approx(30)
    assert figure(table, "enrolment_to_infusion.within_target") == pytest.approx(1 / 4)
    assert math.isnan(figure(table, "enrolment_to_infusion.within_target", "", "myositis"))
    assert figure(table, "vein_to_vein.mean") == pytest.approx(29)
    assert figure(table, "tardiness.mean") == pytest.approx(20 / 5)
    assert figure(table, "tardiness.weighted_mean") == pytest.approx((3 * 10 + 10) / 7)


def test_unfinished_patients_lengthen_the_curve() -> None:
    # At risk 6, 5 (one lost at 10), infused at 20 (1 of 5), censored at 20, at 30 (1 of 3),
    # at 40 (1 of 2): 0.8, 0.5333, 0.2667.
    table = replication_kpis(four_patients(), make_scenario())
    assert figure(table, "enrolment_to_infusion.km_median") == 40
    area = 20 + 10 * 0.8 + 10 * 0.8 * 2 / 3
    assert figure(table, "enrolment_to_infusion.restricted_mean") == pytest.approx(area)


def test_vein_to_vein_is_undefined_for_stock() -> None:
    trace = make_trace(
        patients=[
            {"patient": 1, "enrolled": 0, "infused": 9, "apheresis": 1, "released": 5}
            | {"pathway": "stocked", "status": "infused"}
        ]
    )
    table = replication_kpis(trace, make_scenario())
    assert math.isnan(figure(table, "vein_to_vein.mean"))
    assert math.isnan(figure(table, "turnaround.median"))


def remade() -> Trace:
    """The product fails at release and is made again from stored material."""
    plant = {"place": "plant", "pool": "plant/suite"}
    return make_trace(
        patients=[{"patient": 1, "enrolled": 1, "infused": 40, "attempts": 2, "status": "infused"}],
        activities=[
            activity(1, "apheresis", 1, 3, 4),
            activity(1, "ship_in", 4, 4, 5, kind="ship"),
            activity(1, "manufacture", 5, 7, 17, **plant),
            activity(1, "release", 17, 17, 20, "failed"),
            activity(1, "manufacture", 20, 21, 31, attempt=2, **plant),
            activity(1, "release", 31, 31, 34, attempt=2),
            activity(1, "ship_out", 34, 34, 36, kind="ship", attempt=2),
            activity(1, "infusion", 36, 40, 41, attempt=2),
            activity(1, "apheresis", 60, 60, 61, dose=2),
        ],
    )


def test_time_by_step_and_phase() -> None:
    assert days(remade()) == pytest.approx(
        {
            (1, "apheresis", "waiting"): 2,
            (1, "apheresis", "working"): 1,
            (1, "ship_in", "transport"): 1,
            (1, "manufacture", "rework"): 12,
            (1, "release", "rework"): 3,
            (1, "manufacture", "waiting"): 1,
            (1, "manufacture", "working"): 10,
            (1, "release", "working"): 3,
            (1, "ship_out", "transport"): 2,
            (1, "infusion", "waiting"): 4,
        }
    )


def test_steps_add_up_to_enrolment_to_infusion() -> None:
    table = replication_kpis(remade(), make_scenario())
    phases = ("waiting", "working", "transport", "rework")
    total = sum(figure(table, f"step_time.{phase}") for phase in phases)
    assert total == pytest.approx(figure(table, "enrolment_to_infusion.mean"), abs=1e-9)
    assert figure(table, "step_time.rework", "manufacture") == 12
    assert figure(table, "step_time.median", "manufacture") == 23
    assert figure(table, "step_time.median", "draw") == 0
    assert math.isnan(figure(table, "step_time.waiting", "draw", "myositis"))


def test_overlapping_steps_are_not_counted_twice() -> None:
    trace = make_trace(
        patients=[
            {"patient": 1, "enrolled": 0, "infused": 12, "status": "infused"},
            {"patient": 2, "enrolled": 0, "infused": 8, "status": "infused"},
        ],
        activities=[
            activity(1, "ship_out", 0, 0, 5, kind="ship"),
            activity(1, "release", 0, 2, 9),
            activity(1, "infusion", 9, 12, 12),
            activity(2, "ship_out", 0, 0, 5, kind="ship"),
            activity(2, "release", 0, 0, 4),
            activity(2, "infusion", 5, 8, 8),
        ],
    )
    assert days(trace) == pytest.approx(
        {
            (1, "ship_out", "transport"): 5,
            (1, "release", "working"): 4,
            (1, "infusion", "waiting"): 3,
            (2, "ship_out", "transport"): 5,
            (2, "infusion", "waiting"): 3,
        }
    )


def test_a_change_of_pathway_turns_what_came_before_into_rework() -> None:
    trace = make_trace(
        patients=[
            {"patient": 1, "enrolled": 0, "infused": 15, "status": "infused", "pathway": "stocked"}
        ],
        activities=[
            activity(1, "apheresis", 0, 1, 2),
            activity(1, "manufacture", 2, 2, 12, "failed"),
            activity(1, "draw", 12, 14, 14, kind="draw", route="stocked"),
            activity(1, "infusion", 14, 15, 15, route="stocked"),
        ],
    )
    assert days(trace) == pytest.approx(
        {
            (1, "apheresis", "rework"): 2,
            (1, "manufacture", "rework"): 10,
            (1, "draw", "waiting"): 2,
            (1, "infusion", "waiting"): 1,
        }
    )


def test_slot_wait_counts_who_left_the_queue() -> None:
    suite = {"place": "plant", "pool": "plant/suite"}
    trace = make_trace(
        stop=30,
        patients=[{"patient": n, "enrolled": 0} for n in (1, 2, 3)]
        + [{"patient": 4, "enrolled": 0, "in_cohort": False}],
        activities=[
            activity(1, "manufacture", 2, 6, 16, **suite),
            activity(2, "manufacture", 4, NAN, 9, "reneged", **suite),
            activity(3, "manufacture", 10, NAN, NAN, "running", **suite),
            activity(4, "manufacture", 0, 20, 30, **suite),
            activity(1, "apheresis", 0, 1, 2),
        ],
    )
    table = replication_kpis(trace, make_scenario())
    assert figure(table, "slot_wait.mean") == 4
    assert figure(table, "slot_wait_all.mean") == pytest.approx((4 + 5 + 20) / 3)


def test_no_patients_give_undefined_figures() -> None:
    table = replication_kpis(make_trace(), make_scenario())
    lead = table[table["kpi"].str.startswith(("enrolment", "vein", "slot", "step", "tard"))]
    assert lead["value"].isna().all()
    assert isinstance(table, pd.DataFrame)
