"""Slot policies inside the simulation: from what a pool may know to a slot problem and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from cartlogix.ground.calendars import Calendar, StartCalendar
from cartlogix.policies.slots import Rolling
from cartlogix.policies.views import Decision, View
from cartlogix.scenario.network import Resource
from cartlogix.scenario.slot_policy import SlotPolicy
from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem
from cartlogix.scheduling.problem import Resource as Limit
from cartlogix.scheduling.rules import Rule, atc, edd, fifo, index
from cartlogix.sim.slot_view import SlotAnswer, SlotDispatcher, SlotLot, SlotPool, SlotView

RULES: Mapping[str, Rule] = MappingProxyType(
    {"fifo": fifo, "due_date": edd, "atc": atc, "index": index}
)
"""The rules of the slot problem, by the words of the scenario."""

_ALWAYS = ("booking", "call")
"""What a plan is made anew for whatever `replan` says: somebody is told a day, or goes by it."""

PATIENCE = 20
"""Insertions per lot without a better plan after which a solve ends: small states need few."""

# Sums of event times are off by rounding; a millisecond is about 1e-8 d.
_SNAP = 1e-9


@dataclass(frozen=True)
class RuleDispatcher:
    """A rule whose index changes with time, worked out when a unit becomes free; by whole days."""

    name: str
    rule: Rule
    plans: bool = False

    def order(self, view: SlotView, happened: Sequence[str]) -> SlotAnswer:
        """Everybody, the smallest index first; equal ones in the order of joining."""
        del happened
        grid = Grid(view, 1.0)
        jobs = [grid.job(lot) for lot in view.waiting]
        typical = mean_length(jobs)
        ranks = [self.rule(job, 0, typical) for job in jobs]
        return SlotAnswer(tuple(sorted(range(len(jobs)), key=ranks.__getitem__)))


class RollingDispatcher:
    """Plans the line with the solver of the slot problem, and starts what the plan starts now."""

    name = "rolling"
    plans = True

    def __init__(self, spec: SlotPolicy) -> None:
        self._tick = spec.tick.value
        self._window = max(1, round(spec.window.value / self._tick))
        objective = Objective(({name: weight.value for name, weight in spec.objective.items()},))
        self._rolling = Rolling(
            objective,
            spec.effort.value,
            RULES[spec.fallback],
            spec.lots,
            round(spec.freeze.value / self._tick),
            round(spec.hold.value / self._tick),
            PATIENCE,
        )
        self._replan = spec.replan
        self._next = -math.inf

    def order(self, view: SlotView, happened: Sequence[str]) -> SlotAnswer:
        """Who starts in this tick by the plan; asked again when the next one begins."""
        grid = Grid(view, self._tick)
        reason = self._reason(view.now, happened)
        if reason:
            every = self._replan.every
            self._next = math.inf if every is None else view.now + every.value
            decision = self._rolling.decide(grid.view(self._window))
        else:
            decision = self._rolling.follow(grid.view(self._window))
        places = {lot.name: place for place, lot in enumerate(view.waiting)}
        order = tuple(places[start.job] for start in decision.starts if start.job in places)
        again = math.inf
        if len(order) < len(view.waiting):
            again = (grid.first + 1) * self._tick
        promised = {
            lot.name: decision.promised[lot.name] * self._tick
            for lot in view.booked
            if lot.name in decision.promised
        }
        return SlotAnswer(order, again, decision.status, *_levels(decision), reason, promised)

    def _reason(self, now: float, happened: Sequence[str]) -> str:
        """Why to plan anew; empty if the last plan still serves."""
        due = self._replan.every is not None and now >= self._next - _SNAP
        wanted = (*self._replan.on, *_ALWAYS)
        return next((what for what in happened if what in wanted), "periodic" if due else "")


def _levels(decision: Decision) -> tuple[float, float]:
    value = decision.value[0] if decision.value else math.nan
    bound = decision.bound[0] if decision.bound else math.nan
    return value, bound if math.isfinite(bound) else math.nan


class Grid:
    """A view in whole ticks, the first of which is the one that has begun.

    Attributes:
        first: Number of that tick, counted from the start of the run.
    """

    def __init__(self, view: SlotView, tick: float) -> None:
        self._view = view
        self._tick = tick
        self.first = math.floor(view.now / tick + 1e-9)

    def job(self, lot: SlotLot) -> Job:
        """A lot in line, with its dates counted from the present tick."""
        steps = lot.steps
        operations = tuple(
            Operation(
                str(number),
                (self._mode(step.duration, step.needs, begun=False),),
                self._ticks(step.lag) if number else 0,
            )
            for number, step in enumerate(steps)
        )
        return Job(
            lot.name,
            operations,
            release=self._release(lot.joined),
            due=self._at(lot.due) if math.isfinite(lot.due) else None,
            weight=lot.weight,
            loss_rate=lot.loss_rate * self._tick,
        )

    def view(self, window: int) -> View:
        """The slot problem of this moment."""
        running = [self._under_way(lot) for lot in self._view.under_way]
        jobs = [self.job(lot) for lot in (*self._view.waiting, *self._view.booked)]
        needed = {
            demand.resource
            for job in (*running, *jobs)
            for operation in job.operations
            for mode in operation.modes
            for demand in mode.demands
        }
        limits, free, out = [], {}, {}
        for name, pool in self._view.pools.items():
            if name in needed:
                limits.append(Limit(name, (int(pool.capacity),)))
                free[name] = int(pool.free)
                if pool.out:
                    out[name] = self._out(pool)
            if _starts(name) in needed:
                limits.append(Limit(_starts(name), self._openings(pool, window)))
                free[_starts(name)] = 1  # the pool asks only when somebody may start
        problem = Problem((*running, *jobs), tuple(limits), window, self._tick)
        return View(
            self.first,
            problem,
            mean_length(jobs),
            free,
            out=out,
            committed=self._view.committed,
            booking=bool(self._view.booked),
        )

    def _out(self, pool: SlotPool) -> tuple[int, ...]:
        """Units out of work by tick; what is late is expected back in the next tick."""
        ends = [
            (units, max(1, math.ceil(back / self._tick - 1e-9) - self.first))
            for units, back in pool.out
        ]
        return tuple(
            int(sum(units for units, end in ends if tick < end))
            for tick in range(max(end for _, end in ends))
        )

    def _under_way(self, lot: SlotLot) -> Job:
        waits = math.isnan(lot.elapsed)
        first, rest = lot.steps[0], lot.steps[1:]
        left = 0.0 if waits else max(first.duration - lot.elapsed, 0.0)
        now = Mode(0) if waits else self._mode(left, first.needs, begun=True)
        operations = [Operation("under way", (now,), pinned=0)]
        for step in lot.steps if waits else rest:
            mode = self._mode(step.duration, step.needs, begun=False)
            lag = 0 if step is first else self._ticks(step.lag)
            operations.append(Operation("ahead", (mode,), lag))
        return Job(lot.name, tuple(operations), weight=lot.weight)

    def _mode(self, days: float, needs: tuple[tuple[str, int], ...], *, begun: bool) -> Mode:
        length = max(1, self._left(days) if begun else self._ticks(days))
        demands = [
            Demand(name, units)
            for name, units in needs
            if math.isfinite(self._view.pools[name].capacity)
        ]
        if not begun:
            demands += [
                Demand(_starts(name), 1, length=1)
                for name, _ in needs
                if not self._always(self._view.pools[name])
            ]
        return Mode(length, tuple(demands))

    def _always(self, pool: SlotPool) -> bool:
        return pool.starts is None and pool.calendar.always

    def _openings(self, pool: SlotPool, window: int) -> tuple[int, ...]:
        units = int(pool.capacity) if math.isfinite(pool.capacity) else 1_000_000
        return tuple(
            _opening(pool.calendar, pool.starts, units, number, self._tick)
            for number in range(self.first, self.first + window)
        )

    def _left(self, days: float) -> int:
        """Ticks that work under way still takes; where starts are promised, all that it touches."""
        if not self._view.books:
            return self._ticks(days)
        return math.ceil((self._view.now + days) / self._tick - 1e-9) - self.first

    def _ticks(self, days: float) -> int:
        return round(days / self._tick)

    def _release(self, joined: float) -> int:
        """The tick from which on a lot may start: of one that is yet to come the next to begin."""
        if joined <= self._view.now:
            return self._at(joined)
        return math.ceil(joined / self._tick - 1e-9) - self.first

    def _at(self, day: float) -> int:
        return math.floor(day / self._tick + 1e-9) - self.first


@lru_cache(maxsize=10_000)
def _opening(
    calendar: Calendar, starts: StartCalendar | None, units: int, number: int, tick: float
) -> int:
    """How many may start in a tick."""
    begin, end = number * tick, (number + 1) * tick
    if calendar.next_open(begin) >= end:
        return 0
    if starts is None:
        return units
    total, instant = 0, starts.release_at_or_after(begin)
    while instant < end:
        total += starts.number * calendar.is_open(instant)
        instant = starts.release_after(instant)
    return total


def mean_length(jobs: Sequence[Job]) -> float:
    """Mean of the shortest lengths in ticks; 1 of none."""
    return sum(job.shortest for job in jobs) / max(len(jobs), 1) or 1.0


def _starts(pool: str) -> str:
    return f"starts of {pool}"


def slot_dispatcher(resource: Resource) -> SlotDispatcher | None:
    """Return the dispatcher that a resource names, None if its discipline is a plain one."""
    if resource.discipline == "rolling":
        return RollingDispatcher(resource.slot_policy or SlotPolicy())
    if resource.discipline in ("atc", "index"):
        return RuleDispatcher(resource.discipline, RULES[resource.discipline])
    return None
