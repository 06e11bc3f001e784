"""Finished replications on disk, each a file of its own, so that no stop costs more than one.

A unit is named by what it depends on: the scenario, the code and the libraries name its folder,
the number of the replication its file. A unit found there is therefore the one wanted, whoever
computed it; its first 32 bytes are the SHA-256 of the rest, so a damaged one is noticed.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cartlogix.experiment.folder import writing
from cartlogix.experiment.measure import Failed, Measured, figures_of, measure
from cartlogix.experiment.tables import arrow
from cartlogix.experiment.version import code_digest, versions
from cartlogix.ground.errors import WriteFailed
from cartlogix.scenario.model import Scenario

_DIGEST = 32
_TABLE = b"table"
# Columns are so small that handing them to threads takes several times as long as the work.
_WRITING = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READING = pa.ipc.IpcReadOptions(use_threads=False)


class Shipped:
    """A scenario on its way to workers: pickled once, and unpickled once by each of them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @cached_property
    def _pickled(self) -> bytes:
        return pickle.dumps(self.scenario)

    def __reduce__(self) -> tuple[Callable[[bytes], Shipped], tuple[bytes]]:
        """Let tasks of the same scenario find it as the first of them brought it."""
        return _arrived, (self._pickled,)


# The tasks of a study come scenario by scenario, or go round a few that compete.
@lru_cache(maxsize=16)
def _arrived(pickled: bytes) -> Shipped:
    return Shipped(pickle.loads(pickled))


@dataclass(frozen=True)
class UnitTask:
    """A replication to compute, and the file that takes its tables."""

    shipped: Shipped
    replication: int
    path: Path
    pooled: bool = False
    """Whether it holds the KPIs of all patients only."""

    @property
    def scenario(self) -> Scenario:
        """What is to be run."""
        return self.shipped.scenario


def compute(task: UnitTask) -> Failed | None:
    """Run one replication and write its unit; an error in it becomes a value.

    Raises:
        WriteFailed: if the disk is full.
    """
    unit = pack(task)
    if isinstance(unit, Failed):
        return unit
    keep(task, unit)
    return None


def pack(task: UnitTask) -> bytes | Failed:
    """Run one replication and return its unit; an error in it becomes a value."""
    asked = task.scenario, task.replication
    measured = figures_of(asked) if task.pooled else measure(asked)
    if isinstance(measured, Failed):
        return measured
    tables = measured.tables() if isinstance(measured, Measured) else {"kpis": measured}
    return packed(task.replication, tables)


def keep(task: UnitTask, unit: bytes) -> None:
    """Write a unit so that it is either whole or absent.

    Raises:
        WriteFailed: if the disk is full.
    """
    part = task.path.with_name(f".{task.path.name}.part")
    with writing(task.path):
        try:
            part.write_bytes(unit)
            part.replace(task.path)
        finally:
            part.unlink(missing_ok=True)


def content_key(scenario: Scenario) -> str:
    """Return a hash of all that a replication depends on, but for its number.

    How many replications are asked for changes none of them, so it does not count.
    """
    alone = scenario.run.model_copy(update={"replications": 1})
    parts = [
        scenario.name,
        scenario.model_copy(update={"run": alone}).digest(),
        code_digest(),
        json.dumps(dict(versions()), sort_keys=True),
    ]
    text = json.dumps(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]


class UnitStore:
    """The units of some scenarios under one folder."""

    def __init__(self, folder: Path, scenarios: Iterable[Scenario]) -> None:
        self._folder = folder
        self._shipped = {scenario.name: Shipped(scenario) for scenario in scenarios}
        self.keys = {name: content_key(one.scenario) for name, one in self._shipped.items()}

    def home(self, scenario: Scenario) -> Path:
        """Return the folder of a scenario's units."""
        return self._folder / self.keys[scenario.name]

    def task(self, scenario: Scenario, replication: int) -> UnitTask:
        """Return the task that makes a unit."""
        path = self.home(scenario) / f"{replication}.unit"
        return UnitTask(self._shipped[scenario.name], replication, path)

    def count(self, scenario: Scenario) -> int:
        """Return how many replications of a scenario are finished."""
        return sum(1 for _ in self.home(scenario).glob("[0-9]*.unit"))

    def prepare(self) -> None:
        """Make the folders; remove units of other scenarios, of other code, and half ones."""
        homes = {self._folder / key for key in self.keys.values()}
        for found in self._folder.glob("*"):
            if found not in homes:
                shutil.rmtree(found, ignore_errors=True)
        for half in self._folder.glob("*/.*.part"):
            half.unlink()
        with writing(self._folder):
            for home in homes:
                home.mkdir(parents=True, exist_ok=True)

    def remove(self, scenario: Scenario) -> None:
        """Remove the units of a scenario whose tables stand elsewhere now."""
        shutil.rmtree(self.home(scenario), ignore_errors=True)

    def clear(self) -> None:
        """Remove every unit."""
        shutil.rmtree(self._folder, ignore_errors=True)


def is_whole(path: Path) -> bool:
    """Whether a unit is what was written."""
    with path.open("rb") as file:
        wanted = file.read(_DIGEST)
        return hashlib.file_digest(file, "sha256").digest() == wanted


def is_kept(task: UnitTask, notice: Callable[[str], None]) -> bool:
    """Whether an earlier run left the unit of a task; tell of one that is damaged."""
    if not task.path.exists():
        return False
    if is_whole(task.path):
        return True
    of = f"of a point of '{task.scenario.name}'" if task.pooled else f"of '{task.scenario.name}'"
    notice(f"warning: replication {task.replication + 1} {of} is damaged and is computed again")
    return False


def packed(replication: int, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return the tables of a replication as a unit."""
    streams = [
        _stream(name, frame, replication) if len(frame) else _empty(name, frame)
        for name, frame in tables.items()
    ]
    digest = hashlib.sha256()
    for stream in streams:
        digest.update(stream)
    return b"".join([digest.digest(), *streams])


def _stream(name: str, frame: pd.DataFrame, replication: int) -> bytes:
    body = io.BytesIO()
    table = arrow(frame, replication).replace_schema_metadata({_TABLE: name})
    with pa.ipc.new_stream(body, table.schema, options=_WRITING) as stream:
        stream.write_table(table)
    return body.getvalue()


_EMPTY: dict[str, bytes] = {}
"""Tables without rows, as they stand in a unit: most scenarios have many, all of them equal."""


def _empty(name: str, frame: pd.DataFrame) -> bytes:
    if name not in _EMPTY:
        _EMPTY[name] = _stream(name, frame, 0)
    return _EMPTY[name]


def read_unit(path: Path) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables of a unit by name.

    Raises:
        WriteFailed: if the disk gives back something else than what was written.
    """
    if not is_whole(path):
        raise WriteFailed(f"{path} is damaged; run the same command again to compute it again")
    with pa.OSFile(str(path), "rb") as file:
        file.seek(_DIGEST)
        while file.tell() < file.size():
            with pa.ipc.open_stream(file, options=_READING) as stream:
                table = stream.read_all()
            yield table.schema.metadata[_TABLE].decode(), table.replace_schema_metadata(None)
