"""Free steps with a dose in hand that can be called back: walked at their time, not ahead of it."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

from cartlogix.sim.activities import Activities, beside
from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import Traveller
from cartlogix.sim.recorder import ABORTED, DONE
from cartlogix.sim.station import Station
from cartlogix.sim.story import CalledBack, Phase
from cartlogix.sim.working import Working

T = TypeVar("T", bound=Traveller)


class Carrying(Generic[T]):
    """Takes entities through free steps in such a way that a recall finds them there."""

    def __init__(self, env: Clock, activities: Activities, working: Working[T]) -> None:
        self._env = env
        self._write = activities.write
        self._pass = working.pass_by

    def carry(self, entity: T, station: Station) -> Phase:
        """Wait until the step is over, or somebody is lost in it or beside it, and only then walk.

        The wait for an infusion ends when it starts.
        """
        if entity.dose is not None:
            until = _next(entity, station)
            if until > self._env.now:
                entity.open_step, entity.queued = station, entity.ready(station)
                entity.started = math.nan
                try:
                    yield until - self._env.now
                except CalledBack:
                    self._stop(entity, station)
                    raise
        return self._pass(entity, station)

    def _stop(self, entity: T, station: Station) -> None:
        """Write what had begun by now, and use up the patience that it took."""
        now, queued, patience = self._env.now, entity.queued, entity.patience
        for one, (place, start, end, _) in beside(entity, station):
            over = end <= now
            begun = start if start <= now else math.nan
            self._write(entity, one, place, queued, begun, min(end, now), DONE if over else ABORTED)
            if patience is not None:
                patience.spend(one.scopes.working[entity.indication], min(end, now) - queued)


def _next(entity: Traveller, station: Station) -> float:
    """Return when the step is over, or before that somebody is infused or lost."""
    until, patience = math.inf, entity.patience
    patience = patience.copy() if patience is not None else None
    queued = entity.ready(station)
    for one, (_, start, end, _) in beside(entity, station):
        until = min(until, end) if one is station else until
        if one.starts == "infusion":
            return min(until, start)
        if patience is not None:
            lost = patience.endure(one.scopes.working[entity.indication], queued, end)
            if lost is not None:
                return min(until, lost[0])
    return until
