"""Terminals, pipes, locales and limits."""

from __future__ import annotations

import contextlib
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path

from tests.cli.harness import ROOT, call, results, spawn, strict_json, write_tiny

CARTLOGIX = shlex.join([sys.executable, "-m", "cartlogix"])


def _shell(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    ran = _shell(f"{CARTLOGIX} show tiny.yaml | head -1; echo ${{PIPESTATUS[0]}}", tmp_path)
    assert ran.stdout.splitlines() == ['name = "tiny"  # tiny.yaml:1', "0"]
    assert ran.stderr == ""


def test_standard_output_that_is_full(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    ran = _shell(f"{CARTLOGIX} show tiny.yaml > /dev/full", tmp_path)
    assert ran.returncode == 74
    assert ran.stderr == "cannot write standard output: No space left on device\n"


def test_locale_time_zone_and_home_change_nothing(tmp_path: Path) -> None:
    write_tiny(tmp_path, "größe")
    read_only = tmp_path / "nobody's home"
    read_only.mkdir(mode=0o500)
    plain = call("run", "größe.yaml", "--jobs", "1", "--out", "plain", cwd=tmp_path)
    odd = spawn(
        *("run", "größe.yaml", "--jobs", "1", "--out", "odd"),
        cwd=tmp_path,
        environment={
            "LC_ALL": "de_DE.UTF-8",
            "LANG": "C",
            "LANGUAGE": "de",
            "TZ": "Pacific/Chatham",
            "HOME": str(read_only),
            "XDG_CACHE_HOME": str(read_only),
            "PYTHONIOENCODING": "ascii",
        },
    )
    assert (odd.code, odd.err) == (0, "")
    assert "gr\\xf6\\xdfe" in odd.out  # shown as well as the terminal can
    assert odd.out.count("\n") == plain.out.count("\n")
    assert odd.out.splitlines()[3].split()[-4:] == plain.out.splitlines()[3].split()[-4:]
    assert results(tmp_path / "odd") == results(tmp_path / "plain")
    assert not list(read_only.iterdir())


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    parent, child = pty.openpty()
    with (tmp_path / "out.json").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cartlogix", "run", "tiny.yaml", "--jobs", "1", "--json"],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdout=out, stderr=child,
        )  # fmt: skip
    os.close(child)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while chunk := os.read(parent, 4096):
            shown += chunk
    os.close(parent)
    assert process.wait(timeout=60) == 0
    assert b"tiny 2/2" in shown
    quiet = call("run", "tiny.yaml", "--jobs", "1", "--json", "--out", "quiet", cwd=tmp_path)
    assert quiet.err == ""
    printed = strict_json((tmp_path / "out.json").read_text("utf-8"))
    assert {**printed, "folder": "quiet"} == quiet.json


LITTLE_MEMORY = """
import resource
import cartlogix.cli.running
from cartlogix.cli.main import main
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 80_000_000,) * 2)
main(["run", "tiny.yaml", "--jobs", "1"])
"""


def test_too_little_memory_is_said_plainly(tmp_path: Path) -> None:
    # So many that a single column does not fit. Where small pieces use up the last of the address
    # space instead, not even the stack can grow, and the system may end the interpreter first.
    demand = "{arrivals: {process: poisson, rate: 3000000 /y}, indications: [{name: lupus}]}"
    write_tiny(tmp_path, demand=demand, run="{enrolment: 365 d, cap: 30 d, replications: 1}")
    ran = subprocess.run(
        [sys.executable, "-c", LITTLE_MEMORY],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode in (3, 71), ran
    assert "memory" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "reports" / "tiny" / "scenarios" / "tiny").exists()
