"""Changeover: the time for which a unit of a pool is blocked after use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Waiting
from cartlogix.sim.pool import Pool
from cartlogix.sim.recorder import DONE


@dataclass(frozen=True, slots=True)
class Changeover:
    """How long units of a pool are blocked, and how to record it."""

    label: float
    place: float
    durations: Iterator[float]

    def block(self, env: Clock, cells: list[float], pool: Pool, units: int, who: Waiting) -> None:
        """Give units back after the changeover, at once if it takes no time."""
        now, duration = env.now, next(self.durations)
        if duration == 0:
            pool.release(units, who)
            return
        row = (self.label, -1, 1, 1, self.place, now, now, now + duration, DONE)
        cells.extend(row * units)
        env.after(duration, lambda _: pool.release(units, who))
