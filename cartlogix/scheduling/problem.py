"""What is to be scheduled: jobs of operations on resources, over whole ticks of time.

A tick is the smallest step of the plan (a day, half a day, an hour); tick 0 begins the horizon.
Every limit is a capacity that changes with time: suites, starts per day, operators by shift, QC
places, beds, courier pick-ups and booking quotas differ only in their numbers, and a weekend is a
capacity of 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Capacities = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Resource:
    """A limit on what may go on at the same time.

    Attributes:
        name: Unique among the resources of a problem.
        capacity: Units in each window of `window` ticks, from tick 0; the last goes on for ever.
        window: Ticks that share one number: 1 is a usual resource, 7 with ticks of a day is a
            weekly quota, of which a demand takes its amount once in every window that it touches.
        kind: What it is, for reports: "suite", "operators", "starts", "QC", "bed", ...
        overtime: Units that may be added in each window, at `overtime_cost` each.
        overtime_cost: Price of one unit in one window, in the problem's currency.
        changeovers: Ticks between two lots of different products, (before, after) -> ticks; only
            for a resource of capacity 1, which runs its lots one after the other.
    """

    name: str
    capacity: tuple[int, ...]
    window: int = 1
    kind: str = "resource"
    overtime: int = 0
    overtime_cost: float = 0.0
    changeovers: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def units(self, windows: int, *, overtime: bool = True) -> Capacities:
        """Units in each of the first `windows` windows, with overtime unless it is left out."""
        known = self.capacity[:windows]
        filled = np.full(windows, self.capacity[-1], dtype=np.int64)
        filled[: len(known)] = known
        return filled + self.overtime if overtime else filled


@dataclass(frozen=True)
class Demand:
    """What an operation takes of a resource; nothing is taken before tick 0.

    Attributes:
        resource: Name of the resource.
        amount: Units taken in each tick (in each window, where a resource's window is longer).
        start: First tick, counted from the operation's start; negative is before it.
        length: Ticks; None is until the operation ends. May go on after its end (a changeover).
    """

    resource: str
    amount: int = 1
    start: int = 0
    length: int | None = None

    def ticks(self, duration: int) -> tuple[int, int]:
        """First tick and the one after the last, from the operation's start."""
        return self.start, duration if self.length is None else self.start + self.length


@dataclass(frozen=True)
class Mode:
    """One way to carry out an operation: where, for how long, with what.

    Attributes:
        duration: Ticks, 0 or more.
        demands: Everything that it takes.
        place: What the board shows: a suite, a plant, a bed.
        cost: Price of choosing this way, in the problem's currency.
    """

    duration: int
    demands: tuple[Demand, ...] = ()
    place: str = ""
    cost: float = 0.0


@dataclass(frozen=True)
class Operation:
    """A step of a job, which once started runs to its end.

    Attributes:
        name: For the board: "manufacture", "QC".
        modes: The ways to carry it out; at least one.
        min_lag: Least ticks from the end of the operation before it; may be negative (an overlap).
        max_lag: Most ticks from there (material that spoils); None is without limit.
        pinned: Start that is already decided, as of a lot under way; None is free.
        pinned_mode: Index of the way that goes with it; None leaves it open.
    """

    name: str
    modes: tuple[Mode, ...]
    min_lag: int = 0
    max_lag: int | None = None
    pinned: int | None = None
    pinned_mode: int | None = None


@dataclass(frozen=True)
class Job:
    """A patient's lot, a donor lot or a vector lot: operations one after the other.

    Attributes:
        name: Unique among the jobs of a problem.
        operations: In their order; at least one.
        release: First tick in which the first operation may start.
        due: Tick by which the last operation should have ended; None is no due date.
        deadline: Tick after which it has come too late: the hard limit that is counted; None is
            none.
        latest_start: Last tick in which the first operation may start at all (material life).
        weight: Importance of one tick of lateness or waiting.
        loss_rate: Chance per tick that a waiting patient is lost (a hazard).
        optional: May be left out of the plan, which is counted as a job beyond its limit.
        previous: Start of the first operation in the plan before this one; None if it is new.
        product: For changeovers.
        site: Treatment centre, for fairness.
        indication: For fairness.
        kind: "patient", "donor" or "vector".
        doses: Doses that a donor or vector lot brings to stock.
        after: Names of jobs that must have ended before this one starts.
    """

    name: str
    operations: tuple[Operation, ...]
    release: int = 0
    due: int | None = None
    deadline: int | None = None
    latest_start: int | None = None
    weight: float = 1.0
    loss_rate: float = 0.0
    optional: bool = False
    previous: int | None = None
    product: str = ""
    site: str = ""
    indication: str = ""
    kind: str = "patient"
    doses: int = 1
    after: tuple[str, ...] = ()

    @cached_property
    def shortest(self) -> int:
        """Least ticks from the first operation's start to the last one's end."""
        total = 0
        for index, operation in enumerate(self.operations):
            total += min(mode.duration for mode in operation.modes)
            total += operation.min_lag if index else 0
        return total


@dataclass(frozen=True)
class Take:
    """A demand with its resource looked up: ticks [first, until) from a start, in units."""

    index: int
    first: int
    until: int
    amount: int
    window: int
    number: int
    """Place among the different ones of a problem."""


@dataclass(frozen=True)
class Takes:
    """The demands of a problem, looked up once.

    Attributes:
        of_mode: By the identity of a mode.
        meeting: Names of jobs of which two demands can fall on the same units, or need time to
            change over between them.
        straight: Names of the other jobs that leave no choice but when: each operation has one mode
            and no greatest lag.
    """

    of_mode: Mapping[int, tuple[Take, ...]]
    meeting: frozenset[str]
    straight: frozenset[str]


@dataclass(frozen=True)
class Problem:
    """A slot problem.

    Attributes:
        jobs: What is to be done.
        resources: What limits it.
        horizon: Ticks; every operation of every planned job has ended by then.
        days_per_tick: Length of a tick in days.
    """

    jobs: tuple[Job, ...]
    resources: tuple[Resource, ...]
    horizon: int
    days_per_tick: float = 1.0

    @cached_property
    def span(self) -> int:
        """Ticks in which something may be used: the horizon, and what goes on after an end."""
        tails = (
            demand.ticks(mode.duration)[1] - mode.duration
            for job in self.jobs
            for operation in job.operations
            for mode in operation.modes
            for demand in mode.demands
        )
        return self.horizon + max(0, max(tails, default=0))

    @cached_property
    def resource_index(self) -> dict[str, int]:
        """Place of each resource in `resources`, by name."""
        return {resource.name: index for index, resource in enumerate(self.resources)}

    @cached_property
    def job_index(self) -> dict[str, int]:
        """Place of each job in `jobs`, by name."""
        return {job.name: index for index, job in enumerate(self.jobs)}

    @cached_property
    def takes(self) -> Takes:
        """Everything that the modes take, with the resources looked up."""
        known: dict[tuple[int, int, int, int], Take] = {}
        of_mode: dict[int, tuple[Take, ...]] = {}
        meeting = set()
        changing = {place for place, one in enumerate(self.resources) if one.changeovers}
        for job in self.jobs:
            for operation in job.operations:
                for mode in operation.modes:
                    if id(mode) not in of_mode:
                        of_mode[id(mode)] = tuple(self._looked_up(mode, known))
            if _may_meet(job, of_mode, changing):
                meeting.add(job.name)
        straight = (job.name for job in self.jobs if _is_straight(job))
        return Takes(of_mode, frozenset(meeting), frozenset(straight) - meeting)

    def _looked_up(
        self, mode: Mode, known: dict[tuple[int, int, int, int], Take]
    ) -> Iterator[Take]:
        for demand in mode.demands:
            first, until = demand.ticks(mode.duration)
            if until > first and demand.amount:
                index = self.resource_index[demand.resource]
                key = (index, first, until, demand.amount)
                if key not in known:
                    known[key] = Take(*key, self.resources[index].window, len(known))
                yield known[key]


def _is_straight(job: Job) -> bool:
    return all(len(operation.modes) == 1 for operation in job.operations) and all(
        operation.max_lag is None for operation in job.operations[1:]
    )


def _may_meet(job: Job, of_mode: Mapping[int, tuple[Take, ...]], changing: Collection[int]) -> bool:
    """Whether two demands of a job can fall on the same units, or one too soon after the other."""
    taken: set[int] = set()
    for operation in job.operations:
        ways = [of_mode[id(mode)] for mode in operation.modes]
        if any(_overlap(takes, changing) for takes in ways):
            return True
        indices = {take.index for takes in ways for take in takes}
        if indices & taken:
            return True
        taken |= indices
    return False


def _overlap(takes: tuple[Take, ...], changing: Collection[int]) -> bool:
    return any(
        one.index == other.index
        and (
            one.window > 1
            or one.index in changing
            or (one.first < other.until and other.first < one.until)
        )
        for one, other in itertools.combinations(takes, 2)
    )
