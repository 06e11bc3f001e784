"""Operators by qualification and roster, hand traces to the hour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cartlogix.ground.streams import Streams
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle.measures import column, kpis, visits
from tests.oracle.test_working_hours import at, exactly, hours, plant, ran

Plain = dict[str, Any]
DAILY = {"calendars": [{"name": "day", "shifts": [{"from": "07:00", "to": "19:00"}]}]}
SEEDING = {"name": "operators", "qualification": "seeding", "for": "6 h"}
HARVEST = {"name": "operators", "qualification": "harvest", "for": "4 h", "at": "end"}
BOTH = {"needs": ["suite", SEEDING, HARVEST], "duration": "24 h"}


def people(name: str, *qualifications: str, number: int = 1, **rest: object) -> Plain:
    given = {"roster": "day", **rest}
    return {"name": name, "number": number, "qualifications": list(qualifications), **given}


def crewed(
    arrivals: list[str],
    *groups: Plain,
    suites: int = 2,
    step: Plain | None = None,
    seed: int = 1,
) -> Scenario:
    site = {"resources": {"suite": suites, "operators": {"people": list(groups)}}}
    return plant(arrivals, step=step or BOTH, site=site, network=DAILY, seed=seed)


def ends(trace: Trace, name: str) -> list[float]:
    return [float(day) * 24 for day in column(visits(trace, "manufacture: end"), name)]


def duty_hours(trace: Trace) -> dict[str, list[tuple[float, float]]]:
    rows = trace["activities"]
    rows = rows[rows["kind"] == "duty"]
    found: dict[str, list[tuple[float, float]]] = {}
    for name, start, end in zip(rows["step"], rows["started"], rows["ended"], strict=True):
        found.setdefault(str(name), []).append((round(start * 24, 6), round(end * 24, 6)))
    return found


def test_hands_on_at_both_ends_and_a_culture_in_between() -> None:
    """One operator from 07:00 to 19:00, two suites, two patients at 00:00 and 01:00.

    The second seeding waits for the first; both harvests wait for the operator, the first for the
    morning, the second for the first; each wait keeps its suite.
    """
    scenario = crewed(["0 h", "1 h"], people("day", "seeding", "harvest"))
    trace = ran(scenario)
    assert hours(trace, "started") == exactly([7, 13])
    assert hours(trace, "ended") == exactly([27, 33])
    assert ends(trace, "queued") == exactly([27, 33])
    assert ends(trace, "started") == exactly([31, 35])
    assert ends(trace, "ended") == exactly([35, 39])
    assert duty_hours(trace) == {"day": [(7, 13), (13, 19), (31, 35), (35, 39)]}
    kpi = kpis(trace, scenario, "capacity", "lead_time")
    assert kpi["pool.busy/plant/suite"] == pytest.approx((28 + 26) / 24)
    assert kpi["pool.busy/plant/operators"] == pytest.approx(20 / 24)
    assert kpi["pool.overtime/plant/operators"] == pytest.approx(0, abs=1e-9)
    assert kpi["step_time.waiting/manufacture"] == pytest.approx((7 + 4 + 12 + 2) / 2 / 24)
    assert kpi["step_time.working/manufacture"] == pytest.approx(1)


def test_a_suite_whose_harvest_waits_is_not_free_for_others() -> None:
    trace = ran(crewed(["0 h", "1 h"], people("day", "seeding", "harvest"), suites=1))
    assert hours(trace, "started") == exactly([7, 35])


def test_who_can_do_less_is_taken_first() -> None:
    groups = (people("all-round", "seeding", "harvest"), people("seeders", "seeding"))
    trace = ran(crewed(["8 h", "9 h"], *groups))
    assert hours(trace, "started") == exactly([8, 9])
    assert duty_hours(trace) == {
        "seeders": [(8, 14)],
        "all-round": [(9, 15), (at(1, 7), at(1, 11)), (at(1, 11), at(1, 15))],
    }


def test_what_was_begun_is_finished_in_overtime_or_waits_for_the_morning() -> None:
    late = ["16 h"]
    scenario = crewed(late, people("day", "seeding", "harvest"))
    trace = ran(scenario)
    assert hours(trace, "started") == exactly([16])
    overtime = kpis(trace, scenario, "capacity")["pool.overtime/plant/operators"]
    assert overtime == pytest.approx(3 / 24)
    patient = ran(
        crewed(late, people("day", "seeding", "harvest"), step={**BOTH, "shift_end": "wait"})
    )
    assert hours(patient, "started") == exactly([at(1, 7)])
    assert ends(patient, "started") == exactly([at(2, 7)])  # 03:00 is too early


def test_two_are_needed_and_two_groups_overlap_for_two_hours() -> None:
    network = {"calendars": [*DAILY["calendars"], {"name": "late", "shifts": [
        {"from": "17:00", "to": "23:00"}]}]}  # fmt: skip
    step = {"needs": ["suite", {"name": "operators", "units": 2, "for": "1 h"}], "duration": "9 h"}
    crew = {"people": [people("early"), people("late", roster="late")]}
    site = {"resources": {"suite": 2, "operators": crew}}
    trace = ran(plant(["8 h", "9 h", "10 h"], step=step, site=site, network=network))
    assert hours(trace, "started") == exactly([17, 18, at(1, 17)])


def test_two_who_are_needed_are_both_given_back() -> None:
    step = {"needs": ["suite", {"name": "operators", "units": 2, "for": "2 h"}], "duration": "9 h"}
    site = {"resources": {"suite": 3, "operators": {"people": [people("day", number=2)]}}}
    trace = ran(plant(["8 h", "8 h", "9 h"], step=step, site=site, network=DAILY))
    assert hours(trace, "started") == exactly([8, 10, 12])


def test_hands_are_given_back_when_work_is_broken_off_and_no_second_time() -> None:
    """One operator and six hours of seeding from 07:00; a fire at 09:00 destroys it.

    It begins anew at once in another suite, to 15:00. When the first seeding would have been over,
    at 13:00, the operator is not free for the second patient.
    """
    step: Plain = {"needs": ["suite", SEEDING], "duration": "24 h"}
    step["failure"] = {"probability": 0, "then": {"action": "remake"}}
    data = crewed(["0 h", "10 h"], people("day", "seeding"), suites=3, step=step).plain()
    fire = {"name": "fire", "kind": "outage", "site": "plant", "resource": "suite", "units": 1}
    data["disruptions"] = [{**fire, "at": ["9 h"], "lasts": "1 h", "in_process": "destroy"}]
    assert duty_hours(ran(Scenario.from_plain(data))) == {"day": [(7, 9), (9, 15), (15, 21)]}


def test_hands_of_work_that_is_found_on_day_0_are_free_when_their_time_is_over() -> None:
    """Seeding takes six hours, two of which are over at midnight; one operator at all hours."""
    step = {"needs": ["suite", SEEDING], "duration": "24 h"}
    crew = people("all", "seeding", roster=None)
    data = crewed(["1 h"], crew, step=step).plain()
    found = {"name": "P-1", "indication": "any", "enrolled": "2027-01-02", "step": "manufacture"}
    since = {"state": "working", "since": "2027-01-03 22:00", "apheresis": "2027-01-02"}
    data["snapshot"] = {"patients": [found | since]}
    trace = ran(Scenario.from_plain(data))
    assert hours(trace, "started") == exactly([-2, 4])


def test_absence_is_drawn_at_each_shift() -> None:
    scenario = crewed(["0 h"], people("day", "seeding", "harvest", absence=0.6), seed=5)
    luck = Streams(5, 0).uniforms("absence/plant/operators/day")
    there = [day for day in range(60) if luck[day] >= 0.6]
    trace = ran(scenario)
    assert hours(trace, "started") == exactly([at(there[0], 7)])
    ready = at(there[0], 7) + 20
    harvest = next(day for day in there if at(day, 19) > ready)
    assert ends(trace, "started") == exactly([max(ready, at(harvest, 7))])


def test_who_is_lost_while_the_harvest_waits_gives_the_suite_back() -> None:
    scenario = crewed(["0 h", "1 h"], people("day", "seeding", "harvest"), suites=1)
    data = scenario.plain()
    data["demand"]["indications"][0]["drop_out"] = [{"name": "death", "after": "28 h"}]
    trace = ran(Scenario.from_plain(data))
    made = visits(trace)
    assert hours(trace, "started")[0] == pytest.approx(7)
    lost = trace["patients"]
    assert (column(lost, "left") * 24).tolist() == exactly([28, 29])
    # The second had the suite from the loss of the first, and an hour of it, before the operator.
    assert np.isnan(column(made, "started")[1])
    assert lost["lost_step"].astype(str).tolist() == ["manufacture", "manufacture"]


def test_people_who_are_always_there_are_a_capacity() -> None:
    step = {"needs": ["suite", "operators"], "duration": "5 h"}
    ready = [f"{k} h" for k in range(40)]
    crew = {"people": [people("all", number=2, roster=None)]}
    plain = {"resources": {"suite": 3, "operators": 2}}
    one = ran(plant(ready, step=step, site=plain))
    two = ran(plant(ready, step=step, site={"resources": {"suite": 3, "operators": crew}}))
    assert one.events == two.events
    assert one["patients"].equals(two["patients"])
    worked = two["activities"][two["activities"]["kind"] != "duty"]
    for name in ("queued", "started", "ended"):
        assert np.array_equal(column(one["activities"], name), column(worked, name), equal_nan=True)
