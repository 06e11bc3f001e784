"""The waiting line that pools and stocks keep: an ordered set of requests."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from heapq import heappop, heappush
from itertools import count
from typing import Generic, Protocol, TypeVar

from simpy import Event

from cartlogix.sim.clock import Clock


class Waiting(Protocol):
    """Who waits, as far as lines, stocks and dispatch rules may know: a patient or a lot."""

    @property
    def number(self) -> int:
        """Number of the patient or lot."""

    @property
    def course(self) -> int:
        """Dose of the course that is waited for, from 1."""

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
    """Somebody's wish for what a line leads to, and what became of it."""

    __slots__ = ("event", "front", "state", "who")

    def __init__(self, who: Waiting, *, front: bool = False) -> None:
        self.who = who
        self.front = front
        self.state = State.WAITING
        self.event: Event | None = None

    def wait(self, env: Clock) -> Event:
        """Return the event that happens when the request is granted or given up."""
        self.event = env.event()
        return self.event

    def settle(self, state: State) -> None:
        """Grant the request or give it up, and wake whoever waits for it."""
        self.state = state
        if self.event is not None:
            self.event.succeed()


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

    def give_up(self, request: R) -> None:
        """Take a waiting request out of the line."""
        self.waiting -= 1
        request.settle(State.RENEGED)
