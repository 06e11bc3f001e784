"""What a schema cannot say: references, names, and combinations that make no sense."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.booking_checks import check_bookings
from cartlogix.scenario.calendar_checks import check_calendars
from cartlogix.scenario.campaign_checks import check_campaigns
from cartlogix.scenario.demand import ListedArrivals
from cartlogix.scenario.disruption_checks import check_broken_off, check_disruptions
from cartlogix.scenario.growth import check_growth, highest_rate, prevalent_patients
from cartlogix.scenario.health_checks import check_allocation, check_health
from cartlogix.scenario.hours_checks import check_hours
from cartlogix.scenario.idle_checks import check_idle
from cartlogix.scenario.matching_checks import check_matching
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource, Site
from cartlogix.scenario.offered_load import offered_loads
from cartlogix.scenario.opening import resource_calendar
from cartlogix.scenario.pathway import Pathway, Step
from cartlogix.scenario.people_checks import check_crews
from cartlogix.scenario.problem import Path, Problem, indication_keys, unknown
from cartlogix.scenario.route_checks import check_lanes, check_route
from cartlogix.scenario.snapshot_checks import check_snapshot
from cartlogix.scenario.stock import ComputedLevel, ExogenousSupply, PeriodicReview
from cartlogix.scenario.stock_checks import check_computed, check_stocks
from cartlogix.scenario.transfer_checks import check_transfer_lanes, check_transfers

MOST_PATIENTS = 5_000_000
"""Most patients (or reviews, deliveries, release instants) that one replication may expect:
beyond it, memory is the limit."""
_INSTANTS = 2000


def check(scenario: Scenario) -> list[Problem]:
    """Return every problem of a scenario that fits the schema."""
    found: list[Problem] = []
    for part in (
        _names,
        _network,
        check_calendars,
        _demand,
        check_growth,
        check_health,
        check_allocation,
        check_stocks,
        check_transfers,
        check_campaigns,
        _pathways,
        _costs,
        _size,
        check_snapshot,
    ):
        found.extend(part(scenario))
    found.extend(check_disruptions(scenario))
    if all(problem.severity == "warning" for problem in found):
        found.extend(_starts(scenario))
        found.extend(check_crews(scenario))
    if all(problem.severity == "warning" for problem in found):
        # Places make sense only once every name is known.
        found.extend(check_lanes(scenario))
        found.extend(check_bookings(scenario))
        found.extend(check_broken_off(scenario))
        found.extend(check_transfer_lanes(scenario))
        found.extend(check_matching(scenario))
        found.extend(check_computed(scenario))
    if all(problem.severity == "warning" for problem in found):
        found.extend(check_hours(scenario))
        found.extend(_steady_state(scenario))
        found.extend(check_idle(scenario))
    return found


def _names(scenario: Scenario) -> Iterator[Problem]:
    network = scenario.network
    groups: list[list[tuple[Path, str]]] = []
    sites: list[tuple[Path, str]] = [
        (("network", group, i, "name"), site.name)
        for group in ("centres", "plants", "depots")
        for i, site in enumerate(getattr(network, group))
    ]
    groups.append(sites)
    named: list[tuple[Path, list[str]]] = [
        (("demand", "indications"), [item.name for item in scenario.demand.indications]),
        (("stocks",), [item.name for item in scenario.stocks]),
        (("pathways",), [item.name for item in scenario.pathways]),
        (("costs", "lines"), [item.name for item in scenario.costs.lines]),
        (("network", "calendars"), [item.name for item in network.calendars]),
        (("allocation",), [item.name for item in scenario.allocation]),
        (("disruptions",), [item.name for item in scenario.disruptions]),
    ]
    for place, names in named:
        groups.append([((*place, i, "name"), name) for i, name in enumerate(names)])
    for place, route in _routes(scenario):
        groups.append([((*place, i, "name"), step.name) for i, step in enumerate(route)])
    for group, index, resource, item in _resources(scenario):
        path: Path = ("network", group, index, "resources", resource, "people")
        groups.append([((*path, k, "name"), one.name) for k, one in enumerate(item.people)])
    for i, indication in enumerate(scenario.demand.indications):
        groups.append(
            [
                (("demand", "indications", i, "drop_out", j, "name"), cause.name)
                for j, cause in enumerate(indication.drop_out)
            ]
        )
    for listed in groups:
        seen: set[str] = set()
        for where, name in listed:
            if name in seen:
                yield Problem(where, f"the name '{name}' is used twice; names must differ")
            seen.add(name)


def _routes(scenario: Scenario) -> Iterator[tuple[Path, tuple[Step, ...]]]:
    for i, pathway in enumerate(scenario.pathways):
        yield ("pathways", i, "route"), pathway.route
    for i, stock in enumerate(scenario.stocks):
        yield ("stocks", i, "lot", "route"), stock.lot.route


def _network(scenario: Scenario) -> Iterator[Problem]:
    network = scenario.network
    names = [site.name for site in network.sites()]
    plants = [plant.name for plant in network.plants]
    if sum(centre.share.value for centre in network.centres) <= 0:
        yield Problem(("network", "centres"), "the centres' shares must not all be 0")
    for i, centre in enumerate(network.centres):
        if centre.plant is not None and centre.plant not in plants:
            yield unknown(("network", "centres", i, "plant"), "plant", centre.plant, plants)
    served = {network.plant_of(centre) for centre in network.centres}
    served |= {stock.lot.plant or plants[0] for stock in scenario.stocks if stock.lot.route}
    served |= {stock.at for stock in scenario.stocks if stock.at}
    for i, plant in enumerate(network.plants):
        if plant.name not in served:
            message = f"no centre and no stock uses '{plant.name}': say 'plant:' at a centre"
            yield Problem(("network", "plants", i, "name"), message, "warning")
    pools: set[str] = set()
    for group, index, name, _ in _resources(scenario):
        pool = f"{getattr(network, group)[index].name}/{name}"
        if pool in pools:
            message = f"'{pool}' could be two pools; leave the '/' out of one of the names"
            yield Problem(("network", group, index, "resources", name), message)
        pools.add(pool)
    for i, lane in enumerate(network.lanes):
        for key, name in (("from", lane.from_), ("to", lane.to)):
            if name != "*" and name not in names:
                yield unknown(("network", "lanes", i, key), "site", name, names)


def _demand(scenario: Scenario) -> Iterator[Problem]:
    demand = scenario.demand
    indications = [indication.name for indication in demand.indications]
    centres = [centre.name for centre in scenario.network.centres]
    steps = {step.name for pathway in scenario.pathways for step in pathway.route}
    if sum(indication.share.value for indication in demand.indications) <= 0:
        yield Problem(("demand", "indications"), "the indications' shares must not all be 0")
    for i, indication in enumerate(demand.indications):
        for j, cause in enumerate(indication.drop_out):
            if isinstance(cause.scope, tuple):
                path = ("demand", "indications", i, "drop_out", j, "scope")
                for name in cause.scope:
                    if name not in steps:
                        yield unknown(path, "step", name, steps)
    if isinstance(demand.arrivals, ListedArrivals):
        for i, patient in enumerate(demand.arrivals.patients):
            for key, known in (("indication", indications), ("centre", centres)):
                named: str | None = getattr(patient, key, None)
                if named is not None and named not in known:
                    yield unknown(("demand", "arrivals", "patients", i, key), key, named, known)


def _pathways(scenario: Scenario) -> Iterator[Problem]:
    indications = [indication.name for indication in scenario.demand.indications]
    for i, pathway in enumerate(scenario.pathways):
        path: Path = ("pathways", i)
        steps = [step.name for step in pathway.route]
        infusions = [step.name for step in pathway.route if step.marks == "infusion"]
        if len(infusions) != 1:
            found = ", ".join(infusions) or "none"
            yield Problem(
                (*path, "route"),
                f"one step must be the infusion (milestone: infusion); found {found}",
            )
        if pathway.repeat is not None and pathway.repeat.from_step not in steps:
            yield unknown((*path, "repeat", "from_step"), "step", pathway.repeat.from_step, steps)
        yield from indication_keys(
            (*path, "share_by_indication"), pathway.share_by_indication, indications
        )
        yield from _outcomes(path, pathway, indications)
        yield from check_route(scenario, (*path, "route"), pathway.route, is_lot=False)
    for name in indications:
        if sum(_share(pathway, name) for pathway in scenario.pathways) <= 0:
            yield Problem(
                ("pathways",), f"no pathway takes patients with '{name}': all shares are 0"
            )


def _share(pathway: Pathway, indication: str) -> float:
    return pathway.share_by_indication.get(indication, pathway.share).value


def _outcomes(path: Path, pathway: Pathway, indications: list[str]) -> Iterator[Problem]:
    for level, outcome in enumerate(pathway.outcomes):
        place = (*path, "outcomes", level, "by_indication")
        yield from indication_keys(place, outcome.by_indication, indications)
    for name in indications:
        levels = [o.by_indication.get(name, o.probability).value for o in pathway.outcomes]
        if sum(levels) > 1 + 1e-9:
            message = f"the outcomes' probabilities for '{name}' add up to {sum(levels):g}, above 1"
            yield Problem((*path, "outcomes"), message)


def _costs(scenario: Scenario) -> Iterator[Problem]:
    network = scenario.network
    of = {
        "step": {step.name for pathway in scenario.pathways for step in pathway.route},
        "shipment": {step.name for _, route in _routes(scenario) for step in route if step.ship}
        | {stock.name for stock in scenario.stocks if stock.supplied_by or stock.transship},
        "lot_step": {step.name for stock in scenario.stocks for step in stock.lot.route},
        "patient": set(),
        "resource_day": {name for site in network.sites() for name in site.resources},
        "busy_day": {name for site in network.sites() for name in site.resources},
    }
    stocks = {stock.name for stock in scenario.stocks}
    pathways = [pathway.name for pathway in scenario.pathways]
    for i, line in enumerate(scenario.costs.lines):
        path = ("costs", "lines", i)
        known = of.get(line.per, stocks)
        if line.pathways and line.per not in ("step", "shipment", "patient", "dose"):
            message = f"a line per {line.per} belongs to no pathway's patients; remove 'pathways'"
            yield Problem((*path, "pathways"), message)
        for k, name in enumerate(line.of):
            if name not in known:
                yield unknown((*path, "of", k), f"thing for 'per: {line.per}'", name, known)
        for k, name in enumerate(line.pathways):
            if name not in pathways:
                yield unknown((*path, "pathways", k), "pathway", name, pathways)


def _size(scenario: Scenario) -> Iterator[Problem]:
    horizon = scenario.run.horizon
    expected = highest_rate(scenario) * horizon + prevalent_patients(scenario)
    if expected + scenario.demand.backlog > MOST_PATIENTS:
        yield Problem(
            ("demand", "arrivals"),
            f"{expected:.3g} patients are expected over {horizon:g} d; the limit is "
            f"{MOST_PATIENTS:,}. Lower the rate, or shorten run.enrolment or run.cap",
        )
    for path, period in _periods(scenario):
        if horizon / period > MOST_PATIENTS:
            yield Problem(
                path,
                f"every {period:g} d is {horizon / period:.3g} times over {horizon:g} d; the limit "
                f"is {MOST_PATIENTS:,}. Lengthen it",
            )


def _periods(scenario: Scenario) -> Iterator[tuple[Path, float]]:
    for group, site_index, name, resource in _resources(scenario):
        if resource.starts is not None:
            path = ("network", group, site_index, "resources", name, "starts", "every")
            yield path, resource.starts.every.value
    for i, stock in enumerate(scenario.stocks):
        rule = stock.replenishment
        if isinstance(rule, PeriodicReview | ComputedLevel) and rule.review is not None:
            yield ("stocks", i, "replenishment", "review"), rule.review.value
        if isinstance(rule, ExogenousSupply) and rule.every is not None:
            yield ("stocks", i, "replenishment", "every"), rule.every.value


def _resources(scenario: Scenario) -> Iterator[tuple[str, int, str, Resource]]:
    for group, index, site in _sites(scenario):
        for name, resource in site.resources.items():
            yield group, index, name, resource


def _starts(scenario: Scenario) -> Iterator[Problem]:
    """Yield start calendars none of whose instants falls on an open day."""
    for group, index, name, resource in _resources(scenario):
        starts = resource.starts
        site = getattr(scenario.network, group)[index]
        if starts is None:
            continue
        calendar = resource_calendar(scenario, site, name)
        instants = (starts.first.value + k * starts.every.value for k in range(_INSTANTS))
        if not any(calendar.is_open(instant + 1e-9) for instant in instants):
            path = ("network", group, index, "resources", name, "starts")
            yield Problem(path, "no release instant falls on an open day; change 'first' or 'open'")


def _steady_state(scenario: Scenario) -> Iterator[Problem]:
    if scenario.run.study != "steady_state":
        return
    if scenario.run.warm_up.value == 0:
        message = "a steady-state study starts from an empty system: give a warm_up"
        yield Problem(("run", "warm_up"), message, "warning")
    sites = {site.name: (group, index) for group, index, site in _sites(scenario)}
    for (site, name), load in offered_loads(scenario).items():
        if load >= 1:
            group, index = sites[site]
            yield Problem(
                ("network", group, index, "resources", name),
                f"load {load:.2f}: more work arrives than can be done; unless drop-outs relieve "
                "it, waits grow with the horizon and there is no steady state",
                "warning",
            )


def _sites(scenario: Scenario) -> Iterator[tuple[str, int, Site]]:
    for group in ("centres", "plants", "depots"):
        for index, site in enumerate(getattr(scenario.network, group)):
            yield group, index, site
