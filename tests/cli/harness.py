"""Calling the command line as a user does: in a process of its own, or (quicker) in this one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cartlogix.cli.main import main

ROOT = Path(__file__).parents[2]

TINY = """\
name: tiny
demand:
  arrivals: {process: poisson, rate: 150 /y}
  indications: [{name: myeloma}, {name: lupus}]
network:
  plants: [{name: plant, resources: {suites: 6}}]
  lanes: [{time: 1 d, price: 1500}]
pathways:
  - name: autologous
    modality: autologous
    route:
      - {name: apheresis, duration: 1 d}
      - {name: ship_in, ship: plant}
      - {name: manufacture, needs: suites, duration: {law: uniform, low: 5 d, high: 9 d}}
      - {name: ship_out, ship: centre}
      - name: infusion
costs:
  lines: [{name: collection, per: step, of: [apheresis], amount: 10000}]
run: {enrolment: 30 d, replications: 2, seed: 5}
"""
"""About twelve patients in thirty days, two replications."""


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """Standard output as strict JSON."""
        return strict_json(self.out)


def strict_json(text: str) -> Any:  # noqa: ANN401 - JSON
    """Read JSON and refuse NaN and Infinity, which are not JSON."""

    def refuse(word: str) -> float:
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def call(*arguments: str | Path, cwd: Path) -> Ran:
    """Run a command in this process; it saves loading the libraries again."""
    out, err = io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    code: object = None
    try:
        with (
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            main([str(argument) for argument in arguments])
    except SystemExit as stop:
        code = stop.code
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert isinstance(code, int)
    assert "Traceback" not in err.getvalue()
    return Ran(code, out.getvalue(), err.getvalue())


def start(
    *arguments: str | Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> subprocess.Popen[str]:
    """Start a command in a process group of its own; `prefix` is put before it."""
    command = [*prefix, sys.executable, "-m", "cartlogix", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> Ran:
    """Wait for a command."""
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return Ran(process.returncode, out, err)


def spawn(
    *arguments: str | Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Ran:
    """Run a command in a process of its own."""
    return finish(start(*arguments, cwd=cwd, environment=environment, prefix=prefix))


def write_tiny(folder: Path, name: str = "tiny", **changes: str) -> Path:
    """Write the tiny scenario with other top-level values; `run="..."` replaces that line."""
    lines = TINY.splitlines()
    for key, value in {"name": name, **changes}.items():
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
        end = at + 1
        while end < len(lines) and lines[end].startswith(" "):
            end += 1
        lines[at:end] = [f"{key}: {value}"]
    path = folder / f"{name}.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def hashes(folder: Path) -> dict[str, str]:
    """Every file, link and folder below a folder, with a hash of its content."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "not a file"
        )
        for path in folder.rglob("*")
    }


def results(folder: Path) -> dict[str, str]:
    """What must be the same for the same seed: every Parquet table and results.json."""
    return {
        name: digest
        for name, digest in hashes(folder).items()
        if name.endswith(".parquet") or name == "results.json"
    }


def group_members(group: int) -> list[int]:
    """The processes of a group that are alive."""
    return [pid for pid, (state, found) in _processes() if found == group and state != "Z"]


def children(parent: int) -> list[int]:
    """The processes that were started from a process, and from those, and so on."""
    found, frontier = list[int](), {parent}
    while frontier:
        frontier = {
            pid
            for pid in _pids()
            if (stat := _stat(pid)) and int(stat[1]) in frontier and stat[0] != "Z"
        }
        found.extend(frontier)
    return found


def _pids() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[str]:
    """State, parent, group and the rest of a process; empty if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _processes() -> Iterator[tuple[int, tuple[str, int]]]:
    for pid in _pids():
        if stat := _stat(pid):
            yield pid, (stat[0], int(stat[2]))
