"""A slot problem as it comes in reality: lots appear one by one and take as long as they take.

The plant behind the comparison of slot policies. It is a list of limits, as the slot problem is, so
that every structure that can be planned can be met; a policy is told what has happened and what is
expected, and the plan that results is judged by the referee like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from cartlogix.policies.slots import SlotPolicy
from cartlogix.policies.views import Decision, Start, View
from cartlogix.scheduling.plan import Plan, Step, Steps, end_of, mode_of
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource
from cartlogix.scheduling.timetable import Timetable, Worth


@dataclass(frozen=True)
class Material:
    """Starting material that is collected for a promised day, not before.

    Attributes:
        lead: Ticks from its collection to the earliest start: apheresis and shipment.
        life: Ticks after that in which the lot must have started; None is without limit.
    """

    lead: int
    life: int | None = None


@dataclass(frozen=True)
class Case:
    """What will happen, and what is expected.

    Attributes:
        actual: Every lot with its true release and durations. The remake of a failed lot names
            that lot in `after`, and nobody knows of it before that has ended.
        expected: The same jobs with expected durations.
        typical: Mean length of a lot in ticks.
        booked: Material of lots, by name, whose collection waits for a promised start. Such a lot
            cannot start before its material is there; without a promise it is never collected.

    Raises:
        ValueError: The jobs are not the same, or a resource counts by windows of several ticks,
            which a view that begins anywhere could not express.
    """

    actual: Problem
    expected: tuple[Job, ...]
    typical: float
    booked: Mapping[str, Material] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if [job.name for job in self.expected] != [job.name for job in self.actual.jobs]:
            raise ValueError("the expected jobs are not the actual ones")
        if any(resource.window != 1 for resource in self.actual.resources):
            raise ValueError("a resource counts by windows of several ticks")

    @cached_property
    def memory(self) -> int:
        """Ticks for which the product of a lot that has ended is still felt in its suite."""
        pauses = (max(r.changeovers.values(), default=0) for r in self.actual.resources)
        return max(pauses, default=0)

    @cached_property
    def capacities(self) -> tuple[Resource, ...]:
        """The resources with every tick of the run written out."""
        return tuple(
            replace(r, capacity=tuple(r.units(self.actual.span, overtime=False).tolist()))
            for r in self.actual.resources
        )


@dataclass(frozen=True)
class Epoch:
    """One moment at which a policy was asked."""

    tick: int
    jobs: int
    decision: Decision


@dataclass(frozen=True)
class Run:
    """What came of a policy: the realised plan of the actual problem, and how it was decided."""

    plan: Plan
    epochs: tuple[Epoch, ...]
    arrived: Mapping[str, int] = field(default_factory=dict)
    """Tick at which the material of each booked lot was there."""


def run(case: Case, policy: SlotPolicy, asked: Callable[[View], None] = lambda view: None) -> Run:
    """Walk through time and start lots as the policy says.

    A lot that has started goes through its operations as soon as there is room, those that started
    before it first.

    Args:
        case: The lots.
        policy: Who decides.
        asked: Called with every view before the policy sees it.
    """
    plant = _Plant(case)
    epochs = []
    for tick in range(case.actual.horizon + 1):
        ready = plant.ready(tick)
        if ready:
            view = plant.view(tick, ready)
            asked(view)
            decision = policy.decide(view)
            epochs.append(Epoch(tick, len(ready), decision))
            plant.collect(decision.promised, tick)
            for start in decision.starts:
                plant.start(start, tick)
        elif not plant.waiting:
            break
    return Run(Plan(tuple(plant.steps)), tuple(epochs), plant.arrived)


class _Plant:
    """Who waits, who runs, and what is taken."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.table = Timetable(case.actual)
        self.steps: list[Steps | None] = [None] * len(case.actual.jobs)
        self.waiting = list(range(len(case.actual.jobs)))
        self.ends: dict[str, int] = {}
        self.arrived: dict[str, int] = {}
        self._started: list[int] = []
        self._soonest = np.arange(case.actual.horizon + 1, dtype=float)

    def ready(self, tick: int) -> list[int]:
        """Places of the jobs that may start; those that have expired go."""
        jobs = self.case.actual.jobs
        never = float("inf")
        self.waiting = [p for p in self.waiting if not self._expired(jobs[p], tick)]
        found = [
            p
            for p in self.waiting
            if jobs[p].release <= tick
            and all(self.ends.get(name, never) <= tick for name in jobs[p].after)
        ]
        return sorted(found, key=lambda place: jobs[place].release)

    def view(self, tick: int, ready: list[int]) -> View:
        """What is known and expected at a tick."""
        jobs, back = self.case.actual.jobs, self.case.memory
        recent = [p for p in self._started if self.ends[jobs[p].name] > tick - back]
        self._started = recent
        origin = tick - back
        seen = [
            self._under_way(place, tick)
            if self.ends[jobs[place].name] > tick
            else self._ended(place, origin)
            for place in recent
        ]
        fresh = [
            _moved(self._as_collected(self.case.expected[place], tick), -origin, back)
            for place in ready
        ]
        ahead = tuple(
            replace(resource, capacity=(*resource.capacity[:1] * back, *resource.capacity[tick:]))
            for resource in self.case.capacities
        )
        horizon = self.case.actual.horizon - origin
        problem = replace(self.case.actual, jobs=(*seen, *fresh), resources=ahead, horizon=horizon)
        free = {
            resource.name: int(units[tick])
            for resource, units in zip(ahead, self.table.free, strict=True)
        }
        return View(tick, problem, self.case.typical, free, back)

    def collect(self, promised: Mapping[str, int], tick: int) -> None:
        """Collect the material whose time has come, counted back from the promised start."""
        for name, material in self.case.booked.items():
            start = promised.get(name)
            if start is not None and name not in self.arrived and tick >= start - material.lead:
                self.arrived[name] = max(start, tick + material.lead)

    def _as_collected(self, job: Job, tick: int) -> Job:
        """The job with the dates that its material gives it."""
        if job.name not in self.case.booked:
            return job
        material = self.case.booked[job.name]
        at = self.arrived.get(job.name)
        if at is None:
            return replace(job, release=tick + material.lead)
        return replace(job, release=at, latest_start=_until(at, material))

    def _expired(self, job: Job, tick: int) -> bool:
        latest = job.latest_start
        if job.name in self.arrived:
            latest = _until(self.arrived[job.name], self.case.booked[job.name])
        return latest is not None and tick > latest

    def start(self, start: Start, tick: int) -> bool:
        """Start a lot if it finds room; it then goes on as soon as possible."""
        place = self.case.actual.job_index[start.job]
        if start.job in self.case.booked and tick < self.arrived.get(start.job, tick + 1):
            return False
        if place not in self.waiting or not self.table.may_start(
            self.case.actual.jobs[place], tick
        ):
            return False
        job, numbers = self._as_planned(place, start.steps)
        only = np.full(self.case.actual.horizon + 1, np.inf)
        only[tick] = 0.0
        found = self.table.best(job, Worth(only, self._soonest))
        if found is None:
            return False
        steps = tuple(
            Step(step.start, modes[step.mode])
            for step, modes in zip(found[1], numbers, strict=True)
        )
        actual = self.case.actual.jobs[place]
        self.table.add(actual, steps)
        self.steps[place] = steps
        self.ends[job.name] = end_of(actual, steps)
        self.waiting.remove(place)
        self._started.append(place)
        return True

    def _as_planned(self, place: int, steps: Steps | None) -> tuple[Job, list[list[int]]]:
        """The job at the planned places, and which of its own modes are left of each operation."""
        actual, expected = self.case.actual.jobs[place], self.case.expected[place]
        operations, numbers = [], []
        for number, operation in enumerate(actual.operations):
            modes = list(range(len(operation.modes)))
            if steps is not None:
                where = mode_of(expected, steps, number).place
                modes = [m for m in modes if operation.modes[m].place == where]
            operations.append(replace(operation, modes=tuple(operation.modes[m] for m in modes)))
            numbers.append(modes)
        return replace(actual, operations=tuple(operations)), numbers

    def _ended(self, place: int, origin: int) -> Job:
        """A lot whose end is still felt, as what its last operation took on its last day."""
        job, steps = self.case.actual.jobs[place], self.steps[place]
        assert steps is not None
        mode = _rest(mode_of(job, steps, -1), mode_of(job, steps, -1).duration - 1)
        last = self.ends[job.name] - 1 - origin
        done = Operation("ended", (mode,), pinned=last)
        return replace(_moved(job, -origin, 0), operations=(done,), weight=0.0)

    def _under_way(self, place: int, tick: int) -> Job:
        """What is left of a lot, as far as anybody can tell."""
        now = self.case.memory
        actual, expected = self.case.actual.jobs[place], self.case.expected[place]
        steps = self.steps[place]
        assert steps is not None
        ends = [s.start + mode_of(actual, steps, n).duration for n, s in enumerate(steps)]
        number = next(n for n, end in enumerate(ends) if end > tick)
        operation = expected.operations[number]
        where = mode_of(actual, steps, number).place
        modes = tuple(mode for mode in operation.modes if mode.place == where)
        if steps[number].start <= tick:
            elapsed = tick - steps[number].start
            rest = [replace(operation, modes=_remaining(modes, elapsed), pinned=now, min_lag=0)]
        else:
            passed = tick - ends[number - 1]
            latest = None if operation.max_lag is None else max(0, operation.max_lag - passed)
            lag = max(0, operation.min_lag - passed)
            rest = [
                Operation("under way", (Mode(0),), pinned=now),
                replace(operation, modes=modes, min_lag=lag, max_lag=latest),
            ]
        left = (*rest, *expected.operations[number + 1 :])
        return replace(_moved(expected, now - tick, 0), operations=left, latest_start=None)


def _until(at: int, material: Material) -> int | None:
    return None if material.life is None else at + material.life


def _moved(job: Job, by: int, now: int) -> Job:
    """A job with all its dates moved, to start at `now` at the earliest where there is a past."""

    def at(tick: int | None) -> int | None:
        return None if tick is None else tick + by

    return replace(
        job,
        release=max(job.release + by, now) if now else job.release + by,
        due=at(job.due),
        deadline=at(job.deadline),
        latest_start=at(job.latest_start),
        previous=at(job.previous),
        after=(),
    )


def _remaining(modes: tuple[Mode, ...], elapsed: int) -> tuple[Mode, ...]:
    """What is left of an operation; one that should have ended is expected to end now."""
    left = tuple(_rest(mode, elapsed) for mode in modes if mode.duration > elapsed)
    if left:
        return left
    longest = max(modes, key=lambda mode: mode.duration)
    return (_rest(longest, longest.duration - 1),)


def _rest(mode: Mode, elapsed: int) -> Mode:
    demands = tuple(Demand(d.resource, d.amount, d.start - elapsed, d.length) for d in mode.demands)
    return replace(mode, duration=mode.duration - elapsed, demands=demands)
