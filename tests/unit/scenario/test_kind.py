"""A file that is given to the wrong command is told where to go."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from cartlogix.board.schema import Board
from cartlogix.experiment.experiment import Experiment
from cartlogix.scenario.document import read_document
from cartlogix.scenario.kind import _TELLING, FileKind, kind_of_file
from cartlogix.scenario.model import Scenario
from tests.cli.harness import call, hashes

CONFIGS = Path(__file__).parents[3] / "configs"
MODELS: dict[FileKind, set[str]] = {
    "experiment": {*Experiment.model_fields},
    "scenario": {*Scenario.model_fields, "extends"},
    "board": {*Board.model_fields},
}


def test_keys_tell_what_only_one_kind_has() -> None:
    for kind, telling in _TELLING.items():
        others = set(chain.from_iterable(MODELS[other] for other in MODELS if other != kind))
        assert set(telling) <= MODELS[kind] - others


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        (".", "scenario"),
        ("cases", "scenario"),
        ("experiments", "experiment"),
        ("schedules", "board"),
    ],
)
def test_shipped_files_are_what_their_folder_says(folder: str, kind: FileKind) -> None:
    files = [*(CONFIGS / folder).glob("*.yaml")]
    assert files
    assert {kind_of_file(read_document(file).root.value) for file in files} == {kind}


def test_a_mistaken_key_does_not_change_the_kind() -> None:
    assert kind_of_file(["name", "pathways", "demand", "orders"]) == "scenario"
    assert kind_of_file(["scenarios", "demand"]) == "experiment"
    assert kind_of_file(["plants", "products", "orders", "costs"]) == "board"
    assert kind_of_file(["name", "title"]) is None


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("run", "schedules/week.yaml"), "9:1: start: this is a slot board: give it to schedule"),
        (("show", "schedules/week.yaml"), "9:1: start: this is a slot board: give it to schedule"),
        (("compare", "autologous.yaml", "experiments/qc.yaml"), "give it, alone, to run"),
        (("schedule", "experiments/qc.yaml"), "scenarios: this is an experiment file"),
        (("schedule", "autologous.yaml"), "this is a scenario file: give it to run or compare"),
    ],
)
def test_each_command_names_the_right_one(
    arguments: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    command, *files = arguments
    ran = call(command, *(CONFIGS / file for file in files), cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert why in line
    assert hashes(tmp_path) == {}


def test_validate_takes_every_kind(tmp_path: Path) -> None:
    board = CONFIGS / "schedules" / "week.yaml"
    files = [CONFIGS / "autologous.yaml", CONFIGS / "experiments" / "qc.yaml", board]
    assert call("validate", *files, cwd=tmp_path).out == "3 files valid\n"
    broken = tmp_path / "board.yaml"
    broken.write_text("start: 2027-03-01T00:00Z\nplants: []\norder: []\n", "utf-8")
    ran = call("validate", broken, cwd=tmp_path)
    assert ran.code == 2
    assert "order: unknown key 'order'; did you mean 'orders'?" in ran.err
    ran = call("validate", board, "--set", "run.seed=3", cwd=tmp_path)
    assert ran.code == 2
    assert "a slot board takes no --set" in ran.err
