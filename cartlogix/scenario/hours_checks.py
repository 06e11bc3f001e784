"""Steps and shipments against the opening hours that they meet: what can never start or leave."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.opening_hours import FitsBefore
from cartlogix.scenario.itinerary import Stop, lot_itinerary, patient_itinerary, transport_mode
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Site
from cartlogix.scenario.opening import calendar_of, pick_ups, resource_calendar, roster_of
from cartlogix.scenario.pathway import Need, Step
from cartlogix.scenario.people_checks import crew_problem
from cartlogix.scenario.problem import Path, Problem


def check_hours(scenario: Scenario) -> Iterator[Problem]:
    """Yield what the hours make impossible or leave without effect; places are known to exist."""
    sites = {site.name: site for site in scenario.network.sites()}
    seen: set[tuple[Path, str]] = set()
    for path, step, stop in _visits(scenario):
        for problem in _step(scenario, path, step, stop, sites):
            if (problem.path, problem.message) not in seen:
                seen.add((problem.path, problem.message))
                yield problem


def _visits(scenario: Scenario) -> Iterator[tuple[Path, Step, Stop]]:
    for i, pathway in enumerate(scenario.pathways):
        for centre in range(len(scenario.network.centres)):
            stops = patient_itinerary(scenario, i, centre)
            for j, (step, stop) in enumerate(zip(pathway.route, stops, strict=True)):
                yield ("pathways", i, "route", j), step, stop
    for i, stock in enumerate(scenario.stocks):
        stops = lot_itinerary(scenario, i)
        for j, (step, stop) in enumerate(zip(stock.lot.route, stops, strict=True)):
            yield ("stocks", i, "lot", "route", j), step, stop


def _step(
    scenario: Scenario, path: Path, step: Step, stop: Stop, sites: dict[str, Site]
) -> Iterator[Problem]:
    if step.ship is not None and stop.destination is not None:
        for origin in stop.origins:
            yield from _courier(scenario, path, step, (sites[origin], sites[stop.destination]))
        return
    site = sites[stop.site]
    for k, need in enumerate(step.needs):
        resource = site.resources[need.name]
        found = list(crew_problem(scenario, (*path, "needs", k), site, resource, need))
        yield from found
        if found:
            return
    if step.shift_end == "wait":
        yield from _fits(scenario, path, step, site)
    elif "opening" in (step.start, step.end):
        key = "end" if step.end == "opening" else "start"
        if _hours(scenario, step, site).always:
            message = f"'{site.name}' is open at all times for this step: '{key}' has no effect"
            yield Problem((*path, key), message, "warning")


def _fits(scenario: Scenario, path: Path, step: Step, site: Site) -> Iterator[Problem]:
    hands = [(need, need.for_.value) for need in step.needs if need.for_ is not None]
    parts = [(_hours_of(scenario, site, need), days) for need, days in hands]
    for hours, days in parts or [(_hours(scenario, step, site), step.duration.value)]:
        if hours.always:
            message = (
                f"'{site.name}' never closes for this step: there is no 'shift_end' to wait for"
            )
            yield Problem((*path, "shift_end"), message, "warning")
        elif FitsBefore(hours, days).next_open(0.0) > scenario.run.horizon:
            message = (
                f"{days * 24:g} h of work never fit before a closing at '{site.name}', so this "
                "would wait for ever; let it pause ('clock: working') or hand over"
            )
            yield Problem((*path, "shift_end"), message)


def _hours(scenario: Scenario, step: Step, site: Site) -> Calendar:
    needed = [_hours_of(scenario, site, need) for need in step.needs]
    if needed:
        return next((hours for hours in needed if not hours.always), needed[0])
    return calendar_of(scenario, site, site.open)


def _hours_of(scenario: Scenario, site: Site, need: Need) -> Calendar:
    if need.qualification is not None:
        return roster_of(scenario, site, need.name, need.qualification)
    return resource_calendar(scenario, site, need.name)


def _courier(
    scenario: Scenario, path: Path, step: Step, ends: tuple[Site, Site]
) -> Iterator[Problem]:
    origin, destination = ends
    mode = transport_mode(scenario, step, origin.name, destination.name)
    if mode is None:
        return
    if mode.pick_up is not None and math.isinf(
        pick_ups(scenario, origin, mode.pick_up).next_for(0.0)
    ):
        message = (
            f"the courier of '{mode.name}' never comes to '{origin.name}': none of its times falls "
            f"into '{mode.pick_up.open}'"
        )
        yield Problem((*path, "ship"), message)
    if mode.receive == "opening" and calendar_of(scenario, destination, destination.open).always:
        message = f"'{destination.name}' is always open: 'receive: opening' has no effect"
        yield Problem((*path, "ship"), message, "warning")
