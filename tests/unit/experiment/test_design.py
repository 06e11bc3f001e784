"""The search of a design against systems whose best design is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from cartlogix.experiment.find_design import DesignSearch, Figures, excess
from cartlogix.experiment.search import Decision, Design, Limit, Search

COST, WAIT = "cost.per_infused", "enrolment_to_infusion.p90"


def search(**changes: object) -> Search:
    given = {
        "decisions": (
            Decision(name="a", path="x.a", low=1, high=9),
            Decision(name="b", path="x.b", low=0, high=8, step=2),
        ),
        "limits": (Limit(kpi=WAIT, at_most=20.0),),
        "replications": 8,
    }
    return Search.model_validate({**given, **changes})


class Plant:
    """Waits fall and costs rise with both decisions, on noise that all designs share."""

    def __init__(self, luck: float = 0.5) -> None:
        self.luck = luck
        self.runs = 0

    def __call__(self, designs: Sequence[Design], numbers: range, fresh: bool) -> list[Figures]:
        self.runs += len(designs) * len(numbers)
        shared = np.array([np.random.default_rng([k, fresh]).normal() for k in numbers])
        return [
            {WAIT: 40 - 3.0 * a - 2 * b + self.luck * shared, COST: 10.0 * a + 8 * b + shared}
            for a, b in designs
        ]


def test_the_grid_finds_the_least_cost_within_the_limit() -> None:
    """3 a + 2 b must exceed 20 by the limit's half-width; by hand the least 10 a + 8 b is 78."""
    plant = Plant()
    found = DesignSearch(search(), plant)
    answer = found.run()
    fitting = [(10 * a + 8 * b, (a, b)) for a, b in search().designs() if 3 * a + 2 * b >= 21]
    assert answer == min(fitting)[1]
    assert found.equals(answer) == []
    assert list(found.checked) == [answer]
    assert plant.runs < 45 * 8 + 20  # most designs were ruled out early
    table = found.table()
    assert len(table) == 45
    assert set(table[table["front"]]["verdict"]) <= {"keeps to the limits", "does not keep to them"}
    assert table[table["front"]].sort_values(COST)[WAIT].is_monotonic_decreasing


def test_the_limit_holds_for_the_interval_not_for_the_mean() -> None:
    limit = Limit(kpi=WAIT, at_most=20.0)
    values = np.array([18.0, 19, 20, 21])  # mean 19.5, standard error 0.6455, t(3, 0.95) 2.3534
    assert excess(limit, values, 0.95) == pytest.approx(-0.5 + 2.3534 * 0.6455, abs=1e-3)
    assert excess(Limit(kpi=WAIT, at_least=19.0), values, 0.95) == pytest.approx(
        -0.5 + 2.3534 * 0.6455, abs=1e-3
    )
    assert excess(limit, np.array([1.0, np.nan]), 0.95) == np.inf


def test_an_answer_that_does_not_hold_with_fresh_numbers_is_not_given() -> None:
    plant = Plant()

    def unlucky(designs: Sequence[Design], numbers: range, fresh: bool) -> list[Figures]:
        found = plant(designs, numbers, fresh)
        if fresh and designs[0] == (7, 0):
            found[0][WAIT] = found[0][WAIT] + 5
        return found

    search_ = DesignSearch(search(), unlucky)
    answer = search_.run()
    first, second = search_.checked
    assert first == (7, 0)
    assert answer == second
    impossible = Limit.model_construct(kpi=WAIT, at_most=-50.0, at_least=None)
    none = DesignSearch(search().model_copy(update={"limits": (impossible,)}), plant)
    assert none.run() is None
    assert none.checked == {}


def test_optuna_finds_a_design_near_the_best() -> None:
    plant = Plant(luck=0.1)
    found = DesignSearch(search(method="optuna", trials=45, seed=3), plant)
    answer = found.run()
    assert answer is not None
    assert len(found.seen) <= 45
    assert 10 * answer[0] + 8 * answer[1] <= 1.2 * 70
    again = DesignSearch(search(method="optuna", trials=45, seed=3), Plant(luck=0.1))
    assert again.run() == answer
    assert list(again.seen) == list(found.seen)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"minimise": "cost.per_infusd"}, "did you mean"),
        ({"first": 9}, "first must not be more"),
        ({"limits": ({"kpi": "no.such", "at_most": 1.0},)}, "no figure of all patients"),
        ({"decisions": (Decision(name="a", path="x", low=0, high=9000),)}, "too many for a grid"),
        ({"decisions": (Decision(name="a", path="x", low=0, high=2),) * 2}, "have one name"),
    ],
)
def test_searches_that_cannot_be(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        search(**changes)
    with pytest.raises(ValidationError, match="either at_most or at_least"):
        Limit(kpi=WAIT)
    with pytest.raises(ValidationError, match="low must be less"):
        Decision(name="a", path="x", low=2, high=2)
