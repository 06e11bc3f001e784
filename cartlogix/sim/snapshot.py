"""Putting patients, lots and doses where a snapshot finds them, before the run begins.

What a step has left to run is drawn from its law, given how long it has run already; so is the
patience of who waits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

from cartlogix.scenario.snapshot import Whereabouts
from cartlogix.scenario.whereabouts import day_of, route_of, step_index
from cartlogix.sim.entity import Patient, Traveller
from cartlogix.sim.pool import take
from cartlogix.sim.station import Station
from cartlogix.sim.stock import Lot
from cartlogix.sim.system import System
from cartlogix.sim.walker import Walker


class _Entry(NamedTuple):
    """Somebody to be put on a route, and how to let them go on from there."""

    since: float
    working: bool
    resume: Callable[[], None]


T = TypeVar("T", bound=Traveller)


def place(system: System) -> None:
    """Put everybody and everything of the scenario's snapshot in its place on day 0.

    Those who work take their pools first of all; then those who wait join their lines, in the order
    of since when they have waited; then all the others go on.
    """
    stocked = _stock(system)
    entries = [*_lots(system), *_patients(system, stocked)]
    for entry in sorted(entries, key=lambda entry: (entry.working, entry.since)):
        entry.resume()


def _stock(system: System) -> dict[str, Lot]:
    """Fill the stocks, and return the lots by name."""
    snapshot, stocked = system.scenario.snapshot, {}
    issued = Counter(p.dose_from for p in snapshot.patients if p.dose_from is not None)
    for entry in snapshot.stock:
        stocked[entry.name] = system.supply.replenishers[entry.stock].restore(
            entry.doses,
            issued[entry.name],
            0.0 if entry.received is None else day_of(system.scenario, entry.received),
            math.inf if entry.expires is None else day_of(system.scenario, entry.expires),
            entry.match_class or "",
        )
    return stocked


def _lots(system: System) -> list[_Entry]:
    entries = []
    for entry in system.scenario.snapshot.lots:
        ordered = day_of(system.scenario, entry.ordered or entry.since)
        lot = system.supply.replenishers[entry.stock].resume(
            entry.doses, ordered, entry.match_class or ""
        )
        run = system.supply.enter(lot)
        entries.append(_entry(system, entry, run, system.supply.walker))
    return entries


def _patients(system: System, stocked: dict[str, Lot]) -> list[_Entry]:
    entries = []
    for number, entry in enumerate(system.scenario.snapshot.by_enrolment()):
        patient = system.enter(number)
        if entry.apheresis is not None:
            patient.record.apheresis = day_of(system.scenario, entry.apheresis)
        if entry.dose_from is not None:
            lot = stocked[entry.dose_from]
            patient.dose = system.stocks[lot.stock].issue(patient, lot)
        _endured(system, patient, entry)
        entries.append(_entry(system, entry, patient, system.walker))
    return entries


def _endured(system: System, patient: Patient, entry: Whereabouts) -> None:
    """Make known that nothing has taken the patient in the step so far."""
    station = _station(system, patient, entry)
    scopes = station.scopes.working if entry.state == "working" else station.scopes.waiting
    causes = system.kinds[patient.indication].causes
    for index in scopes[patient.indication] if patient.patience else ():
        exposure, elapsed = causes[index].exposure, -day_of(system.scenario, entry.since)
        if exposure is not None and elapsed > 0 and patient.patience is not None:
            patient.patience.budget[index] = exposure.beyond(patient.number, elapsed)


def _entry(system: System, entry: Whereabouts, who: T, walker: Walker[T]) -> _Entry:
    station, since = _station(system, who, entry), day_of(system.scenario, entry.since)
    working = entry.state == "working"
    who.attempt, who.round = entry.attempt, entry.attempt - 1
    who.clock = since if working else 0.0
    if entry.booked is not None:
        who.clock, who.front = day_of(system.scenario, entry.booked), True
    if working:
        timing = station.timing
        elapsed = -since if timing is None else timing.working_between(since, 0.0)
        for durations in [way.durations for way in station.ways] or [station.durations]:
            durations.exceed(who.number, who.round, elapsed)
        take(station.pools, who)
    resume = partial(walker.resume, who, station.index, since, working=working)
    return _Entry(since, working, resume)


def _station(system: System, who: Traveller, entry: Whereabouts) -> Station:
    route = route_of(system.scenario, entry)
    step = route[step_index(route, entry)]
    return next(station for station in who.route if station.step.step is step)
