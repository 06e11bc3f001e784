"""Each contradiction in a slot problem is named; what only finds no place is not one."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cartlogix.ground.errors import InvalidInput
from cartlogix.scheduling.checks import check, findings
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem
from tests.unit.scheduling.instances import any_problem
from tests.unit.scheduling.textbook import machines

GOOD = machines([3, 2], due=[4, 4])
NAN = math.nan


def _job(**changes: object) -> Problem:
    first = replace(GOOD.jobs[0], **changes)  # type: ignore[arg-type]
    return replace(GOOD, jobs=(first, *GOOD.jobs[1:]))


def _operation(**changes: object) -> Problem:
    return _job(operations=(replace(GOOD.jobs[0].operations[0], **changes),))  # type: ignore[arg-type]


def _mode(**changes: object) -> Problem:
    first = GOOD.jobs[0].operations[0].modes[0]
    return _operation(modes=(replace(first, **changes),))  # type: ignore[arg-type]


def _resource(**changes: object) -> Problem:
    return replace(GOOD, resources=(replace(GOOD.resources[0], **changes),))  # type: ignore[arg-type]


def _circle(*after: tuple[str, ...]) -> Problem:
    jobs = tuple(
        Job(name, GOOD.jobs[0].operations, after=names)
        for name, names in zip("ABC", after, strict=True)
    )
    return replace(GOOD, jobs=jobs)


@pytest.mark.parametrize("seed", range(200))
def test_a_sound_problem_has_no_findings(seed: int) -> None:
    problem = any_problem(seed)
    assert findings(problem) == []


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (replace(GOOD, horizon=0), "the horizon is 0 ticks"),
        (replace(GOOD, horizon=10**9), "the horizon is 1000000000 ticks"),
        (replace(GOOD, days_per_tick=NAN), "a tick is nan days long"),
        (replace(GOOD, jobs=GOOD.jobs * 100, horizon=99_999), "are more than"),
        (replace(GOOD, jobs=GOOD.jobs * 2), "job 'J0' is given 2 times"),
        (replace(GOOD, resources=GOOD.resources * 2), "resource 'machine' is given 2 times"),
        (_job(name=""), "a job has no name"),
        (_job(weight=NAN), "weight is nan"),
        (_job(weight=-1.0), "weight is -1.0"),
        (_job(weight=1e12), "weight is 1000000000000.0"),
        (_job(loss_rate=math.inf), "loss_rate is inf"),
        (_job(release=NAN), "release nan"),
        (_job(due=10**12), "due 1000000000000"),
        (_job(doses=-1), "brings -1 doses"),
        (_job(operations=()), "has no operations"),
        (_job(after=("nobody",)), "comes after 'nobody', which is no job"),
        (_job(after=("J1", "J1")), "comes after 'J1' twice"),
        (_operation(modes=()), "has no mode"),
        (_operation(min_lag=3, max_lag=2), "max_lag 2 is less than min_lag 3"),
        (_operation(min_lag=NAN), "min_lag nan"),
        (_operation(pinned=-1), "is pinned at -1"),
        (_operation(pinned=99), "is pinned at 99"),
        (_operation(pinned_mode=1), "is pinned to mode 1 of 1"),
        (_mode(duration=-1), "lasts -1 ticks"),
        (_mode(duration=NAN), "lasts nan ticks"),
        (_mode(cost=NAN), "cost is nan"),
        (_mode(demands=(Demand("nothing"),)), "takes of 'nothing', which is no resource"),
        (_mode(demands=(Demand("machine", amount=0),)), "takes 0 of 'machine'"),
        (_mode(demands=(Demand("machine", length=-2),)), "for -2 ticks"),
        (_mode(demands=(Demand("machine", start=-(10**9)),)), "-1000000000 ticks from its start"),
        (_resource(capacity=()), "has no capacity"),
        (_resource(capacity=(1, -1)), "capacity -1"),
        (_resource(capacity=(10**9,)), "capacity 1000000000"),
        (_resource(window=0), "window is 0"),
        (_resource(overtime=-1), "overtime of -1"),
        (_resource(overtime_cost=NAN), "overtime_cost is nan"),
        (_resource(capacity=(2,), changeovers={("", "x"): 1}), "changeovers need a capacity of 1"),
        (_resource(changeovers={("", "x"): -1}), "is -1 ticks"),
        (_circle(("C",), ("A",), ("B",)), "in a circle: A < C < B < A"),
        (_circle(("A",), (), ()), "in a circle: A < A"),
    ],
)
def test_each_contradiction_is_named(problem: Problem, words: str) -> None:
    assert any(words in text for text in findings(problem)), findings(problem)
    with pytest.raises(InvalidInput, match="problem: "):
        check(problem)


@pytest.mark.parametrize(
    "problem",
    [
        GOOD,
        Problem((), (), 1),
        _job(due=-3),
        _resource(capacity=(0,)),
        _mode(demands=(Demand("machine", amount=9),)),
        _mode(duration=50),
        _job(release=99),
        _circle((), ("A",), ("A", "B")),
        _resource(changeovers={("", "x"): 1}),
        _job(
            operations=(Operation("a", (Mode(3),), pinned=0), Operation("b", (Mode(1),), pinned=2))
        ),
    ],
)
def test_what_only_finds_no_place_is_no_contradiction(problem: Problem) -> None:
    check(problem)


def test_a_long_chain_is_checked_at_once() -> None:
    jobs = tuple(
        Job(f"J{n}", GOOD.jobs[0].operations, after=(f"J{n - 1}",) if n else ())
        for n in range(20_000)
    )
    assert findings(replace(GOOD, jobs=jobs, horizon=10)) == []
