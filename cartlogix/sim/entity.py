"""Who walks a route: a patient or a lot, with what the walker needs to know of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cartlogix.cohort.health import HealthCourse, HealthCourses
from cartlogix.cohort.patients import Cohort
from cartlogix.ground.streams import DrawColumn
from cartlogix.scenario.pathway import Milestone
from cartlogix.sim.donors import DonorDesk
from cartlogix.sim.recorder import PatientRecord
from cartlogix.sim.station import Station
from cartlogix.sim.stock import Dose, Lot
from cartlogix.sim.story import Walk


class Traveller:
    """A patient or a lot on its way: what the walker needs to know of it.

    `clock` may run ahead of the simulation by free delays that are not yet waited for; `round`
    counts restarts of any kind and addresses the random numbers of repeated steps. `flaws` has a
    bit for each step (by its index) whose test let a bad product pass. `walk` is what the entity
    does from when it sets off.
    """

    __slots__ = (
        "attempt",
        "clock",
        "collected",
        "course",
        "dose",
        "due",
        "flaws",
        "front",
        "group_start",
        "indication",
        "match_class",
        "number",
        "open_step",
        "patience",
        "queued",
        "round",
        "route",
        "started",
        "urgency",
        "walk",
    )

    walk: Walk

    def __init__(self, number: int, route: list[Station], clock: float, urgency: float) -> None:
        self.number = number
        self.route = route
        self.clock = self.group_start = clock
        self.urgency = urgency
        self.due = math.inf
        self.attempt = self.course = 1
        self.round = self.flaws = 0
        self.front = False
        self.indication = self.match_class = -1
        self.patience: Patience | None = None
        self.dose: Dose | None = None
        self.open_step: Station | None = None
        self.queued = self.started = self.collected = math.nan

    def reach(self, milestone: Milestone, time: float) -> None:
        """Note that a milestone was reached on a day."""
        raise NotImplementedError

    def ready(self, station: Station) -> float:
        """Return the day from which a free step could begin: with the one before, or after it."""
        return self.group_start if station.with_previous else self.clock

    def note_end(self, station: Station, time: float) -> None:
        """Note what the end of a step means: a release, or that fresh material is there."""
        if station.releases:
            self.reach("release", time)
        if station.collects:
            self.collected = time

    def restart(self) -> None:
        """Begin a new attempt: later draws come from the next column of random numbers."""
        self.attempt += 1
        self.round += 1

    def go_back(self, index: int) -> None:
        """Make the product again from a step on: what is wrong with it from there is undone."""
        self.flaws &= (1 << index) - 1


End = tuple[float, str]
"""When patience ends, and the cause of the loss."""


class Patience:
    """Competing causes of loss: the earliest deadline, and exposure used up scope by scope.

    A cause that runs from enrolment to infusion is one fixed date. A scoped cause has a budget of
    exposed time that only runs down within its scope; without scoped causes there is no budget.
    """

    __slots__ = ("at", "budget", "cause", "names")

    def __init__(self, at: float, cause: str, budget: list[float], names: list[str]) -> None:
        self.at = at
        self.cause = cause
        self.budget = budget
        self.names = names

    def endure(self, scoped: tuple[int, ...], start: float, end: float) -> End | None:
        """Use patience up in a phase; return when and why it ends within the phase, if it does."""
        if scoped:
            lost = self.deadline(scoped, start)
            if lost[0] >= end:
                self.spend(scoped, end - start)
                return None
            return lost
        return None if self.at >= end else (self.at, self.cause)

    def deadline(self, scoped: tuple[int, ...], start: float) -> End:
        """Return when and why patience ends, if a phase with these scoped causes starts now."""
        at, cause = self.at, self.cause
        for index in scoped:
            end = start + self.budget[index]
            if end < at:
                at, cause = end, self.names[index]
        return at, cause

    def copy(self) -> Patience:
        """Return the same patience, to try out what it endures."""
        return Patience(self.at, self.cause, list(self.budget), self.names)

    def spend(self, scoped: tuple[int, ...], elapsed: float) -> None:
        """Use up exposed time of scoped causes."""
        for index in scoped:
            self.budget[index] -= elapsed


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of loss, with the exposed time after which it takes each patient (None: never)."""

    name: str
    runs_always: bool
    exposure: DrawColumn | None


