"""Hostile values (F10 to F20 at load): refused in words at their place, or accepted."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import Loaded, load

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml")) + sorted(
    (ROOT / "configs/cases").glob("*.yaml")
)
SCENARIO = """\
name: small
demand:
  arrivals: {process: poisson, rate: 1 /d}
  indications:
    - {name: lupus, share: 1, drop_out: [{name: death, hazard: 0.01 /d}]}
network:
  plants: [{name: plant, resources: {suite: {capacity: 3, changeover: 1 d}}}]
stocks:
  - name: doses
    initial: 3
    shelf_life: {life: 30 d}
    replenishment: {rule: s_S, reorder_point: 2, level: 5}
    lot: {doses: 5}
pathways:
  - name: autologous
    modality: autologous
    route:
      - name: manufacture
        needs: suite
        duration: {law: gamma, shape: 9, scale: 1 d}
        failure: {probability: 0.1, then: remake, max_attempts: 3}
      - name: infusion
costs:
  lines: [{name: manufacture, per: step, of: [manufacture], amount: 1000}]
run: {enrolment: 30 d, replications: 2, seed: 1}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO, "utf-8")
    return path


def refusal(path: Path, *overrides: str) -> str:
    """The findings of a refused scenario, each with a place and a key."""
    with pytest.raises(InvalidInput) as refused:
        load(path, overrides)
    assert refused.value.exit_code == 2
    for finding in refused.value.findings:
        assert finding.file and finding.message
        assert "\n" not in str(finding)
    return str(refused.value)


def test_the_scenario_itself_is_accepted(scenario: Path) -> None:
    assert isinstance(load(scenario), Loaded)


def test_f10_a_misspelt_key_gets_a_suggestion(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SCENARIO.replace("capacity: 3", "capasity: 3"), "utf-8")
    text = refusal(path)
    assert "bad.yaml:7:" in text and "capasity" in text and "capacity" in text


NUMERIC = {
    "demand.arrivals.rate": "/d",
    "demand.backlog": "",
    "demand.indications.lupus.share": "",
    "demand.indications.lupus.urgency": "",
    "demand.indications.lupus.target": "d",
    "demand.indications.lupus.drop_out.death.hazard": "/d",
    "network.plants.plant.resources.suite.capacity": "",
    "network.plants.plant.resources.suite.changeover": "d",
    "network.plants.plant.resources.suite.waiting_room": "",
    "stocks.doses.initial": "",
    "stocks.doses.shelf_life.life": "d",
    "stocks.doses.replenishment.reorder_point": "",
    "stocks.doses.replenishment.level": "",
    "stocks.doses.lot.doses": "",
    "pathways.autologous.route.manufacture.duration": "d",
    "pathways.autologous.route.manufacture.duration.shape": "",
    "pathways.autologous.route.manufacture.duration.scale": "d",
    "pathways.autologous.route.manufacture.failure.probability": "",
    "pathways.autologous.route.manufacture.failure.max_attempts": "",
    "costs.lines.manufacture.amount": "",
    "costs.price_year": "",
    "run.warm_up": "d",
    "run.enrolment": "d",
    "run.cap": "d",
    "run.replications": "",
    "run.seed": "",
}


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "1.0e+999", "-1"])
@pytest.mark.parametrize("key", NUMERIC)
def test_f11_f12_no_number_is_endless_or_negative(scenario: Path, key: str, number: str) -> None:
    text = refusal(scenario, f"{key}={number} {NUMERIC[key]}")
    assert any(part in text for part in key.split(".")[-2:])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("key", NUMERIC)
def test_f11_factors_are_checked_like_files(scenario: Path, key: str, number: float) -> None:
    with pytest.raises(InvalidInput):
        load(scenario, factors={key: number})


