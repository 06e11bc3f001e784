"""Stations: the steps of a route bound to pools, stocks and columns of random numbers."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.distributions import Law
from cartlogix.ground.streams import DrawColumn, Streams, UniformColumn
from cartlogix.pathways.route import RouteBranch, RouteFailure, RouteStep
from cartlogix.scenario.failure import Failure
from cartlogix.scenario.pathway import Milestone
from cartlogix.sim.breakable import Guard
from cartlogix.sim.departures import Departures
from cartlogix.sim.pool import Needs
from cartlogix.sim.stock import Dose, Stock
from cartlogix.sim.timing import Hands, Timing


@dataclass(frozen=True, slots=True)
class Scopes:
    """Scoped drop-out causes that run at a station, by indication, as indices."""

    waiting: tuple[tuple[int, ...], ...] = ()
    working: tuple[tuple[int, ...], ...] = ()


class Durations:
    """Durations of one step for every entity and every round."""

    __slots__ = ("_columns", "_known", "_law", "_purpose", "_streams")

    def __init__(self, law: Law, purpose: str, streams: Streams) -> None:
        self._law = law
        self._purpose = purpose
        self._streams = streams
        self._columns: list[DrawColumn] = []
        self._known: list[list[float]] = []

    @property
    def mean(self) -> float:
        """The mean duration in days."""
        return self._law.mean

    def of(self, number: int, round_: int) -> float:
        """Return the duration in days for an entity in its round (restarts so far)."""
        try:
            return self._known[round_][number]
        except IndexError:
            columns = self._columns
            while round_ >= len(columns):
                columns.append(self._streams.draws(self._law, self._purpose, len(columns)))
                self._known.append(columns[-1].known)
            return columns[round_][number]

    def exceed(self, number: int, round_: int, least: float) -> None:
        """Make known that an entity takes longer than `least` days in this round."""
        self.of(number, round_)
        self._known[round_][number] = self._columns[round_].beyond(number, least)


class Tried(Protocol):
    """Who has come to the end of a step that can fail."""

    number: int
    round: int
    attempt: int
    indication: int
    clock: float
    flaws: int


class Chances:
    """Whether a step fails and which branch follows, for every entity and round."""

    __slots__ = ("_branches", "_fails", "_first", "_later", "_purpose", "_streams", "route_failure")

    def __init__(
        self, failure: RouteFailure, indications: Sequence[str], purpose: str, streams: Streams
    ) -> None:
        self.route_failure = failure
        self._purpose = purpose
        self._streams = streams
        self._fails: list[UniformColumn] = []
        self._branches: list[UniformColumn] = []
        # One probability for each indication, and the last one for lots (indication -1).
        everybody = (*indications, None)
        self._first = [failure.probability(name, 1) for name in everybody]
        self._later = [failure.probability(name, 2) for name in everybody]

    @property
    def failure(self) -> Failure:
        """The failure as the scenario describes it."""
        return self.route_failure.failure

    def fail(self, who: Tried) -> bool:
        """Return whether this attempt fails; the same luck fails more at a higher probability."""
        return self._luck(who) < (self._first if who.attempt == 1 else self._later)[who.indication]

    def _luck(self, who: Tried) -> float:
        columns, round_ = self._fails, who.round
        while round_ >= len(columns):
            columns.append(self._streams.uniforms(f"{self._purpose}/fails", len(columns)))
        return columns[round_][who.number]

    def branch(self, number: int, round_: int) -> RouteBranch:
        """Return what follows the failure."""
        branches = self.route_failure.branches
        if len(branches) == 1:
            return branches[0]
        columns = self._branches
        while round_ >= len(columns):
            columns.append(self._streams.uniforms(f"{self._purpose}/branch", len(columns)))
        return branches[bisect_right(self.route_failure.bounds, columns[round_][number])]


class NoChances(Chances):
    """Of the first part of a step: only what destroys the work ends it early, it does not fail."""

    def fail(self, who: Tried) -> bool:
        """Return False: whether the step fails is seen at its end."""
        del who
        return False


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a shipment: its place code, its durations, its limit for fresh material."""

    origin: str
    place: float
    durations: Durations
    limit: float = math.inf
    strikes: Departures | None = None
    """When shipments may leave; at any time if None."""
    pick_up: Callable[[float], float] | None = None
    """When the courier comes for what is ready at a time; at once if None."""
    receives: Calendar | None = None
    """Opening hours in which shipments are received; at any time if None."""

    def travel(self, ready: float, number: int, round_: int) -> tuple[float, float]:
        """Return when a shipment that is ready at a time leaves, and days until its receipt."""
        days = self.durations.of(number, round_)
        start = ready
        if self.strikes is not None or self.pick_up is not None:
            start = self._leaves(ready)
        if self.receives is not None:
            days = self.receives.next_open(start + days) - start
        return start, days

    def _leaves(self, ready: float) -> float:
        if self.strikes is None:
            return ready if self.pick_up is None else self.pick_up(ready)
        leaves = self.strikes.leave(ready)
        if self.pick_up is None:
            return leaves
        came = self.pick_up(leaves)
        while math.isfinite(came) and self.strikes.leave(came) > came:  # none comes in a strike
            came = self.pick_up(self.strikes.leave(came))
        return came


