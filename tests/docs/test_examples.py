"""The files that people start from: complete, explained, and clean in an editor."""

from pathlib import Path

import jsonschema
import pytest

from cartlogix.experiment.schema import scenario_schema
from cartlogix.scenario.document import read_document
from cartlogix.scenario.inputs import inputs
from cartlogix.scenario.loader import load
from tests.architecture.source import ROOT

STARTER = ROOT / "cartlogix" / "starter" / "scenario.yaml"
WRITTEN = [STARTER, *sorted((ROOT / "docs" / "examples").glob("*.yaml"))]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_editor_finds_nothing_wrong(file: Path) -> None:
    jsonschema.Draft202012Validator(scenario_schema()).validate(read_document(file).data)


def test_every_figure_of_the_starter_says_where_it_is_from() -> None:
    loaded = load(STARTER)
    assert not loaded.warnings
    figures = inputs(loaded.scenario)
    assert [f.path for f in figures if f.source is None and not f.note] == []
