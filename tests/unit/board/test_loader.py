"""What is wrong with a board is said with file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.ground.errors import InvalidInput
from tests.unit.board.boards import loaded, write


def findings(folder: Path, **changes: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        loaded(folder, **changes)
    return str(refused.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"horizon": "1000000000 d"}, "board.yaml:3:10: horizon: must be from 1 d to 730 d"),
        ({"orders": "[{id: A, product: cart, weight: 1000000000000}]"}, "must be at most"),
        ({"orders": "[{id: A, product: cart}, {id: A, product: cart}]"}, "there twice"),
        ({"orders": "[{id: A, product: cat}]"}, "did you mean 'cart'?"),
        ({"orders": "[{id: A, product: cart, site: X}]"}, "no site is named 'X'"),
        ({"orders": "[{id: A, product: cart, after: [B]}]"}, "no order is named 'B'"),
        (
            {"orders": "[{id: A, product: cart, after: [B]}, {id: B, product: cart, after: [A]}]"},
            "in a circle: ",
        ),
        ({"orders": "[{id: A, product: cart, weight: .nan}]"}, "not a finite number"),
        ({"orders": "[{id: A, product: cart, due: tomorrow}]"}, "a date such as 2027-03-01"),
        ({"orders": "[{id: A, product: cart, ready: 2028-03-01}]"}, "after the board has ended"),
        ({"orders": "[{id: A, product: cart, pins: [{step: QC, start: 2027-03-02}]}]"}, "'qc'"),
        ({"objective": "[{tardines: 1}]"}, "did you mean 'tardiness'?"),
        ({"products": "[{name: cart, route: [{step: qc, duration: 4}]}]"}, "has no unit"),
        ({"plants": "[{name: p, suites: []}]"}, "needs at least 1 item"),
        ({"orders_file": "none.csv"}, "there is no file 'none.csv'"),
        ({"orders_file": "../x.csv"}, "leaves the folder"),
        ({"start": "2027-03-01 pm"}, "begins with a whole day"),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    assert words in findings(tmp_path, **changes)


def test_half_days_need_ticks_of_half_a_day(tmp_path: Path) -> None:
    plants = "[{name: p, suites: [{name: s}], starts: {mon: [1, 0]}}]"
    assert "set tick: half-day" in findings(tmp_path, plants=plants)
    assert loaded(tmp_path, plants=plants, tick="half-day").board.tick == "half-day"


def test_due_before_ready_is_a_warning(tmp_path: Path) -> None:
    read = loaded(tmp_path, orders="[{id: A, product: cart, ready: 2027-03-09, due: 2027-03-02}]")
    assert [w.severity for w in read.warnings] == ["warning"]
    assert "it will be late" in read.warnings[0].message


def test_lymphodepletion_waits_for_release_unless_the_risk_is_taken(tmp_path: Path) -> None:
    route = (
        "[{name: cart, route: [{step: manufacture, duration: 8 d}, {step: qc, duration: 4 d}, "
        "{step: ship_out, duration: 1 d}, "
        "{step: lymphodepletion, duration: 5 d, overlap: %s}]}]"
    )
    assert loaded(tmp_path, products=route % "1 d").board.products
    assert "before the product is released" in findings(tmp_path, products=route % "2 d")
    taken = loaded(tmp_path, products=route % "2 d", lymphodepletion_at_risk="true")
    assert taken.board.lymphodepletion_at_risk


def test_orders_from_csv_keep_their_lines(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(
        "id,product,ready,weight,plants\nC,cart,2027-03-02,2,plant\nD,cart,,x,\n", "utf-8"
    )
    assert "more.csv:3:1: " in findings(tmp_path, orders_file="more.csv")
    (tmp_path / "more.csv").write_text("id,product,ready\n=1+1,cart,2027-03-02\n", "utf-8")
    read = loaded(tmp_path, orders_file="more.csv")
    assert [order.id for order in read.board.orders] == ["A", "B", "=1+1"]
    (tmp_path / "more.csv").write_text("id,prodct\nC,cart\n", "utf-8")
    assert "did you mean 'product'?" in findings(tmp_path, orders_file="more.csv")


def test_a_million_orders_are_refused_at_once(tmp_path: Path) -> None:
    lines = "".join(f"{number},c\n" for number in range(1_000_000))
    (tmp_path / "many.csv").write_text(f"id,product\n{lines}", "utf-8")
    assert "a board takes at most 2,000 orders" in findings(tmp_path, orders_file="many.csv")
    (tmp_path / "many.csv").write_text("id,product\n" + "".join(f"{n},c\n" for n in range(3000)))
    assert "3,002 orders; a board takes at most 2,000" in findings(tmp_path, orders_file="many.csv")


def test_a_scenario_is_no_board(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text("name: x\ndemand: {}\n", "utf-8")
    with pytest.raises(InvalidInput, match="this is a scenario file"):
        from cartlogix.board.loader import load

        load(path)
