"""Building crews from the scenario: who is in them, and how their duties are recorded."""

from __future__ import annotations

import math
from functools import partial

from cartlogix.ground.streams import Streams
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import People, Site
from cartlogix.scenario.opening import group_roster
from cartlogix.sim.crew import Crew, Duty, Group, turnout
from cartlogix.sim.recorder import DONE, RUNNING, Recorder, StepLabel


def build_crews(scenario: Scenario, streams: Streams, recorder: Recorder) -> dict[str, Crew]:
    """Return the crew of every resource that has people, by 'site/resource'."""
    crews: dict[str, Crew] = {}
    for site in scenario.network.sites():
        for name, resource in sorted(site.resources.items()):
            if resource.people:
                key = f"{site.name}/{name}"
                groups = [_group(scenario, site, key, one, streams) for one in resource.people]
                crews[key] = Crew(groups, _record(key, site.name, groups, recorder))
    return crews


def _group(scenario: Scenario, site: Site, key: str, people: People, streams: Streams) -> Group:
    absence = people.absence.value if people.absence else 0.0
    return Group(
        people.name,
        people.number,
        frozenset(people.qualifications),
        group_roster(scenario, site, people),
        turnout(people.number, absence) if absence else (),
        streams.uniforms(f"absence/{key}/{people.name}") if absence else None,
    )


def _record(key: str, site: str, groups: list[Group], recorder: Recorder) -> partial[None]:
    labels = {
        group.name: recorder.label(StepLabel("resource", key, group.name, "duty", key))
        for group in groups
    }
    return partial(_write, recorder.cells, labels, recorder.place(site))


def _write(
    cells: list[float], labels: dict[str, float], place: float, duty: Duty, end: float | None
) -> None:
    """Record a duty: one row for each of the people."""
    since, label = duty.since, labels[duty.group.name]
    ended, outcome = (math.nan, RUNNING) if end is None else (end, DONE)
    cells.extend((label, -1, 1, 1, place, since, since, ended, outcome) * duty.units)
