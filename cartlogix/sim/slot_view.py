"""What a policy may know of a planned line, and what it answers; expectations alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cartlogix.ground.calendars import Calendar, StartCalendar


@dataclass(frozen=True, slots=True)
class SlotStep:
    """A step ahead: mean days of free delay before it and of work; units of pools, by name."""

    lag: float
    duration: float
    needs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SlotLot:
    """Somebody in line, or under way, as far as a policy may know.

    Attributes:
        name: Unique among those at one moment.
        joined: Day on which it joined the line, or is expected to.
        due: Day by which the last of `steps` should have ended; infinite without a target.
        weight: Urgency weight.
        loss_rate: Hazard per day of being lost while waiting.
        steps: From the present one to the infusion, as far as they need anything shared.
        elapsed: Days since the first of `steps` began; NaN while it waits.
    """

    name: str
    joined: float
    due: float
    weight: float
    loss_rate: float
    steps: tuple[SlotStep, ...]
    elapsed: float = math.nan


@dataclass(frozen=True, slots=True)
class SlotPool:
    """A pool: its units, how many are free, and when work may start.

    `out` are units out of work at present, each with the day on which they are expected back.
    """

    capacity: float
    free: float
    calendar: Calendar
    starts: StartCalendar | None
    out: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SlotView:
    """What a policy may know when it decides: what has happened and what is expected.

    Attributes:
        now: The day.
        waiting: Who stands in line.
        under_way: Who holds or waits for something elsewhere.
        pools: Every pool, by name.
        books: Whether starts are promised, so that nothing may be taken to end before it does.
        booked: Who is not in line yet but is promised a start there.
        committed: Names of those booked, or in line, who were called for the promised start.
    """

    now: float
    waiting: tuple[SlotLot, ...]
    under_way: tuple[SlotLot, ...]
    pools: Mapping[str, SlotPool]
    books: bool = False
    booked: tuple[SlotLot, ...] = ()
    committed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """Who of the waiting may start now, in order, by place; and what the answer rests on.

    Attributes:
        order: Places in the view's `waiting`.
        again: Day on which to ask again if nothing happens before; infinite for never.
        status: How the answer was found.
        objective: Value of the plan behind it; NaN without one.
        bound: Proven lower bound of that; NaN without one.
        trigger: Why a plan was made anew; empty if it was not.
        promised: Planned starts of those who are booked, by name, in days.
    """

    order: tuple[int, ...]
    again: float = math.inf
    status: str = "rule"
    objective: float = math.nan
    bound: float = math.nan
    trigger: str = ""
    promised: Mapping[str, float] = field(default_factory=dict)


class SlotDispatcher(Protocol):
    """Decides who of a line may start."""

    @property
    def name(self) -> str:
        """Name of the policy, for the table decisions."""

    @property
    def plans(self) -> bool:
        """Whether it plans: it is then recorded, and one may pass whom something holds up."""

    def order(self, view: SlotView, happened: Sequence[str]) -> SlotAnswer:
        """Return who may start now.

        Args:
            view: What may be known.
            happened: What makes the pool ask, then all else since the last plan was made:
                "arrival", "urgent", "failure", "release" or "outage"; of those who are booked
                "booking" and "call", for which a plan is always made anew.
        """
