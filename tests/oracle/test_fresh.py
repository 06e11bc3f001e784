"""Fresh material that is too old to start with: by hand, in transit and in line."""

from __future__ import annotations

from typing import Any

import pytest

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.scenario.model import Scenario
from tests.laws.test_identities import same
from tests.oracle.measures import column, visits
from tests.oracle.test_working_hours import exactly, plant, ran

Plain = dict[str, Any]


def scenario(ready: list[str], life: str | None, transit: str = "1 d", **fresh: object) -> Scenario:
    """Apheresis of a day, a shipment, and ten days in the only suite."""
    data = plant(ready, step={"duration": "10 d"}, network={"lanes": [{"time": transit}]}).plain()
    made = data["pathways"][0]["route"][0]
    if life is not None:
        made["fresh"] = {"life": life, **fresh}
    data["pathways"][0]["route"] = [
        {"name": "apheresis", "duration": "1 d"},
        {"name": "ship", "ship": "plant"},
        made,
        {"name": "infusion"},
    ]
    return Scenario.from_plain(data)


def test_material_that_dies_in_line_is_collected_again() -> None:
    """The first starts on day 2 and ends on day 12.

    The second comes on day 2.5; its material dies on day 5.5, and again on days 10.5 and, after a
    third collection, is fresh when the suite is free.
    """
    made_of = scenario(["0 d", "0.5 d"], "4 d")
    trace = ran(made_of)
    made = visits(trace)
    second = made[made["id"] == 1]
    assert second["outcome"].astype(str).tolist() == ["expired", "expired", "done"]
    assert column(second, "queued").tolist() == exactly([2.5, 7.5, 12.5])
    assert column(second, "ended").tolist() == exactly([5.5, 10.5, 22.5])
    assert trace["patients"]["attempts"].tolist() == [1, 3]
    kpis = replication_kpis(trace, made_of)
    assert kpis.loc[kpis["kpi"] == "windows.missed", "value"].tolist() == [2, 2]
    assert trace["patients"]["apheresis"].tolist() == exactly([0, 10.5])


def test_material_that_dies_on_the_way_is_never_used_and_attempts_end() -> None:
    trace = ran(scenario(["0 d"], "4 d", "5 d", max_attempts=2))
    made = visits(trace)
    assert made["outcome"].astype(str).tolist() == ["expired", "expired"]
    assert column(made, "ended").tolist() == exactly([6, 12])
    assert trace["patients"]["status"].tolist() == ["lost"]
    assert column(trace["patients"], "left").tolist() == exactly([12])


def test_what_is_infused_in_time_is_not_touched() -> None:
    ready = ["0 d", "3 d", "20 d"]
    assert same(ran(scenario(ready, None)), ran(scenario(ready, "400 d")))


@pytest.mark.parametrize("age", ["1 d"])
def test_material_at_the_end_of_its_life_is_too_old(age: str) -> None:
    trace = ran(scenario(["0 d"], age, then="lost"))
    assert trace["patients"]["status"].tolist() == ["lost"]
    assert trace["patients"]["cause"].tolist() == ["material too old"]
    assert column(trace["patients"], "left").tolist() == exactly([2])


def test_who_is_lost_to_a_shipment_that_took_too_long_is_lost_to_its_age() -> None:
    data = scenario(["0 d"], None, "5 d").plain()
    data["network"]["lanes"][0]["modes"][0]["max_transit"] = "4 d"
    ship = data["pathways"][0]["route"][1]
    ship["ship"]["fresh"], ship["failure"] = True, {"probability": 0}
    trace = ran(Scenario.from_plain(data))
    assert trace["patients"]["cause"].tolist() == ["material too old"]
