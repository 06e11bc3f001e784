"""Reasons and reliefs of problems that are small enough to see."""

from __future__ import annotations

from dataclasses import replace

from cartlogix.scheduling.explain import clashes, hold, words
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.plan import Plan, Step
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.relief import relief, variants

TARDY = Objective(({"tardiness": 1.0},))
BUDGET = Budget(effort=0.1, seconds=2.0)


def lot(name: str, due: int | None = None, latest: int | None = None, suite: str = "suite") -> Job:
    mode = Mode(4, (Demand(suite), Demand("starts", 1, 0, 1)), suite)
    return Job(name, (Operation("make", (mode,)),), due=due, latest_start=latest)


def problem(*jobs: Job, starts: tuple[int, ...] = (1,)) -> Problem:
    suite = Resource("suite", (1,), kind="suite")
    return Problem(jobs, (suite, Resource("starts", starts, kind="starts")), 20)


def day(tick: int) -> str:
    return f"day {tick}"


def one_after_the_other(count: int) -> Plan:
    return Plan(tuple((Step(4 * number),) for number in range(count)))


def test_the_limit_that_holds_a_lot_back_is_named() -> None:
    posed = problem(lot("A", 4), lot("B", 4))
    held = hold(posed, one_after_the_other(2), 1)
    assert (held.end, held.alone) == (8, 4)
    assert held.limits == (("suite", 5),)  # then the second start of the day is what is missing
    assert words(posed, held, day) == "held back by suite (day 4 without this limit)"


def test_two_limits_at_once_are_said_to_be_two() -> None:
    posed = problem(lot("A"), lot("B", 2), starts=(1, 0, 0, 0, 1))
    held = hold(posed, one_after_the_other(2), 1)
    assert held.limits == ()
    assert held.together == 4
    assert "could not end before day 3 even alone" in words(posed, held, day)
    due = problem(lot("A"), lot("B", 4), starts=(1, 0, 0, 0, 1))
    assert "several limits at once (suite, starts)" in words(due, held, day)


def test_relief_is_measured() -> None:
    posed = problem(lot("A", 4), lot("B", 5), lot("C", 9))
    plan = one_after_the_other(3)  # B is 3 late, C is 3 late
    found = relief(posed, TARDY, plan, ["suite", "starts"], BUDGET)
    # A second suite: A at 0, B at 1 (a start each day), C at 4: nobody late. A second start: none.
    assert [(one.what, one.values) for one in found] == [
        ("one more suite like suite", (0.0,)),
        ("one more of starts", (6.0,)),
    ]


def test_closed_days_can_be_opened() -> None:
    posed = problem(lot("A"), starts=(2, 0, 0, 1))
    names = [what for what, _ in variants(posed, "starts")]
    assert names == ["one more of starts", "starts open every day"]
    more, opened = (changed.resources[1].capacity for _, changed in variants(posed, "starts"))
    assert (more, opened) == ((3, 0, 0, 2), (2, 2, 2, 1))


def test_the_smallest_clashing_set_is_found() -> None:
    posed = problem(lot("A", latest=2), lot("B", latest=3), lot("C"), lot("D"))
    found = clashes(posed, TARDY, BUDGET, day)
    assert [set(clash.jobs) for clash in found] == [{"A", "B"}]
    assert found[0].limits == ("suite",)
    eased = relief(posed, TARDY, None, ["suite", "starts"], BUDGET)
    assert [one.values is not None for one in eased] == [True, False]


def test_what_is_impossible_alone_says_why() -> None:
    shut = replace(problem(lot("A")), resources=(Resource("suite", (0,)), Resource("starts", (1,))))
    assert "never enough of suite" in clashes(shut, TARDY, BUDGET, day)[0].reason
    short = replace(problem(lot("A")), horizon=3)
    assert "lengthen the horizon" in clashes(short, TARDY, BUDGET, day)[0].reason
    stale = problem(replace(lot("A", latest=1), release=2))
    found = clashes(stale, TARDY, BUDGET, day)
    assert [(clash.jobs, clash.proven) for clash in found] == [(("A",), True)]
    assert "its material expires before it is ready on day 2" in found[0].reason


def test_a_lot_that_only_its_own_changeover_delays_is_not_impossible() -> None:
    suite = Resource("suite", (1,), changeovers={("A", "A"): 2})
    steps = [Operation(name, (Mode(length, (Demand("suite"),)),))
             for name, length in (("make", 3), ("fill", 1))]  # fmt: skip
    twice = Job("lot", tuple(steps), product="A")
    assert clashes(Problem((twice,), (suite,), 20), TARDY, BUDGET, day) == []
    (found,) = clashes(Problem((twice,), (suite,), 5), TARDY, BUDGET, day)
    assert (found.jobs, found.proven) == (("lot",), True)
