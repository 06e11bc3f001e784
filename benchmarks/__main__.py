"""`python -m benchmarks [engine] [hours] [startup] [slots] [planning] [runner]`: print Markdown."""

from __future__ import annotations

import argparse
from importlib import import_module


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help="engine, hours, startup, slots, planning, runner; all if left out"
    )
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs at each volume")
    parser.add_argument("--lots", type=int, default=1000, help="lots of the largest slot problem")
    given = parser.parse_args()
    asked = {
        "engine": (given.pairs,),
        "hours": (given.pairs,),
        "startup": (),
        "slots": (given.lots,),
        "planning": (),
        "runner": (given.pairs,),
    }
    if set(given.names) - set(asked) or given.pairs < 1:
        parser.error(f"the benchmarks are {', '.join(asked)}; --pairs is at least 1")
    for name in given.names or asked:
        # Loaded only now: worker processes load the main module again, as they do the command's.
        benchmark = import_module(f"benchmarks.{name}")
        print(f"## {name}\n\n{benchmark.report(*asked[name])}\n", flush=True)


if __name__ == "__main__":
    main()
