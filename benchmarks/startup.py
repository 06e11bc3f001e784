"""How long `cartlogix --help` takes, beside an interpreter that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 10
HEAVY = ("numpy", "ortools", "pandas", "plotly", "pyarrow", "pydantic", "scipy", "simpy")
_HELP = "import sys; from cartlogix.cli.main import main; sys.argv = ['cartlogix', '--help']; "


def report() -> str:
    """Measure and return the result as Markdown."""
    times: dict[str, list[float]] = {"help": [], "pass": []}
    for _ in range(RUNS + 1):
        times["help"].append(_seconds(f"{_HELP}main()"))
        times["pass"].append(_seconds("pass"))
    # The first of each warms the disk cache.
    helped, passed = (statistics.median(runs[1:]) for runs in (times["help"], times["pass"]))
    loaded = ", ".join(heavy_modules()) or "none"
    return (
        f"`cartlogix --help` takes **{helped / passed:.1f}** times as long as `python -c pass` "
        f"(median of {RUNS}; illustrative: {helped:.2f} s and {passed:.2f} s).\n"
        f"Of {', '.join(HEAVY)} it loads: {loaded}."
    )


def heavy_modules() -> list[str]:
    """Return the heavy libraries that `cartlogix --help` loads."""
    code = (
        f"{_HELP}\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.rsplit("loaded:", 1)[1].split()


def _seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start
