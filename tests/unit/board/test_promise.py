"""Promise dates against what is known of the laws."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from cartlogix.board.promise import promises, simulate
from tests.unit.board.boards import plan_of, posed

ONE = "[{name: p, suites: [{name: s}]}]"


def made(duration: str, more: str = "") -> str:
    return f"[{{name: cart, route: [{{step: manufacture, duration: {duration}{more}}}]}}]"


def test_without_uncertainty_the_plan_is_the_promise(tmp_path: Path) -> None:
    board = posed(tmp_path, orders="[{id: A, product: cart, due: 2027-03-12}]")
    found = promises(board, plan_of((0, 8)), seed=1)["A"]
    assert (found.p50, found.p90, found.on_time, found.lost) == (12, 12, 1.0, 0.0)


def test_quantiles_and_chance_follow_the_law(tmp_path: Path) -> None:
    board = posed(tmp_path, products=made("{law: uniform, low: 4 d, high: 8 d}"),
                  orders="[{id: A, product: cart, due: 2027-03-07}]")  # fmt: skip
    samples = 1000
    found = promises(board, plan_of((0,)), seed=3, samples=samples)["A"]
    # Four standard errors of a quantile of a uniform law of width 4, and of a share.
    assert found.p50 == pytest.approx(6.0, abs=4 * 4 * math.sqrt(0.25 / samples))
    assert found.p90 == pytest.approx(7.6, abs=4 * 4 * math.sqrt(0.09 / samples))
    assert found.on_time == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / samples))


def test_a_long_lot_pushes_the_one_behind_it(tmp_path: Path) -> None:
    board = posed(tmp_path, plants=ONE, products=made("{law: empirical, values: [4 d, 8 d]}"))
    ends = simulate(board, plan_of((0,), (6,)), seed=2, samples=400)
    behind = np.maximum(6, ends[0])
    assert set(np.unique(ends[0])) == {4.0, 8.0}
    assert set(np.unique(ends[1] - behind)) == {4.0, 8.0}
    other = posed(tmp_path, products=made("{law: empirical, values: [4 d, 8 d]}"))
    alone = simulate(other, plan_of((0,), ((6, 1),)), seed=2, samples=400)
    assert np.array_equal(alone[0], ends[0]), "the same luck beside other lots"
    assert set(np.unique(alone[1])) == {10.0, 14.0}


def test_a_start_waits_for_an_open_day(tmp_path: Path) -> None:
    plants = "[{name: p, suites: [{name: s}], starts: {mon-fri: 1}}]"
    products = made("{law: empirical, values: [4 d, 5 d]}")
    board = posed(tmp_path, plants=plants, products=products)
    # Planned for Friday; a lot that ends on Friday pushes it to Monday.
    ends = simulate(board, plan_of((0,), (4,)), seed=2, samples=200)
    late = ends[0] == 5
    assert set(np.unique(ends[1][~late])) == {8.0, 9.0}
    assert set(np.unique(ends[1][late])) == {11.0, 12.0}


@pytest.mark.parametrize(("what", "p50", "lost"), [("remake", 16.0, 0.0), ("lost", math.inf, 1.0)])
def test_a_failed_step_is_done_again_or_loses_the_lot(
    tmp_path: Path, what: str, p50: float, lost: float
) -> None:
    products = made("8 d", f", failure: 1, on_failure: {what}")
    board = posed(tmp_path, plants=ONE, products=products)
    found = promises(board, plan_of((0,), (8,)), seed=1, samples=50)
    assert (found["A"].p50, found["A"].lost) == (p50, lost)
    assert found["B"].p50 == (32.0 if what == "remake" else math.inf)


def test_the_same_seed_gives_the_same_dates(tmp_path: Path) -> None:
    board = posed(tmp_path, products=made("{law: lognormal, mean: 7 d, sd: 1 d}"))
    plan = plan_of((0,), ((0, 1),))
    assert promises(board, plan, 5) == promises(board, plan, 5)
    assert promises(board, plan, 5) != promises(board, plan, 6)
