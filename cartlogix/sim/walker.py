"""The one interpreter: walks every patient and every lot along its route.

An event happens only where the entity meets something shared: a pool, a stock, the end of held
capacity. Free delays in between (shipping, lymphodepletion, resting) only move the entity's own
clock ahead; the next meeting waits for them all at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Generic, Protocol, TypeVar

from cartlogix.sim.changeover import Changeover
from cartlogix.sim.clock import SNAP, Clock
from cartlogix.sim.entity import Traveller
from cartlogix.sim.line import Deadlines, Request, State
from cartlogix.sim.pool import Needs, Pool, Seizure
from cartlogix.sim.recorder import (
    ABORTED,
    BAULKED,
    DONE,
    EXPIRED,
    FAILED,
    RENEGED,
    RUNNING,
    STOCK_OUT,
    Recorder,
)
from cartlogix.sim.station import Chances, Station, Way
from cartlogix.sim.stock import Withdrawal
from cartlogix.sim.story import Pause, Phase, Story, Walk

GONE = -1
"""In place of the index of the next station: the entity is lost."""


T = TypeVar("T", bound=Traveller)
T_contra = TypeVar("T_contra", bound=Traveller, contravariant=True)


class Fate(Protocol[T_contra]):
    """Decides what becomes of entities; the walker only tells it what happened."""

    def lose(self, entity: T_contra, station: Station, time: float, cause: str, phase: str) -> int:
        """Take an entity out of the system; returns GONE."""

    def after_failure(
        self, entity: T_contra, station: Station, time: float, destroyed: str = ""
    ) -> int:
        """Return the index of the station that follows a failed step, or GONE.

        `destroyed` names the disruption that destroyed the work, if one did.
        """

    def without_dose(self, entity: T_contra, station: Station, time: float) -> int:
        """Return the index of the station that follows a stock-out, or GONE."""

    def end_of_route(self, entity: T_contra, time: float) -> int:
        """Return the index at which the route starts again (repeat doses), or GONE at the end."""


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
        self._env = env
        self._cells = recorder.cells
        self._fate = fate
        self._changeovers = changeovers
        self._horizon = horizon
        self._deadlines = Deadlines(env)

    def start(self, entity: T) -> None:
        """Set an entity on its way, now."""
        Walk(self._env, self._story(entity))()

    def resume(self, entity: T, index: int, since: float, *, working: bool) -> None:
        """Set an entity on its way from the midst of its route, where it has been since a day.

        Who is working holds its pools already; a step that needs none starts at the entity's clock.
        """
        Walk(self._env, self._resumed(entity, index, since, working=working))()

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

    def _pass(self, entity: T, station: Station) -> int:
        """Walk a step that needs nothing shared: only the entity's own clock moves."""
        if station.with_previous:
            queued = entity.group_start
        else:
            queued = entity.group_start = entity.clock
        start = queued if station.timing is None else station.timing.start(queued)
        if station.starts and not self._begin(entity, station, start):
            return self._redraw(entity, station, queued, start)
        place, spoiled = station.place, False
        if station.ways:
            way = station.ways[0] if len(station.ways) == 1 else _way(entity, station)
            place = way.place
            start, duration = way.travel(queued, entity.number, entity.round)
            spoiled = start - queued + duration > way.limit  # too long for fresh material
        else:
            duration = station.durations.of(entity.number, entity.round)
            if station.adapts:
                duration = station.lasts(start, duration)
        end = start + duration
        patience = entity.patience
        if patience is not None and (patience.at < end or patience.budget):
            scoped = station.scopes.working[entity.indication]
            lost = patience.endure(scoped, queued, end)
            if lost is not None:
                at, cause = lost
                began, how = (start, ABORTED) if at >= start else (math.nan, RENEGED)
                self._write(entity, station, place, queued, began, at, how)
                phase = "working" if how == ABORTED else "waiting"
                return self._fate.lose(entity, station, at, cause, phase)
        entity.clock = max(entity.clock, end)
        if spoiled or (station.chances is not None and _fails(entity, station.chances)):
            self._write(entity, station, place, queued, start, end, FAILED)
            return self._fate.after_failure(entity, station, end)
        self._write(entity, station, place, queued, start, end, DONE)
        if station.ends:
            entity.note_end(station, end)
        return station.index + 1

    def _queue(
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
        cause = yield from self._wait(entity, station, request, leave, dies)
        if cause is None:
            return None
        now = self._env.now
        self._give_back(entity, station, station.carried)
        if dies <= now + SNAP:
            return self._expire(entity, station, now)
        return self._fate.lose(entity, station, now, cause, "waiting")

    def _expire(self, entity: T, station: Station, time: float) -> int:
        """Follow what is to follow when fresh material is too old to be used."""
        self._write(entity, station, station.place, entity.queued, math.nan, time, EXPIRED)
        assert station.freshness is not None
        entity.clock = time
        return self._fate.after_failure(entity, station.freshness.station, time)

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
        yield request.wait(env)
        if request.state is State.RENEGED:
            if dies > env.now + SNAP:
                self._write(entity, station, station.place, queued, math.nan, env.now, RENEGED)
            return cause
        if patience is not None:
            patience.spend(scoped, env.now - queued)
        return None

    def _work(self, entity: T, station: Station, since: float | None = None) -> Phase:
        """Work through a step whose pools are held; remakes in the same suite repeat it.

        What was under way on day 0 has been `since` an earlier day.
        """
        env = self._env
        while True:
            started = entity.started = env.now if since is None else since
            if station.starts and not self._begin(entity, station, started):
                self._give_back(entity, station, station.held)
                return self._redraw(entity, station, entity.queued, started)
            duration = station.durations.of(entity.number, entity.round)
            cause, destroyed, patience = None, "", entity.patience
            if station.guard is not None:
                scoped = station.scopes.working[entity.indication] if patience is not None else ()
                work = station.own_time(duration)
                cause, destroyed = yield from station.guard.work(
                    entity, patience, scoped, started, work
                )
            else:
                if station.adapts:
                    duration = station.lasts(started, duration)
                lost = None
                if patience is not None and (patience.at < started + duration or patience.budget):
                    scoped = station.scopes.working[entity.indication]
                    lost = patience.endure(scoped, started, started + duration)
                if lost is not None:
                    cause = lost[1]
                    yield max(0.0, lost[0] - env.now)
                elif duration > 0:
                    yield duration if since is None else max(0.0, started + duration - env.now)
            ended = entity.clock = env.now
            if cause is not None:
                self._give_back(entity, station, station.held)
                self._write(entity, station, station.place, entity.queued, started, ended, ABORTED)
                return self._fate.lose(entity, station, ended, cause, "working")
            failed = bool(destroyed) or (
                station.chances is not None and _fails(entity, station.chances)
            )
            outcome = FAILED if failed else DONE
            self._write(entity, station, station.place, entity.queued, started, ended, outcome)
            if failed and not destroyed and self._keeps_suite(entity, station):
                entity.restart()
                entity.open_step, entity.queued, since = station, ended, None
                continue
            break
        self._give_back(entity, station, station.held if destroyed else station.freed)
        if failed:
            return self._fate.after_failure(entity, station, ended, destroyed)
        if station.ends:
            entity.note_end(station, ended)
        return station.index + 1

    def _draw(self, entity: T, station: Station, now: float) -> Phase:
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

    def _begin(self, entity: T, station: Station, time: float) -> bool:
        """Note the milestone that starts here; False if the dose in hand died on the way."""
        milestone, dose = station.starts, entity.dose
        if milestone == "infusion" and dose is not None and dose.is_dead(time):
            entity.dose = None
            return False
        if milestone is not None:
            entity.reach(milestone, time)
        return True

    def _redraw(self, entity: T, station: Station, queued: float, time: float) -> int:
        """Go back for another dose after the one in hand expired."""
        self._write(entity, station, station.place, queued, math.nan, time, ABORTED)
        entity.round += 1
        return max(s.index for s in entity.route[: station.index] if s.stocks)

    def _keeps_suite(self, entity: T, station: Station) -> bool:
        chances = station.chances
        assert chances is not None
        follow = chances.branch(entity.number, entity.round).branch
        limit = chances.failure.max_attempts
        left = limit is None or entity.attempt < limit
        return follow.action == "remake" and follow.queue == "same_suite" and left

    def _give_back(self, entity: T, station: Station, held: Needs) -> None:
        if station.hands is not None:
            station.hands.finish(entity)
        for pool, units in held:
            if pool not in self._changeovers:
                pool.release(units, entity)
            else:
                self._changeovers[pool].block(self._env, self._cells, pool, units, entity)

    def _write(
        self,
        entity: T,
        station: Station,
        place: float,
        queued: float,
        started: float,
        ended: float,
        outcome: float,
    ) -> None:
        entity.open_step = None
        self._cells.extend(
            (
                station.label,
                entity.number,
                entity.attempt,
                entity.course,
                place,
                queued,
                started,
                ended,
                outcome,
            )
        )

    def write_running(self, entity: T) -> None:
        """Record the step in which the stop of the run finds an entity, if it is in one."""
        station = entity.open_step
        if station is not None:
            self._write(
                entity, station, station.place, entity.queued, entity.started, math.nan, RUNNING
            )


def _way(entity: Traveller, station: Station) -> Way:
    """Return the way of a shipment of several: from the stock of the dose in hand."""
    if entity.dose is not None:
        site = entity.dose.stock.rules.site
        return next(way for way in station.ways if way.origin == site)
    return station.ways[0]


def _fails(entity: Traveller, chances: Chances) -> bool:
    return chances.fail(entity.number, entity.round, entity.indication, entity.attempt)
