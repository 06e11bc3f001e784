"""Warnings about what has no effect: resources that nobody uses, demand that nobody makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.scenario.loader import load

SCENARIO = """\
name: t
demand: {arrivals: {process: poisson, rate: 150 /y}, indications: [{name: lupus}]}
network:
  centres: [{name: clinic, resources: {beds: 4}}]
  plants: [{name: plant, resources: {suites: 6, spare: null}}]
stocks:
  - {name: doses, replenishment: {rule: base_stock, level: 2}, lot: {doses: 2, route: [
      {name: make, needs: suites, duration: 3 d}]}}
pathways:
  - name: ots
    modality: off_the_shelf
    route: [{name: draw, draw: doses}, {name: infusion, needs: beds, duration: 1 d}]
"""


def _warnings(folder: Path, *overrides: str) -> list[tuple[str, str]]:
    file = folder / "t.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return [(found.path, found.message) for found in load(file, overrides).warnings]


def test_what_steps_of_patients_or_lots_use_is_used(tmp_path: Path) -> None:
    assert _warnings(tmp_path) == []


@pytest.mark.parametrize(
    ("override", "path"),
    [
        ("network.plants.plant.resources.spare=3", "network.plants.plant.resources.spare"),
        ("network.centres.clinic.resources.suites=3", "network.centres.clinic.resources.suites"),
        ("network.depots=[{name: d, resources: {shelf: 1}}]", "network.depots.d.resources.shelf"),
    ],
)
def test_a_resource_that_no_step_uses(tmp_path: Path, override: str, path: str) -> None:
    # The suites of a clinic: lots are made at the plant, which has suites of its own.
    ((where, message),) = _warnings(tmp_path, override)
    assert where == path
    assert message.startswith("no step uses '")
    assert "'needs'" in message


def test_a_misspelt_resource_is_told_what_it_is_close_to(tmp_path: Path) -> None:
    ((_, message),) = _warnings(tmp_path, "network.plants.plant.resources.suitez=3")
    assert message.endswith("; did you mean 'suites'?")
    ((_, message),) = _warnings(tmp_path, "network.plants.plant.resources.spare=3")
    assert "did you mean" not in message


def test_a_plant_that_serves_nobody_is_warned_of_once(tmp_path: Path) -> None:
    plants = "network.plants=[{name: other, resources: {suites: 3}}]"
    ((where, _),) = _warnings(tmp_path, plants)
    assert where == "network.plants.other.name"


def test_a_resource_whose_figures_are_expected_is_there_on_purpose(tmp_path: Path) -> None:
    expected = (
        "expect=[{kpi: pool.busy, group: plant/spare, low: 0, high: 0, published: none, source: s}]"
    )
    assert _warnings(tmp_path, "network.plants.plant.resources.spare=3", expected) == []


@pytest.mark.parametrize(
    "arrivals",
    [
        "{process: poisson, rate: 0 /y}",
        "{process: poisson, rate: null, rates: [{at: 0 d, rate: 0 /y}, {at: 9 d, rate: 0 /y}]}",
        "{process: poisson, rate: 9 /y, until: 0 d}",
        "{process: interval, every: 3 d, first: 9 d, until: 9 d}",
        "{process: list, patients: []}",
    ],
)
def test_nobody_arrives(tmp_path: Path, arrivals: str) -> None:
    override = f"demand.arrivals={arrivals}"
    ((where, message),) = _warnings(tmp_path, override)
    assert where == "demand.arrivals"
    assert message.startswith("no patient ever arrives")
    assert _warnings(tmp_path, override, "demand.backlog=3") == []


def test_a_rate_of_0_set_by_an_override(tmp_path: Path) -> None:
    ((where, _),) = _warnings(tmp_path, "demand.arrivals.rate=0 /y")
    assert where == "demand.arrivals"
