"""Findings about stocks: match classes, remaining life, where doses come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.ground.errors import CartlogixError
from cartlogix.scenario.loader import load

SCENARIO = """\
name: t
demand:
  arrivals: {process: poisson, rate: 150 /y}
  indications: [{name: lupus}]
  match_classes: [{name: O}, {name: A, accepts: [A, O]}]
stocks:
  - name: doses
    shelf_life: {life: 30 d}
    replenishment: {rule: base_stock, level: 2}
    lot: {doses: 2, donors: {classes: {O: 1, A: 1}}}
pathways:
  - name: ots
    modality: off_the_shelf
    route: [{name: draw, draw: doses}, {name: infusion}]
"""


def told(folder: Path, *overrides: str, text: str = SCENARIO) -> str:
    """Warnings, or the errors."""
    file = folder / "t.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        return "; ".join(f"{one.path}: {one.message}" for one in load(file, overrides).warnings)
    except CartlogixError as error:
        return str(error)


def test_a_scenario_with_donors_is_sound(tmp_path: Path) -> None:
    assert told(tmp_path) == ""


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("demand.match_classes=[{name: B}]", "no class of donors is named 'B'"),
        ("demand.match_classes.A.accepts=[B]", "no class of donors is named 'B'"),
        ("demand.match_classes=[]", "donors have classes, but patients have none"),
        ("stocks.doses.lot.donors.classes={O: 0, A: 1}", "patients of class 'O' can take (O)"),
        ("stocks.doses.lot.donors.classes={O: 0, A: 0}", "frequencies must not all be 0"),
        (
            "demand.match_classes=[{name: O, share: 0}, {name: A, share: 0}]",
            "classes' shares must not all be 0",
        ),
        (
            "demand.match_classes=[{name: A, remove: true}]",
            "no patient can take doses of class 'A'",
        ),
        ("stocks.doses.shelf_life.at_issue=30 d", "must be below 'life' (30 d)"),
        ("stocks.doses.lot.donors=null", "no stock has donors with match classes"),
        ("stocks=[{name: cord, matching: best_first}]", "doses fit everybody"),
    ],
)
def test_what_does_not_fit_is_found(tmp_path: Path, override: str, message: str) -> None:
    assert message in told(tmp_path, override)


CHAIN = """\
name: t
demand: {arrivals: {process: poisson, rate: 150 /y}, indications: [{name: lupus}]}
network:
  depots: [{name: north}, {name: south}]
  lanes: [{to: north, time: 1 d}, {to: south, time: 1 d}, {from: plant, to: centre, time: 1 d}]
stocks:
  - {name: bank, replenishment: {rule: base_stock, level: 9}}
  - {name: a, at: north, supplied_by: bank, replenishment: {rule: base_stock, level: 2}}
  - {name: b, at: south, supplied_by: {stock: bank}, transship: {from: [a], keep: 1},
     replenishment: {rule: R_S, review: 7 d, level: 2}}
pathways:
  - name: ots
    modality: off_the_shelf
    route: [{name: draw, draw: {stock: [a, b]}}, {name: infusion}]
"""


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("run.seed=1", ""),
        ("stocks.a.supplied_by=bonk", "no stock is named 'bonk'"),
        ("stocks.a.supplied_by=a", "'a' cannot be supplied by itself"),
        ("stocks.bank.supplied_by=a", "in a circle: bank < a < bank"),
        ("stocks.b.transship.from=[c]", "no stock is named 'c'"),
        ("network.depots=[{name: moon}]\nstocks.a.at=moon", "no lane leads from 'plant' to 'moon'"),
        ("stocks.a.supplied_by={stock: bank, mode: ox}", "to 'north' by 'ox'"),
        ("stocks.a.lot={doses: 3}", "'a' is supplied by 'bank' and makes no lots: write 'doses'"),
        ("stocks.a.replenishment={rule: none}", "must order: choose base_stock"),
        ("stocks.a.supplied_by=null", "'a' holds doses of 'a', 'b' of 'bank'"),
        ("pathways.ots.route.draw.draw.stock_out=lost", "nobody waits at 'b'"),
    ],
)
def test_stocks_that_supply_each_other(tmp_path: Path, override: str, message: str) -> None:
    found = told(tmp_path, *override.split("\n"), text=CHAIN)
    assert message in found if message else found == ""
