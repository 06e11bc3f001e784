"""The slot optimizer beside other ways to plan the same lots, each in a fresh process."""

from __future__ import annotations

import importlib.util
import json
import math
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from benchmarks import slot_peers
from benchmarks.slot_instances import OBJECTIVE, instance
from benchmarks.slot_peers import Solved
from cartlogix.scheduling.outcome import Budget
from cartlogix.scheduling.problem import Problem
from cartlogix.scheduling.rules import RULES, dispatch
from cartlogix.scheduling.solve import solve
from cartlogix.scheduling.verify import recompute, violations

SECONDS = {30: 10, 60: 10, 120: 60, 250: 60, 500: 60, 1000: 120}
"""Number of lots, and the limit that every method is given."""

SEED = 1


@dataclass(frozen=True)
class Result:
    """What a method reached on one instance; value is infinite if it found no plan."""

    value: float
    bound: float
    seconds: float
    memory_mb: float


def best_rule(problem: Problem, seconds: float) -> Solved:
    """The best of FIFO, EDD, ATC and the index."""
    del seconds
    plans = [plan for rule in RULES.values() if (plan := dispatch(problem, rule)) is not None]
    best = min(plans, key=lambda plan: OBJECTIVE.values(recompute(problem, plan)))
    return Solved(best, -math.inf)


def ours(problem: Problem, seconds: float) -> Solved:
    """`cartlogix.scheduling.solve`."""
    outcome = solve(problem, OBJECTIVE, Budget(seconds=seconds))
    return Solved(outcome.plan, outcome.bounds[0])


METHODS = {
    "best rule": best_rule,
    "PyJobShop": slot_peers.pyjobshop,
    "plain CP-SAT": slot_peers.plain_cp_sat,
    "cartlogix": ours,
}


def measure(method: str, lots: int, seed: int) -> Result:
    """One method on one instance, judged by the referee."""
    problem = instance(lots, seed)
    begun = time.perf_counter()
    solved = METHODS[method](problem, SECONDS[lots])
    seconds = time.perf_counter() - begun
    value = math.inf
    if solved.plan is not None:
        broken = violations(problem, solved.plan)
        if broken:
            raise RuntimeError(f"{method} broke the problem: {broken[:3]}")
        value = OBJECTIVE.values(recompute(problem, solved.plan))[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(value, solved.bound, seconds, memory)


def report(largest: int, seed: int = SEED) -> str:
    """Every method on every instance up to a number of lots, as a Markdown table."""
    lines = [
        "| lots | limit (s) | method | value | bound | gap | seconds | memory (MB) |",
        "|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for lots, limit in SECONDS.items():
        if lots <= largest:
            for method in _present():
                print(f"{method}, {lots} lots", file=sys.stderr)
                result = _in_a_fresh_process(method, lots, seed)
                lines.append(f"| {lots} | {limit} | {method} | {_cells(result)} |")
    return "\n".join(lines)


def _present() -> list[str]:
    """The methods that are installed; PyJobShop comes with the extra `bench`."""
    missing = importlib.util.find_spec("pyjobshop") is None
    if missing:
        print("PyJobShop is left out: install cartlogix[bench]", file=sys.stderr)
    return [method for method in METHODS if not (missing and method == "PyJobShop")]


def _cells(result: Result) -> str:
    proven = math.isfinite(result.bound) and math.isfinite(result.value)
    gap = (result.value - result.bound) / max(abs(result.value), 1e-9) if proven else math.inf
    cells = [
        f"{result.value:.0f}" if math.isfinite(result.value) else "none",
        f"{result.bound:.0f}" if proven else "",
        ("optimal" if gap < 1e-6 else f"{gap:.2%}") if proven else "",
        f"{result.seconds:.1f}",
        f"{result.memory_mb:.0f}",
    ]
    return " | ".join(cells)


def _in_a_fresh_process(method: str, lots: int, seed: int) -> Result:
    command = [sys.executable, "-m", "benchmarks.slots", method, str(lots), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Result(**json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    chosen, count, begin = sys.argv[1:]
    print(json.dumps(asdict(measure(chosen, int(count), int(begin)))))
