"""Giving units of pools back: at once, or after a changeover that blocks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import Traveller
from cartlogix.sim.line import Waiting
from cartlogix.sim.pool import Needs, Pool
from cartlogix.sim.recorder import DONE
from cartlogix.sim.station import Station


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


class Returns:
    """Gives back what an entity held for a step."""

    def __init__(
        self, env: Clock, cells: list[float], changeovers: Mapping[Pool, Changeover]
    ) -> None:
        self._env = env
        self._cells = cells
        self._changeovers = changeovers

    def give_back(self, entity: Traveller, station: Station, held: Needs) -> None:
        """Give units back when a step is over, hands that were still busy with it included."""
        if station.hands is not None:
            station.hands.finish(entity)
        for pool, units in held:
            if pool not in self._changeovers:
                pool.release(units, entity)
            else:
                self._changeovers[pool].block(self._env, self._cells, pool, units, entity)
