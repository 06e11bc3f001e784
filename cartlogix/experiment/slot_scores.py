"""Finished tasks of the experiment on slot policies, a line each, so that a stop costs little."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cartlogix.experiment.folder import writing
from cartlogix.experiment.version import code_digest, versions


@dataclass(frozen=True)
class Score:
    """What came of one policy in one task.

    Attributes:
        value: Objective per lot.
        terms: Every term of the realised plan.
        seconds: Wall-clock time of all decisions and of the plant; differs from run to run.
        asked: Times that the policy was asked; `solved` of these went to the solver.
        bound: No plan has a lower objective per lot; known of the clairvoyant only.
    """

    value: float
    terms: Mapping[str, float]
    seconds: float
    asked: int = 0
    solved: int = 0
    bound: float | None = None


Scores = Mapping[str, Score]
"""The scores of a task by policy."""
Address = tuple[str, float, int]
"""Structure, load and replication of a task."""


class ScoreBook:
    """The scores that a study has so far, kept in a file that only grows.

    A line that is damaged, or that other code or other settings wrote, is left alone: its task is
    done again.
    """

    def __init__(self, path: Path, about: Mapping[str, object]) -> None:
        text = json.dumps([dict(about), code_digest(), dict(versions())], sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._path = path

    def read(self) -> dict[Address, Scores]:
        """Return what is finished."""
        return dict(self._lines()) if self._path.exists() else {}

    def _lines(self) -> Iterator[tuple[Address, Scores]]:
        for line in self._path.read_text("utf-8", errors="replace").splitlines():
            try:
                key, digest, body = line.split(" ", 2)
                if key != self._key or digest != _digest(body):
                    continue
                (structure, load, replication), found = json.loads(body)
            except ValueError:
                continue
            yield (
                (structure, load, replication),
                {name: Score(**score) for name, score in found.items()},
            )

    def add(self, address: Address, scores: Scores) -> None:
        """Keep the scores of a finished task.

        Raises:
            WriteFailed: if the disk is full.
        """
        body = json.dumps([address, {name: asdict(score) for name, score in scores.items()}])
        with writing(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(f"\n{self._key} {_digest(body)} {body}\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
