"""What the pages tell people to type works, in a folder of its own."""

from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.docs.commands import DOCS, blocks, commands, prepare, run, run_all

PAGES = [page for page in sorted(DOCS.glob("*.md")) if blocks(page, "sh")]
# The first is checked for freshness in test_pages, the second runs at night.
ELSEWHERE = ("python docs/build_reference.py", "python -m benchmarks")
STARTER = ROOT / "cartlogix" / "starter"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_run(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    typed = [words for words in commands(page) if words[0] == "cartlogix"]
    run_all(typed, monkeypatch)


def test_other_commands_are_tested_elsewhere() -> None:
    others = [words for page in PAGES for words in commands(page) if words[0] != "cartlogix"]
    assert [words for words in others if " ".join(words[:3]) not in ELSEWHERE] == []


def test_commands_of_the_starter_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(["cartlogix", "new", "study"])
    monkeypatch.chdir(tmp_path / "study")
    typed = list(commands(STARTER / "README.md"))
    assert len(typed) == 3
    run_all(typed, monkeypatch)
    run(["cartlogix", "schema", ">", "schema.json"])
    assert (
        Path("scenario.yaml")
        .read_text("utf-8")
        .startswith("# yaml-language-server: $schema=./schema.json\n")
    )
