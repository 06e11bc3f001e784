"""The Python API speaks of its arguments, not of the options of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import cartlogix
from cartlogix.ground.errors import OutputRefused
from tests.cli.harness import write_tiny


def test_a_folder_that_exists_is_refused_in_the_words_of_the_call(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    kept = tmp_path / "x --force"
    kept.mkdir()
    (kept / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OutputRefused) as refused:
        cartlogix.run([file], kept)
    assert str(refused.value) == (
        f"{kept} exists; use force=True to replace it, or choose another out"
    )
    (kept / "manifest.json").unlink()
    (kept / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputRefused, match=r"not a result folder; choose another out$"):
        cartlogix.run([file], kept)
