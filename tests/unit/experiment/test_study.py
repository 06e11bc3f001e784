"""Studies: experiment files, several scenario files, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.experiment.plan import Study
from cartlogix.experiment.study import read_study
from cartlogix.ground.errors import Finding, InvalidInput

SCENARIO = """\
name: plain
demand: {arrivals: {process: interval, every: 5 d}, indications: [{name: lupus}]}
pathways:
  - {name: autologous, modality: autologous, route: [{name: infusion}]}
run: {replications: 2, enrolment: 30 d}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "plain.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def _read(home: Path, text: str, *overrides: str) -> Study:
    (home / "study.yaml").write_text(text, encoding="utf-8")
    return read_study([home / "study.yaml"], overrides)


def _findings(home: Path, text: str) -> list[Finding]:
    with pytest.raises(InvalidInput) as caught:
        _read(home, text)
    return list(caught.value.findings)


def test_an_experiment_file(home: Path) -> None:
    study = _read(
        home,
        "name: s\ntitle: Which?\nquestion: Why?\nbaseline: b\nscenarios:\n"
        "  - {name: a, file: plain.yaml, set: {run.replications: 3}}\n"
        "  - {name: b, file: plain.yaml, title: The base}\n",
        "run.seed=9",
    )
    assert (study.name, study.title, study.question) == ("s", "Which?", "Why?")
    assert [arm.name for arm in study.arms] == ["b", "a"]  # the baseline comes first
    b, a = (arm.scenario for arm in study.arms)
    assert (a.run.replications, b.run.replications) == (3, 2)
    assert (a.run.seed, b.run.seed) == (9, 9)
    assert (a.label, b.label) == ("a", "The base")
    assert study.arms[1].composed.overrides == (
        "run.replications: 2 -> 3",
        "run.seed: (not set) -> 9",
    )


def test_scenario_files(home: Path) -> None:
    alone = read_study([home / "plain.yaml"])
    assert (alone.name, [arm.name for arm in alone.arms]) == ("plain", ["plain"])
    (home / "other.yaml").write_text("extends: plain.yaml\nname: other\n", encoding="utf-8")
    both = read_study([home / "plain.yaml", home / "other.yaml"])
    assert both.name == "plain-vs-other"


@pytest.mark.parametrize(
    ("text", "line", "column", "path", "words"),
    [
        (
            "name: s\nbaseline: aa\nscenarios:\n  - {name: a, file: plain.yaml}\n",
            2, 11, "baseline", "did you mean 'a'",
        ),
        (
            "name: s\nscenarios:\n  - {name: a, file: plane.yaml}\n",
            3, 21, "scenarios.a.file", "there is no file 'plane.yaml'; did you mean 'plain.yaml'",
        ),
        (
            "name: s\nscenarios:\n  - {name: a, fil: plain.yaml, file: plain.yaml}\n",
            3, 15, "scenarios.a.fil", "did you mean 'file'",
        ),
        ("name: s\nquestions: x\nscenarios: []\n", 2, 1, "questions", "did you mean 'question'"),
        ("name: s\nscenarios: []\n", 2, 12, "scenarios", "at least 1"),
        ("name: s\nscenarios: plain.yaml\n", 2, 12, "scenarios", "list"),
        ("scenarios:\n  - {name: a, file: plain.yaml}\n", 1, 1, "name", "missing"),
    ],
)  # fmt: skip
def test_findings_in_an_experiment_file(
    home: Path, text: str, line: int, column: int, path: str, words: str
) -> None:
    found = _findings(home, text)
    at = {(item.line, item.column, item.path): item.message for item in found}
    assert (line, column, path) in at, found
    assert words in at[line, column, path]
    assert all(item.file.endswith("study.yaml") for item in found)


def test_findings_of_every_scenario_at_once(home: Path) -> None:
    (home / "bad.yaml").write_text("extends: plain.yaml\nrun: {seeds: 1}\n", encoding="utf-8")
    found = _findings(
        home,
        "name: s\nscenarios:\n  - {name: a, file: bad.yaml}\n  - {name: b, file: absent.yaml}\n",
    )
    assert {(Path(item.file).name, item.path) for item in found} == {
        ("bad.yaml", "run.seeds"),
        ("study.yaml", "scenarios.b.file"),
    }


def test_findings_of_the_experiment_stand_beside_those_of_its_scenarios(home: Path) -> None:
    (home / "bad.yaml").write_text("extends: plain.yaml\nrun: {seeds: 1}\n", encoding="utf-8")
    found = _findings(
        home,
        "questions: x\nbaseline: z\nscenarios:\n"
        "  - {name: a, fil: 1, file: bad.yaml}\n"
        "  - {name: b, file: absent.yaml, set: 3}\n"
        "  - {name: b, file: plain.yaml, set: {run.seed: x}}\n"
        "  - {file: 3}\n  - 4\n",
    )
    assert {(Path(item.file).name, item.line, item.path) for item in found} == {
        ("study.yaml", 1, "name"),
        ("study.yaml", 1, "questions"),
        ("study.yaml", 2, "baseline"),
        ("study.yaml", 4, "scenarios.a.fil"),
        ("bad.yaml", 2, "run.seeds"),
        ("study.yaml", 5, "scenarios.b.file"),
        ("study.yaml", 5, "scenarios.b.set"),
        ("study.yaml", 6, "name"),  # used twice
        ("study.yaml", 6, 'scenarios.b.set."run.seed"'),
        ("study.yaml", 7, "scenarios.3.name"),
        ("study.yaml", 7, "scenarios.3.file"),
        ("study.yaml", 8, "scenarios.4"),
    }


def test_a_missing_file_is_not_the_experiment_itself(home: Path) -> None:
    (found,) = _findings(home, "name: s\nscenarios: [{name: a, file: studi.yaml}]\n")
    assert "study.yaml" not in found.message


def test_equal_names_are_refused(home: Path) -> None:
    found = _findings(
        home,
        "name: s\nscenarios:\n  - {name: a, file: plain.yaml}\n  - {name: A, file: plain.yaml}\n",
    )
    assert [item.message for item in found] == [
        "the scenario names 'a' and 'A' are too alike; change one"
    ]
