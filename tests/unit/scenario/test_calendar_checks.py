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


def test_a_calendar_cannot_be_called_as_a_day(tmp_path: Path) -> None:
    more = "network.calendars=[{name: mon}]"
    assert "days of the week" in _findings(tmp_path, more)[0][1]
