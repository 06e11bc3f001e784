"""What is slow to load is loaded only by the commands that need it."""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

HEAVY = {"ortools", "pandas", "plotly"}

RUN_COMMAND = """
import sys
from cartlogix.cli.main import main
sys.argv = ["cartlogix", *sys.argv[1:]]
try:
    code = main()
except SystemExit as stop:
    code = stop.code
assert not code, code
"""

SHIPPED = sorted(str(path) for path in (ROOT / "configs").glob("*.yaml"))


def _modules_loaded_by(code: str, *arguments: str) -> set[str]:
    report = "\nimport sys; print(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return set(done.stderr.split())


def test_the_package_loads_nothing_heavy() -> None:
    loaded = _modules_loaded_by("import cartlogix")
    assert "cartlogix" in loaded
    assert not loaded & (HEAVY | {"numpy", "pydantic", "simpy"})


@pytest.mark.parametrize("arguments", [["--help"], ["validate", *SHIPPED]], ids=lambda a: a[0])
def test_the_command_loads_nothing_heavy(arguments: list[str]) -> None:
    assert SHIPPED, "no shipped config to validate"
    loaded = _modules_loaded_by(RUN_COMMAND, *arguments)
    assert "cartlogix.cli.main" in loaded
    assert not loaded & HEAVY


def test_a_replication_without_a_planned_line_loads_no_solver() -> None:
    loaded = _modules_loaded_by("import cartlogix.cli.running")
    assert "cartlogix.experiment.replication" in loaded
    assert "ortools" not in loaded
