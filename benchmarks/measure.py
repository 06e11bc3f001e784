"""One measurement in a fresh process: `python -m benchmarks.measure engine 2` prints JSON.

A process of its own, so that neither side meets the other's garbage, and peak memory means
something. The time is processor time, which a busy machine disturbs less than the clock on the
wall; imports, reading the scenario and a first, smaller run are not part of it.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.textbook import CAPACITIES, RATE, Clinic
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario

SCENARIO = Path(__file__).with_name("autologous.yaml")
_PLACE = {"chair": "centres.centre", "bed": "centres.centre"}
# Small volumes are repeated, or a measurement would take a fraction of a second.
_FACTORS_PER_MEASUREMENT = 8

Run = Callable[[int, int], tuple[int, int]]
"""Runs a volume factor and a seed; returns patients and events."""


@cache
def scenario(factor: int) -> Scenario:
    """The benchmark's scenario with its rate and all capacities times `factor`."""
    scaled = [f"demand.arrivals.rate={RATE * factor!r} /d"]
    for name, units in CAPACITIES.items():
        place = _PLACE.get(name, "plants.plant")
        scaled.append(f"network.{place}.resources.{name}={units * factor}")
    return load(SCENARIO, scaled).scenario


def engine(factor: int, seed: int) -> tuple[int, int]:
    """One replication, with everything recorded, to the tables of the Trace."""
    trace = replicate(scenario(factor), seed)
    return len(trace["patients"]), trace.events


def hours(factor: int, seed: int) -> tuple[int, int]:
    """The same clinic with shifts, holidays, crews and couriers, at the benchmark's volume."""
    del factor
    trace = replicate(_hours(), seed)
    return len(trace["patients"]), trace.events


@cache
def _hours() -> Scenario:
    return load(SCENARIO.with_name("hours.yaml")).scenario


def textbook(factor: int, seed: int) -> tuple[int, int]:
    """The same with the textbook model, to its two frames."""
    clinic = Clinic(factor, seed)
    patients, _ = clinic.run()
    return len(patients), next(clinic.env._eid)


def measure(run: Run, factor: int, seed: int) -> dict[str, float]:
    """Return processor time per patient (microseconds), events per patient, and memory (MB)."""
    run(1, seed)
    scenario(factor)
    gc.collect()
    before = _peak_mb()
    patients = events = 0
    start = time.process_time()
    for repeat in range(max(1, _FACTORS_PER_MEASUREMENT // factor)):
        enrolled, taken = run(factor, seed + 1 + repeat)
        patients, events = patients + enrolled, events + taken
    seconds = time.process_time() - start
    return {
        "microseconds": seconds / patients * 1e6,
        "events": events / patients,
        "peak_mb": _peak_mb(),
        "added_mb": _peak_mb() - before,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    side, factor, seed = sys.argv[1:]
    print(
        json.dumps(
            measure(
                {"engine": engine, "hours": hours, "textbook": textbook}[side],
                int(factor),
                int(seed),
            )
        )
    )
