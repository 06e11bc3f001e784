"""Pools whose units can go out of work, and work that can then stand still or be destroyed."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from simpy import Event

from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Request, State, Waiting
from cartlogix.sim.pool import Pool
from cartlogix.sim.recorder import Interruption
from cartlogix.sim.story import CalledBack

InProcess = Literal["finish", "pause", "destroy"]

_SNAP = 1e-9
_UNLIMITED = 1e15
"""Free units of an unlimited pool that can go out: whole numbers are still exact there."""


class Stint(Request):
    """Work in breakable pools without a break, or a standstill; settled when it ends.

    `broken` says by which disruption, how and where it was broken off; None if it was not.
    """

    __slots__ = ("broken", "until")

    def __init__(self, who: Waiting, until: float) -> None:
        super().__init__(who)
        self.until = until
        self.broken: Break | None = None

    def end(self, event: Event | None = None) -> None:
        """End it, unless it has ended."""
        del event
        if self.state is State.WAITING:
            self.settle(State.GRANTED)

    def break_off(self, broken: Break) -> None:
        """End it before its time."""
        self.broken = broken
        self.end()


@dataclass(frozen=True, slots=True, eq=False)
class Out:
    """Units out of work for a time.

    Attributes:
        units: How many.
        name: Of the disruption.
        in_process: What becomes of work in them.
        back: Day on which they are expected back; they come when they come.
    """

    units: float
    name: str
    in_process: InProcess
    back: float


class Breakable(Pool):
    """A pool some of whose units can be out of work.

    Units that are out are taken from the free ones, whose number is negative while more are out
    than were free. Work that stands still keeps its units.
    """

    def prepare(self) -> None:
        """Begin with every unit at work."""
        self.working: dict[Stint, int] = {}
        self.halted: dict[Stint, int] = {}
        self.out: list[Out] = []
        self._pausing = 0.0
        if math.isinf(self.capacity):
            self.free = _UNLIMITED

    @property
    def is_plain(self) -> bool:
        """Never: somebody may have to wait while it is out."""
        return False

    def units(self, wanted: int | None) -> float:
        """Return the units that an outage of so many, or of all (None), takes out."""
        if wanted is None:
            return _UNLIMITED if math.isinf(self.capacity) else self.capacity
        return wanted

    def go_out(self, out: Out) -> None:
        """Take units out of work, and break off what they hold."""
        self.out.append(out)
        self.free -= out.units
        if out.in_process == "destroy":
            broken = Break(out.name, "destroyed", self)
            self._break_off(out.units, broken, [*self.working, *self.halted])
        elif out.in_process == "pause":
            self._pausing += out.units
            standing = min(out.units, self._to_halt())
            self._break_off(standing, Break(out.name, "paused", self), list(self.working))

    def come_back(self, out: Out) -> None:
        """Return units to work, first to what stands still in them."""
        self.out.remove(out)
        self.free += out.units
        if out.in_process == "pause":
            self._pausing -= out.units
        self._resume()
        self._changed()

    def release(self, units: int, who: Waiting | None = None) -> None:
        """Return units, and serve who stands still, then who waits."""
        super().release(units, who)
        if self.halted:
            self._resume()

    def must_halt(self) -> bool:
        """Whether work that is about to go on must stand still here."""
        return self._to_halt() > 0

    def _to_halt(self) -> float:
        """Return the busy units that outages pause, less those whose work stands still already."""
        halted = sum(u for stint, u in self.halted.items() if stint.state is State.WAITING)
        return min(self._pausing, -self.free) - halted

    def _break_off(self, units: float, broken: Break, stints: list[Stint]) -> None:
        """Break off work until it covers these units, the latest begun first."""
        now = self._env.now
        for stint in reversed(stints):
            if units <= 0:
                return
            if stint.state is State.WAITING and stint.until > now + _SNAP:
                units -= self.working.get(stint) or self.halted.get(stint, 0)
                stint.break_off(broken)

    def _resume(self) -> None:
        for stint, units in list(self.halted.items()):
            if self._to_halt() + units > 0:
                return
            stint.end()


@dataclass(frozen=True, slots=True)
class Break:
    """How work was broken off: by which disruption, and where it stands still."""

    name: str
    how: Literal["paused", "destroyed"]
    pool: Breakable


class WorkingTime(Protocol):
    """A calendar that counts working time."""

    def add_working(self, start: float, duration: float) -> float:
        """Return when work of this length ends."""

    def working_between(self, start: float, end: float) -> float:
        """Return the working time between two moments."""


class Endurance(Protocol):
    """Patience, as far as work that can be broken off needs to know it."""

    def endure(self, scoped: tuple[int, ...], start: float, end: float) -> tuple[float, str] | None:
        """Use patience up in a phase; return when and why it ends within the phase, if it does."""

    def deadline(self, scoped: tuple[int, ...], start: float) -> tuple[float, str]:
        """Return when and why patience ends, if a phase starts now."""

    def spend(self, scoped: tuple[int, ...], elapsed: float) -> None:
        """Use up exposed time."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets work of one step be broken off by what happens to the pools that it holds."""

    env: Clock
    pools: tuple[tuple[Breakable, int], ...]
    calendar: WorkingTime | None
    label: float
    interruptions: list[Interruption]

    def work(
        self,
        who: Waiting,
        patience: Endurance | None,
        scoped: tuple[int, ...],
        start: float,
        work: float,
    ) -> Generator[Request, None, tuple[str | None, str]]:
        """Work until it is done; return the cause of a loss (or None), and what destroyed it.

        Work that was under way on day 0 has its `start` before it.
        """
        env = self.env
        while True:
            end = start + work if self.calendar is None else self.calendar.add_working(start, work)
            lost = patience.endure(scoped, start, end) if patience is not None else None
            until = end if lost is None else lost[0]
            try:
                stint = yield from self._stint(who, until)
            except CalledBack:
                if patience is not None:
                    patience.spend(scoped, env.now - (end if lost is None else start))
                raise
            broken, now = stint.broken, env.now
            if broken is None:
                return (lost[1] if lost else None), ""
            if patience is not None:
                # Without a loss ahead, the whole phase is already spent: give the rest back.
                patience.spend(scoped, now - (end if lost is None else start))
            if broken.how == "destroyed":
                self._note(broken, who, now, now)
                return None, broken.name
            work -= self._worked(start, now)
            cause, destroyed = yield from self._stand_still(who, broken, patience, scoped)
            if cause is not None or destroyed:
                return cause, destroyed
            start = env.now

    def _worked(self, start: float, end: float) -> float:
        calendar = self.calendar
        return end - start if calendar is None else calendar.working_between(start, end)

    def _stint(self, who: Waiting, until: float) -> Generator[Request, None, Stint]:
        stint = Stint(who, until)
        if until > self.env.now:
            for pool, units in self.pools:
                pool.working[stint] = units
            self.env.after(until - self.env.now, stint.end)
            try:
                yield stint.wait(self.env)
            except CalledBack:
                self._forget(stint)
                raise
            self._forget(stint)
        return stint

    def _forget(self, stint: Stint) -> None:
        for pool, _ in self.pools:
            del pool.working[stint]

    def _stand_still(
        self, who: Waiting, broken: Break, patience: Endurance | None, scoped: tuple[int, ...]
    ) -> Generator[Request, None, tuple[str | None, str]]:
        """Wait until all pools are back, or patience ends, or the work is destroyed after all."""
        env = self.env
        start, pool = env.now, broken.pool
        deadline, cause = patience.deadline(scoped, start) if patience else (math.inf, "")
        noted = self._note(broken, who, start, math.nan)
        destroyed = ""
        while True:
            halt = Stint(who, math.inf)
            pool.halted[halt] = next(units for each, units in self.pools if each is pool)
            give_up = partial(_give_up, halt)
            if math.isfinite(deadline):
                env.after(deadline - env.now, give_up)
            try:
                yield halt.wait(env)
            except CalledBack:
                del pool.halted[halt]
                noted.ended = env.now
                if patience is not None:
                    patience.spend(scoped, env.now - start)
                raise
            del pool.halted[halt]
            now = noted.ended = env.now
            if halt.broken is not None:
                destroyed = halt.broken.name
                self._note(halt.broken, who, now, now)
                break
            if halt.state is State.RENEGED:
                return cause, ""
            still = next((each for each, _ in self.pools if each.must_halt()), None)
            if still is None:
                break
            pool = still
        if patience is not None:
            patience.spend(scoped, now - start)
        return None, destroyed

    def _note(self, broken: Break, who: Waiting, start: float, end: float) -> Interruption:
        noted = Interruption(broken.name, self.label, who.number, broken.how, start, end)
        self.interruptions.append(noted)
        return noted


def _give_up(halt: Stint, event: Event) -> None:
    del event
    if halt.state is State.WAITING:
        halt.settle(State.RENEGED)