@pytest.mark.parametrize(
    "override",
    [
        "pathways.autologous.route.manufacture.failure.probability=1.01",
        "pathways.autologous.route.manufacture.failure.max_attempts=0",
        "network.plants.plant.resources.suite.capacity=0",
        "network.plants.plant.resources.suite.capacity=2.5",
        "network.plants.plant.resources.suite.capacity=true",
        "demand.indications.lupus.share=0",
        "run.enrolment=0 d",
        "run.replications=0",
        "run.replications=1000000000",
        "run.enrolment=1e12 d",
        "run.cap=1e12 d",
        "demand.backlog=1000000000000000000000000000000",
        "demand.arrivals.rate=1e30 /d",
        "demand.arrivals={process: interval, every: 1e-12 d}",
        "demand.arrivals={process: interval, every: 0 d}",
        "stocks.doses.replenishment={rule: s_S, reorder_point: 5, level: 5}",
        "network.plants.plant.resources.suite.open=funday",
        "pathways.autologous.route.manufacture.needs=sweet",
        "pathways.autologous.route.manufacture.duration={law: triangular, low: 1 d, mode: 9 d,"
        " high: 2 d}",
        "pathways.autologous.route.manufacture.duration={law: lognormal, mean: 9 d, sd: -1 d}",
        "pathways.autologous.route.manufacture.duration={law: empirical, values: []}",
        "pathways.autologous.route.manufacture.duration={law: normal, mean: 9 d, sd: 1 d}",
        "pathways.autologous.route.manufacture.duration=9",
        "pathways.autologous.outcomes=[{name: a, probability: 0.7}, {name: b, probability: 0.7}]",
        "pathways=[]",
        "demand.indications=[]",
        "demand.arrivals={process: file, file: ../other.csv}",
        "demand.arrivals={process: file, file: /etc/passwd}",
    ],
)
def test_f12_f13_f15_f20_are_refused(scenario: Path, override: str) -> None:
    assert refusal(scenario, override)


@pytest.mark.parametrize(
    "override",
    [
        "stocks.doses.replenishment={rule: R_S, review: 1e-9 d, level: 3}",
        "stocks.doses.replenishment={rule: exogenous, every: 1e-9 d, doses: 3}",
        "network.plants.plant.resources.suite.starts={number: 1, every: 1e-12 d}",
        "network.plants.plant.resources.suite={capacity: 1, open: mon-fri, "
        "starts: {number: 1, every: 7 d, first: 5 d}}",
        "pathways.autologous.route.manufacture.failure="
        "{probability: 0, by_indication: {lupus: 1}, then: remake, max_attempts: null}",
    ],
)
def test_f13_a_run_that_would_never_end_is_refused(scenario: Path, override: str) -> None:
    assert refusal(scenario, override)


def test_f14_an_overloaded_steady_state_is_warned_of(scenario: Path) -> None:
    study = ["run.study=steady_state", "run.warm_up=100 d"]
    assert load(scenario, [*study, "demand.arrivals.rate=0.1 /d"]).warnings == ()
    assert "load" in str(load(scenario, study).warnings)


def test_f15_two_pathways_with_one_name(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    head, tail = SCENARIO.split("costs:")
    again = head[head.index("  - name: autologous") :]
    path.write_text(f"{head}{again}costs:{tail}", "utf-8")
    assert "autologous" in refusal(path)


@pytest.mark.parametrize("written", ["../outside.yaml", "/etc/passwd", "small.yaml"])
def test_f15_f20_extends_stays_inside_and_never_circles(tmp_path: Path, written: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(SCENARIO, "utf-8")
    path = folder / "small.yaml"
    path.write_text(f"extends: {written}\n{SCENARIO}", "utf-8")
    assert "extends" in refusal(path)


@pytest.mark.parametrize(
    "name",
    ["../../etc/x", "/etc/x", "a/b", "..", "CON", "x. ", "-rf", "\u202egpj.exe", "</script>"],
)
def test_f18_a_name_stays_text(scenario: Path, name: str) -> None:
    assert load(scenario, factors={"name": name}).scenario.name == name


@pytest.mark.parametrize("name", ["", "x" * 301])
def test_f18_no_name_or_a_very_long_one_is_refused(scenario: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        load(scenario, factors={"name": name})


HOSTILE: list[Any] = [None, "", [], {}, -1, 0, 1e308, math.nan, "x" * 10_000, True]


def leaves(item: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401
    """Every leaf of plain YAML data; list items go by their name, if they have one."""
    if isinstance(item, dict):
        for key, value in item.items():
            yield from leaves(value, (*path, str(key)))
    elif isinstance(item, list):
        for index, value in enumerate(item):
            named = isinstance(value, dict) and "name" in value
            yield from leaves(value, (*path, value["name"] if named else str(index)))
    else:
        yield path


def sweep(path: Path) -> list[tuple[str, Any]]:
    data = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    data.pop("extends", None)
    dotted = [".".join(f'"{key}"' for key in leaf) for leaf in leaves(data)]
    return [(leaf, value) for leaf in dotted for value in HOSTILE]


def survives(path: Path, attacks: list[tuple[str, Any]]) -> None:
    for leaf, value in attacks:
        try:
            load(path, factors={leaf: value})
        except InvalidInput as refused:
            assert refused.findings, (leaf, value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_f16_some_leaves_of_every_config(path: Path) -> None:
    attacks = sweep(path)
    chosen = random.Random(path.name).sample(attacks, min(4, len(attacks)))
    survives(path, chosen)


@pytest.mark.nightly
@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_f16_every_leaf_of_every_config(path: Path) -> None:
    survives(path, sweep(path))
