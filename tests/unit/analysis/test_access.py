"""The balance of patients: nobody disappears."""

import math

import pytest

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.trace.tables import Trace
from tests.unit.analysis.traces import AUTO, figure, make_scenario, make_trace


def five_patients() -> Trace:
    lost = {"status": "lost", "left": 5.0}
    return make_trace(
        patients=[
            {"patient": 1, "status": "infused", "attempts": 2, "doses": 3, "outcome": "remission"},
            {"patient": 2, "status": "infused", "doses": 1, "out_of_spec": True},
            {"patient": 3, "cause": "death", "lost_step": "manufacture"} | lost,
            {"patient": 4, "cause": "death", "lost_step": "release", "indication": "myositis"}
            | lost,
            {"patient": 5, "status": "in_progress"},
            {"patient": 6, "status": "infused", "in_cohort": False},
        ]
    )


def test_balance() -> None:
    table = replication_kpis(five_patients(), make_scenario())
    counts = {name: figure(table, f"patients.{name}") for name in ("enrolled", "infused")}
    assert counts == {"enrolled": 5, "infused": 2}
    assert figure(table, "patients.lost") == 2
    assert figure(table, "patients.in_progress") == 1
    assert figure(table, "share.infused") == pytest.approx(0.4)
    assert figure(table, "share.lost", "", "myositis") == 1
    assert figure(table, "lost_by_cause", "death") == 2
    assert figure(table, "lost_by_cause", "death", "lupus") == 1
    assert figure(table, "lost_by_step", "release", "myositis") == 1


def test_treatment() -> None:
    outcomes = [{"name": "remission", "probability": 0.5}]
    table = replication_kpis(
        five_patients(), make_scenario(pathways=[{**AUTO, "outcomes": outcomes}])
    )
    assert figure(table, "attempts.mean") == pytest.approx(6 / 5)
    assert figure(table, "attempts.mean_infused") == pytest.approx(1.5)
    assert figure(table, "doses.infused") == 4
    assert figure(table, "doses.repeat") == 2
    assert figure(table, "share.out_of_spec") == pytest.approx(0.5)
    assert figure(table, "share.outcome", "remission") == pytest.approx(0.5)
    assert math.isnan(figure(table, "share.outcome", "remission", "myositis"))
