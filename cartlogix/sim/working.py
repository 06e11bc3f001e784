"""Working through a step: what it takes, how it ends, and what is given back."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

from cartlogix.sim.activities import Activities
from cartlogix.sim.changeover import Returns
from cartlogix.sim.clock import Clock
from cartlogix.sim.consequence import Fate
from cartlogix.sim.entity import Traveller
from cartlogix.sim.recorder import ABORTED, DONE, FAILED, RENEGED
from cartlogix.sim.station import Station, Way
from cartlogix.sim.story import Phase

T = TypeVar("T", bound=Traveller)


class Working(Generic[T]):
    """Takes entities through steps, from the start of the work to what follows it."""

    def __init__(self, env: Clock, activities: Activities, fate: Fate[T], returns: Returns) -> None:
        self._env = env
        self._write = activities.write
        self._fate = fate
        self._give_back = returns.give_back

    def pass_by(self, entity: T, station: Station) -> int:
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
        if spoiled or (station.chances is not None and station.chances.fail(entity)):
            self._write(entity, station, place, queued, start, end, FAILED)
            return self._fate.after_failure(entity, station, end, too_old=spoiled)
        self._write(entity, station, place, queued, start, end, DONE)
        if station.ends:
            entity.note_end(station, end)
        return station.index + 1

    def work(self, entity: T, station: Station, since: float | None = None) -> Phase:
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
                station.chances is not None and station.chances.fail(entity)
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


def _way(entity: Traveller, station: Station) -> Way:
    """Return the way of a shipment of several: from the stock of the dose in hand."""
    if entity.dose is not None:
        site = entity.dose.stock.rules.site
        return next(way for way in station.ways if way.origin == site)
    return station.ways[0]
