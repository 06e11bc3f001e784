"""What can be wrong with crews: rosters that cover nobody, qualifications that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource, Site
from cartlogix.scenario.opening import group_roster
from cartlogix.scenario.pathway import Need
from cartlogix.scenario.people import Away, People
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.when import day_when

_LOOK = 60.0
"""Days in which the most people on duty at a time are looked for: rosters repeat weekly."""


def check_crews(scenario: Scenario) -> Iterator[Problem]:
    """Yield problems of groups of people; every roster is known to mean something."""
    asked = _asked(scenario)
    for group in ("centres", "plants", "depots"):
        for index, site in enumerate(getattr(scenario.network, group)):
            for name, resource in site.resources.items():
                path: Path = ("network", group, index, "resources", name, "people")
                if resource.hand_over and len(resource.people) == 1:
                    message = "has no effect: there is no other group to hand over to"
                    yield Problem((*path[:-1], "hand_over"), message, "warning")
                for k, people in enumerate(resource.people):
                    yield from _group(scenario, site, (*path, k), people)
                    for item, what in enumerate(people.qualifications):
                        if what not in asked.get(name, set()):
                            message = f"no step asks '{name}' for the qualification '{what}'"
                            yield Problem((*path, k, "qualifications", item), message, "warning")


def _asked(scenario: Scenario) -> dict[str, set[str]]:
    routes = [pathway.route for pathway in scenario.pathways]
    routes += [stock.lot.route for stock in scenario.stocks]
    asked: dict[str, set[str]] = {}
    for need in (need for route in routes for step in route for need in step.needs):
        if need.qualification is not None:
            asked.setdefault(need.name, set()).add(need.qualification)
    return asked


def _group(scenario: Scenario, site: Site, path: Path, people: People) -> Iterator[Problem]:
    roster = group_roster(scenario, site, people)
    if people.absence is not None and people.absence.value > 0 and roster.always:
        message = (
            "absence is drawn for each shift, but this roster is open at all times: name shifts in "
            "'roster'"
        )
        yield Problem((*path, "absence"), message)
    for k, away in enumerate(people.away):
        yield from _away(scenario, (*path, "away", k), people, away)
    if roster.next_open(0.0) > scenario.run.horizon:
        text = people.roster or site.open
        message = f"the roster '{text}' covers nobody: it never opens in the run"
        yield Problem((*path, "roster"), message)


def _away(scenario: Scenario, path: Path, people: People, away: Away) -> Iterator[Problem]:
    run = scenario.run
    start, end = day_when(away.from_, run.start), day_when(away.to, run.start)
    if end <= start:
        yield Problem((*path, "to"), "must be later than 'from'")
    elif end <= 0 or start >= run.horizon:
        message = f"has no effect: the run lasts from day 0 to day {run.horizon:g}"
        yield Problem((*path, "from"), message, "warning")
    if away.number > people.number:
        message = f"'{people.name}' are {people.number} people; {away.number} cannot be away"
        yield Problem((*path, "number"), message)


def crew_problem(
    scenario: Scenario, path: Path, site: Site, resource: Resource, need: Need
) -> Iterator[Problem]:
    """Yield why a site's crew can never give a step the people that it needs."""
    wanted = need.qualification
    if not resource.people:
        if wanted is not None:
            message = (
                f"'{need.name}' of '{site.name}' are not people with qualifications: give them "
                "'people', or remove 'qualification'"
            )
            yield Problem((*path, "qualification"), message)
        return
    known = {name for people in resource.people for name in people.qualifications}
    if wanted is not None and wanted not in known:
        yield unknown((*path, "qualification"), f"qualification at '{site.name}'", wanted, known)
        return
    able = [p for p in resource.people if wanted in (None, *p.qualifications)]
    most = _most_on_duty(scenario, site, able)
    if most < need.units:
        what = f"'{need.name}' for {wanted}" if wanted else f"'{need.name}'"
        yield Problem(
            path,
            f"needs {need.units} of {what}; at '{site.name}' at most {most} are on duty at a time",
        )


def _most_on_duty(scenario: Scenario, site: Site, groups: list[People]) -> int:
    rosters = [(people.number, group_roster(scenario, site, people)) for people in groups]
    most, moment = 0, 0.0
    while moment <= _LOOK:
        most = max(most, sum(number for number, roster in rosters if roster.is_open(moment)))
        moment += 1 / 96  # a quarter of an hour: the finest that shifts use
    return most
