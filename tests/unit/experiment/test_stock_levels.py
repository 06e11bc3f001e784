"""Searching a stock's level: against Erlang's formula, against a full scan, and by the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cartlogix.experiment.stock_levels import LevelSearch, Tried, with_level
from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from tests.cli.harness import call
from tests.oracle import theory
from tests.oracle.judge import SCENARIOS

STORE = SCENARIOS / "store.yaml"
LINES = (
    "costs={lines: [{name: store, per: dose_day, amount: 100}, "
    "{name: lost, per: patient, amount: 1000}]}"
)


def store(*overrides: str, rule: str = "{rule: base_stock, level: 3}") -> Scenario:
    return load(
        STORE,
        [f"stocks.doses.replenishment={rule}", "run.enrolment=2000 d", *overrides],
    ).scenario


def test_the_lowest_level_for_a_fill_rate_is_that_of_theory() -> None:
    answer = LevelSearch(store(), "doses").for_fill(0.93)
    least = next(s for s in range(1, 20) if 1 - theory.erlang_b(s, 3.0) >= 0.93)
    assert answer.found.level == least
    assert answer.rival is not None and answer.rival.level == least - 1
    assert answer.is_separable
    assert answer.found.chance_of(0.93) > 0.95
    assert answer.rival.chance_of(0.93) < 0.05


def test_the_level_of_least_cost_is_that_of_a_full_scan() -> None:
    scenario = store(LINES, "run.enrolment=600 d", "run.replications=3")
    search = LevelSearch(scenario, "doses")
    answer = search.for_cost()
    costs = {level: float(search.tried(level).cost.mean()) for level in range(1, 9)}
    assert answer.found.level == min(costs, key=costs.__getitem__)
    assert 1 < answer.found.level < 8


def test_equal_levels_are_not_separable() -> None:
    scenario = store("run.enrolment=300 d", "run.replications=3")
    # So much stock that nobody is ever turned away.
    answer = LevelSearch(with_level(scenario, "doses", 60), "doses").for_fill(0.5)
    assert answer.found.level >= 1
    search = LevelSearch(scenario, "doses")
    both = search._answer(search.tried(60), search.tried(61), lambda one: one.fill, 1)
    assert not both.is_separable


def test_the_chance_that_a_target_is_reached() -> None:
    tried = Tried(1, np.array([0.9, 0.92, 0.94]), np.zeros(3))
    assert tried.chance_of(0.92) == pytest.approx(0.5)
    # t = 0.02 / (0.02 / sqrt 3) = 1.732 with 2 degrees of freedom: 1/2 + t / (2 sqrt(2 + t^2)).
    assert tried.chance_of(0.90) == pytest.approx(0.5 + 3**0.5 / (2 * 5**0.5))


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("{rule: R_S, review: 7 d, level: 3}", {"level": 9}),
        ("{rule: r_Q, reorder_point: 3, quantity: 5}", {"reorder_point": 9, "quantity": 5}),
        ("{rule: s_S, reorder_point: 3, level: 7}", {"reorder_point": 9, "level": 13}),
    ],
)
def test_which_number_of_a_rule_is_searched(rule: str, values: dict[str, int]) -> None:
    changed = with_level(store(rule=rule), "doses", 9).stocks[0].replenishment
    assert {key: getattr(changed, key) for key in values} == values


@pytest.mark.parametrize(
    ("rule", "stock", "message"),
    [
        ("{rule: base_stock, level: 3}", "dozes", "no stock is named 'dozes'"),
        ("{rule: none}", "doses", "has no level to search"),
        ("{rule: computed_S, service: 0.9}", "doses", "has no level to search"),
    ],
)
def test_what_cannot_be_searched(rule: str, stock: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        LevelSearch(store(rule=rule), stock)


def test_the_command_writes_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "store.yaml"
    file.write_text(STORE.read_text("utf-8"), encoding="utf-8")
    short = ["--set", "stocks.doses.replenishment={rule: base_stock, level: 2}"]
    short += ["--set", "run.enrolment=200 d", "--set", "run.replications=2", "--jobs", "1"]
    search = ["stock-levels", str(file), "--stock", "doses", *short, "--out", "levels"]
    done = call(*search, "--target-fill", "0.5", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "Lowest level with a fill rate of 50 % or more" in done.out
    written = {path.name for path in (tmp_path / "levels").iterdir()}
    assert written >= {"levels.csv", "answer.md", "report.html", "manifest.json"}
    page = (tmp_path / "levels" / "report.html").read_text("utf-8")
    assert "Lowest level with a fill rate of 50 % or more" in page
    assert "Fill rate by level" in page
    assert "Cost per infused patient by level" in page
    for wrong in ([], ["--target-fill", "0.5", "--cost"]):
        refused = call(*search, *wrong, cwd=tmp_path)
        assert refused.code == 2 and "either --target-fill" in refused.err
