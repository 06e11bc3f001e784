"""People who hand over, people who are away, and what counts as out of work: by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.laws.test_identities import same
from tests.oracle.measures import kpis
from tests.oracle.test_people import duty_hours, people
from tests.oracle.test_working_hours import at, exactly, hours, plant, ran

Plain = dict[str, Any]
SHIFTS = {
    "calendars": [
        {"name": "early", "shifts": [{"from": "07:00", "to": "15:00"}]},
        {"name": "late", "shifts": [{"from": "15:00", "to": "23:00"}]},
        {"name": "noon", "shifts": [{"from": "12:00", "to": "20:00"}]},
    ]
}
WORK = {"needs": ["suite", "operators"], "duration": "12 h"}


def crewed(arrivals: list[str], *groups: Plain, step: Plain = WORK, **crew: object) -> Scenario:
    operators = {"people": list(groups), **crew}
    site = {"resources": {"suite": 4, "operators": operators}}
    return plant(arrivals, step=step, site=site, network=SHIFTS)


def group(roster: str | None, number: int = 1, **rest: object) -> Plain:
    return {**people(roster or "always", number=number, **rest), "roster": roster}


def days(trace: Trace, hour: float) -> list[tuple[float, float]]:
    return [pair for pairs in duty_hours(trace).values() for pair in pairs if pair[0] == hour]


def test_at_the_end_of_a_shift_the_next_one_takes_over() -> None:
    """Twelve hours from 08:00: until 15:00 by the early shift, until 20:00 by the late one."""
    finishes = crewed(["8 h"], group("early"), group("late"))
    assert duty_hours(ran(finishes)) == {"early": [(8, 20)]}
    handed = crewed(["8 h"], group("early"), group("late"), hand_over=True)
    trace = ran(handed)
    assert duty_hours(trace) == {"early": [(8, 15)], "late": [(15, 20)]}
    assert hours(trace, "ended") == exactly([20])
    overtime = [kpis(ran(s), s, "capacity")["pool.overtime/plant/operators"] for s in
                (finishes, handed)]  # fmt: skip
    assert overtime == exactly([5 / 24, 0])


def test_who_took_over_is_taken_before_the_line() -> None:
    """At 15:00 the only one of the late shift goes on with the first, not with who has waited."""
    trace = ran(crewed(["8 h", "9 h"], group("early"), group("late"), hand_over=True))
    assert hours(trace, "started") == exactly([8, 20])
    # The second is in hand from 20:00 to 08:00; the late shift ends at 23:00 with nobody there,
    # and the early one takes over at 07:00.
    assert duty_hours(trace) == {
        "early": [(8, 15), (at(1, 7), at(1, 8))],
        "late": [(15, 20), (20, at(1, 7))],
    }


def test_only_who_is_qualified_takes_over_and_several_share() -> None:
    two = {"needs": ["suite", {"name": "operators", "units": 2, "qualification": "fill"}]}
    step = {**two, "duration": "10 h"}
    groups = (
        {**group("early", 2), "qualifications": ["fill"]},
        {**group("late", 1), "qualifications": ["fill"]},
        {**group("noon", 3), "qualifications": []},
    )
    trace = ran(crewed(["8 h"], *groups, step=step, hand_over=True))
    # One of two is relieved; the other goes on, since those from noon cannot fill.
    assert duty_hours(trace) == {"early": [(8, 15), (8, 18)], "late": [(15, 18)]}


def test_handing_over_changes_nothing_where_nobody_goes() -> None:
    ready = [f"{k} h" for k in range(0, 40, 3)]
    plain = (group(None, 2), group(None, 1, absence=None))
    groups = ({**plain[0], "name": "a"}, {**plain[1], "name": "b"})
    assert same(ran(crewed(ready, *groups)), ran(crewed(ready, *groups, hand_over=True)))


AWAY = [{"number": 1, "from": "1 d", "to": "3 d"}]


def test_who_is_away_is_not_there() -> None:
    """Two people, one of them away on days 1 and 2: work of an hour for two waits for day 3."""
    step = {"needs": ["suite", {"name": "operators", "units": 2}], "duration": "1 h"}
    scenario = crewed(["8 h", "25 h"], group("early", 2, away=AWAY), step=step)
    trace = ran(scenario)
    assert hours(trace, "started") == exactly([8, at(3, 7)])
    kpi = kpis(trace, scenario, "capacity")
    # Sixty days of two shifts of 8 h, of which two shifts are away and 4 h are work.
    assert kpi["pool.out/plant/operators"] == pytest.approx(2 * 8 / 24)
    usable = (60 * 2 - 2) * 8
    assert kpi["pool.utilisation/plant/operators"] == pytest.approx(4 / usable)


def test_somebody_who_comes_back_within_a_shift_is_taken_at_once() -> None:
    back = [{"number": 1, "from": "0 d", "to": "10 h"}]
    trace = ran(crewed(["8 h"], group("early", away=back)))
    assert hours(trace, "started") == exactly([10])
    always = ran(crewed(["8 h"], group(None, away=back)))
    assert hours(always, "started") == exactly([10])


def test_an_absence_by_chance_thins_those_who_are_left() -> None:
    """With one of two away, the other comes when the shift's number says so of one."""
    away = [{"number": 1, "from": "0 d", "to": "60 d"}]
    alone = crewed(["8 h", "5 d"], group("early", 1, absence=0.6))
    with_away = crewed(["8 h", "5 d"], group("early", 2, absence=0.6, away=away))
    assert hours(ran(alone), "started") == hours(ran(with_away), "started")


