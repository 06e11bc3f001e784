"""What a schema cannot say of booked starts: steps that are not there, or cannot be waited for."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.itinerary import patient_itinerary
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.problem import Path, Problem, unknown

Visit = tuple[str, tuple[Step, ...], int]
"""A pathway, the steps of its route, and the place of the step that is booked for."""


def check_bookings(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of lines whose starts are promised; places are known to exist."""
    claimed: dict[tuple[str, str], str] = {}
    for group in ("centres", "plants", "depots"):
        for i, site in enumerate(getattr(scenario.network, group)):
            for name, resource in site.resources.items():
                booked = resource.slot_policy.book if resource.slot_policy is not None else None
                if booked is None:
                    continue
                path: Path = ("network", group, i, "resources", name)
                if resource.capacity is None:
                    message = "a line whose starts are promised must be counted: give a capacity"
                    yield Problem((*path, "capacity"), message)
                visits = list(_visits(scenario, site.name, name))
                yield from _booked(scenario, (*path, "slot_policy", "book"), booked, visits)
                for pathway, route, last in visits:
                    if any(step.name == booked for step in route[:last]):
                        other = claimed.setdefault((pathway, booked), name)
                        if other != name:
                            message = f"'{booked}' of '{pathway}' is booked for '{other}' already"
                            yield Problem((*path, "slot_policy", "book"), message)


def _visits(scenario: Scenario, site: str, resource: str) -> Iterator[Visit]:
    """Yield where routes stand in the line of a resource, each pathway once."""
    seen = set()
    for index, pathway in enumerate(scenario.pathways):
        for centre in range(len(scenario.network.centres)):
            stops = patient_itinerary(scenario, index, centre)
            for place, (step, stop) in enumerate(zip(pathway.route, stops, strict=True)):
                first = step.needs[0].name if step.needs else ""
                if stop.site == site and first == resource and pathway.name not in seen:
                    seen.add(pathway.name)
                    yield pathway.name, pathway.route, place


def _booked(scenario: Scenario, path: Path, booked: str, visits: list[Visit]) -> Iterator[Problem]:
    known = {step.name for pathway in scenario.pathways for step in pathway.route}
    if booked not in known:
        yield unknown(path, "step of a patient's route", booked, known)
        return
    resource = path[-3]
    waits = [(route, last) for _, route, last in visits if booked in {s.name for s in route[:last]}]
    if not waits:
        yield Problem(
            path,
            f"'{booked}' does not come before a step whose first need is '{resource}' here, so "
            "nothing would be booked; name an earlier step of that route",
        )
    for route, last in waits:
        first = next(place for place, step in enumerate(route) if step.name == booked)
        step = route[first]
        if step.ship or step.draw or step.with_previous:
            kind = "a shipment" if step.ship else "a draw" if step.draw else "'with_previous'"
            yield Problem(path, f"'{booked}' is {kind}, which cannot wait at home; name other work")
        if any(between.draw for between in route[first:last]):
            message = f"a dose is drawn between '{booked}' and '{resource}': when it comes is not"
            yield Problem(path, f"{message} known ahead, so that no start can be promised")
