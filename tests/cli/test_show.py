"""`show`: every value by a path that `--set` takes, with where it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cartlogix.scenario.loader import load
from tests.cli.harness import ROOT, call

SHORT = """\
name: short
demand:
  arrivals: {process: list, patients: [0 d, 3 d, {at: 5 d}]}
  indications: [{name: a.b, drop_out: [{name: poor health, hazard: 0.01 /d}]}]
network:
  plants:
    - {name: plant, resources: {suites: 6, desk: null}}
  lanes:
    - time: 1 d
      price: 1500
    - {name: back, from: plant, modes: [{name: air, time: 2 d, price: {value: 9, note: n}}]}
stocks:
  - name: doses
    replenishment: {rule: base_stock, level: 2}
    lot: {doses: 2, route: [{name: make, needs: suites, duration: 3 d}]}
pathways:
  - name: one
    modality: autologous
    route:
      - {name: ship_in, ship: plant}
      - {name: manufacture, needs: [suites, {name: desk}], duration: 7 d,
         failure: {probability: 0.1, then: remake}}
      - {name: infusion}
  - name: two
    modality: off_the_shelf
    route:
      - {name: take, draw: doses}
      - {name: infusion, needs: {name: desk}, duration: {law: gamma, shape: 9, scale: 1 d}}
run: {enrolment: 30 d}
"""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    return path


def _rows(path: Path, *arguments: str) -> dict[str, tuple[object, str]]:
    rows = call("show", path.name, "--json", *arguments, cwd=path.parent).json
    return {row["path"]: (row["value"], row["origin"]) for row in rows}


def test_every_path_can_be_set(short: Path) -> None:
    plain = load(short).scenario.plain()
    rows = _rows(short)
    assert len(rows) > 120
    for path, (value, _) in rows.items():
        text = f"{path}={json.dumps(value)}"
        assert load(short, [text]).scenario.plain() == plain, text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["in_vivo", "mixed_plant"])
def test_every_path_of_a_shipped_scenario_can_be_set_at_once(name: str) -> None:
    file = ROOT / "configs" / f"{name}.yaml"
    texts = [f"{path}={json.dumps(value)}" for path, (value, _) in _rows(file).items()]
    assert load(file, texts).scenario.plain() == load(file).scenario.plain()


def test_values_in_short_forms_have_their_origin(short: Path) -> None:
    rows = _rows(short)
    assert rows["network.lanes.0.modes.0.time.value"] == ("1 d", "short.yaml:9")
    assert rows["network.lanes.0.modes.0.price.value"] == (1500.0, "short.yaml:10")
    assert rows["network.lanes.0.modes.0.name"] == ("standard", "default")
    assert rows["network.lanes.0.modes.0.max_transit"] == (None, "default")
    assert rows["network.lanes.back.modes.air.price.note"] == ("n", "short.yaml:11")
    assert rows["network.plants.plant.resources.suites.capacity"] == (6, "short.yaml:7")
    assert rows["network.plants.plant.resources.suites.discipline"] == ("fifo", "default")
    step = "pathways.one.route.manufacture"
    assert rows[f"{step}.needs.suites.name"] == ("suites", "short.yaml:21")
    assert rows[f"{step}.failure.then.0.action"] == ("remake", "short.yaml:22")
    assert rows["pathways.one.route.ship_in.ship.to"] == ("plant", "short.yaml:20")
    assert rows['demand.indications."a.b".share.value'] == (1.0, "default")


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("network.lanes.0.price=7", "network.lanes.0.modes.0.price.value", 7.0),
        ("network.lanes.0.modes.0.price=7", "network.lanes.0.modes.0.price.value", 7.0),
        ("network.lanes.0.max_transit=3 d", "network.lanes.0.modes.0.max_transit.value", "3 d"),
        (
            "network.plants.plant.resources.suites.changeover=1 d",
            "network.plants.plant.resources.suites.changeover.value",
            "1 d",
        ),
        ("run.enrolment.value=40 d", "run.enrolment.value", "40 d"),
        ("run.enrolment.note=long enough", "run.enrolment.note", "long enough"),
        (
            "pathways.one.route.manufacture.needs.suites.units=2",
            "pathways.one.route.manufacture.needs.suites.units",
            2,
        ),
    ],
)
def test_paths_lead_into_short_forms(short: Path, override: str, path: str, value: object) -> None:
    rows = _rows(short, "--set", override)
    assert rows[path] == (value, f"--set {override}")
