"""Computing replications as units: in this process, in several, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field

from cartlogix.experiment.measure import Failed, failure
from cartlogix.experiment.pool import WorkerPool, Workers
from cartlogix.experiment.server import COMPUTING
from cartlogix.experiment.units import UnitTask, compute, keep, pack

LOST = "the worker process was killed twice (out of memory?)"

Advance = Callable[[str, int, int], None]
"""Told the scenario's label, the number of its replication that is done, and how many there are."""


def _quiet(total: int) -> AbstractContextManager[Advance]:
    del total
    return nullcontext(lambda label, done, of: None)


@dataclass(frozen=True)
class Manner:
    """How scenarios are run; no result depends on it."""

    jobs: int = 1
    cluster: Workers | None = None
    """Workers elsewhere that compute instead of `jobs` processes."""
    fail_fast: bool = False
    notice: Callable[[str], None] = field(default=lambda text: None)
    """Told what the user should know while it runs."""
    progress: Callable[[int], AbstractContextManager[Advance]] = _quiet
    """Given the number of replications to compute, gives what is told of each."""


def computed(
    tasks: Iterable[UnitTask], manner: Manner, total: int
) -> Generator[Failed | None, None, None]:
    """Compute units and yield, in order, None for each that stands, or why it does not.

    Processes of this machine write their units themselves. Workers of a cluster need not see the
    result folder: they send the units, which are written here.

    Args:
        tasks: read a little ahead of the reader.
        manner: who computes, and who is told.
        total: how many tasks there are, at most.

    Raises:
        WriteFailed: if the disk is full.
        OutOfResources: if the cluster is lost.
    """
    handed: list[UnitTask] = []

    def noted() -> Generator[UnitTask, None, None]:
        for task in tasks:
            handed.append(task)
            yield task

    pool = WorkerPool[UnitTask, bytes | Failed | None](
        pack if manner.cluster else compute,
        lambda task: failure((task.scenario, task.replication), LOST, ""),
        min(manner.jobs, max(1, total)),
        preload=COMPUTING,
        workers=manner.cluster,
    )
    with manner.progress(total) as advance, closing(pool.map(noted())) as outcomes:
        for outcome in outcomes:
            task = handed.pop(0)
            run = task.scenario.run
            advance(task.scenario.label, task.replication + 1, run.replications)
            if isinstance(outcome, bytes):
                keep(task, outcome)
            yield outcome if isinstance(outcome, Failed) else None