def test_an_outage_of_people_is_an_absence() -> None:
    plain = crewed(["8 h", "25 h", "26 h"], group("early", 2), group("late"))
    strike = {"name": "flu", "kind": "outage", "site": "plant", "resource": "operators",
              "group": "early", "units": 1, "at": ["1 d"], "lasts": "2 d"}  # fmt: skip
    data = plain.plain()
    hit = Scenario.from_plain({**data, "disruptions": [strike]})
    data["network"]["plants"][0]["resources"]["operators"]["people"][0]["away"] = AWAY
    away = Scenario.from_plain(data)
    first, second = ran(hit), ran(away)
    assert first["patients"].equals(second["patients"])
    assert first["activities"].equals(second["activities"])
    assert kpis(first, hit, "capacity") == kpis(second, away, "capacity")
    assert first["disruptions"]["units"].tolist() == [1]


@pytest.mark.parametrize(
    ("disruption", "words"),
    [
        ({"group": "nobody"}, "nobody"),
        ({"group": "early", "units": 3}, "3 cannot be absent"),
        ({"units": 1}, "say of which 'group'"),
        ({"group": "early", "in_process": "pause"}, "people finish"),
        ({"resource": "suite", "group": "early"}, "only people come in groups"),
    ],
)
def test_outages_of_people_that_cannot_be(disruption: Plain, words: str) -> None:
    usual = {"name": "flu", "kind": "outage", "site": "plant", "resource": "operators",
             "at": ["1 d"], "lasts": "2 d"}  # fmt: skip
    data = crewed(["8 h"], group("early", 2), group("late")).plain()
    found = check(Scenario.from_plain({**data, "disruptions": [{**usual, **disruption}]}))
    assert any(words in problem.message for problem in found if problem.severity == "error")


@pytest.mark.parametrize(
    ("away", "words"),
    [
        ({"number": 3, "from": "1 d", "to": "2 d"}, "3 cannot be away"),
        ({"number": 1, "from": "2 d", "to": "2 d"}, "later than 'from'"),
        ({"number": 1, "from": "99999 d", "to": "100000 d"}, "no effect"),
    ],
)
def test_absences_that_cannot_be(away: Plain, words: str) -> None:
    data = crewed(["8 h"], group("early", 2)).plain()
    data["network"]["plants"][0]["resources"]["operators"]["people"][0]["away"] = [away]
    assert any(words in problem.message for problem in check(Scenario.from_plain(data)))


def test_units_that_are_out_are_not_idle() -> None:
    """One suite for 60 d, out from day 1 to day 11; work of 4 h on day 0 and on day 20."""
    data = plant(["0 h", "20 d"]).plain()
    data["disruptions"] = [{"name": "fire", "kind": "outage", "site": "plant", "resource": "suite",
                            "at": ["1 d"], "lasts": "10 d"}]  # fmt: skip
    scenario = Scenario.from_plain(data)
    kpi = kpis(ran(scenario), scenario, "capacity")
    assert kpi["pool.out/plant/suite"] == pytest.approx(10)
    assert kpi["pool.idle/plant/suite"] == pytest.approx(60 - 10 - 8 / 24)
    assert kpi["pool.utilisation/plant/suite"] == pytest.approx(8 / 24 / 50)


def test_what_is_finished_while_its_unit_is_out_counts_as_in_use() -> None:
    """Work from day 0 to day 4; the suite is out from day 1 to day 11: out of work from day 4."""
    data = plant(["0 h"], step={"duration": "4 d"}).plain()
    data["disruptions"] = [{"name": "fire", "kind": "outage", "site": "plant", "resource": "suite",
                            "at": ["1 d"], "lasts": "10 d"}]  # fmt: skip
    scenario = Scenario.from_plain(data)
    kpi = kpis(ran(scenario), scenario, "capacity")
    assert kpi["pool.out/plant/suite"] == pytest.approx(7)
    assert kpi["pool.utilisation/plant/suite"] == pytest.approx(4 / 53)
