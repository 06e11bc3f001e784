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


def told(folder: Path, *overrides: str) -> str:
    """Warnings, or the errors."""
    file = folder / "t.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
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
