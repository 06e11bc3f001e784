"""A board becomes the problem that its words mean, by hand."""

from __future__ import annotations

from pathlib import Path

from cartlogix.board.loader import load
from cartlogix.board.rows import board_csv, rows
from cartlogix.board.translate import pose
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.problem import Demand
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import violations
from tests.unit.board.boards import plan_of, posed, write

QUICK = Budget(effort=0.05, exact=False)
TWO_PLANTS = "[{name: L, suites: [{name: s1}], qc: {mon-fri: 1}}, {name: G, suites: [{name: s2}]}]"
SITE = "[{name: U, chairs: 1, beds: 2, bookings_per_week: 2, pick_up: {mon-fri: 1}}]"
LANES = "[{site: U, plant: L, inward: 1 d, outward: 1 d}, {site: U, plant: G, inward: 2 d, outward: 3 d, price: 9}]"  # noqa: E501
ROUTE = (
    "[{name: cart, changeover: 1 d, route: [{step: apheresis, duration: 1 d}, "
    "{step: ship_in, duration: 1 d}, {step: manufacture, duration: 8 d}, "
    "{step: qc, duration: 4 d}, {step: ship_out, duration: 1 d}, "
    "{step: infusion, duration: 2 d}]}]"
)


def capacity(folder: Path, name: str, **changes: str) -> tuple[int, ...]:
    problem = posed(folder, **changes).problem
    return problem.resources[problem.resource_index[name]].capacity


def test_weekdays_absences_and_outages_are_capacity(tmp_path: Path) -> None:
    plants = (
        "[{name: p, suites: [{name: s, down: [2027-03-03..04]}], "
        "starts: {units: {mon-fri: 2, sat: 1}, changes: [{days: 2027-03-02, by: -5}]}}]"
    )
    assert capacity(tmp_path, "p/s", plants=plants)[:6] == (1, 1, 0, 0, 1, 1)
    assert capacity(tmp_path, "p starts", plants=plants)[:8] == (2, 0, 2, 2, 2, 1, 0, 2)


def test_work_by_hand_is_at_its_offset(tmp_path: Path) -> None:
    plants = "[{name: p, suites: [{name: s}], operators: [{name: o, units: 3}]}]"
    products = (
        "[{name: cart, route: [{step: manufacture, duration: 8 d, cleaning: 1 d, hands_on: ["
        "{operators: o}, {operators: o, at: 3 d, units: 2}, "
        "{operators: o, at: end, lasts: 2 d}]}]}]"
    )
    mode = posed(tmp_path, plants=plants, products=products).problem.jobs[0].operations[0].modes[0]
    assert mode.demands == (
        Demand("p/s", 1, 0, 9),
        Demand("p/o operators", 1, 0, 1),
        Demand("p/o operators", 2, 3, 1),
        Demand("p/o operators", 1, 6, 2),
    )


def test_one_plant_leaves_each_step_its_own_wait(tmp_path: Path) -> None:
    plants = "[{name: L, suites: [{name: s1}]}]"
    problem = posed(tmp_path, plants=plants, sites=SITE, products=ROUTE,
                    orders="[{id: A, product: cart, site: U}]").problem  # fmt: skip
    steps = [operation.name for operation in problem.jobs[0].operations]
    assert steps == ["apheresis", "ship_in", "manufacture", "qc", "ship_out", "infusion"]
    assert problem.jobs[0].shortest == 1 + 1 + 8 + 4 + 1 + 2
    assert problem.resources[problem.resource_index["U bookings per week"]].window == 7
    assert [d.resource for d in problem.jobs[0].operations[0].modes[0].demands] == [
        "U chairs",
        "U bookings per week",
    ]