@dataclass(frozen=True, slots=True)
class Kind:
    """What patients of one indication share."""

    target: float
    """Days from enrolment to the due date; infinity without a target."""
    urgency: float
    causes: list[Cause]
    scoped: bool
    """Whether some cause runs only within a scope."""
    health: HealthCourses | None = None
    """Courses of health; None if they are not modelled."""

    def patience(
        self, number: int, enrolled: float, health: HealthCourse | None
    ) -> Patience | None:
        """Return the patience of a patient, None if nothing can use it up.

        Who enrolled before day 0 is known to have lasted until then.
        """
        at, first = health.lost if health is not None else (math.inf, "")
        if not self.causes and math.isinf(at):
            return None
        endured = -enrolled
        for cause in self.causes:
            if cause.runs_always and cause.exposure:
                exposure = cause.exposure
                days = exposure[number] if endured <= 0 else exposure.beyond(number, endured)
                end = enrolled + days
                if end < at:
                    at, first = end, cause.name
        if not self.scoped:
            return Patience(at, first, [], [])
        budget = [c.exposure[number] if c.exposure else math.inf for c in self.causes]
        return Patience(at, first, budget, [cause.name for cause in self.causes])


class Patient(Traveller):
    """A patient on a pathway."""

    __slots__ = ("been", "centre", "health", "off_spec", "record")

    def __init__(
        self,
        number: int,
        cohort: Cohort,
        kind: Kind,
        route: list[Station],
        record: PatientRecord,
    ) -> None:
        enrolled = cohort.enrolled[number]
        super().__init__(number, route, enrolled, kind.urgency)
        self.record = record
        self.indication = cohort.indication[number]
        self.centre = cohort.centre[number]
        self.match_class = cohort.match_class[number]
        # Who enrolled before day 0 was found then as one who enrols.
        self.health = kind.health.of(number, max(0.0, enrolled)) if kind.health else None
        self.patience = kind.patience(number, enrolled, self.health)
        self.due = enrolled + kind.target
        self.been = {cohort.pathway[number]}
        self.off_spec = -1

    def reach(self, milestone: Milestone, time: float) -> None:
        """Note a milestone; the first infusion ends all waiting."""
        record = self.record
        if milestone == "infusion":
            dose = self.dose
            bad = self.flaws or (dose is not None and dose.lot.flawed)
            if bad and math.isnan(record.exposed):
                record.exposed = time
            if dose is not None:
                dose.end(time, "infused")
                self.dose = None
        if record.status == "infused":
            return
        if milestone == "apheresis":
            record.apheresis = time
        elif milestone == "release":
            record.released = time
        elif milestone == "infusion":
            record.status, record.infused = "infused", time
            record.attempts = self.attempt
            self.patience = None
            if self.health is not None:
                record.died = self.health.death_after(time)

    def go_back(self, index: int) -> None:
        """Make the product again from a step on; before the first infusion, nothing is left."""
        super().go_back(index)
        if self.off_spec >= index and self.record.status != "infused":
            self.off_spec, self.record.out_of_spec = -1, False


class LotRun(Traveller):
    """A lot on its supply route."""

    __slots__ = ("donors", "lot", "turned_away")

    def __init__(
        self, lot: Lot, route: list[Station], urgency: float, donors: DonorDesk | None = None
    ) -> None:
        super().__init__(lot.number, route, lot.ordered, urgency)
        self.lot = lot
        self.donors = donors
        self.turned_away = False

    def reach(self, milestone: Milestone, time: float) -> None:
        """Note the release, which may start the shelf-life clock, and what concerns the donor."""
        if milestone == "release":
            self.lot.released = time
        elif milestone == "donor" and self.donors is not None:
            self.donors.screen(self.lot, time, self.round)
        elif milestone == "apheresis" and self.donors is not None:
            self.donors.collect(self.lot, time)

    def turn_down(self) -> None:
        """Screen another donor: a new draw, but no new attempt at the lot."""
        self.round += 1
        if self.donors is not None:
            self.donors.defer(self.lot)
