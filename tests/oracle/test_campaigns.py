"""Units that are changed between product families: courses by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

Plain = dict[str, Any]
ARRIVALS = ["A", "B", "A", "B", "A"]


def plant(
    campaigns: Plain | None,
    arrivals: str | None = None,
    **suite: Any,  # noqa: ANN401 - plain data
) -> Scenario:
    """One suite; patients A, B, A, B, A on days 0, 0.25, 0.5, ..., a day of work each."""
    names = enumerate(arrivals or ARRIVALS)
    patients = [{"at": f"{0.25 * day} d", "indication": name} for day, name in names]
    made = {"name": "manufacture", "needs": "suites", "duration": "1 d"}
    return Scenario.from_plain(
        {
            "name": "plant",
            "demand": {
                "arrivals": {"process": "list", "patients": patients},
                "indications": [{"name": "A"}, {"name": "B"}],
            },
            "network": {
                "plants": [
                    {
                        "name": "plant",
                        "resources": {"suites": {"capacity": 1, "campaigns": campaigns, **suite}},
                    }
                ]
            },
            "pathways": [
                {
                    "name": name,
                    "modality": "autologous",
                    "share": 0,
                    "share_by_indication": {name: 1},
                    "route": [made, {"name": "infusion"}],
                }
                for name in ("A", "B")
            ],
            "run": {"enrolment": "30 d"},
        }
    )


def course(scenario: Scenario) -> tuple[list[tuple[str, float]], list[tuple[float, float]]]:
    """Starts by family in order of time, and changes as start and end."""
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    return starts(trace), changes(trace)


def starts(trace: Trace) -> list[tuple[str, float]]:
    rows = trace["activities"]
    rows = rows[(rows["step"] == "manufacture")].sort_values("started")
    return [(str(r), float(s)) for r, s in zip(rows["route"], rows["started"], strict=True)]


def changes(trace: Trace) -> list[tuple[float, float]]:
    rows = trace["activities"]
    rows = rows[rows["kind"] == "changeover"]
    return [(float(s), float(e)) for s, e in zip(rows["started"], rows["ended"], strict=True)]


def test_units_follow_the_line_and_are_changed_each_time() -> None:
    assert course(plant({"between": "2 d", "to": {"A": "3 d"}})) == (
        [("A", 0), ("B", 3), ("A", 7), ("B", 10), ("A", 14)],
        [(1, 3), (4, 7), (8, 10), (11, 14)],
    )


def test_a_campaign_of_two_halves_the_changes() -> None:
    assert course(plant({"between": "2 d", "most": 2})) == (
        [("A", 0), ("A", 1), ("B", 4), ("B", 5), ("A", 8)],
        [(2, 4), (6, 8)],
    )


def test_a_campaign_is_counted_from_its_change() -> None:
    # When the first B ends on day 5 an A stands before the other B, whose campaign has one to go.
    assert course(plant({"between": "2 d", "most": 2}, "ABAAB")) == (
        [("A", 0), ("A", 1), ("B", 4), ("B", 5), ("A", 8)],
        [(2, 4), (6, 8)],
    )


def test_a_family_goes_on_while_somebody_of_it_waits() -> None:
    assert course(plant({"between": "2 d", "most": None})) == (
        [("A", 0), ("A", 1), ("A", 2), ("B", 5), ("B", 6)],
        [(3, 5)],
    )


def test_a_change_waits_for_a_campaign_or_for_whoever_waited_long() -> None:
    # B waits from day 0.25 on; two of them wait from day 0.75 on.
    rules = {"between": "2 d", "least": 3}
    assert course(plant(rules | {"longest_wait": "6 d"})) == (
        [("A", 0), ("A", 1), ("A", 2), ("B", 8.25), ("B", 9.25)],
        [(6.25, 8.25)],
    )


def test_what_is_being_changed_counts_for_those_who_wait() -> None:
    """One unit is changed from day 1 on; the other, free on day 1.25, is left as it is."""
    rules: Plain = {"between": "2 d", "most": None, "longest_wait": "12 h"}
    assert course(plant(rules, "AAB", capacity=2)) == (
        [("A", 0), ("A", 0.25), ("B", 3)],
        [(1, 3)],
    )
    rules |= {"least": 2, "longest_wait": "30 d"}
    assert course(plant(rules, "AABB", capacity=2)) == (
        [("A", 0), ("A", 0.25), ("B", 3), ("B", 4)],
        [(1, 3)],
    )


def test_two_units_share_the_families() -> None:
    # The second unit is free for B at once; when A's is done, three of A and none of B wait.
    found, changed = course(plant({"between": "2 d", "most": None}, capacity=2))
    assert (found, changed) == (
        [("A", 0), ("B", 0.25), ("A", 1), ("B", 1.25), ("A", 2)],
        [],
    )


def test_the_unit_is_changed_whose_family_has_fewest_in_line() -> None:
    """Both units fall free at night. In the morning B comes first, then A, and nobody of C.

    So the unit of C is changed for B, and the unit of A takes A.
    """
    rules = {"between": "6 h", "most": 1}
    data = plant(rules, capacity=2, open="morning").plain()
    shift = {"from": "00:00", "to": "12:00"}
    data["network"]["calendars"] = [{"name": "morning", "shifts": [shift]}]
    data["demand"]["indications"] = [{"name": name} for name in "ABC"]
    data["demand"]["arrivals"]["patients"] = [
        {"at": f"{hour} h", "indication": name}
        for hour, name in ((0, "A"), (3, "C"), (7, "B"), (8, "A"))
    ]
    first = data["pathways"][0]
    first["route"][0]["duration"] = "18 h"
    data["pathways"] = [first | {"name": name, "share_by_indication": {name: 1}} for name in "ABC"]
    found = course(Scenario.from_plain(data))
    assert found == ([("A", 0), ("C", 0.125), ("A", 1), ("B", 1.25)], [(1, 1.25)])


def test_the_changeover_after_use_comes_on_top() -> None:
    assert course(plant({"between": "2 d", "most": 2}, changeover="12 h"))[0] == [
        ("A", 0),
        ("A", 1.5),
        ("B", 5),
        ("B", 6.5),
        ("A", 10),
    ]


@pytest.mark.parametrize("capacity", [1, 2])
def test_changes_that_take_no_time_leave_everything_as_it_was(capacity: int) -> None:
    neutral, without = (
        replicate(plant(campaigns, capacity=capacity), 0)
        for campaigns in ({"between": "0 d"}, None)
    )
    assert neutral.events == without.events
    assert all(neutral[name].equals(without[name]) for name in without.tables)


@pytest.mark.parametrize(
    ("campaigns", "suite", "text"),
    [
        ({"between": "1 d", "to": {"C": "2 d"}}, {}, "no product family is named 'C'"),
        ({"between": "1 d"}, {"capacity": None}, "give a capacity"),
        ({"between": "1 d"}, {"discipline": "atc"}, "does not know campaigns"),
        ({"between": "1 d"}, {"waiting_room": 3}, "need a line to choose from"),
    ],
)
def test_what_does_not_go_with_campaigns(campaigns: Plain, suite: Plain, text: str) -> None:
    found = [problem.message for problem in check(plant(campaigns, **suite))]
    assert any(text in message for message in found), found


def test_a_campaign_that_may_never_come_is_refused() -> None:
    with pytest.raises(ValueError, match="the last few wait for ever"):
        plant({"between": "1 d", "least": 2})


OUT = {"name": "fire", "kind": "outage", "site": "plant", "resource": "suites", "at": ["1.5 d"]}


def hit(campaigns: Plain, **outage: object) -> tuple[Trace, Scenario]:
    data = plant(campaigns).plain()
    again = {"probability": 0, "then": {"action": "remake"}}
    for pathway in data["pathways"]:
        pathway["route"][0]["failure"] = again
    data["disruptions"] = [{**OUT, "lasts": "10 d", **outage}]
    scenario = Scenario.from_plain(data)
    assert [p.message for p in check(scenario) if p.severity == "error"] == []
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    return trace, scenario


def test_a_campaign_unit_that_is_out_takes_nobody() -> None:
    """The first A ends on day 1, the change to B takes to day 1.5, and then the suite is out.

    With `most: null` the campaign of A goes on: the second A works from day 1 to day 2.
    """
    trace, _ = hit({"between": "0.5 d"})
    assert starts(trace)[:2] == [("A", 0), ("B", 11.5)]
    trace, _ = hit({"between": "0.5 d", "most": None})
    assert starts(trace)[:3] == [("A", 0), ("A", 1), ("A", 11.5)]


def test_campaign_work_stands_still_or_is_destroyed() -> None:
    trace, _ = hit({"between": "0.5 d", "most": None}, in_process="pause", lasts="3 d")
    assert starts(trace)[:3] == [("A", 0), ("A", 1), ("A", 5)]
    trace, _ = hit({"between": "0.5 d", "most": None}, in_process="destroy", lasts="3 d")
    # The one that was destroyed stands at the back of the line of its family, and so goes last.
    assert starts(trace)[:4] == [("A", 0), ("A", 1), ("A", 4.5), ("A", 5.5)]
    assert trace["interruptions"]["what"].tolist() == ["destroyed"]


def test_an_outage_of_no_length_changes_nothing_in_campaigns() -> None:
    plan = {"between": "0.5 d", "most": 2, "least": 2, "longest_wait": "2 d"}
    trace, _ = hit(plan, at=["29 d"], lasts="0.01 d")
    data = plant(plan)
    assert starts(trace) == starts(replicate(data, 0))
    assert changes(trace) == changes(replicate(data, 0))
