"""Findings about opening hours, at the key that is wrong and with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import load

SCENARIO = """\
name: t
demand: {arrivals: {process: poisson, rate: 150 /y}, indications: [{name: lupus}]}
network:
  plants: [{name: plant, open: day, resources: {suites: 6}}]
  calendars:
    - name: day
      shifts: [{days: mon-fri, from: "07:00", to: "19:00"}]
pathways:
  - name: auto
    modality: autologous
    route: [{name: manufacture, needs: suites, duration: 7 d}, {name: infusion}]
"""
CALENDAR = "network.calendars.day"


def _findings(folder: Path, *overrides: str) -> list[tuple[str, str]]:
    file = folder / "t.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    try:
        return [(found.path, found.message) for found in load(file, overrides).warnings]
    except InvalidInput as error:
        return [(found.path, found.message) for found in error.findings]


def test_a_good_calendar_has_no_finding(tmp_path: Path) -> None:
    assert _findings(tmp_path) == []


@pytest.mark.parametrize(
    ("override", "path", "text"),
    [
        ("network.plants.plant.open=dya", "network.plants.plant.open", "did you mean 'day'"),
        ("network.plants.plant.open=mon-fry", "network.plants.plant.open", "'fry' is not a day"),
        (
            "network.plants.plant.resources.suites.open=nights",
            "network.plants.plant.resources.suites.open",
            "no calendar is named 'nights'",
        ),
        (f"{CALENDAR}.time_zone=Europe/Berln", f"{CALENDAR}.time_zone", "'Europe/Berlin'"),
        ("run.time_zone=Berlin", "run.time_zone", "no time zone is named 'Berlin'"),
        (
            f"{CALENDAR}.holidays={{country: Germany}}",
            f"{CALENDAR}.holidays.country",
            "at most 3",
        ),
        (f"{CALENDAR}.holidays={{country: XX}}", f"{CALENDAR}.holidays.country", "ISO 3166"),
        (
            f"{CALENDAR}.holidays={{country: DE, subdivision: XY}}",
            f"{CALENDAR}.holidays.subdivision",
            "no subdivision of DE is named 'XY'",
        ),
        (
            f"{CALENDAR}.closed=[{{from: 2027-01-01, to: 2999-01-01}}]",
            "network.plants.plant.open",
            "never opens",
        ),
        (f"{CALENDAR}.closed=[{{from: 2027-02-01, to: 2027-01-01}}]", CALENDAR, "is before"),
        (f"{CALENDAR}.shifts=[{{from: '07:00', to: '07:00'}}]", CALENDAR, "no length"),
        (f"{CALENDAR}.shifts=[{{from: '7:00', to: '9:00'}}]", CALENDAR, "pattern"),
        ("network.plants.plant.open=mon-fri", f"{CALENDAR}.name", "nothing opens by 'day'"),
    ],
)
def test_bad_hours_are_found(tmp_path: Path, override: str, path: str, text: str) -> None:
    found = _findings(tmp_path, override)
    assert found
    assert found[0][0].startswith(path)
    assert text in found[0][1]


STEP = "pathways.auto.route.manufacture"
CREW = "network.plants.plant.resources.operators"


def crew(group: str) -> str:
    return f"{CREW}={{people: [{{name: team, number: 2, {group}}}]}}"


@pytest.mark.parametrize(
    ("overrides", "path", "text"),
    [
        ([f"{STEP}.duration=13 h", f"{STEP}.shift_end=wait"], f"{STEP}.shift_end", "never fit"),
        ([f"{STEP}.shift_end=pause"], STEP, "clock: working"),
        ([f"{STEP}.clock=working", f"{STEP}.shift_end=hand_over"], STEP, "clock: elapsed"),
        ([f"{STEP}.clock=working", f"{STEP}.end=opening"], STEP, "remove 'end'"),
        ([f"{STEP}.start=opening"], STEP, "remove 'start'"),
        (
            [
                crew("qualifications: [seeding]"),
                f"{STEP}.needs=[suites, {{name: operators, qualification: sowing}}]",
            ],
            f"{STEP}.needs.operators.qualification",
            "no qualification at 'plant' is named 'sowing'",
        ),
        (
            [f"{STEP}.needs=[{{name: suites, qualification: seeding}}]"],
            f"{STEP}.needs.suites.qualification",
            "not people",
        ),
        (
            [crew("roster: day"), f"{STEP}.needs=[suites, {{name: operators, units: 3}}]"],
            f"{STEP}.needs.operators",
            "needs 3 of 'operators'; 'plant' has 2",
        ),
        (
            [crew("roster: nobody"), f"{STEP}.needs=[suites, operators]"],
            f"{CREW}.people.team.roster",
            "no calendar is named 'nobody'",
        ),
        (
            [
                crew("roster: never"),
                "network.calendars=[{name: never, closed: [{from: 2027-01-01, to: 2999-01-01}]}]",
                f"{STEP}.needs=[suites, operators]",
            ],
            f"{CREW}.people.team.roster",
            "never opens",
        ),
        (
            [crew("roster: mon-sun, absence: 0.1"), f"{STEP}.needs=[suites, operators]"],
            f"{CREW}.people.team.absence",
            "name shifts",
        ),
        (
            [crew("qualifications: [cooking]"), f"{STEP}.needs=[suites, operators]"],
            f"{CREW}.people.team.qualifications",
            "no step asks 'operators' for the qualification 'cooking'",
        ),
        ([f"{STEP}.needs=[suites, {{name: suites, at: end}}]"], f"{STEP}.needs.suites", "'for'"),
        ([f"{STEP}.needs=[{{name: suites, for: 2 h}}]"], STEP, "the first of 'needs'"),
        (
            [f"{STEP}.duration=3 h", f"{STEP}.needs=[suites, {{name: suites, for: 4 h}}]"],
            STEP,
            "do not fit",
        ),
    ],
)
def test_bad_shifts_and_crews_are_found(
    tmp_path: Path, overrides: list[str], path: str, text: str
) -> None:
    found = _findings(tmp_path, *overrides)
    assert found
    assert any(where.startswith(path) and text in message for where, message in found), found


def test_a_calendar_cannot_be_called_as_a_day(tmp_path: Path) -> None:
    more = "network.calendars=[{name: mon}]"
    assert "days of the week" in _findings(tmp_path, more)[0][1]
