"""Material is collected for a promised start: nothing waits for a suite that is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cartlogix.experiment.slot_policy import OBJECTIVE
from cartlogix.policies.online import Case, Material, Run, run
from cartlogix.policies.slots import Rolling
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.rules import atc
from cartlogix.scheduling.verify import violations

LEAD = 3
LIFE = 2


def lots(days: int = 0) -> list[Job]:
    """Twelve lots that appear one a day, each a little longer than the one before."""
    return [
        Job(
            f"L{n}",
            (Operation("make", (Mode(5 + n % 4 + days, (Demand("suite"),)),)),),
            release=n,
            due=n + 15 + n % 3,
            weight=1.0 + n % 3,
        )
        for n in range(12)
    ]


def plant(actual: list[Job], material: Material | None, expected: list[Job] | None = None) -> Case:
    problem = Problem(tuple(actual), (Resource("suite", (2,)),), 200)
    booked = {} if material is None else {job.name: material for job in actual}
    return Case(problem, tuple(expected or actual), 7.0, booked)


def rolled(case: Case, freeze: int) -> Run:
    return run(case, Rolling(OBJECTIVE, 0.02, atc, freeze=freeze))


def starts(case: Case, result: Run) -> dict[str, int | None]:
    return {job.name: result.plan.start(n) for n, job in enumerate(case.actual.jobs)}


def first_promises(result: Run) -> dict[str, int]:
    found: dict[str, int] = {}
    for epoch in result.epochs:
        found = {**epoch.decision.promised, **found}
    return found


def test_with_fixed_durations_everybody_starts_exactly_when_booked() -> None:
    case = plant(lots(), Material(LEAD, life=0))
    result = rolled(case, freeze=200)
    assert starts(case, result) == first_promises(result) == dict(result.arrived)
    assert not violations(case.actual, result.plan)


def test_fresh_material_never_waits_where_only_collected_lots_are_frozen() -> None:
    case = plant(lots(), Material(LEAD, life=0))
    result = rolled(case, freeze=LEAD + 1)
    assert starts(case, result) == dict(result.arrived)


def test_nobody_starts_before_there_was_time_to_collect() -> None:
    case = plant(lots(), Material(LEAD))
    found = starts(case, rolled(case, freeze=LEAD + 1))
    assert found["L0"] == LEAD
    assert all((found[job.name] or 0) >= job.release + LEAD for job in case.actual.jobs)


def test_a_late_run_shifts_the_promise_and_what_has_expired_is_lost() -> None:
    """Every run takes two days longer than anybody expects."""
    case = plant(lots(days=2), Material(LEAD, LIFE), expected=lots())
    result = rolled(case, freeze=LEAD + 1)
    found = starts(case, result)
    waits = {
        name: start - result.arrived[name] for name, start in found.items() if start is not None
    }
    assert min(waits.values()) == 0 < max(waits.values()) <= LIFE
    optional = [replace(job, optional=True) for job in case.actual.jobs]
    assert not violations(replace(case.actual, jobs=tuple(optional)), result.plan)


@pytest.mark.parametrize("freeze", [0, LEAD + 1])
def test_without_booked_material_nothing_is_collected(freeze: int) -> None:
    case = plant(lots(), None)
    result = rolled(case, freeze)
    assert not result.arrived
    assert starts(case, result)["L0"] == 0
