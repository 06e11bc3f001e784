"""The waiting line that pools and stocks keep: an ordered set of requests."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, Protocol, TypeVar

from simpy import Event

from cartlogix.sim.clock import Clock

# Sums of event times are off by rounding; a millisecond is about 1e-8 d.
_SNAP = 1e-9


class Waiting(Protocol):
    """Who waits, as far as lines, stocks and dispatch rules may know: a patient or a lot."""

    @property
    def number(self) -> int:
        """Number of the patient or lot."""

    @property
    def course(self) -> int:
        """Dose of the course that is waited for, from 1."""

    @property
    def match_class(self) -> int:
        """Match class of a patient, by its place in the scenario."""

    @property
    def urgency(self) -> float:
        """Urgency weight."""

    @property
    def due(self) -> float:
        """Due date in days; infinity if none."""


Discipline = Callable[[Waiting], float]
"""A queue discipline: the smallest value is served first, equal values in order of joining."""


class State(Enum):
    """What became of a request."""

    WAITING = "waiting"
    GRANTED = "granted"
    RENEGED = "reneged"
    BAULKED = "baulked"


class Request:
    """Somebody's wish for what a line leads to, and what became of it.

    Whoever waits adds a callback; it is called when the request is granted or given up. This is
    less than a simpy event: nothing is scheduled, since nothing is left to wait for.
    """

    __slots__ = ("_clock", "callbacks", "front", "state", "who")

    def __init__(self, who: Waiting, *, front: bool = False) -> None:
        self.who = who
        self.front = front
        self.state = State.WAITING
        self.callbacks: list[Callable[[], None]] = []
        self._clock: Clock | None = None

    def wait(self, clock: Clock) -> Request:
        """Make the request something to wait for."""
        self._clock = clock
        return self

    def settle(self, state: State) -> None:
        """Grant the request or give it up, and wake whoever waits for it."""
        self.state = state
        if self._clock is not None:
            for callback in self.callbacks:
                self._clock.soon(callback)


class Deadlines:
    """When the patience of those who wait ends: one timer for the earliest, not one for each.

    Most are served long before; theirs cost nothing but a place in this heap.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Request, Callable[[], None]]] = []
        self._entries = count()
        self._next = math.inf

    def watch(self, deadline: float, request: Request, leave: Callable[[], None]) -> None:
        """Call `leave` on the day `deadline` if the request still waits then."""
        heappush(self._heap, (deadline, next(self._entries), request, leave))
        if deadline < self._next:
            self._set(deadline)

    def _set(self, deadline: float) -> None:
        self._next = deadline
        self._clock.after(deadline - self._clock.now, self._ring)

    def _ring(self, event: Event) -> None:
        del event
        heap, now = self._heap, self._clock.now
        while heap and (heap[0][0] <= now + _SNAP or heap[0][2].state is not State.WAITING):
            _, _, request, leave = heappop(heap)
            if request.state is State.WAITING:
                leave()
        if now >= self._next - _SNAP:
            self._next = math.inf
            if heap:
                self._set(heap[0][0])


R = TypeVar("R", bound=Request)


class Line(Generic[R]):
    """Requests in the order of service; given-up ones are dropped when they come up."""

    __slots__ = ("_discipline", "_heap", "_joins", "waiting")

    def __init__(self, discipline: Discipline) -> None:
        self._discipline = discipline
        self._heap: list[tuple[bool, float, int, R]] = []
        self._joins = count()
        self.waiting = 0

    def join(self, request: R) -> None:
        """Put a request in line; `front` requests go before all others."""
        rank = self._discipline(request.who)
        heappush(self._heap, (not request.front, rank, next(self._joins), request))
        self.waiting += 1

    def first(self) -> R | None:
        """Return the request to be served next, or None."""
        heap = self._heap
        while heap:
            request = heap[0][3]
            if request.state is State.WAITING:
                return request
            heappop(heap)
        return None

    def grant_first(self) -> None:
        """Serve the request that :meth:`first` returned."""
        request = heappop(self._heap)[3]
        self.waiting -= 1
        request.settle(State.GRANTED)

    def requests(self) -> list[R]:
        """Return everybody who waits, in the order of service."""
        self._heap = sorted(entry for entry in self._heap if entry[3].state is State.WAITING)
        return [entry[3] for entry in self._heap]

    def rank_again(self) -> None:
        """Put everybody in order anew, after an urgency has changed; ties stay as they joined."""
        self._heap = [
            (entry[0], self._discipline(entry[3].who), entry[2], entry[3])
            for entry in self._heap
            if entry[3].state is State.WAITING
        ]
        heapify(self._heap)

    def grant(self, request: R) -> None:
        """Serve a waiting request, whatever its place."""
        self.waiting -= 1
        request.settle(State.GRANTED)

    def give_up(self, request: R) -> None:
        """Take a waiting request out of the line."""
        self.waiting -= 1
        request.settle(State.RENEGED)
