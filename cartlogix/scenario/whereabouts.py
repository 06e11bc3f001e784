"""Where the entries of a snapshot are: route, step and site."""

from __future__ import annotations

import datetime as dt

from cartlogix.ground.timetable import LocalClock
from cartlogix.scenario.itinerary import Stop, lot_itinerary, patient_itinerary
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.snapshot import SnapshotLot, SnapshotPatient, Whereabouts


def pathway_of(scenario: Scenario, patient: SnapshotPatient) -> int | None:
    """Return the index of a patient's pathway: the named one, or the first with the step."""
    for index, pathway in enumerate(scenario.pathways):
        if patient.pathway in (None, pathway.name):
            steps = {step.name for step in pathway.route}
            if patient.step in steps:
                return index
    return None


def centre_of(scenario: Scenario, patient: SnapshotPatient) -> int | None:
    """Return the index of a patient's centre: the named one, or the only one."""
    names = [centre.name for centre in scenario.network.centres]
    if patient.centre is None:
        return 0 if len(names) == 1 else None
    return names.index(patient.centre) if patient.centre in names else None


def stock_of(scenario: Scenario, lot: SnapshotLot) -> int | None:
    """Return the index of the stock for which a lot is made."""
    names = [stock.name for stock in scenario.stocks]
    return names.index(lot.stock) if lot.stock in names else None


def route_of(scenario: Scenario, entry: Whereabouts) -> tuple[Step, ...]:
    """Return the route on which a patient or lot is; empty if there is none."""
    if isinstance(entry, SnapshotPatient):
        pathway = pathway_of(scenario, entry)
        return () if pathway is None else scenario.pathways[pathway].route
    assert isinstance(entry, SnapshotLot)
    stock = stock_of(scenario, entry)
    return () if stock is None else scenario.stocks[stock].lot.route


def step_index(route: tuple[Step, ...], entry: Whereabouts) -> int:
    """Return the index of the step in which an entry is."""
    return next(index for index, step in enumerate(route) if step.name == entry.step)


def stop_of(scenario: Scenario, entry: Whereabouts) -> Stop:
    """Return the place of the step in which a patient or lot is; every name must be known."""
    index = step_index(route_of(scenario, entry), entry)
    if isinstance(entry, SnapshotPatient):
        pathway, centre = pathway_of(scenario, entry), centre_of(scenario, entry)
        assert pathway is not None and centre is not None, "the checks refuse unknown names"
        return patient_itinerary(scenario, pathway, centre)[index]
    assert isinstance(entry, SnapshotLot)
    stock = stock_of(scenario, entry)
    assert stock is not None, "the checks refuse unknown names"
    return lot_itinerary(scenario, stock)[index]


def day_of(scenario: Scenario, moment: dt.datetime) -> float:
    """Return a local moment, in the zone of the run, as days from day 0; negative before it."""
    midnight = dt.datetime.combine(scenario.run.start, dt.time())
    return _clock(scenario).elapsed(round((moment - midnight).total_seconds()))


def moment_of(scenario: Scenario, day: float) -> dt.datetime:
    """Return the local time, in the zone of the run, of a day that counts from day 0."""
    return _clock(scenario).local(day)


def _clock(scenario: Scenario) -> LocalClock:
    run = scenario.run
    return LocalClock(run.start, run.time_zone, run.time_zone)
