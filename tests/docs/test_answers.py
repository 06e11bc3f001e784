"""What the cookbook shows as output is what its commands print; carried out in full at night."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.harness import call
from tests.docs.commands import DOCS, commands_in, prepare

_PART = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def answers() -> Iterator[tuple[str, list[list[str]], list[str]]]:
    """Every part of the cookbook that shows output: its title, commands, and lines of output."""
    for title, body in _PART.findall((DOCS / "cookbook.md").read_text("utf-8")):
        lines = [line for block in _SHOWN.findall(body) for line in block.splitlines()]
        if lines:
            yield title, list(commands_in(body)), lines


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("title", "typed", "lines"), list(answers()), ids=lambda item: str(item)[:40]
)
def test_output_is_as_shown(
    title: str,
    typed: list[list[str]],
    lines: list[str],
    tmp_path: Path,
) -> None:
    prepare(DOCS / "cookbook.md", tmp_path)
    printed = set()
    for words in typed:
        ran = call(*words[1:], cwd=tmp_path)
        assert ran.code == 0, f"{title}\n{ran.err}"
        printed |= {" ".join(line.split()) for line in ran.out.splitlines()}
    assert [line for line in lines if " ".join(line.split()) not in printed] == []
