"""What-if, repair and slots: few moves, and each said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from cartlogix.board.repair import carried, repaired
from cartlogix.board.replan import replan
from cartlogix.board.rows import move_text, moves
from cartlogix.board.slots import slots, with_order, without_order
from cartlogix.board.translate import pose
from cartlogix.board.what_if import apply
from cartlogix.ground.errors import InvalidInput
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.outcome import Budget, Outcome
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.solve import solve
from tests.unit.board.boards import loaded, plan_of

QUICK = Budget(effort=0.05, seconds=20.0, exact=False)
PLANTS = (
    "[{name: plant, suites: [{name: suite 1}, {name: suite 2}], "
    "operators: [{name: seeding, units: 2}], qc: 3}]"
)


def never() -> bool:
    return False


def test_changes_in_words(tmp_path: Path) -> None:
    board = loaded(tmp_path, plants=PLANTS).board
    shut = apply(board, ["suite 2 down 2027-03-04..08"]).board.plants[0].suites[1]
    assert [str(span) for span in shut.down] == ["2027-03-04..2027-03-08"]
    fewer = apply(board, ["operator seeding -1 2027-03-06"]).board.plants[0].operators[0]
    assert (fewer.changes[0].by, str(fewer.changes[0].days)) == (-1, "2027-03-06")
    later = apply(board, ["patient B apheresis +2 d"])
    assert (str(later.board.orders[1].ready), later.orders) == ("2027-03-03", ("B",))
    every = apply(board, ["plant plant down 2027-03-04", "QC plant +1 2027-03-02"]).board.plants[0]
    assert all(suite.down for suite in every.suites)
    assert every.qc is not None
    assert every.qc.changes[0].by == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("suite 9 down 2027-03-04", "no suite '9'"),
        ("suite 1 down yesterday", "days such as"),
        ("suite 1 down 2026-03-04", "before the board begins"),
        ("operator seding -1 2027-03-04", "did you mean 'plant/seeding'?"),
        ("patient Z apheresis +2 d", "no order 'Z'"),
        ("make it faster", "not understood; write one of"),
    ],
)
def test_what_is_not_understood_says_what_would_be(tmp_path: Path, text: str, words: str) -> None:
    board = loaded(tmp_path, plants=PLANTS).board
    with pytest.raises(InvalidInput) as refused:
        apply(board, [text])
    assert words in str(refused.value)


def test_only_what_no_longer_fits_moves(tmp_path: Path) -> None:
    orders = "[{id: A, product: cart}, {id: B, product: cart}, {id: C, product: cart}]"
    read = loaded(tmp_path, horizon="60 d", orders=orders)
    base = (pose(read.board), plan_of(((0, 0), 8), ((0, 1), 8), ((8, 0), 16)))
    changed = apply(read.board, ["suite 2 down 2027-03-04..05"])
    found = replan(changed, {}, base, QUICK, never)
    assert found.outcome.plan is not None
    # B waits until the suite is open again on 6 March; nobody else is touched.
    assert [move_text(move) for move in found.moves] == [
        "B: start 2027-03-01 -> 2027-03-06",
    ]
    assert found.before["wait"] == 8


def test_all_searches_share_the_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, spent = [0.0], list[float]()

    def solving(
        problem: Problem,
        objective: Objective,
        budget: Budget,
        start: Plan | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Outcome:
        assert budget.seconds is not None
        spent.append(budget.seconds)
        clock[0] += budget.seconds
        return solve(problem, objective, replace(budget, seconds=None), start, stopped)

    monkeypatch.setattr("cartlogix.board.replan.solve", solving)
    monkeypatch.setattr("cartlogix.board.replan.time", SimpleNamespace(monotonic=lambda: clock[0]))
    orders = "[{id: A, product: cart}, {id: B, product: cart}]"
    read = loaded(tmp_path, horizon="60 d", orders=orders)
    base = (pose(read.board), plan_of(((0, 0), 8), ((0, 1), 8)))
    changed = apply(read.board, ["suite 2 down 2027-03-04..05"])
    found = replan(changed, {}, base, replace(QUICK, seconds=3.0), never)
    assert found.outcome.plan is not None
    assert spent
    assert sum(spent) <= 3.0


@pytest.mark.parametrize(
    ("worth", "moved", "tardiness"),
    [
        (1, {"A": 1, "B": 9, "C": 17}, 3),  # everybody a day later: 3 + 2.6 + 3 moves
        (5, {"A": 8, "B": 0}, 8),  # A and B change places: 8 + 2.3 + 2 moves
        (20, {"A": 24}, 24),  # A behind all others: 24 + 4.7 + 1 move
    ],
)
def test_a_move_is_worth_what_the_board_says(
    tmp_path: Path, worth: int, moved: dict[str, int], tardiness: int
) -> None:
    """One suite, three lots back to back, each due on the day of its end; A comes a day late."""
    dues = {"A": "2027-03-12", "B": "2027-03-20", "C": "2027-03-28"}
    orders = ", ".join(f"{{id: {name}, product: cart, due: {due}}}" for name, due in dues.items())
    read = loaded(tmp_path, horizon="60 d", orders=f"[{orders}]", move_worth=f"{worth} d",
                  plants="[{name: p, suites: [{name: s}]}]")  # fmt: skip
    base = (pose(read.board), plan_of((0, 8), (8, 16), (16, 24)))
    found = replan(apply(read.board, ["patient A ready 2027-03-02"]), {}, base, QUICK, never)
    plan = found.outcome.plan
    assert plan is not None
    assert {move.order: plan.start(ord(move.order) - ord("A")) for move in found.moves} == moved
    assert found.outcome.terms["tardiness"] == tardiness
    assert found.reasons["A"].must == "is not ready then"
    others = [found.reasons[name] for name in moved if name != "A"]
    assert all(not reason.must and reason.stayed is not None for reason in others)
    if worth == 5:  # with B in its place, A and C would change places
        assert others[0].stayed is not None
        assert others[0].stayed["tardiness"] == 16
        assert others[0].moved == 2


def test_what_it_did_is_found_again_where_ways_are_numbered_otherwise(tmp_path: Path) -> None:
    board = pose(loaded(tmp_path).board)
    pin = "pins: [{step: manufacture, start: 2027-03-06, place: suite 2}]"
    orders = f"[{{id: A, product: cart}}, {{id: B, product: cart, {pin}}}]"
    pinned = pose(loaded(tmp_path, orders=orders).board)
    old = carried(board.problem, plan_of(((3, 1), 12), ((5, 1), 14)), pinned.problem)
    places = [
        steps and job.operations[0].modes[steps[0].mode].place
        for job, steps in zip(pinned.problem.jobs, old, strict=True)
    ]
    assert places == ["plant/suite 2", "plant/suite 2"]
    gone = carried(board.problem, plan_of(((3, 1), 12), ((5, 0), 14)), pinned.problem)
    assert gone[1] is None


def test_repair_keeps_a_plan_that_still_fits(tmp_path: Path) -> None:
    board = pose(loaded(tmp_path).board)
    plan = plan_of(((3, 1), 12), ((5, 0), 14))
    assert repaired(board.problem, plan.jobs, lambda plan: ()) == plan


def test_slots_say_what_they_do_to_others(tmp_path: Path) -> None:
    read = loaded(tmp_path, plants="[{name: p, suites: [{name: s}]}]", horizon="60 d")
    wider, name = with_order(read.board, "product=cart, ready=2027-03-02, due=2027-03-20")
    base = (pose(read.board), plan_of((0, 8), (8, 16)))
    found = slots(pose(wider), name, base, never)
    free = [slot for slot in found if not slot.moves]
    assert [str(slot.start) for slot in free][:1] == ["2027-03-17"]  # behind A and B
    pushing = next(slot for slot in found if str(slot.start) == "2027-03-09")
    assert [move_text(move) for move in pushing.moves] == ["B: start 2027-03-09 -> 2027-03-17"]
    assert (pushing.later, pushing.days_late) == (8, 0)


def test_a_new_order_is_checked_as_one_of_the_file(tmp_path: Path) -> None:
    board = loaded(tmp_path).board
    for text, words in (
        ("Z", "no order is called 'Z'"),
        ("product=cat", "did you mean 'cart'?"),
        ("product=cart, redy=2027-03-02", "did you mean 'ready'?"),
        ("product=cart, ready=soon", "a date such as"),
        ("site=x", "Field required"),
    ):
        with pytest.raises(InvalidInput) as refused:
            with_order(board, text)
        assert words in str(refused.value)
    assert with_order(board, "B") == (board, "B")
    assert [order.id for order in without_order(board, "B").orders] == ["A"]


def test_no_difference_is_no_move(tmp_path: Path) -> None:
    board = pose(loaded(tmp_path).board)
    plan = plan_of(((3, 1), 12), ((5, 0), 14))
    assert moves((board, plan), (board, plan)) == []
