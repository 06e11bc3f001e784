"""What a schema cannot say: references, names, and combinations that make no sense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cartlogix.scenario.demand import IntervalArrivals, ListedArrivals, PoissonArrivals
from cartlogix.scenario.findings import suggest
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Centre, Plant
from cartlogix.scenario.pathway import Branch, Pathway, Step

Path = tuple[str | int, ...]
MOST_PATIENTS = 5_000_000
"""Most patients that one replication may expect: beyond it, memory is the limit."""


@dataclass(frozen=True)
class Problem:
    """One finding about a path of the scenario."""

    path: Path
    message: str
    severity: Literal["error", "warning"] = "error"


def check(scenario: Scenario) -> list[Problem]:
    """Return every problem of a scenario that fits the schema."""
    found: list[Problem] = []
    for part in (_names, _network, _demand, _stocks, _pathways, _costs, _size):
        found.extend(part(scenario))
    return found


def _unknown(path: Path, what: str, name: str, known: Iterable[str]) -> Problem:
    choices = sorted(set(known))
    listing = ", ".join(choices[:12]) or "none is defined"
    return Problem(path, f"no {what} is named '{name}'{suggest(name, choices)}; known: {listing}")


def _names(scenario: Scenario) -> Iterator[Problem]:
    network = scenario.network
    sites = [
        (("network", group, i, "name"), site.name)
        for group in ("centres", "plants", "depots")
        for i, site in enumerate(getattr(network, group))
    ]
    groups: list[list[tuple[Path, str]]] = [sites]
    for path, items in (
        (("demand", "indications"), scenario.demand.indications),
        (("stocks",), scenario.stocks),
        (("pathways",), scenario.pathways),
        (("costs", "lines"), scenario.costs.lines),
    ):
        groups.append([((*path, i, "name"), item.name) for i, item in enumerate(items)])
    for path, route in _routes(scenario):
        groups.append([((*path, i, "name"), step.name) for i, step in enumerate(route)])
    for i, indication in enumerate(scenario.demand.indications):
        groups.append(
            [
                (("demand", "indications", i, "drop_out", j, "name"), cause.name)
                for j, cause in enumerate(indication.drop_out)
            ]
        )
    for group in groups:
        seen: set[str] = set()
        for path, name in group:
            if name in seen:
                yield Problem(path, f"the name '{name}' is used twice; names must differ")
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
            yield _unknown(("network", "centres", i, "plant"), "plant", centre.plant, plants)
    for i, lane in enumerate(network.lanes):
        for key, name in (("from", lane.from_), ("to", lane.to)):
            if name != "*" and name not in names:
                yield _unknown(("network", "lanes", i, key), "site", name, names)


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
                        yield _unknown(path, "step", name, steps)
    if isinstance(demand.arrivals, ListedArrivals):
        for i, patient in enumerate(demand.arrivals.patients):
            for key, known in (("indication", indications), ("centre", centres)):
                name = getattr(patient, key, None)
                if name is not None and name not in known:
                    yield _unknown(("demand", "arrivals", "patients", i, key), key, name, known)


def _stocks(scenario: Scenario) -> Iterator[Problem]:
    sites = [site.name for site in scenario.network.sites()]
    plants = [plant.name for plant in scenario.network.plants]
    for i, stock in enumerate(scenario.stocks):
        if stock.at is not None and stock.at not in sites:
            yield _unknown(("stocks", i, "at"), "site", stock.at, sites)
        plant = stock.lot.plant
        if plant is not None and plant not in plants:
            yield _unknown(("stocks", i, "lot", "plant"), "plant", plant, plants)
        if stock.lot.doses is not None and stock.lot.doses.value < 1:
            yield Problem(
                ("stocks", i, "lot", "doses"), "a lot must yield 1 dose or more on average"
            )
        origins = {plant or plants[0]}
        for j, step in enumerate(stock.lot.route):
            path: Path = ("stocks", i, "lot", "route", j)
            if step.draw is not None:
                yield Problem((*path, "draw"), "a lot's route cannot draw from stock")
            if step.marks == "infusion":
                yield Problem((*path, "milestone"), "a lot is not infused: only patients are")
            yield from _step(scenario, path, stock.lot.route, step, origins, is_lot=True)


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
            yield _unknown((*path, "repeat", "from_step"), "step", pathway.repeat.from_step, steps)
        yield from _by_indication(
            (*path, "share_by_indication"), pathway.share_by_indication, indications
        )
        yield from _outcomes(path, pathway, indications)
        homes = {centre.name for centre in scenario.network.centres}
        for j, step in enumerate(pathway.route):
            yield from _step(
                scenario, (*path, "route", j), pathway.route, step, homes, is_lot=False
            )
    for name in indications:
        if sum(_share(pathway, name) for pathway in scenario.pathways) <= 0:
            yield Problem(
                ("pathways",), f"no pathway takes patients with '{name}': all shares are 0"
            )


def _share(pathway: Pathway, indication: str) -> float:
    return pathway.share_by_indication.get(indication, pathway.share).value


def _by_indication(path: Path, given: Mapping[str, object], known: list[str]) -> Iterator[Problem]:
    for name in given:
        if name not in known:
            yield _unknown((*path, name), "indication", name, known)


def _outcomes(path: Path, pathway: Pathway, indications: list[str]) -> Iterator[Problem]:
    for level, outcome in enumerate(pathway.outcomes):
        place = (*path, "outcomes", level, "by_indication")
        yield from _by_indication(place, outcome.by_indication, indications)
    for name in indications:
        levels = [o.by_indication.get(name, o.probability).value for o in pathway.outcomes]
        if sum(levels) > 1 + 1e-9:
            message = f"the outcomes' probabilities for '{name}' add up to {sum(levels):g}, above 1"
            yield Problem((*path, "outcomes"), message)


def _step(
    scenario: Scenario,
    path: Path,
    route: tuple[Step, ...],
    step: Step,
    origins: set[str],
    *,
    is_lot: bool,
) -> Iterator[Problem]:
    if step.with_previous and (path[-1] == 0 or route[int(path[-1]) - 1].draw is not None):
        yield Problem((*path, "with_previous"), "there is no timed step before it to start with")
    if step.with_previous and path[-1] != 0 and route[int(path[-1]) - 1].needs:
        yield Problem((*path, "with_previous"), "the step before holds resources; start after it")
    yield from _needs(scenario, path, step, is_lot=is_lot)
    yield from _shipment(scenario, path, step, origins)
    stocks = [stock.name for stock in scenario.stocks]
    if step.draw is not None:
        for name in step.draw.stock:
            if name not in stocks:
                yield _unknown((*path, "draw", "stock"), "stock", name, stocks)
        if isinstance(step.draw.stock_out, Branch):
            yield from _branch(
                scenario, (*path, "draw", "stock_out"), route, step, step.draw.stock_out
            )
    if step.failure is not None:
        failure = step.failure
        known = [indication.name for indication in scenario.demand.indications]
        yield from _by_indication((*path, "failure", "by_indication"), failure.by_indication, known)
        for k, branch in enumerate((*failure.then, failure.exhausted)):
            place = (*path, "failure", *(("then", k) if k < len(failure.then) else ("exhausted",)))
            yield from _branch(scenario, place, route, step, branch, is_lot=is_lot)
        again = failure.later_attempts or failure.probability
        if failure.max_attempts is None and max(again.value, failure.probability.value) >= 1:
            yield Problem(
                (*path, "failure", "max_attempts"),
                "attempts without limit and a failure probability of 1 never end",
            )


def _needs(scenario: Scenario, path: Path, step: Step, *, is_lot: bool) -> Iterator[Problem]:
    network = scenario.network
    for k, need in enumerate(step.needs):
        place = (*path, "needs", k)
        role = "plant" if is_lot else (step.at or network.role_of(need.name))
        everywhere = {name for site in network.sites() for name in site.resources}
        if need.name not in everywhere:
            yield _unknown(place, "resource", need.name, everywhere)
            continue
        if role is None:
            yield Problem(place, f"'{need.name}' exists at centres and plants: say 'at:' which")
            continue
        sites: tuple[Centre | Plant, ...] = network.centres if role == "centre" else network.plants
        for site in sites:
            resource = site.resources.get(need.name)
            if resource is None:
                yield Problem(place, f"{role} '{site.name}' has no resource '{need.name}'; add it")
            elif resource.capacity is not None and resource.capacity < need.units:
                yield Problem(
                    place,
                    f"needs {need.units} of '{need.name}', but '{site.name}' has {resource.capacity}",
                )


def _shipment(scenario: Scenario, path: Path, step: Step, origins: set[str]) -> Iterator[Problem]:
    network, ship = scenario.network, step.ship
    if ship is None:
        return
    names = {site.name for site in network.sites()}
    for key, name in (("from", ship.from_), ("to", ship.to)):
        if name is not None and name not in ("centre", "plant", *names):
            yield _unknown((*path, "ship", key), "site", name, {"centre", "plant", *names})
            return
    modes = {mode.name for lane in network.lanes for mode in lane.modes}
    if ship.mode is not None and ship.mode not in modes:
        yield _unknown((*path, "ship", "mode"), "transport mode", ship.mode, modes)
    limited = any(mode.max_transit for lane in network.lanes for mode in lane.modes)
    if ship.fresh and limited and step.failure is None:
        yield Problem(
            (*path, "ship", "fresh"),
            "fresh material can expire on this network: say what follows under 'failure', "
            "for example {probability: 0, then: {action: remake, material: new}}",
        )
    del origins


def _branch(
    scenario: Scenario,
    path: Path,
    route: tuple[Step, ...],
    step: Step,
    branch: Branch,
    *,
    is_lot: bool = False,
) -> Iterator[Problem]:
    names = [s.name for s in route]
    pathways = [pathway.name for pathway in scenario.pathways]
    if branch.pathway is not None and branch.pathway not in pathways:
        yield _unknown((*path, "pathway"), "pathway", branch.pathway, pathways)
    if is_lot and branch.action in ("infuse", "switch"):
        yield Problem((*path, "action"), f"a lot cannot '{branch.action}'; write remake or lost")
    if branch.action != "remake":
        return
    marks = {s.marks for s in route}
    wanted = "manufacture" if branch.material == "stored" else "apheresis"
    if branch.queue == "same_suite":
        if not step.needs:
            yield Problem((*path, "queue"), "same_suite needs a step that holds a resource")
        if branch.from_step not in (None, step.name):
            yield Problem((*path, "from_step"), "a remake in the same suite repeats its own step")
    elif branch.from_step is not None and branch.from_step not in names:
        yield _unknown((*path, "from_step"), "step", branch.from_step, names)
    elif branch.from_step is None and wanted not in marks:
        yield Problem(
            (*path, "material"),
            f"the route has no step with milestone {wanted} to start again from; name 'from_step'",
        )


def _costs(scenario: Scenario) -> Iterator[Problem]:
    network = scenario.network
    of = {
        "step": {step.name for pathway in scenario.pathways for step in pathway.route},
        "shipment": {step.name for _, route in _routes(scenario) for step in route if step.ship},
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
        for k, name in enumerate(line.of):
            if name not in known:
                yield _unknown((*path, "of", k), f"thing for 'per: {line.per}'", name, known)
        for k, name in enumerate(line.pathways):
            if name not in pathways:
                yield _unknown((*path, "pathways", k), "pathway", name, pathways)


def _size(scenario: Scenario) -> Iterator[Problem]:
    arrivals, horizon = scenario.demand.arrivals, scenario.run.horizon
    expected = 0.0
    if isinstance(arrivals, PoissonArrivals):
        rates = [arrivals.rate] if arrivals.rate else [point.rate for point in arrivals.rates]
        expected = max(rate.value for rate in rates) * horizon
    elif isinstance(arrivals, IntervalArrivals):
        expected = horizon / arrivals.every.value
    if expected + scenario.demand.backlog > MOST_PATIENTS:
        yield Problem(
            ("demand", "arrivals"),
            f"{expected:.3g} patients are expected over {horizon:g} d; the limit is "
            f"{MOST_PATIENTS:,}. Lower the rate, or shorten run.enrolment or run.cap",
        )
    if scenario.run.study == "steady_state" and scenario.run.warm_up.value == 0:
        yield Problem(
            ("run", "warm_up"),
            "a steady-state study starts from an empty system: give a warm_up",
            "warning",
        )
