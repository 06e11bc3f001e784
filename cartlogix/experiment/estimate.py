"""How much work a run would be, without running it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from cartlogix.cohort.arrivals import arrival_days
from cartlogix.experiment.measure import Failed, measure
from cartlogix.ground.streams import Streams
from cartlogix.scenario.model import Scenario

_EVENTS_PER_STEP = 1.5
_BYTES_PER_STEP = 250


@dataclass(frozen=True)
class Estimate:
    """Rough size of a scenario's runs: events of all, and peak memory of a process."""

    replications: int
    events: int
    megabytes: float


@dataclass(frozen=True)
class Pilot:
    """What one replication took: events, and seconds of one processor."""

    events: int
    seconds: float


def pilot(scenario: Scenario) -> Pilot:
    """Run and measure one replication, to know how long the others will take."""
    began = time.process_time()
    measured = measure((scenario, 0))
    if isinstance(measured, Failed):
        raise RuntimeError(f"{measured}\n{measured.detail}")
    return Pilot(measured.trace.events, time.process_time() - began)


def estimate(scenario: Scenario) -> Estimate:
    """Estimate the runs of a scenario from its demand and the length of its routes."""
    run = scenario.run
    days = arrival_days(scenario.demand.arrivals, run.horizon, Streams(run.seed, 0))
    patients = int(np.count_nonzero(days < run.window[1])) + scenario.demand.backlog
    steps = max(len(pathway.route) for pathway in scenario.pathways)
    events = int(patients * (steps * _EVENTS_PER_STEP + 2)) * run.replications
    memory = 100 + patients * steps * _BYTES_PER_STEP / 1e6
    return Estimate(run.replications, events, memory)