def test_two_plants_are_ways_of_one_operation(tmp_path: Path) -> None:
    board = posed(tmp_path, plants=TWO_PLANTS, sites=SITE, lanes=LANES, products=ROUTE,
                  orders="[{id: A, product: cart, site: U}]")  # fmt: skip
    operation = board.problem.jobs[0].operations[1]
    assert operation.name == "ship_in + manufacture + qc + ship_out"
    # In L, QC may wait over a weekend (0 to 2 days); G has no closed days and costs 9.
    found = [(mode.place, mode.duration, mode.cost) for mode in operation.modes]
    assert found == [("L/s1", 14, 0), ("L/s1", 15, 0), ("L/s1", 16, 0), ("G/s2", 17, 9)]
    pieces = board.pieces[0, 1, 3]
    assert [(p.step, p.offset, p.ticks) for p in pieces] == [
        ("ship_in", 0, 2),
        ("manufacture", 2, 8),
        ("qc", 10, 4),
        ("ship_out", 14, 3),
    ]


def test_fresh_material_must_reach_the_suite_alive(tmp_path: Path) -> None:
    board = posed(
        tmp_path, orders="[{id: A, product: cart, ready: 2027-03-03, material_life: 5 d}]"
    )
    assert board.problem.jobs[0].latest_start == 2 + 5
    board = posed(tmp_path, sites=SITE, products=ROUTE,
                  orders="[{id: A, product: cart, site: U, material_life: 4 d}]")  # fmt: skip
    # One of four days is spent on the way; two may be before the courier, one before the suite.
    assert [operation.max_lag for operation in board.problem.jobs[0].operations[1:3]] == [2, 1]


def test_a_lot_under_way_keeps_its_suite_until_it_ends(tmp_path: Path) -> None:
    running = "{step: manufacture, place: suite 2, started: 2027-02-24, ends: 2027-03-04}"
    plants = "[{name: p, suites: [{name: suite 1}, {name: suite 2, down: [2027-03-02]}]}]"
    board = posed(tmp_path, plants=plants, orders=f"[{{id: A, product: cart, running: {running}}}]")
    job = board.problem.jobs[0]
    assert (job.operations[0].pinned, job.operations[0].modes[0].duration) == (0, 4)
    assert [mode.place for mode in job.operations[0].modes] == ["p/suite 2"]
    assert "they are finished" in board.notes[0]
    plan = solve(board.problem, board.objective, QUICK).plan
    assert plan is not None
    assert violations(board.problem, plan) == []
    assert plan.end(board.problem, 0) == 4 + 4


def test_a_board_is_the_next_boards_previous_plan(tmp_path: Path) -> None:
    orders = "[{id: =A, product: cart}, {id: B, product: cart}]"
    first = posed(tmp_path, orders=orders)
    plan = plan_of(((1, 1), 9), ((5, 0), 13))
    (tmp_path / "before.csv").write_text(board_csv(first, plan, {}), "utf-8")
    read = load(write(tmp_path, orders=orders, previous_plan="before.csv", frozen="3 d"))
    second = pose(read.board, read.previous)
    assert [job.previous for job in second.problem.jobs] == [1, 5]
    frozen, free = (job.operations[0] for job in second.problem.jobs)
    assert (frozen.pinned, [mode.place for mode in frozen.modes]) == (1, ["plant/suite 2"])
    assert free.pinned is None
    assert pose(read.board, read.previous, free=["=A"]).problem.jobs[0].operations[0].pinned is None


def test_pins_plan_backwards_from_a_bed(tmp_path: Path) -> None:
    orders = "[{id: A, product: cart, site: U, pins: [{step: infusion, start: 2027-03-29}]}]"
    board = posed(tmp_path, sites=SITE, products=ROUTE, orders=orders)
    plan = solve(board.problem, board.objective, QUICK).plan
    assert plan is not None
    bed = [row for row in rows(board, plan) if row.step == "infusion"]
    assert [str(row.first) for row in bed] == ["2027-03-29"]


def test_durations_are_rounded_up_with_a_note(tmp_path: Path) -> None:
    products = "[{name: cart, route: [{step: manufacture, duration: 7.2 d}]}]"
    board = posed(tmp_path, products=products)
    assert board.problem.jobs[0].operations[0].modes[0].duration == 8
    assert board.notes == (
        "cart: manufacture takes 7.2 d in the mean and is planned as 8 whole days",
    )
    half = posed(tmp_path, products=products, tick="half-day")
    assert half.problem.jobs[0].operations[0].modes[0].duration == 15
