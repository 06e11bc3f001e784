"""Waiting: in line for units of pools, and for a dose of a stock."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from functools import partial
from typing import Generic, TypeVar

from cartlogix.sim.activities import Activities
from cartlogix.sim.changeover import Returns
from cartlogix.sim.clock import SNAP, Clock
from cartlogix.sim.consequence import Fate
from cartlogix.sim.entity import Traveller
from cartlogix.sim.line import Deadlines, Request, State
from cartlogix.sim.pool import Seizure
from cartlogix.sim.recorder import ABORTED, BAULKED, DONE, EXPIRED, RENEGED, STOCK_OUT
from cartlogix.sim.station import Station
from cartlogix.sim.stock import Withdrawal
from cartlogix.sim.story import CalledBack, Pause, Phase

T = TypeVar("T", bound=Traveller)


class Queueing(Generic[T]):
    """Lets entities wait until they are served, leave, or hold material that is too old."""

    def __init__(
        self,
        env: Clock,
        activities: Activities,
        fate: Fate[T],
        returns: Returns,
        horizon: float,
    ) -> None:
        self._env = env
        self._write = activities.write
        self._fate = fate
        self._give_back = returns.give_back
        self._horizon = horizon
        self._deadlines = Deadlines(env)

    def for_pools(
        self, entity: T, station: Station, request: Seizure
    ) -> Generator[Pause, None, int | None]:
        """Wait for units of pools; return where the entity goes if it does not get them."""
        if request.state is State.BAULKED:
            now = entity.queued
            self._give_back(entity, station, station.carried)
            self._write(entity, station, station.place, now, math.nan, now, BAULKED)
            return self._fate.lose(entity, station, now, "no place to wait", "waiting")
        leave = partial(station.pools[0][0].give_up, request)
        dies = math.inf if station.freshness is None else station.freshness.dies(entity)
        if dies <= self._horizon:
            self._deadlines.watch(dies, request, leave)
        try:
            cause = yield from self._wait(entity, station, request, leave, dies)
        except CalledBack:
            self._withdraw(entity, station, request)
            raise
        if cause is None:
            return None
        now = self._env.now
        self._give_back(entity, station, station.carried)
        if dies <= now + SNAP:
            return self.expire(entity, station, now)
        return self._fate.lose(entity, station, now, cause, "waiting")

    def _withdraw(self, entity: T, station: Station, request: Seizure) -> None:
        """Take an entity out of the line whose dose is called back, or what it has just taken."""
        now = self._env.now
        if request.state is State.WAITING:
            station.pools[0][0].give_up(request)
        else:
            for pool, units in request.needs:
                pool.release(units, entity)
        self._give_back(entity, station, station.carried)
        self._write(entity, station, station.place, entity.queued, math.nan, now, ABORTED)

    def expire(self, entity: T, station: Station, time: float) -> int:
        """Follow what is to follow when fresh material is too old to be used."""
        self._write(entity, station, station.place, entity.queued, math.nan, time, EXPIRED)
        assert station.freshness is not None
        entity.clock = time
        return self._fate.after_failure(entity, station.freshness.station, time, too_old=True)

    def for_dose(self, entity: T, station: Station, now: float) -> Phase:
        """Take a dose from the first stock that has one, or wait, or go without."""
        queued = entity.queued
        for stock in station.stocks:
            entity.dose = stock.draw(entity)
            if entity.dose is not None:
                self._write(entity, station, station.place, queued, now, now, DONE)
                return station.index + 1
        assert station.step.step.draw is not None
        if station.step.step.draw.stock_out != "wait":
            self._write(entity, station, station.place, queued, math.nan, now, STOCK_OUT)
            return self._fate.without_dose(entity, station, now)
        request = Withdrawal(entity)
        stock = next((s for s in station.stocks if s.serves(entity)), station.stocks[0])
        stock.join(request)
        if request.state is State.WAITING:
            leave = partial(stock.give_up, request)
            cause = yield from self._wait(entity, station, request, leave)
            if cause is not None:
                return self._fate.lose(entity, station, self._env.now, cause, "waiting")
        entity.dose = request.dose
        now = entity.clock = entity.group_start = self._env.now
        self._write(entity, station, station.place, queued, now, now, DONE)
        return station.index + 1

    def _wait(
        self,
        entity: T,
        station: Station,
        request: Request,
        leave: Callable[[], None],
        dies: float = math.inf,
    ) -> Generator[Pause, None, str | None]:
        """Wait in line; return None when served, or the cause for which patience ended."""
        env, queued, patience = self._env, entity.queued, entity.patience
        cause = ""
        scoped: tuple[int, ...] = ()
        if patience is not None:
            scoped = station.scopes.waiting[entity.indication]
            deadline, cause = patience.deadline(scoped, queued)
            if deadline <= self._horizon:
                self._deadlines.watch(deadline, request, leave)
        try:
            yield request.wait(env)
        except CalledBack:
            if patience is not None:
                patience.spend(scoped, env.now - queued)
            raise
        if request.state is State.RENEGED:
            if dies > env.now + SNAP:
                self._write(entity, station, station.place, queued, math.nan, env.now, RENEGED)
            return cause
        if patience is not None:
            patience.spend(scoped, env.now - queued)
        return None
