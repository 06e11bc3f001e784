"""Corners of the engine: courses of doses, lots that arrive dead, unequal needs, luck of lots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cartlogix.sim.clock import Clock
from cartlogix.sim.line import State
from cartlogix.sim.pool import Pool, PoolRules
from cartlogix.trace.tables import Trace
from tests.laws.clinic import clinic, ran
from tests.laws.parts import Plain


def test_a_course_keeps_the_apheresis_and_release_of_its_first_infusion() -> None:
    once, twice = clinic(), clinic()
    for world in (once, twice):
        world["network"]["plants"][0]["resources"]["suite"]["capacity"] = None
    twice["pathways"][0]["repeat"] = {"doses": 2, "interval": "10 d", "from_step": "apheresis"}
    first, course = ran(once).cohort, ran(twice)
    rows = course["activities"]
    assert (rows["step"] == "infusion").sum() > 1.5 * len(first), "there are second doses"
    for column in ("apheresis", "released", "infused"):
        assert course.cohort[column].tolist() == pytest.approx(first[column].tolist()), column


def shop(**changes: Any) -> Plain:  # noqa: ANN401 - plain data
    """Patients who wait for doses from lots that are ordered."""
    stock: Plain = {
        "name": "doses",
        "replenishment": {"rule": "r_Q", "reorder_point": 2, "quantity": 5},
        "lot": {"route": [{"name": "manufacture", "duration": "6 d"}]},
    }
    world = clinic()
    world["stocks"] = [{**stock, **changes}]
    world["costs"] = {}
    world["pathways"][0] |= {
        "modality": "off_the_shelf",
        "route": [
            {"name": "order", "draw": {"stock": "doses", "stock_out": "lost"}},
            {"name": "infusion"},
        ],
    }
    return world


def test_a_lot_that_arrives_dead_is_ordered_again_at_once() -> None:
    route = [{"name": "release", "duration": "6 d"}, {"name": "storage", "duration": "4 d"}]
    trace = ran(shop(shelf_life={"life": "3 d", "starts": "release"}, lot={"route": route}))
    lots = trace["lots"]
    arrived = lots["received"].dropna().tolist()
    assert len(arrived) > 3
    assert lots["ordered"].tolist() == pytest.approx([0.0, *arrived][: len(lots)])
    assert (trace["stock_moves"]["reason"] != "issue").all()


LINES = {"front": (True, 0.0), "urgent": (False, -1.0)}


class Somebody:
    """Who waits: only the rank counts here."""

    number, course, match_class, urgency, due = 0, 1, -1, 1.0, float("inf")

    def __init__(self, rank: float = 0.0) -> None:
        self.rank = rank


@pytest.mark.parametrize("line", LINES)
def test_who_goes_before_a_bigger_need_takes_what_is_free(line: str) -> None:
    front, rank = LINES[line]
    pool = Pool(Clock(), "plant/suite", 3, PoolRules(lambda who: getattr(who, "rank", 0.0)))
    assert pool.seize(Somebody(), ((pool, 2),)) is None
    big = pool.seize(Somebody(), ((pool, 2),))
    assert big is not None
    assert pool.seize(Somebody(rank), ((pool, 1),), front=front) is None
    assert (pool.free, pool.waiting, big.state) == (0, 1, State.WAITING)


def test_nobody_overtakes_a_bigger_need_from_behind() -> None:
    pool = Pool(Clock(), "plant/suite", 3, PoolRules(lambda who: 0.0))
    assert pool.seize(Somebody(), ((pool, 2),)) is None
    big = pool.seize(Somebody(), ((pool, 2),))
    small = pool.seize(Somebody(), ((pool, 1),))
    assert big is not None and small is not None
    pool.release(2)
    assert (big.state, small.state) == (State.GRANTED, State.GRANTED)


def luck(trace: Trace) -> list[tuple[float, int, str]]:
    """Of every finished lot that was ordered: days of manufacture, doses, and what became of it."""
    lots = trace["lots"]
    lots = lots[(lots["origin"] == "order") & (lots["status"] != "in_process")]
    made = trace["activities"]
    made = made[made["entity"] == "lot"]
    took = dict(zip(made["id"], np.round(made["ended"] - made["started"], 9), strict=True))
    rows = zip(lots["lot"], lots["doses_made"], lots["status"], strict=True)
    return [(took[lot], int(doses), str(status)) for lot, doses, status in rows]


def test_initial_stock_leaves_the_luck_of_ordered_lots_alone() -> None:
    law = {"law": "uniform", "low": "3 d", "high": "9 d"}
    step = {"name": "manufacture", "duration": law, "failure": {"probability": 0.3}}
    lot = {"doses": {"law": "uniform", "low": 3, "high": 9}, "route": [step]}
    world = {"lot": lot, "replenishment": {"rule": "r_Q", "reorder_point": 1, "quantity": 5}}
    without, stocked = (luck(ran(shop(**world, initial=initial))) for initial in (0, 5))
    both = min(len(without), len(stocked))
    assert both >= 4 and len(set(without[:both])) > 2
    assert without[:both] == stocked[:both]


def test_least_remaining_life_at_issue_by_hand() -> None:
    """Two doses on days 0, 6 and 12 keep for 10 d; 4 d must remain: they leave on days 6 and 12."""
    world = shop(
        shelf_life={"life": "10 d", "at_issue": "4 d"},
        replenishment={"rule": "exogenous", "every": "6 d", "doses": 2},
        lot={},
    )
    world["demand"]["arrivals"] = {"process": "list", "patients": ["5 d", "7 d", "13 d"]}
    world["run"] = {"enrolment": "14 d", "drain": "none"}
    trace = ran(world)
    moves = trace["stock_moves"]
    assert list(zip(moves["time"], moves["reason"], moves["quantity"], strict=True)) == [
        (0, "receipt", 2),
        (5, "issue", -1),
        (6, "expiry", -1),
        (6, "receipt", 2),
        (7, "issue", -1),
        (12, "expiry", -1),
        (12, "receipt", 2),
        (13, "issue", -1),
    ]
    assert trace["lots"]["expires"].tolist() == [10, 16, 22]


def test_life_that_must_remain_is_life_that_a_stock_does_not_have() -> None:
    """Where only the issue is checked, 9 d of which 3 d must remain are 6 d."""
    both = [
        ran(shop(shelf_life=shelf))
        for shelf in ({"life": "9 d", "at_issue": "3 d"}, {"life": "6 d"})
    ]
    moves = [trace["stock_moves"] for trace in both]
    assert (moves[0]["reason"] == "expiry").any()
    assert moves[0].equals(moves[1])
