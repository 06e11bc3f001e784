"""`python -m benchmarks [engine] [hours] [startup] [slots] [planning] [runner]`: print Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks import engine, hours, planning, runner, slots, startup


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help="engine, hours, startup, slots, planning, runner; all if left out"
    )
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs at each volume")
    parser.add_argument("--lots", type=int, default=1000, help="lots of the largest slot problem")
    given = parser.parse_args()
    benchmarks: dict[str, Callable[[], str]] = {
        "engine": lambda: engine.report(given.pairs),
        "hours": lambda: hours.report(given.pairs),
        "startup": startup.report,
        "slots": lambda: slots.report(given.lots),
        "planning": planning.report,
        "runner": lambda: runner.report(given.pairs),
    }
    unknown = set(given.names) - set(benchmarks)
    if unknown or given.pairs < 1:
        parser.error(f"the benchmarks are {', '.join(benchmarks)}; --pairs is at least 1")
    for name in given.names or benchmarks:
        print(f"## {name}\n\n{benchmarks[name]()}\n", flush=True)


if __name__ == "__main__":
    main()
