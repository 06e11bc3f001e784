"""Donors of the class that is short: orders traced by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

Plain = dict[str, Any]
CLASSES = [{"name": "O"}, {"name": "A", "accepts": ["A", "O"]}]
"""Half of the patients each: all can take O, half of them A."""


def bank(
    arrivals: list[int], level: int, donors: Plain | None = None, *, seed: int = 1, **lot: object
) -> Scenario:
    """A stock of lots of a dose each, made in ten days, one ordered for each that is issued."""
    given = {"classes": {"O": 1, "A": 3}, "choose": "shortest", **(donors or {})}
    made = {"route": [{"name": "make", "duration": "10 d"}], **lot}
    return Scenario.from_plain(
        {
            "name": "bank",
            "demand": {
                "arrivals": {"process": "list", "patients": [f"{day} d" for day in arrivals]},
                "indications": [{"name": "patients"}],
                "match_classes": CLASSES,
            },
            "stocks": [
                {
                    "name": "doses",
                    "replenishment": {"rule": "base_stock", "level": level},
                    "lot": {"doses": 1, "donors": given, **made},
                }
            ],
            "pathways": [
                {
                    "name": "donor",
                    "modality": "off_the_shelf",
                    "route": [{"name": "order", "draw": "doses"}, {"name": "infusion"}],
                }
            ],
            "run": {"enrolment": "60 d", "seed": seed, "replications": 1},
        }
    )


def ran(scenario: Scenario, patients: str) -> Trace:
    """One replication, whose seed has to give patients of these classes."""
    assert [p.message for p in check(scenario)] == []
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    assert "".join(trace["patients"]["match_class"]) == patients, "take another seed"
    return trace


def asked(trace: Trace) -> str:
    lots = trace["lots"]
    return "".join(lots[lots["origin"] == "order"].sort_values("lot")["match_class"])


def test_the_class_that_is_short_for_those_who_can_take_it_is_asked_for() -> None:
    """Positions over shares, O over 1 and A over 1/2: six doses are four of O and two of A.

    O 0 A 0: O. O 1 A 0: A. O 1 A 2: O. O 2 A 2: O, the first in the file. O 3 A 2: A. O 3 A 4: O.
    Then a patient of class A takes a dose of A (O 4, A 2: A), one of class O takes O (O 3, A 4).
    """
    trace = ran(bank([20, 40], 6, seed=1), "AO")
    assert asked(trace) == "OAOOAO" + "AO"


def test_patients_in_line_count_for_what_they_can_take() -> None:
    """One dose is on order, of O; each patient who waits has another one ordered.

    Day 1, class A: O 1 - 1 = 0, A (0 - 1) / 0.5 = -2: A. Day 2, class O: O 1 - 2 = -1, A 0: O.
    Day 3, class A: O 2 - 3 = -1, A (1 - 2) / 0.5 = -2: A.
    """
    trace = ran(bank([1, 2, 3], 1, seed=3), "AOA")
    assert asked(trace)[:4] == "OAOA"
    # They come on days 10 to 13; the second dose, of A, passes the patient of class O.
    assert trace["patients"]["infused"].tolist() == [10, 12, 11]


def test_a_donor_who_is_turned_down_is_followed_by_one_of_the_class_still_short() -> None:
    screened = {"name": "screen", "milestone": "donor", "duration": "1 d"}
    route = [screened, {"name": "make", "duration": "9 d"}]
    trace = replicate(bank([50], 1, {"deferral": 0.7}, seed=5, route=route), 0)
    donors = trace["donors"][trace["donors"]["lot"] == trace["lots"]["lot"].min()]
    assert len(donors) > 2
    assert set(donors["match_class"]) == {"O"}


def test_where_there_is_one_class_the_choice_changes_nothing() -> None:
    traces = [
        replicate(bank([1, 2, 30], 2, {"classes": {"O": 1}, "choose": choose}), 0)
        for choose in ("by_frequency", "shortest")
    ]
    assert traces[0].events == traces[1].events
    for name, table in traces[0].tables.items():
        pd.testing.assert_frame_equal(traces[1][name], table)


@pytest.mark.parametrize(
    ("donors", "rule", "words"),
    [
        ({"classes": {}}, "base_stock", "no class to choose"),
        ({}, "none", "has no effect: donors are chosen"),
    ],
)
def test_a_choice_that_means_nothing_is_a_finding(donors: Plain, rule: str, words: str) -> None:
    plain = bank([1], 1, donors).plain()
    if not donors.get("classes", True):
        plain["demand"]["match_classes"] = []
    if rule == "none":
        plain["stocks"][0]["replenishment"] = {"rule": "none"}
    found = [p.message for p in check(Scenario.from_plain(plain)) if p.path[-1] == "choose"]
    assert len(found) == 1
    assert words in found[0]
