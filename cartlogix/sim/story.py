"""Stories: what entities do in turn, and what they wait for in between."""

from __future__ import annotations

from collections.abc import Generator

from simpy.events import Event

from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Request

Pause = float | Request
"""What a story waits for: some days to pass (0 or more), or a request to be settled."""
Story = Generator[Pause, None, None]
Phase = Generator[Pause, None, int]


class CalledBack(Exception):  # noqa: N818
    """Thrown into the story of a patient whose dose in hand is called back.

    Whoever waits in it gives back what is held, writes what was going on, and lets it through.
    """


class Walk(Event):
    """Resumes an entity's story each time that what the story waits for has happened.

    Instead of a simpy Process: an entity then costs no event to start and none to end. It is
    itself the event of its pauses, the same for all of them, since there is one at a time.
    """

    def __init__(self, env: Clock, story: Story) -> None:
        super().__init__(env)
        self._story = story

    def __call__(self, event: Event | None = None) -> None:
        """Go on to the next pause."""
        del event
        pause = next(self._story, None)
        if isinstance(pause, Request):
            pause.callbacks.append(self)
        elif pause is not None:
            self.callbacks = [self]
            self.env.schedule(self, delay=pause)

    def break_off(self) -> None:
        """End the story where it stands; what it waited for finds nothing to resume."""
        try:
            self._story.throw(CalledBack)
        except CalledBack:
            return