class Collected(Protocol):
    """Whose material was collected on a day."""

    collected: float


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long fresh material may wait for a step, and what follows when it is too old.

    Attributes:
        life: Days from its collection to the latest start of the step.
        station: The step, failing as the scenario says of material that is too old.
    """

    life: float
    station: Station

    def dies(self, entity: Collected) -> float:
        """Return when the material in hand is too old; infinity if its age is not known."""
        dies = entity.collected + self.life
        return math.inf if math.isnan(dies) else dies


class Passing(Protocol):
    """Who comes to a step that needs nothing shared."""

    number: int
    round: int
    dose: Dose | None


Span = tuple[float, float, float, bool]
"""Place code, start, end, and whether it takes too long."""


@dataclass(frozen=True, slots=True)
class Station:
    """One step of one route, ready to be walked."""

    index: int
    name: str
    label: float
    place: float
    pools: Needs
    """What is taken when the step starts."""
    carried: Needs
    """What is held on arrival, where the station is the end of a step."""
    held: Needs
    """What is given back when the step is broken off."""
    freed: Needs
    """What is given back when the step is over: less where its end is a part of its own."""
    hands: Hands | None
    """What is taken with the rest and given back earlier."""
    stocks: tuple[Stock, ...]
    durations: Durations
    ways: tuple[Way, ...]
    cut: float
    """Days of the duration that belong to the end of the step, a part of its own."""
    timing: Timing | None
    adapts: bool
    """Whether hours, hands-on times or an end of its own change how long the step takes."""
    with_previous: bool
    starts: Milestone | None
    """The milestone that is noted when the step starts."""
    ends: bool
    """Whether the end of the step means anything: one of the next two."""
    releases: bool
    """Whether it is the release."""
    collects: bool
    """Whether the life of fresh material begins then."""
    chances: Chances | None
    scopes: Scopes
    step: RouteStep
    guard: Guard | None
    """Watches over work that a disruption can break off; None where none can."""
    freshness: Freshness | None = None
    """How old material may be at the start; None where it does not matter."""
    carries: bool = False
    """Whether a dose in hand can be called back."""

    @property
    def mean(self) -> float:
        """Mean days that the step takes once it has started, closed days included."""
        mean = (self.ways[0].durations if self.ways else self.durations).mean - self.cut
        timing = self.timing
        return timing.hours.stretched(mean) if timing is not None and timing.working else mean

    def span(self, who: Passing, ready: float) -> Span:
        """Return where, from when and until when a step that needs nothing shared takes place.

        And whether it takes too long for fresh material.
        """
        if self.ways:
            way = self.ways[0] if len(self.ways) == 1 else self._way(who)
            start, days = way.travel(ready, who.number, who.round)
            return way.place, start, start + days, start - ready + days > way.limit
        start = ready if self.timing is None else self.timing.start(ready)
        days = self.durations.of(who.number, who.round)
        if self.adapts:
            days = self.lasts(start, days)
        return self.place, start, start + days, False

    def _way(self, who: Passing) -> Way:
        """Return the way of a shipment of several: from the stock of the dose in hand."""
        if who.dose is None:
            return self.ways[0]
        site = who.dose.stock.rules.site
        return next(way for way in self.ways if way.origin == site)

    def own_time(self, duration: float) -> float:
        """Return the days of work of this part of a step that takes so many by its law."""
        return max(duration - self.cut, self.hands.longest if self.hands is not None else 0.0)

    def lasts(self, start: float, duration: float) -> float:
        """Return the days from a start to the end of its work, closed hours included."""
        duration = self.own_time(duration)
        return duration if self.timing is None else self.timing.add_working(start, duration) - start
