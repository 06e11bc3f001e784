"""What cannot be true of a snapshot: places taken twice, steps in the future, unknown names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.snapshot import SnapshotPatient, Whereabouts
from cartlogix.scenario.whereabouts import (
    centre_of,
    day_of,
    pathway_of,
    route_of,
    step_index,
    stop_of,
)


def check_snapshot(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of the state at day 0."""
    if scenario.run.warm_up.value and any(scenario.snapshot.under_way()):
        message = "who is under way at day 0 is measured only without a warm-up: set it to 0 d"
        yield Problem(("run", "warm_up"), message, "warning")
    parts = (_patients, _lots, _stock, _classes)
    wrong = [problem for part in parts for problem in part(scenario)]
    yield from wrong
    yield from _twice(scenario)
    for group, index, entry in scenario.snapshot.under_way():
        path: Path = ("snapshot", group, index)
        yield from _times(path, entry, scenario)
        route = route_of(scenario, entry)
        if any(step.name == entry.step for step in route):
            yield from _step(path, entry, route, scenario)
    if all(
        problem.severity == "warning" for problem in wrong
    ):  # places make sense only once every name is known
        yield from _crowded(scenario)


def _patients(scenario: Scenario) -> Iterator[Problem]:
    centres = [centre.name for centre in scenario.network.centres]
    lots = [entry.name for entry in scenario.snapshot.stock]
    indications = [item.name for item in scenario.demand.indications]
    pathways = {pathway.name: pathway for pathway in scenario.pathways}
    for index, patient in enumerate(scenario.snapshot.patients):
        path: Path = ("snapshot", "patients", index)
        if patient.indication not in indications:
            yield unknown((*path, "indication"), "indication", patient.indication, indications)
        if patient.centre is not None and patient.centre not in centres:
            yield unknown((*path, "centre"), "centre", patient.centre, centres)
        elif centre_of(scenario, patient) is None:
            yield Problem(path, f"say the 'centre': one of {', '.join(centres)}")
        if patient.pathway is not None and patient.pathway not in pathways:
            yield unknown((*path, "pathway"), "pathway", patient.pathway, pathways)
        elif pathway_of(scenario, patient) is None:
            named = pathways.get(patient.pathway or "")
            routes = [named.route] if named else [p.route for p in pathways.values()]
            steps = [step.name for route in routes for step in route]
            yield unknown((*path, "step"), "step", patient.step, steps)
        if patient.dose_from is not None and patient.dose_from not in lots:
            yield unknown((*path, "dose_from"), "lot of the table stock", patient.dose_from, lots)


def _lots(scenario: Scenario) -> Iterator[Problem]:
    stocks = {stock.name: stock for stock in scenario.stocks}
    for index, lot in enumerate(scenario.snapshot.lots):
        path: Path = ("snapshot", "lots", index)
        if lot.stock not in stocks:
            yield unknown((*path, "stock"), "stock", lot.stock, stocks)
        elif all(step.name != lot.step for step in stocks[lot.stock].lot.route):
            steps = [step.name for step in stocks[lot.stock].lot.route]
            yield unknown((*path, "step"), "step", lot.step, steps)


def _classes(scenario: Scenario) -> Iterator[Problem]:
    known = [item.name for item in scenario.demand.match_classes]
    snapshot = scenario.snapshot
    for group in ("patients", "lots", "stock"):
        for index, entry in enumerate(getattr(snapshot, group)):
            name = entry.match_class
            if name is not None and name not in known:
                yield unknown(("snapshot", group, index, "match_class"), "match class", name, known)


def _stock(scenario: Scenario) -> Iterator[Problem]:
    stocks = [stock.name for stock in scenario.stocks]
    counted = {entry.stock for entry in scenario.snapshot.stock}
    for index, stock in enumerate(scenario.stocks):
        if stock.initial and stock.name in counted:
            message = "comes on top of the lots that the snapshot counts; set it to 0"
            yield Problem(("stocks", index, "initial"), message, "warning")
    seen: set[str] = set()
    for index, entry in enumerate(scenario.snapshot.stock):
        path: Path = ("snapshot", "stock", index)
        if entry.stock not in stocks:
            yield unknown((*path, "stock"), "stock", entry.stock, stocks)
        if entry.name in seen:
            message = f"the lot '{entry.name}' is in stock twice; keep one row for it"
            yield Problem((*path, "name"), message)
        seen.add(entry.name)
        if entry.received is not None and day_of(scenario, entry.received) > 0:
            yield Problem((*path, "received"), _future(scenario, "received"))
        if entry.doses and entry.expires is not None and day_of(scenario, entry.expires) <= 0:
            message = f"has expired by day 0 ({scenario.run.start}): its doses are discarded"
            yield Problem((*path, "expires"), message, "warning")


