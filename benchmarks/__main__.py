"""`python -m benchmarks [engine] [startup] [--pairs N]`: run benchmarks and print Markdown."""

from __future__ import annotations

import argparse

from benchmarks import engine, startup


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="engine, startup; both if left out")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs at each volume")
    given = parser.parse_args()
    benchmarks = {"engine": lambda: engine.report(given.pairs), "startup": startup.report}
    unknown = set(given.names) - set(benchmarks)
    if unknown or given.pairs < 1:
        parser.error(f"the benchmarks are {' and '.join(benchmarks)}; --pairs is at least 1")
    for name in given.names or benchmarks:
        print(f"## {name}\n\n{benchmarks[name]()}\n", flush=True)


if __name__ == "__main__":
    main()
