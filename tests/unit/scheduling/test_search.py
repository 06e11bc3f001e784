"""The local search works with the objective's own numbers, and gives up when it says so."""

from __future__ import annotations

import pytest

from cartlogix.scheduling.columns import build
from cartlogix.scheduling.objective import BY_END, BY_START, DEFAULT, Objective
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.search import LARGEST, LocalSearch
from cartlogix.scheduling.solve import never
from cartlogix.scheduling.tariff import Tariff
from cartlogix.scheduling.verify import recompute
from tests.unit.scheduling.instances import any_problem
from tests.unit.scheduling.textbook import machines


@pytest.mark.parametrize("term", [*BY_START, *BY_END, "mean_flow", "cost"])
def test_what_jobs_cost_one_by_one_is_what_the_referee_counts(term: str) -> None:
    objective, seen = Objective(({term: 2.5},)), 0.0
    for seed in range(60):
        problem = any_problem(seed)
        plan, tariff = dispatch(problem, RULES["EDD"]), Tariff(problem, objective)
        if plan is not None and tariff.additive:
            values = objective.values(recompute(problem, plan))
            assert tariff.values(plan) == pytest.approx(values), seed
            seen += abs(values[0])
    assert seen > 0


@pytest.mark.parametrize("patience", [3, 20])
def test_it_gives_up_so_many_insertions_after_the_last_better_plan(patience: int) -> None:
    problem = machines([5, 3, 8, 2, 7, 4], due=[9, 30, 12, 14, 16, 20], horizon=40)
    worst = dispatch(problem, RULES["FIFO"])
    assert worst is not None
    search = LocalSearch(problem, Tariff(problem, DEFAULT), worst, seed=1)
    best, last, step = search.values, 0, search.step

    def noted(places: list[int]) -> bool:
        nonlocal best, last
        taken = step(places)
        if search.values < best:
            best, last = search.values, search.insertions
        return taken

    search.step = noted  # type: ignore[method-assign]
    search.run(1.0, never, patience)
    assert last > 0  # it found something better
    assert patience * 6 <= search.insertions - last < patience * 6 + LARGEST


def test_rules_and_matrix_stop_in_the_midst_of_their_work() -> None:
    problem = machines([5] * 30, count=2, horizon=90)
    asked = 0

    def soon() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    assert dispatch(problem, RULES["FIFO"], soon) is None
    assert asked == 3
    asked = 0
    assert build(problem, Tariff(problem, DEFAULT), stopped=soon) is None
    assert asked == 3
    assert build(problem, Tariff(problem, DEFAULT), stopped=never) is not None
