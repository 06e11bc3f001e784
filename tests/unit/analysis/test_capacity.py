"""Unit-days of a small plant, worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.analysis.occupancy import count_path, path_integral
from cartlogix.analysis.tidy import clipped
from cartlogix.trace.tables import Trace
from tests.unit.analysis.traces import AUTO, activity, figure, make_scenario, make_trace

NAN = math.nan
POOLS = [
    {"pool": "centre/chair", "site": "centre", "resource": "chair", "capacity": 1},
    {"pool": "plant/suite", "site": "plant", "resource": "suite", "capacity": 2},
]
SUITE = {"place": "plant", "pool": "plant/suite"}


def busy_plant() -> Trace:
    """Two suites over days 10 to 30: patients, a lot, a changeover, and one who gave up."""
    return make_trace(
        window=(10, 30),
        stop=40,
        patients=[
            {"patient": 1, "enrolled": 0, "infused": 24},
            {"patient": 2, "enrolled": 12, "left": 18},
            {"patient": 3, "enrolled": 25},
        ],
        activities=[
            activity(1, "manufacture", 2, 4, 14, **SUITE),
            activity(1, "changeover", 14, 14, 15, entity="resource", kind="changeover", **SUITE),
            activity(2, "manufacture", 12, NAN, 18, "reneged", **SUITE),
            activity(3, "manufacture", 26, 28, NAN, "running", **SUITE),
            activity(1, "culture", 11, 12, 22, entity="lot", route="cells", **SUITE),
        ],
        pools=POOLS,
    )


def test_unit_days_of_the_window() -> None:
    table = replication_kpis(busy_plant(), make_scenario())
    days = {part: figure(table, f"pool.{part}", "plant/suite") for part in ("busy", "idle")}
    assert days == pytest.approx({"busy": 4 + 10 + 2, "idle": 40 - 16 - 1})
    assert figure(table, "pool.changeover", "plant/suite") == 1
    assert figure(table, "pool.closed", "plant/suite") == 0
    assert figure(table, "pool.utilisation", "plant/suite") == pytest.approx(0.4)
    assert figure(table, "pool.in_use", "plant/suite") == pytest.approx(0.8)
    assert figure(table, "pool.queue", "plant/suite") == pytest.approx((6 + 2 + 1) / 20)
    # Both suites are taken from day 12 to 15.
    assert figure(table, "pool.all_busy", "plant/suite") == pytest.approx(3 / 20)
    # Three arrivals in the window, 10 days each on average.
    assert figure(table, "pool.offered_load", "plant/suite") == pytest.approx(30 / 20)
    assert figure(table, "pool.bottleneck", "plant/suite") == 1
    assert figure(table, "pool.bottleneck", "centre/chair") == 0
    assert figure(table, "patients.in_system") == pytest.approx((14 + 6 + 5) / 20)


def test_closed_days_are_neither_busy_nor_idle() -> None:
    # Day 0 is a Monday; open Monday to Friday, work from Friday 12:00 to Monday 12:00.
    plant = {"name": "plant", "resources": {"suite": {"capacity": 1, "open": "mon-fri"}}}
    scenario = make_scenario(
        network={"centres": [{"name": "centre", "resources": {"chair": 1}}], "plants": [plant]}
    )
    trace = make_trace(
        window=(0, 14),
        activities=[activity(1, "manufacture", 4.5, 4.5, 7.5, **SUITE)],
        pools=[POOLS[1] | {"capacity": 1, "open_share": 5 / 7}],
    )
    table = replication_kpis(trace, scenario)
    assert figure(table, "pool.busy", "plant/suite") == pytest.approx(3)
    assert figure(table, "pool.idle", "plant/suite") == pytest.approx(10 - 1)
    assert figure(table, "pool.closed", "plant/suite") == pytest.approx(4 - 2)
    assert figure(table, "pool.utilisation", "plant/suite") == pytest.approx(3 / 12)


def test_unlimited_pools_have_use_but_no_utilisation() -> None:
    trace = make_trace(
        window=(0, 10),
        activities=[activity(1, "manufacture", 0, 0, 5, **SUITE)],
        pools=[POOLS[0], POOLS[1] | {"capacity": NAN}],
    )
    table = replication_kpis(trace, make_scenario())
    assert figure(table, "pool.in_use", "plant/suite") == pytest.approx(0.5)
    for kpi in ("utilisation", "idle", "all_busy", "bottleneck"):
        assert math.isnan(figure(table, f"pool.{kpi}", "plant/suite")), kpi
    assert figure(table, "pool.bottleneck", "centre/chair") == 0


def test_a_step_holds_all_pools_that_it_needs() -> None:
    needs = [{"name": "suite"}, {"name": "operator", "units": 2}]
    route = [{"name": "manufacture", "duration": "10 d", "needs": needs}, {"name": "infusion"}]
    plant = {"name": "plant", "resources": {"suite": 2, "operator": 3}}
    scenario = make_scenario(
        network={"plants": [plant]}, pathways=[{**AUTO, "route": route}], stocks=[]
    )
    operator = {"pool": "plant/operator", "site": "plant", "resource": "operator", "capacity": 3}
    trace = make_trace(
        window=(0, 10),
        activities=[activity(1, "manufacture", 0, 1, 6, **SUITE)],
        pools=[POOLS[1], operator],
    )
    table = replication_kpis(trace, scenario)
    assert figure(table, "pool.busy", "plant/suite") == pytest.approx(5)
    assert figure(table, "pool.busy", "plant/operator") == pytest.approx(10)
    assert figure(table, "pool.queue", "plant/operator") == 0


Interval = tuple[int, int]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=12))
def test_the_path_has_the_area_of_its_intervals(intervals: list[Interval]) -> None:
    starts = np.array([start for start, _ in intervals], dtype=np.float64)
    ends = starts + np.array([length for _, length in intervals], dtype=np.float64)
    times, levels = count_path(starts, ends, np.ones(starts.size))
    expected = clipped(starts, ends, (3, 17)).sum()
    assert path_integral(times, levels, (3, 17)) == pytest.approx(expected, abs=1e-9)
    assert levels.size == 0 or levels[-1] == 0