def _twice(scenario: Scenario) -> Iterator[Problem]:
    """Yield whatever is in two places, and each place that holds two."""
    named: dict[str, Whereabouts] = {}
    for group, index, entry in scenario.snapshot.under_way():
        before = named.setdefault(entry.name, entry)
        if before is not entry:
            places = f"{_place(before)} and {_place(entry)}"
            message = f"'{entry.name}' is in two places, {places}; remove one of the rows"
            yield Problem(("snapshot", group, index, "name"), message)


def _place(entry: Whereabouts) -> str:
    return f"'{entry.step}'" + (f" on {entry.unit}" if entry.unit else "")


def _times(path: Path, entry: Whereabouts, scenario: Scenario) -> Iterator[Problem]:
    if day_of(scenario, entry.since) > 0:
        yield Problem((*path, "since"), _future(scenario, "since"))
    if entry.booked is not None and day_of(scenario, entry.booked) < 0:
        message = f"is before day 0 ({scenario.run.start}); what has begun is 'working' since then"
        yield Problem((*path, "booked"), message)
    if not isinstance(entry, SnapshotPatient):
        return
    if day_of(scenario, entry.enrolled) > 0:
        yield Problem((*path, "enrolled"), _future(scenario, "enrolled"))
    elif entry.enrolled > entry.since:
        yield Problem((*path, "since"), f"is before the enrolment on {entry.enrolled:%Y-%m-%d}")
    if entry.apheresis is not None and not entry.enrolled <= entry.apheresis <= entry.since:
        message = "must lie between 'enrolled' and 'since': it is the apheresis that is over"
        yield Problem((*path, "apheresis"), message)


def _future(scenario: Scenario, key: str) -> str:
    return (
        f"'{key}' is after day 0 ({scenario.run.start}); a snapshot knows the past only: leave "
        "the row out, or change run.start"
    )


def _step(
    path: Path, entry: Whereabouts, route: tuple[Step, ...], scenario: Scenario
) -> Iterator[Problem]:
    index = step_index(route, entry)
    step = route[index]
    place = (*path, "step")
    if step.with_previous:
        before = route[index - 1].name
        yield Problem(place, f"'{step.name}' runs along with '{before}'; name '{before}' instead")
    if entry.state == "working" and step.draw is not None:
        yield Problem(place, f"'{step.name}' takes no time: nobody is working in it; say waiting")
    infusion = next((i for i, s in enumerate(route) if s.marks == "infusion"), len(route))
    if index > infusion or (index == infusion and entry.state == "working"):
        yield Problem(place, "who is infused has nothing to wait for; leave the row out")
    law, over = step.duration.law, -day_of(scenario, entry.since)
    counted = entry.state == "working" and step.ship is None and step.clock == "elapsed"
    if counted and law.is_constant and over > law.mean:
        message = f"{over:g} d in '{step.name}', which takes {law.mean:g} d: it ends on day 0"
        yield Problem((*path, "since"), message, "warning")
    if not isinstance(entry, SnapshotPatient):
        return
    drawn = any(s.draw for s in route[:index])
    if drawn and entry.dose_from is None:
        message = f"needs 'dose_from': a dose was issued before '{step.name}'"
        yield Problem(path, message)
    if not drawn and entry.dose_from is not None:
        yield Problem((*path, "dose_from"), f"no dose is issued before '{step.name}'; leave it out")


def _crowded(scenario: Scenario) -> Iterator[Problem]:
    """Yield pools that hold more than they can, and units that hold two."""
    units: dict[tuple[str, str, str], str] = {}
    held: dict[tuple[str, str], int] = defaultdict(int)
    for group, index, entry in scenario.snapshot.under_way():
        if entry.state == "waiting":
            continue
        route = route_of(scenario, entry)
        step, site = route[step_index(route, entry)], stop_of(scenario, entry).site
        path: Path = ("snapshot", group, index)
        if entry.unit is not None and step.needs:
            key = (site, step.needs[0].name, entry.unit)
            other = units.setdefault(key, entry.name)
            if other != entry.name:
                message = f"'{entry.unit}' holds '{other}' as well; it can hold one"
                yield Problem((*path, "unit"), message)
        resources = next(s.resources for s in scenario.network.sites() if s.name == site)
        for need in step.needs:
            before = held[site, need.name]
            held[site, need.name] += need.units
            most = resources[need.name].capacity
            if most is not None and before <= most < held[site, need.name]:
                message = (
                    f"with it {held[site, need.name]} units of '{need.name}' are taken at "
                    f"'{site}', which has {most}; remove rows, or raise the capacity"
                )
                yield Problem(path, message)
