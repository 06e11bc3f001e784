"""Building crews from the scenario: who is in them, and how their duties are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cartlogix.ground.streams import Streams
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Site
from cartlogix.scenario.opening import group_roster
from cartlogix.scenario.people import People
from cartlogix.sim.absence import Absence, ThinnedGroup, absences
from cartlogix.sim.crew import Crew, Group, turnout
from cartlogix.sim.hand_over import HandingCrew
from cartlogix.sim.recorder import Recorder, StepLabel


def build_crews(scenario: Scenario, streams: Streams, recorder: Recorder) -> dict[str, Crew]:
    """Return the crew of every resource that has people, by 'site/resource'."""
    crews: dict[str, Crew] = {}
    away = absences(scenario, streams)
    for site in scenario.network.sites():
        for name, resource in sorted(site.resources.items()):
            if resource.people:
                key = f"{site.name}/{name}"
                groups = [
                    _group(
                        scenario, site, key, people, streams, recorder, away.get((key, people.name))
                    )
                    for people in resource.people
                ]
                kind = HandingCrew if resource.hand_over else Crew
                crews[key] = kind(groups, recorder.cells, recorder.place(site.name))
    return crews


def _group(
    scenario: Scenario,
    site: Site,
    key: str,
    people: People,
    streams: Streams,
    recorder: Recorder,
    away: Sequence[Absence] | None,
) -> Group:
    absence = people.absence.value if people.absence else 0.0
    kind = Group if away is None else partial(ThinnedGroup, away=away, absence=absence)
    return kind(
        people.name,
        people.number,
        frozenset(people.qualifications),
        group_roster(scenario, site, people),
        recorder.label(StepLabel("resource", key, people.name, "duty", key)),
        turnout(people.number, absence) if absence else (),
        streams.uniforms(f"absence/{key}/{people.name}") if absence else None,
    )
