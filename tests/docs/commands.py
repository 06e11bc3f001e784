"""The commands in the fenced blocks of a page, and how to run them in little time."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartlogix.cli import running
from cartlogix.cli.request import Request
from cartlogix.experiment.replication import replicate
from cartlogix.experiment.study import read_study
from tests.architecture.source import ROOT
from tests.cli.harness import call

DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.yaml)\n")
# A run that shows that the command works, not what it finds.
SHORT = [
    *("--jobs", "1", "--replications", "1"),
    *("--set", "run.warm_up=2 d", "--set", "run.enrolment=12 d", "--set", "run.cap=10 d"),
]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return [body for name, body in _BLOCK.findall(page.read_text("utf-8")) if name == language]


def commands(page: Path) -> Iterator[list[str]]:
    """Every command of a page as words, without its comment."""
    yield from commands_in(page.read_text("utf-8"))


def commands_in(text: str) -> Iterator[list[str]]:
    """Every command in the fenced blocks of a text."""
    for language, body in _BLOCK.findall(text):
        for line in body.splitlines() if language == "sh" else ():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def prepare(page: Path, folder: Path) -> None:
    """Copy what commands refer to, and write the files that the page shows."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(DOCS / "examples", folder / "docs" / "examples")
    for body in blocks(page, "yaml"):
        name = _FILE.match(body)
        if name:
            target = folder / name[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body, "utf-8")


def simulate(files: list[Path], request: Request, **how: object) -> None:
    """Stand in for `run_files`: one replication of every scenario, without tables and page."""
    del how
    study = read_study(files, request.overrides, request.root)
    for arm in study.arms:
        replicate(arm.scenario, 0)


def whole_runs(typed: list[list[str]]) -> set[int]:
    """The runs that are carried out to the page: what is read later, otherwise the first one."""
    runs = [number for number, words in enumerate(typed) if words[1] in ("run", "compare", "sweep")]
    read = {words[2] for words in typed if words[1] in ("report", "forecast", "rerun")}
    return {number for number in runs if read & set(typed[number])} or set(runs[:1])


def run_all(typed: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run commands in their order, only as many of them to the page as is needed."""
    whole = whole_runs(typed)
    for number, words in enumerate(typed):
        with monkeypatch.context() as patch:
            if number not in whole:
                patch.setattr(running, "run_files", simulate)
            run(words)


def run(words: list[str]) -> None:
    """Run one command of the product, shortened, and demand success."""
    target = Path(words[words.index(">") + 1]) if ">" in words else None
    arguments = words[1 : words.index(">")] if target else words[1:]
    if arguments[0] in ("run", "compare", "sweep"):
        arguments = [*arguments, *SHORT]
    if arguments[0] in ("stock-levels", "sensitivity", "design"):
        arguments = [*arguments, *SHORT[:2], *SHORT[4:], "--set", "run.replications=2"]
    ran = call(*arguments, cwd=Path())
    assert ran.code == 0, f"{shlex.join(words)}\n{ran.err}"
    if target:
        target.write_text(ran.out, "utf-8")
