"""The examples of the API page run as written."""

import doctest
import shutil
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.docs.commands import DOCS, blocks


def test_examples_of_the_api_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    page = DOCS / "api.md"
    # One test of all blocks, so that later ones see the names of earlier ones.
    text = "\n".join(blocks(page, "python"))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert len(test.examples) > 20
    failures: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=failures.append)
    assert not failures, "\n".join(failures)
