"""Scenarios that meet other patients are said to."""

from __future__ import annotations

from pathlib import Path

from cartlogix.experiment.pairing import unpaired
from cartlogix.experiment.study import read_study
from cartlogix.scenario.loader import load

AUTOLOGOUS = Path(__file__).parents[3] / "configs" / "autologous.yaml"


def test_equal_demand_is_paired() -> None:
    first = load(AUTOLOGOUS).scenario
    second = load(AUTOLOGOUS, ["network.plants.plant_a.resources.suites=20"]).scenario
    assert unpaired([first, second]) == []


def test_another_seed_or_rate_is_not() -> None:
    first = load(AUTOLOGOUS).scenario
    other = load(AUTOLOGOUS, ["run.seed=5", "demand.arrivals.rate=300 /y"]).scenario
    (warning,) = unpaired([first, other])
    assert "seed" in warning and "arrivals" in warning


def test_scenarios_of_one_file_are_told_apart_by_name(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "name: base\ntitle: One title\n"
        "demand: {arrivals: {process: interval, every: 1 d}, indications: [{name: x}]}\n"
        "pathways: [{name: p, modality: in_vivo, route: [{name: infusion}]}]\n",
        encoding="utf-8",
    )
    file = tmp_path / "study.yaml"
    file.write_text(
        "name: study\nscenarios:\n"
        "  - {name: few, file: base.yaml}\n"
        "  - {name: many, file: base.yaml, set: {demand.arrivals.every: 0.5 d}}\n",
        encoding="utf-8",
    )
    labels = [arm.scenario.label for arm in read_study([file]).arms]
    assert labels == ["few", "many"]


def test_a_title_belongs_to_the_file_that_gives_it(tmp_path: Path) -> None:
    scenario = (
        "title: One title\n"
        "demand: {arrivals: {process: interval, every: 1 d}, indications: [{name: x}]}\n"
        "pathways: [{name: p, modality: in_vivo, route: [{name: infusion}]}]\n"
    )
    files = {
        "base": f"name: base\n{scenario}",
        "copy": f"name: copy\n{scenario}",
        "more": "extends: base.yaml\nname: more\ndemand: {arrivals: {every: 0.5 d}}\n",
        "titled": "extends: base.yaml\nname: titled\ntitle: Another title\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    def labels(*names: str) -> list[str]:
        study = read_study([tmp_path / f"{name}.yaml" for name in names])
        return [study.labels[name] for name in names]

    assert labels("base", "more", "titled") == ["One title", "more", "Another title"]
    assert labels("more", "base") == ["more", "One title"]
    assert labels("more") == ["One title"]
    assert labels("base", "copy") == ["base", "copy"]


def test_what_a_changed_file_says_of_itself_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "name: base\ntitle: Base\ndescription: One a day.\n"
        "demand: {arrivals: {process: interval, every: 1 d}, indications: [{name: x}]}\n"
        "pathways: [{name: p, modality: in_vivo, route: [{name: infusion}]}]\n",
        encoding="utf-8",
    )
    change = "set: {demand.arrivals.every: 0.5 d}"
    file = tmp_path / "study.yaml"
    file.write_text(
        "name: study\nscenarios:\n"
        "  - {name: as_is, title: As it is, file: base.yaml}\n"
        f"  - {{name: changed, file: base.yaml, {change}}}\n"
        f"  - {{name: many, title: Many, file: base.yaml, {change}}}\n"
        f"  - {{name: said, title: More, description: Two a day., file: base.yaml, {change}}}\n",
        encoding="utf-8",
    )
    said = [arm.scenario.description for arm in read_study([file]).arms]
    assert said == ["One a day.", "One a day.", None, "Two a day."]
