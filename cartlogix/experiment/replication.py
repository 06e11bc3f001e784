"""One replication: the only place where a running system is put together."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from cartlogix.cohort.patients import draw_cohort
from cartlogix.ground.streams import Streams
from cartlogix.policies.allocation import expected_wait
from cartlogix.policies.dispatch import DISCIPLINES
from cartlogix.policies.replenishment import replenishment_rule
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource
from cartlogix.sim.closing import columns_at
from cartlogix.sim.slot_view import SlotDispatcher
from cartlogix.sim.snapshot import place
from cartlogix.sim.system import Policies, System
from cartlogix.trace.build import build_trace
from cartlogix.trace.tables import Trace


def _slot_dispatcher(resource: Resource) -> SlotDispatcher | None:
    """Return the dispatcher of a line that is ordered when somebody may start, else None."""
    if resource.discipline in DISCIPLINES:
        return None
    from cartlogix.policies.planning import slot_dispatcher  # noqa: PLC0415 - loads the solvers

    return slot_dispatcher(resource)


POLICIES = Policies(DISCIPLINES, replenishment_rule, expected_wait, _slot_dispatcher)


def replicate(scenario: Scenario, replication: int) -> Trace:
    """Run one replication (numbered from 0) and return its Trace.

    The result depends on the scenario, its seed and the number of the replication only.
    """
    streams = Streams(scenario.run.seed, replication)
    cohort = draw_cohort(scenario, streams)
    with _without_garbage_collection():
        system = System(scenario, cohort, streams, POLICIES)
        place(system)
        stop = system.run()
        columns = columns_at(system, stop)
        system.forget()
    return build_trace(replication, scenario.run.window, stop, system.events, columns)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    # What a run makes, it keeps to its end or frees by itself; looking through all of it for
    # cycles, again and again, takes about a tenth of the time and finds none.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
