"""The runner of studies: overhead of a replication, scaling over processes, Dask, memory.

Sides that are compared take turns, and a ratio belongs to one turn, so that other work on the
machine disturbs both. Memory is measured in processes of their own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cartlogix.experiment.cluster import connected
from cartlogix.experiment.measure import Failed, measure
from cartlogix.experiment.plan import Study, arm_of
from cartlogix.experiment.pool import Workers
from cartlogix.experiment.replication import replicate
from cartlogix.experiment.run import Options, run_study
from cartlogix.report.write import write_page
from cartlogix.scenario.loader import load

SCENARIO = Path(__file__).with_name("runner.yaml")
VOLUMES = (1_000, 10_000)
_YEAR = "run.enrolment=365 d"  # makes a replication long enough for sharing it out to matter


def report(pairs: int, volumes: tuple[int, ...] = VOLUMES) -> str:
    """Measure and return the result as Markdown."""
    # A single ratio of Dask to processes swings by a fifth, so there are more of them.
    parts = [_overhead(pairs), _scaling(pairs), _cluster(2 * pairs + 3), _memory(volumes)]
    return "\n\n".join(parts)


def study(replications: int, *overrides: str) -> Study:
    """The benchmark's scenario, so many times."""
    loaded = load(SCENARIO, [f"run.replications={replications}", *overrides])
    return Study("runner", "Runner", "", (arm_of(loaded),))


def _overhead(pairs: int, replications: int = 100) -> str:
    """Processor time of one replication: alone, with its figures, and in a result folder."""
    scenario = study(replications).arms[0].scenario
    sides: dict[str, Callable[[], object]] = {
        "simulated (`replicate`)": lambda: [replicate(scenario, k) for k in range(replications)],
        "and measured (KPIs, ledger)": lambda: [
            measure((scenario, k)) for k in range(replications)
        ],
        "and kept in a result folder": lambda: _wall(replications, Options()),
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(pairs + 1):
        for name, run in sides.items():
            begun = time.process_time()
            run()
            if turn:  # the first turn loads and fills caches
                times[name].append((time.process_time() - begun) / replications * 1e3)
    bare = times["simulated (`replicate`)"]
    rows = [
        f"| {name} | {statistics.median(found):.1f} ms"
        f" | {statistics.median(a / b for a, b in zip(found, bare, strict=True)):.1f} |"
        for name, found in times.items()
    ]
    head = "| processor time of a replication | illustrative | over the bare loop: median |"
    return "\n".join([head, "|---|--:|--:|", *rows])


def _scaling(pairs: int, replications: int = 600) -> str:
    ratios, bare = [], []
    for turn in range(pairs + 1):
        one, two = (_wall(replications, Options(jobs=jobs), _YEAR) for jobs in (1, 2))
        alone, beside = (_loops(processes, replications // 6) for processes in (1, 2))
        if turn:
            ratios.append(one / two)
            bare.append(2 * alone / beside)
    return (
        f"Two processes are {_spread(ratios)} times as fast as one ({replications} replications)."
        f" Two loops without a runner, side by side, do {_spread(bare)} times as much as one alone."
    )


def _loops(processes: int, replications: int) -> float:
    """Seconds in which the slowest of some processes has measured so many replications."""
    command = [sys.executable, "-m", "benchmarks.runner", "loop", str(replications)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(processes)]
    return max(float(process.communicate()[0]) for process in running)


def _loop(replications: int) -> float:
    """Seconds of a loop that measures replications of a year, after a first one.

    Raises:
        RuntimeError: if one fails: what was measured is then worth nothing.
    """
    scenario = study(replications, _YEAR).arms[0].scenario
    measure((scenario, 0))
    begun = time.perf_counter()
    for number in range(replications):
        if isinstance(found := measure((scenario, number)), Failed):
            raise RuntimeError(f"nothing was measured: {found}")
    return time.perf_counter() - begun


def _cluster(pairs: int, replications: int = 300) -> str:
    ratios = []
    with _dask(workers=2) as cluster:
        for turn in range(pairs + 1):
            pool = _wall(replications, Options(jobs=2), _YEAR)
            dask = _wall(replications, Options(cluster=cluster), _YEAR)
            if turn:
                ratios.append(dask / pool)
    return (
        f"Two Dask workers take {_spread(ratios)} times as long as two processes"
        f" ({replications} replications)."
    )


def _wall(replications: int, options: Options, *overrides: str) -> float:
    """Seconds of a study into a folder of its own, without the page."""
    begun = time.perf_counter()
    _run(replications, options, *overrides)
    return time.perf_counter() - begun


def _run(replications: int, options: Options, *overrides: str) -> None:
    """Run a study into a folder that is removed at once.

    Raises:
        RuntimeError: if a replication fails: what was measured is then worth nothing.
    """
    with tempfile.TemporaryDirectory() as home:
        outcome = run_study(study(replications, *overrides), Path(home) / "out", options)
    if outcome.failures:
        raise RuntimeError(f"nothing was measured: {outcome.failures[0]}")


@contextmanager
def _dask(workers: int) -> Iterator[Workers]:
    """A scheduler and its workers on this machine."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "scheduler.json"
        here = ("--no-dashboard", "--scheduler-file", str(file))
        commands: list[tuple[str, ...]] = [
            ("scheduler", "--host", "127.0.0.1", "--port", "0", *here)
        ]
        commands += [("worker", "--nthreads", "1", "--no-nanny", *here)] * workers
        started = [
            subprocess.Popen([sys.executable, "-m", "dask", *command], stderr=subprocess.DEVNULL)
            for command in commands
        ]
        try:
            while not file.exists():
                time.sleep(0.1)
            with connected(str(file), lambda text: None) as cluster:
                yield cluster
        finally:
            for process in started:
                process.kill()
                process.wait()


def _memory(volumes: tuple[int, ...]) -> str:
    """Peak memory of the process that runs a study and writes its page, and of its workers."""
    rows = []
    for replications in volumes:
        command = [sys.executable, "-m", "benchmarks.runner", "peaks", str(replications)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        own, workers = json.loads(done.stdout)
        rows.append(f"| {replications:,} | {own:.0f} MB | {workers:.0f} MB |")
    head = "| replications | peak memory of the command | of its largest worker |"
    return "\n".join([head, "|--:|--:|--:|", *rows])


def _peaks(replications: int) -> list[float]:
    _run(replications, Options(jobs=2, finish=write_page))
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return [resource.getrusage(one).ru_maxrss / 1024 for one in whose]


def _spread(ratios: list[float]) -> str:
    return f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    asked: Callable[[int], object] = {"peaks": _peaks, "loop": _loop}[sys.argv[1]]
    print(json.dumps(asked(int(sys.argv[2]))))
