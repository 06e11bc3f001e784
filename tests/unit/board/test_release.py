"""What a move is, and on which level of the objective it is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.board.release import Release, exchange
from cartlogix.scheduling.objective import Objective
from tests.unit.board.boards import plan_of, posed


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (({"beyond_limit": 1.0}, {"wait": 0.1, "tardiness": 2.0}, {"cost": 1.0}), (1, 10.0)),
        (({"wait": 0.1}, {"tardiness": 1.0}), (1, 5.0)),
        (({"wait": 0.5}, {"cost": 1.0}), (0, 2.5)),
        (({"late": 1.0}, {"cost": 1.0}), (2, 1.0)),  # no level counts time: moves come last
    ],
)
def test_a_move_is_paid_where_lateness_counts(
    levels: tuple[dict[str, float], ...], expected: tuple[int, float]
) -> None:
    assert exchange(Objective(levels), 5.0) == expected


def test_another_suite_or_a_later_step_is_a_move_too(tmp_path: Path) -> None:
    board = posed(tmp_path)
    old = plan_of(((0, 0), 8), ((0, 1), 8))
    release = Release(board.problem, old.jobs, board.objective, 5.0, lambda: False)
    swapped = plan_of(((0, 1), 8), ((0, 0), 8))
    tested_later = plan_of(((0, 0), 8), ((0, 1), 9))
    assert [release.moved(plan) for plan in (old, swapped, tested_later)] == [[], [0, 1], [1]]
    assert [release.judged(plan)[1] for plan in (old, swapped)] == [0.0, 10.0]
    # Nothing is late and nobody waits longer for the start: only the move counts.
    assert release.judged(tested_later)[1] == 5.0
