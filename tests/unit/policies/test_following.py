"""Between two plans the last one is an order, and promises that are near are kept."""

from dataclasses import replace

import pytest

from cartlogix.experiment.slot_policy import OBJECTIVE
from cartlogix.policies.following import follow, in_order
from cartlogix.policies.slots import Rolling
from cartlogix.policies.views import View
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.rules import edd, fifo


def lot(name: str, days: int, release: int = 0, due: int = 20, crew: bool = False) -> Job:
    """A lot that takes a suite, and the crew on its first day, which is not there today."""
    demands = (Demand("suite"), Demand("crew", length=1)) if crew else (Demand("suite"),)
    made = Operation("make", (Mode(days, demands),))
    return Job(name, (made,), release=release, due=due)


def view(*jobs: Job, suites: int = 1) -> View:
    """Day 10 of a run; the crew comes tomorrow."""
    resources = (Resource("suite", (suites,)), Resource("crew", (0, 5)))
    return View(10, Problem(jobs, resources, 60), 5.0, {"suite": suites, "crew": 0})


def started(seen: View, promised: dict[str, int], hold: int) -> list[str]:
    return [start.job for start in follow(seen, promised, edd, hold).starts]


def test_the_order_is_the_plan_s_and_the_rule_puts_new_ones_into_it() -> None:
    jobs = [lot("A", 5, due=9), lot("B", 5, due=30), lot("new", 5, due=12), lot("last", 5, due=40)]
    order = in_order(view(*jobs), {"B": 11, "A": 14}, edd)
    # The plan has B before A; the rule puts "new" before B, and "last" behind both.
    assert [job.name for job in order] == ["new", "B", "A", "last"]


@pytest.mark.parametrize(
    ("hold", "days", "expected"),
    [
        (0, 3, ["A", "B"]),  # nobody is guarded: B takes the suite, for which A lacks the crew
        (1, 3, []),  # B would still be there tomorrow, when A is promised the suite
        (1, 1, ["B"]),  # B has ended by then
    ],
)
def test_a_start_that_would_break_a_near_promise_is_not_made(
    hold: int, days: int, expected: list[str]
) -> None:
    seen = view(lot("A", 5, crew=True), lot("B", days))
    assert started(seen, {"A": 11, "B": 16}, hold) == expected


def test_a_promise_further_ahead_than_the_hold_leaves_no_suite_idle() -> None:
    seen = view(lot("A", 5, crew=True), lot("B", 3))
    assert started(seen, {"A": 12, "B": 17}, 1) == ["A", "B"]  # as far as there is room


@pytest.mark.parametrize(("suites", "expected"), [(1, []), (2, ["B"]), (3, ["B", "C"])])
def test_a_promise_keeps_one_suite_and_no_more(suites: int, expected: list[str]) -> None:
    jobs = [lot("A", 5, crew=True), lot("B", 3), lot("C", 3)]
    assert started(view(*jobs, suites=suites), {"A": 11, "B": 13, "C": 14}, 1) == expected


@pytest.mark.parametrize(("hold", "expected"), [(0, ["B"]), (1, [])])
def test_a_lot_beyond_the_plan_breaks_no_near_promise(hold: int, expected: list[str]) -> None:
    """Only A is planned, for tomorrow, when the crew comes; B would keep the suite from it."""
    seen = view(lot("A", 5, due=6, crew=True), lot("B", 3, due=30))
    decision = Rolling(OBJECTIVE, 0.02, edd, lots=1, hold=hold).decide(
        replace(seen, free={**seen.free, "crew": 1})
    )
    assert decision.promised == {"A": 11}
    assert [start.job for start in decision.starts] == expected


def test_who_could_start_before_the_promised_day_does() -> None:
    assert started(view(lot("A", 5), lot("B", 3)), {"A": 11, "B": 16}, 1) == ["A"]


def test_without_a_plan_the_rule_decides() -> None:
    jobs = [lot("late", 3, release=2), lot("early", 3, release=1)]
    found = follow(view(*jobs), {}, fifo, 1)
    assert ([start.job for start in found.starts], found.status) == (["early", "late"], "order")
