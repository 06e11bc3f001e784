"""Working through a step: what it takes, how it ends, and what is given back."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Generic, TypeVar

from cartlogix.sim.activities import Activities
from cartlogix.sim.breakable import Guard
from cartlogix.sim.changeover import Returns
from cartlogix.sim.clock import Clock
from cartlogix.sim.consequence import Fate
from cartlogix.sim.entity import Traveller
from cartlogix.sim.recorder import ABORTED, DONE, FAILED, RENEGED
from cartlogix.sim.station import Station
from cartlogix.sim.story import CalledBack, Pause, Phase

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
        place, start, end, spoiled = station.span(entity, queued)
        if station.starts and not self._begin(entity, station, start):
            return self._redraw(entity, station, queued, start)
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
                cause, destroyed = yield from self._watched(
                    entity, station, station.guard, started, duration
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
                self._abort(entity, station, started)
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

    def _watched(
        self, entity: T, station: Station, guard: Guard, started: float, duration: float
    ) -> Generator[Pause, None, tuple[str | None, str]]:
        """Work while something can break it off; return as the guard does."""
        patience = entity.patience
        scoped = station.scopes.working[entity.indication] if patience is not None else ()
        work = station.own_time(duration)
        try:
            return (yield from guard.work(entity, patience, scoped, started, work))
        except CalledBack:
            self._abort(entity, station, started)
            raise

    def _abort(self, entity: T, station: Station, started: float) -> None:
        self._give_back(entity, station, station.held)
        now = self._env.now
        self._write(entity, station, station.place, entity.queued, started, now, ABORTED)

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
