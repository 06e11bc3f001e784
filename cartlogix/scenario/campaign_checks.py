"""What a schema cannot say of campaigns: unknown families, and what does not go with them."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.itinerary import families
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.problem import Path, Problem, unknown

_PLANNED = ("atc", "index", "rolling")


def check_campaigns(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of resources whose units are changed between product families."""
    network = scenario.network
    changed = set()
    for group in ("centres", "plants", "depots"):
        for i, site in enumerate(getattr(network, group)):
            for name, resource in site.resources.items():
                if resource.campaigns is not None:
                    changed.add(name)
                    path: Path = ("network", group, i, "resources", name)
                    yield from _resource(scenario, path, name, resource)
    for path, step in _steps(scenario):
        for k, need in enumerate(step.needs):
            if need.name in changed and (len(step.needs) > 1 or need.units > 1):
                message = (
                    f"'{need.name}' is changed between families: a step needs one unit of it and "
                    "nothing besides; put other needs in a step of their own"
                )
                yield Problem((*path, "needs", k), message)
            if need.name in changed and step.shift_end == "wait":
                message = f"'{need.name}' is changed between families, which takes no account of "
                yield Problem((*path, "shift_end"), message + "closings: write pause or hand_over")


def _resource(scenario: Scenario, path: Path, name: str, resource: Resource) -> Iterator[Problem]:
    campaigns = resource.campaigns
    assert campaigns is not None
    known = families(scenario)
    for family in campaigns.to:
        if family not in known:
            yield unknown((*path, "campaigns", "to", family), "product family", family, known)
    if resource.capacity is None:
        yield Problem(
            (*path, "capacity"), "units that are changed must be counted: give a capacity"
        )
    if resource.discipline in _PLANNED:
        message = (
            f"'{resource.discipline}' does not know campaigns; write fifo, priority or due_date"
        )
        yield Problem((*path, "discipline"), message)
    if resource.waiting_room is not None:
        message = "does not go with campaigns, which need a line to choose from; leave it out"
        yield Problem((*path, "waiting_room"), message)
    if scenario.snapshot.lots or scenario.snapshot.patients:
        message = (
            "a run with campaigns cannot start from a snapshot: it does not say how units are "
        )
        yield Problem((*path, "campaigns"), message + "set up; remove one of the two")
    users = _users(scenario, name)
    if len(users) < 2:
        shown = ", ".join(sorted(users)) or "none"
        message = f"units are never changed: the only product family that uses '{name}' is {shown}"
        yield Problem((*path, "campaigns"), message, "warning")


def _users(scenario: Scenario, resource: str) -> set[str]:
    """Return the families whose steps need a resource of this name."""
    found = {
        pathway.family or pathway.name
        for pathway in scenario.pathways
        if any(need.name == resource for step in pathway.route for need in step.needs)
    }
    return found | {
        stock.lot.family or stock.name
        for stock in scenario.stocks
        if any(need.name == resource for step in stock.lot.route for need in step.needs)
    }


def _steps(scenario: Scenario) -> Iterator[tuple[Path, Step]]:
    for i, pathway in enumerate(scenario.pathways):
        for j, step in enumerate(pathway.route):
            yield ("pathways", i, "route", j), step
    for i, stock in enumerate(scenario.stocks):
        for j, step in enumerate(stock.lot.route):
            yield ("stocks", i, "lot", "route", j), step
