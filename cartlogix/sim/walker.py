"""The one interpreter: walks every patient and every lot along its route.

An event happens only where the entity meets something shared: a pool, a stock, the end of held
capacity. Free delays in between (shipping, lymphodepletion, resting) only move the entity's own
clock ahead; the next meeting waits for them all at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Generic, TypeVar

from cartlogix.sim.activities import Activities
from cartlogix.sim.carrying import Carrying
from cartlogix.sim.changeover import Changeover, Returns
from cartlogix.sim.clock import Clock
from cartlogix.sim.consequence import GONE, Fate
from cartlogix.sim.entity import Traveller
from cartlogix.sim.pool import Pool
from cartlogix.sim.queueing import Queueing
from cartlogix.sim.recorder import Recorder
from cartlogix.sim.story import Story, Walk
from cartlogix.sim.working import Working

T = TypeVar("T", bound=Traveller)


class Walker(Generic[T]):
    """Walks entities through their stations."""

    def __init__(
        self,
        env: Clock,
        recorder: Recorder,
        fate: Fate[T],
        changeovers: Mapping[Pool, Changeover],
        horizon: float,
    ) -> None:
        self.activities = activities = Activities(recorder.cells)
        returns = Returns(env, recorder.cells, changeovers)
        queueing = Queueing(env, activities, fate, returns, horizon)
        working = Working(env, activities, fate, returns)
        self._env = env
        self._fate = fate
        self._horizon = horizon
        self._queue, self._draw = queueing.for_pools, queueing.for_dose
        self._expire = queueing.expire
        self._pass, self._work = working.pass_by, working.work
        self._carry = Carrying(env, activities, working).carry

    def start(self, entity: T) -> None:
        """Set an entity on its way, now."""
        self._set_off(entity, self._story(entity))

    def resume(self, entity: T, index: int, since: float, *, working: bool) -> None:
        """Set an entity on its way from the midst of its route, where it has been since a day.

        Who is working holds its pools already; a step that needs none starts at the entity's clock.
        """
        self._set_off(entity, self._resumed(entity, index, since, working=working))

    def ask_again(self, entity: T) -> None:
        """Let an entity whose dose is called back draw another, whatever it did with this one."""
        dose = entity.dose
        assert dose is not None
        entity.walk.break_off()
        entity.dose, entity.clock = None, self._env.now
        entity.round += 1
        draw = max(station.index for station in entity.route if dose.stock in station.stocks)
        self._set_off(entity, self._story(entity, draw))

    def _set_off(self, entity: T, story: Story) -> None:
        entity.walk = Walk(self._env, story)
        entity.walk()

    def _resumed(self, entity: T, index: int, since: float, *, working: bool) -> Story:
        station = entity.route[index]
        if (station.pools or station.stocks) and entity.clock <= self._env.now:
            entity.queued = entity.group_start = since
            entity.open_step = station
            if station.stocks:
                yield from self._story(
                    entity, (yield from self._draw(entity, station, self._env.now))
                )
                return
            if not working:
                request = station.pools[0][0].seize(entity, station.pools, front=entity.front)
                entity.front = False
                if request is not None:
                    elsewhere = yield from self._queue(entity, station, request)
                    if elsewhere is not None:
                        yield from self._story(entity, elsewhere)
                        return
            if station.hands is not None:
                station.hands.take(entity, since if working else self._env.now)
            index = yield from self._work(entity, station, since if working else None)
        yield from self._story(entity, index)

    def _story(self, entity: T, index: int = 0) -> Story:
        env = self._env
        while index != GONE:
            if index == len(entity.route):
                index = self._fate.end_of_route(entity, entity.clock)
                continue
            station = entity.route[index]
            if entity.clock > self._horizon and not station.with_previous:
                return  # under way when the horizon comes, whatever lies beyond
            if not station.pools and not station.stocks:
                if station.carries:
                    index = yield from self._carry(entity, station)
                else:
                    index = self._pass(entity, station)
                continue
            now = env.now
            if entity.clock > now:
                yield entity.clock - now
                now = env.now
            entity.queued = entity.clock = entity.group_start = now
            entity.open_step, entity.started = station, math.nan
            if station.stocks:
                index = yield from self._draw(entity, station, now)
                continue
            if station.freshness is not None and station.freshness.dies(entity) <= now:
                index = self._expire(entity, station, now)
                continue
            request = station.pools[0][0].seize(entity, station.pools, front=entity.front)
            entity.front = False
            if request is not None:
                elsewhere = yield from self._queue(entity, station, request)
                if elsewhere is not None:
                    index = elsewhere
                    continue
            if station.hands is not None:
                station.hands.take(entity, env.now)
            index = yield from self._work(entity, station)
