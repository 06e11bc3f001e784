"""The registry and what is computed name the same KPIs."""

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.analysis.registry import HEADLINES, KPIS
from tests.unit.analysis.traces import AUTO, CELLS, STOCKED, make_scenario, make_trace


def test_every_kpi_is_registered_and_computed() -> None:
    outcomes = [{"name": "remission", "probability": 0.5}]
    pools = [{"pool": "plant/suite", "site": "plant", "resource": "suite", "capacity": 2}]
    lost = {"patient": 1, "status": "lost", "left": 1, "cause": "death", "lost_step": "release"}
    health = {"states": [{"name": "fit", "mortality": "0.001 /d"}]}
    errs = {"probability": 0.1, "test": {"false_positive": 0.1}}
    tested = [
        {"name": "manufacture", "needs": "suite"},
        {"name": "ship_out", "ship": "centre"},
        {"name": "infusion", "failure": errs},
    ]
    crew = {"people": [{"name": "team", "number": 2}]}
    booked = {"capacity": 1, "discipline": "rolling", "slot_policy": {"book": "apheresis"}}
    table = replication_kpis(
        make_trace(pools=pools, patients=[lost], transfers=[{"stock": "cells", "source": "cells"}]),
        make_scenario(
            pathways=[{**AUTO, "outcomes": outcomes, "route": tested}, STOCKED],
            stocks=[{**CELLS, "lot": {"route": [{"name": "culture", "failure": errs}]}}],
            demand={
                "arrivals": {"process": "interval", "every": "1 d"},
                "indications": [{"name": "lupus", "health": health}],
                "match_classes": [{"name": "O"}],
            },
            network={"plants": [{"name": "plant", "resources": {"suite": crew, "room": booked}}]},
            run={"enrolment": "100 d", "periods": "50 d"},
            disruptions=[
                {"name": "outage", "kind": "outage", "at": ["9 d"], "lasts": "1 d", "site": "plant"}
            ],
        ),
    )
    assert set(table["kpi"]) == set(KPIS)
    assert list(dict.fromkeys(table["kpi"])) == [name for name in KPIS if name in set(table["kpi"])]
    assert not table.duplicated(["kpi", "group", "indication"]).any()
    grouped = set(table["kpi"][table["group"] != ""])
    assert grouped == {kpi.name for kpi in KPIS.values() if kpi.by}


def test_headlines() -> None:
    assert [kpi.name for kpi in KPIS.values() if kpi.headline] == list(HEADLINES)
    assert all(kpi.unit and kpi.title and kpi.definition.endswith(".") for kpi in KPIS.values())
