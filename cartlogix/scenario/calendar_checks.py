"""What can be wrong with opening hours: names, zones, countries, and hours that never open."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import available_timezones

from cartlogix.ground.calendars import parse_days
from cartlogix.ground.timetable import Holidays
from cartlogix.scenario.calendar import NamedCalendar
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.opening import calendar_of
from cartlogix.scenario.problem import Path, Problem, unknown


def check_calendars(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of calendars and of the places that refer to them."""
    found = [*_zones(scenario), *_holidays(scenario), *_references(scenario)]
    yield from found
    if not found:
        yield from _never_open(scenario)
        yield from _unused(scenario)


def openings(scenario: Scenario) -> Iterator[tuple[Path, int, str]]:
    """Yield path, number of the site among all sites, and text of every `open:` and `roster:`."""
    position = 0
    for group in ("centres", "plants", "depots"):
        for index, site in enumerate(getattr(scenario.network, group)):
            path: Path = ("network", group, index)
            yield (*path, "open"), position, site.open
            for name, resource in site.resources.items():
                if resource.open is not None:
                    yield (*path, "resources", name, "open"), position, resource.open
                for k, people in enumerate(resource.people):
                    if people.roster is not None:
                        place = (*path, "resources", name, "people", k, "roster")
                        yield place, position, people.roster
            position += 1


def _couriers(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for i, lane in enumerate(scenario.network.lanes):
        for j, mode in enumerate(lane.modes):
            if mode.pick_up is not None:
                yield ("network", "lanes", i, "modes", j, "pick_up", "open"), mode.pick_up.open


def _opening_problem(scenario: Scenario, path: Path, text: str) -> Iterator[Problem]:
    """Yield the problem that a text means neither days nor a calendar, if so."""
    names = [calendar.name for calendar in scenario.network.calendars]
    if text in names:
        return
    try:
        parse_days(text)
    except ValueError as error:
        if names:
            known = unknown(path, "calendar", text, names).message
            yield Problem(path, f"{error}; or a calendar: {known}")
        else:
            yield Problem(path, f"{error}; or name a calendar of network.calendars")


def _references(scenario: Scenario) -> Iterator[Problem]:
    for path, _, text in openings(scenario):
        yield from _opening_problem(scenario, path, text)
    for path, text in _couriers(scenario):
        yield from _opening_problem(scenario, path, text)


def _zones(scenario: Scenario) -> Iterator[Problem]:
    network = scenario.network
    named: list[tuple[Path, str | None]] = [(("run", "time_zone"), scenario.run.time_zone)]
    for group in ("centres", "plants", "depots", "calendars"):
        for index, item in enumerate(getattr(network, group)):
            named.append((("network", group, index, "time_zone"), item.time_zone))
    if all(zone in (None, "UTC") for _, zone in named):
        return
    known = available_timezones()
    for path, zone in named:
        if zone is not None and zone not in known:
            yield _short(unknown(path, "time zone", zone, known))


def _short(problem: Problem) -> Problem:
    """Leave out the list of all zones or countries, which nobody reads."""
    head = problem.message.split("; known:")[0]
    return Problem(problem.path, f"{head}; write it as in 'Europe/Berlin'")


def _holidays(scenario: Scenario) -> Iterator[Problem]:
    for index, calendar in enumerate(scenario.network.calendars):
        if calendar.holidays is not None:
            yield from _country(("network", "calendars", index, "holidays"), calendar)


def _country(path: Path, calendar: NamedCalendar) -> Iterator[Problem]:
    import holidays  # noqa: PLC0415 - half a second, for scenarios that name a country only

    given = calendar.holidays
    assert given is not None
    countries = holidays.list_supported_countries()
    if given.country not in countries:
        message = f"no country is known as '{given.country}'; write its ISO 3166 code, such as DE"
        yield Problem((*path, "country"), message)
        return
    try:
        Holidays(given.country, given.subdivision).of([2027])
    except NotImplementedError:
        known = countries[given.country]
        assert given.subdivision is not None
        yield unknown(
            (*path, "subdivision"), f"subdivision of {given.country}", given.subdivision, known
        )


def _never_open(scenario: Scenario) -> Iterator[Problem]:
    horizon = scenario.run.horizon
    sites = scenario.network.sites()
    seen: set[tuple[str | None, str]] = set()
    for path, position, text in openings(scenario):
        key = (sites[position].time_zone, text)
        if key in seen:
            continue
        seen.add(key)
        first = calendar_of(scenario, sites[position], text).next_open(0.0)
        if first > horizon:
            message = (
                f"'{text}' never opens in the {horizon:g} d of the run: change its shifts or "
                "closures"
            )
            yield Problem(path, message)


def _unused(scenario: Scenario) -> Iterator[Problem]:
    used = {text for _, _, text in openings(scenario)}
    used |= {text for _, text in _couriers(scenario)}
    for index, calendar in enumerate(scenario.network.calendars):
        if calendar.name not in used:
            yield Problem(
                ("network", "calendars", index, "name"),
                f"nothing opens by '{calendar.name}': write it as 'open:' of a site, resource "
                "or pick-up or as a 'roster:', or remove it",
                "warning",
            )
