"""Identities that hold exactly on every path of every scenario (ID01 to ID12, ID14)."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from cartlogix.analysis.identities import IDENTITIES
from cartlogix.analysis.kpis import replication_kpis
from cartlogix.experiment.replication import replicate
from cartlogix.trace.tables import Trace
from tests.laws.own import broken, replay
from tests.laws.parts import Plain
from tests.laws.worlds import scenario_of, worlds

FULL = settings().max_examples > 100
"""The nightly profile of Hypothesis is loaded."""


def examples(count: int) -> settings:
    return settings(
        max_examples=settings().max_examples if FULL else count,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def same(a: Trace, b: Trace) -> bool:
    return a.stop == b.stop and all(a.tables[name].equals(b.tables[name]) for name in a.tables)


@examples(60)
@given(worlds())
def test_laws_recomputed_in_plain_python(world: Plain) -> None:
    scenario = scenario_of(world)
    assert broken(replicate(scenario, 0), scenario) == []


@examples(20)
@given(worlds())
def test_identities_of_the_analysis(world: Plain) -> None:
    scenario = scenario_of(world)
    trace = replicate(scenario, 0)
    # The ledger is slow beside the run, and has a test of its own.
    checks = {name: check for name, check in IDENTITIES.items() if name != "money"}
    assert {
        name: found for name, check in checks.items() if (found := check(trace, scenario))
    } == {}


@examples(5)
@given(worlds())
def test_money_adds_up(world: Plain) -> None:
    scenario = scenario_of(world)
    assert IDENTITIES["money"](replicate(scenario, 0), scenario) == []


@examples(15)
@given(worlds())
def test_same_seed_same_tables(world: Plain) -> None:
    first, second = (replicate(scenario_of(world), 3) for _ in range(2))
    assert same(first, second)


@examples(4)
@given(worlds())
def test_every_kpi_can_be_computed(world: Plain) -> None:
    scenario = scenario_of(world)
    table = replication_kpis(replicate(scenario, 0), scenario)
    assert not table.duplicated(["kpi", "group", "indication"]).any()
    shares = table[table["kpi"].str.startswith("share.")]["value"].dropna()
    assert shares.between(0, 1).all()
    assert isinstance(table, pd.DataFrame)


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("duration", ["2 d", {"law": "lognormal", "mean": "2 d", "sd": "3 d"}])
def test_start_times_follow_the_kiefer_wolfowitz_recursion(servers: int, duration: object) -> None:
    scenario = scenario_of(
        {
            "name": "a line",
            "demand": {
                "arrivals": {"process": "poisson", "rate": f"{0.45 * servers} /d"},
                "indications": [{"name": "patients"}],
            },
            "network": {"plants": [{"name": "plant", "resources": {"suite": servers}}]},
            "pathways": [
                {
                    "name": "autologous",
                    "modality": "autologous",
                    "route": [
                        {"name": "manufacture", "needs": "suite", "duration": duration},
                        {"name": "infusion"},
                    ],
                }
            ],
            "run": {"enrolment": "400 d"},
        }
    )
    rows = replicate(scenario, 0)["activities"]
    rows = rows[(rows["step"] == "manufacture") & rows["started"].notna()].sort_values("queued")
    service = (rows["ended"] - rows["started"]).fillna(1e9)  # under way at the stop
    visits = zip(rows["queued"], service, strict=True)
    assert rows["started"].tolist() == pytest.approx(replay(visits, servers), abs=1e-9)
