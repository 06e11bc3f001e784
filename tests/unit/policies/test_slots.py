"""Slot policies see what has happened and what is expected, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cartlogix.experiment.slot_cases import STRUCTURES, case
from cartlogix.experiment.slot_policy import OBJECTIVE
from cartlogix.policies.online import Case, Run, run
from cartlogix.policies.slots import ByRule, Rolling, SlotPolicy
from cartlogix.policies.views import View, waiting
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.rules import RULES, atc
from cartlogix.scheduling.verify import recompute, violations

WEEKDAYS = tuple(int(tick % 7 < 5) for tick in range(200))


def rolling(freeze: int = 0) -> Rolling:
    return Rolling(OBJECTIVE, 0.02, atc, freeze=freeze)


def lot(name: str, days: int, release: int = 0, due: int = 20, weight: float = 1.0) -> Job:
    """A culture that keeps its suite until somebody harvests it on a working day."""
    modes = tuple(
        Mode(length, (Demand("suite"), Demand("crew", start=length - 1, length=1)))
        for length in range(days, days + 4)
    )
    return Job(name, (Operation("make", modes),), release=release, due=due, weight=weight)


def plant(jobs: list[Job], expected: list[Job] | None = None, suites: int = 1) -> Case:
    resources = (Resource("suite", (suites,)), Resource("crew", tuple(5 * d for d in WEEKDAYS)))
    return Case(Problem(tuple(jobs), resources, 150), tuple(expected or jobs), 6.0)


def some_lots() -> list[Job]:
    return [
        lot(f"L{n}", 3 + n * 5 % 7, release=n, due=n + 12 + n % 3, weight=1.0 + n % 3)
        for n in range(12)
    ]


POLICIES: dict[str, Callable[[], SlotPolicy]] = {
    "ATC": lambda: ByRule(atc),
    "rolling": rolling,
}


@pytest.mark.parametrize("name", POLICIES)
def test_two_futures_that_are_equal_until_a_day_are_met_in_the_same_way_until_then(
    name: str,
) -> None:
    day = 14
    one = some_lots()
    first, views = followed(plant(one, suites=2), POLICIES[name]())
    ends = {job.name: first.plan.end(plant(one).actual, n) for n, job in enumerate(one)}
    # Whatever ends or comes after that day now takes longer, or comes with other due dates.
    other = [
        replace(lot(job.name, 9, job.release, job.due or 0), weight=job.weight)
        if (ends[job.name] or 0) > day
        else job
        for job in one
    ]
    later = [replace(job, due=99) if job.release > day else job for job in one]
    second, seen = followed(plant(other, later, suites=2), POLICIES[name]())
    for n in range(len(one)):
        starts = [result.plan.start(n) for result in (first, second)]
        assert starts[0] == starts[1] or min(start or 0 for start in starts) >= day
    assert [view for view in views if view.tick < day] == [view for view in seen if view.tick < day]


def followed(lots: Case, policy: SlotPolicy) -> tuple[Run, list[View]]:
    views: list[View] = []
    return run(lots, policy, views.append), views


def test_a_plan_that_is_replayed_with_fixed_durations_starts_exactly_as_planned() -> None:
    lots = plant([replace(job, release=0) for job in some_lots()], suites=2)
    result = run(lots, rolling(freeze=150))
    planned = result.epochs[0].decision.promised
    assert {job.name: result.plan.start(n) for n, job in enumerate(lots.actual.jobs)} == planned


@pytest.mark.parametrize("structure", STRUCTURES)
def test_what_comes_of_a_policy_is_a_feasible_plan(structure: str) -> None:
    lots = case(STRUCTURES[structure], 0.25, 5, 0)
    for policy in (ByRule(RULES["EDD"]), rolling()):
        assert not violations(lots.actual, run(lots, policy).plan)


def test_the_same_lots_give_the_same_decisions() -> None:
    lots = case(STRUCTURES["weekend"], 0.4, 5, 1)
    assert run(lots, rolling()) == run(lots, rolling())


def test_trivial_moments_need_no_solver() -> None:
    alone = run(plant([lot("A", 3), lot("B", 4)], suites=2), rolling())
    assert [epoch.decision.status for epoch in alone.epochs] == ["trivial"]
    blocked = run(plant([lot("A", 3), lot("B", 4, release=1)]), rolling())
    assert {epoch.decision.status for epoch in blocked.epochs} == {"trivial"}


def test_a_plan_fills_the_weekend_where_a_rule_does_not() -> None:
    # Monday: 6 days end on a Saturday and keep the suite to the next Monday; 5 end on Friday.
    lots = plant([lot("six", 6, due=5), lot("five", 5, due=6), lot("also", 5, due=14)])
    assert value(lots, rolling()) < value(lots, ByRule(RULES["EDD"]))


def value(lots: Case, policy: SlotPolicy) -> float:
    return OBJECTIVE.values(recompute(lots.actual, run(lots, policy).plan))[0]


def test_a_suite_remembers_its_last_product() -> None:
    between = {("a", "b"): 3, ("b", "a"): 3}
    suite = Resource("suite", (1,), changeovers=between)

    def job(name: str, product: str, release: int) -> Job:
        made = Operation("make", (Mode(4, (Demand("suite"),)),))
        return Job(name, (made,), release=release, product=product)

    jobs = (job("A", "a", 0), job("B", "b", 5))
    lots = Case(Problem(jobs, (suite,), 40), jobs, 4.0)
    result = run(lots, rolling())
    assert result.plan.start(1) == 7
    assert result.epochs[-1].decision.promised["B"] == 7


def test_a_remake_is_not_known_before_its_lot_has_failed() -> None:
    jobs = [lot("A", 5), replace(lot("A-remake", 5), after=("A",))]
    _, views = followed(plant(jobs), rolling())
    assert [[job.name for job in waiting(view.problem)] for view in views] == [["A"], ["A-remake"]]


def test_a_case_is_refused_whose_jobs_differ_or_whose_windows_are_long() -> None:
    with pytest.raises(ValueError, match="not the actual ones"):
        plant([lot("A", 5)], [lot("B", 5)])
    weekly = Problem((lot("A", 5),), (Resource("suite", (1,), window=7),), 50)
    with pytest.raises(ValueError, match="windows"):
        Case(weekly, weekly.jobs, 5.0)
