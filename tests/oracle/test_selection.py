"""The race between scenarios, on normal figures whose best one is known, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import bdtr

from cartlogix.experiment.selection import Race, Select

COST = "cost.per_infused"  # less is better
RACES = 200


def race(means: list[float], seed: int, shared: float = 0.0, **rule: float) -> Race:
    """Run a race between normal figures of variance 1, correlated by what they share."""
    rng = np.random.default_rng(seed)
    given = {"kpi": COST, "indifference": 0.5, "minimum": 10, "maximum": 5000, **rule}
    running = Race(Select.model_validate(given), [str(k) for k in range(len(means))])
    own, common = np.sqrt(1 - shared), np.sqrt(shared)
    while not running.over:
        values = np.array(means) + common * rng.normal() + own * rng.normal(size=len(means))
        running.add({str(k): float(value) for k, value in enumerate(values)})
    return running


@pytest.mark.parametrize("shared", [0.0, 0.7])
def test_the_best_is_chosen_as_often_as_promised(shared: float) -> None:
    # The hardest case: all others are worse by just the indifference.
    delta = 0.5 * np.sqrt(1 - shared)
    ended = [race([0, delta, delta, delta], seed, shared, indifference=delta)
             for seed in range(RACES)]  # fmt: skip
    right = sum(one.best() == "0" for one in ended)
    # A procedure that chooses right with 95 % falls below this once in a thousand.
    least = int(np.argmax(np.asarray(bdtr(np.arange(RACES + 1.0), RACES, 0.95)) > 0.001))
    assert right >= least
    assert all(one.alive == [one.best()] for one in ended)


def test_replications_are_spent_where_they_matter() -> None:
    ended = [race([0, 0.5, 2, 4, 4, 4], seed) for seed in range(20)]
    spent = sum(sum(one.ran.values()) for one in ended)
    equally = sum(6 * max(one.ran.values()) for one in ended)
    assert spent < 0.6 * equally
    assert all(one.ran["3"] <= 12 for one in ended)  # dropped out almost at once


def test_common_random_numbers_shorten_the_race() -> None:
    alone, shared = (
        sum(race([0, 0.5], seed, share, indifference=0.2).done for seed in range(40))
        for share in (0.0, 0.8)
    )
    assert shared < 0.7 * alone


def test_equals_are_not_separable() -> None:
    equal = race([0, 0, 9], seed=3)
    assert equal.best() in ("0", "1")
    assert len(equal.not_separable()) == 1
    assert "2" not in equal.not_separable()
    short = race([0, 0, 9], seed=3, maximum=12, indifference=0.3)
    assert short.alive == ["0", "1"]  # undecided when the budget is spent


def test_first_elimination_by_hand() -> None:
    # Differences 1, 3, 1, 3, ...: mean 2, variance 10/9 of 1. With two scenarios and 95 %,
    # h squared is 9 (0.1 ** (-2/9) - 1) = 6.0129, so h squared S squared is 6.6810. With an
    # indifference d the margin at 10 replications is (6.6810 / d - 10 d) / 20: for d = 0.1 it is
    # 3.2905, more than 2; for d = 0.2 it is 1.5702, less.
    for delta, ran in ((0.1, False), (0.2, True)):
        running = Race(Select(kpi=COST, indifference=delta, minimum=10), ["a", "b"])
        for k in range(10):
            assert running.alive == ["a", "b"]
            running.add({"a": 5.0, "b": 6.0 if k % 2 else 8.0})
        assert running.over is ran
        assert running.best() == "a"
    more = Race(Select(kpi="share.infused", indifference=0.2, minimum=10), ["a", "b"])
    for k in range(10):
        more.add({"a": 5.0, "b": 6.0 if k % 2 else 8.0})
    assert more.alive == ["b"]  # more patients infused is better


def test_of_two_that_are_exactly_alike_the_first_goes_on() -> None:
    """A plant with room that nobody needs has the same figures in every replication."""
    running = Race(Select(kpi=COST, indifference=0.2, minimum=10), ["a", "b", "c"])
    for k in range(10):
        assert running.alive == ["a", "b", "c"]
        running.add({"a": 5.0 + k % 3, "b": 5.0 + k % 3, "c": 9.0 + k % 3})
    assert running.over
    assert running.best() == "a"
    assert running.not_separable() == ["b"]
    assert running.differences() == {"b": (0.0, 0.0, 0.0), "c": (4.0, 4.0, 4.0)}


def test_differences_from_the_best_are_in_the_unit_of_the_figure() -> None:
    running = Race(Select(kpi="share.infused", indifference=0.1, minimum=10), ["a", "b"])
    for k in range(10):
        running.add({"a": 0.5, "b": 0.8 if k % 2 else 0.6})
    assert running.best() == "b"
    # -0.1 and -0.3 in turn: mean -0.2, sd 0.1054, t of 9 degrees 2.2622.
    found = running.differences()["a"]
    assert found == pytest.approx((-0.2, -0.2 - 0.0754, -0.2 + 0.0754), abs=1e-4)


def test_an_undefined_figure_decides_nothing() -> None:
    running = Race(Select(kpi=COST, indifference=1, minimum=10, maximum=12), ["a", "b"])
    for _ in range(12):
        running.add({"a": 5.0, "b": float("nan")})
    assert running.over
    assert running.alive == ["a", "b"]


@pytest.mark.parametrize(("given", "why"), [
    ({"kpi": "cost.per_infuse", "indifference": 1}, "did you mean 'cost.per_infused'"),
    ({"kpi": COST, "indifference": 0}, "greater than 0"),
    ({"kpi": COST, "indifference": 1, "minimum": 30, "maximum": 20}, "less than minimum"),
])  # fmt: skip
def test_findings(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Select.model_validate(given)
