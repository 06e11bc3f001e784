"""The simulation clock: a simpy environment that counts its events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop

from simpy import Environment
from simpy.events import Event, Timeout

SNAP = 1e-9
"""Days by which sums of event times may be off by rounding; a millisecond is about 1e-8 d."""


class Clock(Environment):
    """Time in days. `taken` counts the events so far, for the benchmarks that keep it lean."""

    now: float = 0.0
    """The day: an attribute, unlike the property of simpy, since nothing is asked for so often."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self._ready: deque[Callable[[], None]] = deque()

    def run_through(self, last: Event) -> None:
        """Take event after event, the last one included, and after each what it made ready."""
        # What `step` of simpy does, less its care for failures and interruptions: no event of this
        # model fails, no process is interrupted, and the queue holds `last`.
        queue, ready = self._queue, self._ready
        while last.callbacks is not None:  # simpy's mark of an event that has happened
            self.now, _, _, event = heappop(queue)
            self._now = self.now
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
            self.taken += 1
            while ready:
                ready.popleft()()

    def soon(self, action: Callable[[], None]) -> None:
        """Call `action` as soon as the present event is over: now, but not in the midst of it."""
        self._ready.append(action)

    def after(self, delay: float, action: Callable[[Event], None], value: object = None) -> None:
        """Call `action` with an event of this value after `delay` days (0 if negative)."""
        event = Timeout(self, max(0.0, delay), value)
        assert event.callbacks is not None
        event.callbacks.append(action)
