"""Vector for in vivo therapy from stock: storage life and repeat doses, by hand."""

from __future__ import annotations

from typing import Any

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle.measures import column, kpis

Plain = dict[str, Any]


def scenario(arrivals: list[str], life: str, **stock: object) -> Scenario:
    """Three doses two days apart; a dose is drawn, travels for a day, and is given at once.

    Vector runs take 4 days, QC 3, and yield 4 doses; one is ordered when 2 doses are left.
    """
    vector = {
        "name": "vector",
        "initial": 4,
        "shelf_life": {"life": life, "checked_at": "infusion"},
        "replenishment": {"rule": "r_Q", "reorder_point": 2, "quantity": 4},
        "lot": {
            "doses": 4,
            "route": [
                {"name": "run", "needs": "reactor", "duration": "4 d"},
                {"name": "qc", "milestone": "release", "duration": "3 d"},
            ],
        },
        **stock,
    }
    found = Scenario.from_plain(
        {
            "name": "in vivo",
            "demand": {
                "arrivals": {"process": "list", "patients": arrivals},
                "indications": [{"name": "any"}],
            },
            "network": {
                "plants": [{"name": "plant", "resources": {"reactor": 1}}],
                "lanes": [{"from": "plant", "to": "centre", "time": "1 d"}],
            },
            "stocks": [vector],
            "pathways": [
                {
                    "name": "in_vivo",
                    "modality": "in_vivo",
                    "route": [
                        {"name": "dose", "draw": "vector"},
                        {"name": "ship", "ship": "centre"},
                        {"name": "infusion"},
                    ],
                    "repeat": {"doses": 3, "interval": "2 d", "from_step": "dose"},
                }
            ],
            "run": {"enrolment": "30 d", "replications": 1},
        }
    )
    assert [p.message for p in check(found) if p.severity == "error"] == []
    return found


def ran(made_of: Scenario) -> Trace:
    trace = replicate(made_of, 0)
    assert violations(trace, made_of) == []
    return trace


def given(trace: Trace) -> list[tuple[int, int, float, float, str]]:
    """Patient, dose of the course, issue, end and state of every dose, in order of issue."""
    rows = trace["doses"].sort_values(["issued", "patient"], kind="stable")
    names = ("patient", "dose", "issued", "ended", "state")
    return [tuple(row) for row in rows[list(names)].to_numpy().tolist()]


def test_a_course_draws_again_for_every_dose_and_orders_follow() -> None:
    """Doses are issued on days 0, 3 and 6 and infused on days 1, 4 and 7.

    The issue on day 3 leaves two: a lot of four is ordered, made by day 7 and released on day 10.
    """
    made_of = scenario(["0 d"], "60 d")
    trace = ran(made_of)
    assert given(trace) == [
        (0, 1, 0, 1, "infused"),
        (0, 2, 3, 4, "infused"),
        (0, 3, 6, 7, "infused"),
    ]
    lots = trace["lots"]
    assert column(lots, "ordered").tolist() == [0, 3]
    kpi = kpis(trace, made_of, "access")
    assert (kpi["doses.infused"], kpi["doses.repeat"]) == (3, 2)


def test_two_courses_share_a_lot_and_the_last_dose_waits_for_the_next() -> None:
    """Patients on days 0 and 0.5 draw on days 0, 0.5, 3 and 3.5: four doses are gone.

    The order of day 0.5 (two left) is released on day 7.5; the third doses, due on days 6 and 6.5,
    wait for it. With the second of them the position is two again, and another lot is ordered.
    """
    trace = ran(scenario(["0 d", "0.5 d"], "60 d"))
    assert given(trace) == [
        (0, 1, 0, 1, "infused"),
        (1, 1, 0.5, 1.5, "infused"),
        (0, 2, 3, 4, "infused"),
        (1, 2, 3.5, 4.5, "infused"),
        (0, 3, 7.5, 8.5, "infused"),
        (1, 3, 7.5, 8.5, "infused"),
    ]
    assert column(trace["lots"], "ordered").tolist() == [0, 0.5, 6.5]


def test_vector_that_dies_in_store_or_on_its_way_is_not_given() -> None:
    """Doses live for 3.5 days from their receipt on.

    The second dose, drawn on day 3, would be infused on day 4: it has died. The two that were left
    died in store on day 3.5, so the patient waits for the lot that was ordered on day 3 and is
    released on day 10. Of that lot the third dose is drawn on day 13, and has died on day 14; the
    lot ordered on day 13 is released on day 20.
    """
    trace = ran(scenario(["0 d"], "3.5 d"))
    assert given(trace) == [
        (0, 1, 0, 1, "infused"),
        (0, 2, 3, 4, "expired"),
        (0, 2, 10, 11, "infused"),
        (0, 3, 13, 14, "expired"),
        (0, 3, 20, 21, "infused"),
    ]
    moves = trace["stock_moves"]
    died = moves[moves["reason"] == "expiry"]
    assert column(died, "time").tolist()[:2] == [3.5, 13.5]
    assert died["quantity"].tolist()[:2] == [-2, -2]
