"""What a schema cannot say of a route: places, resources, lanes, and what follows a failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cartlogix.scenario.failure import Branch, Failure
from cartlogix.scenario.itinerary import (
    Stop,
    lot_itinerary,
    patient_itinerary,
    transport_mode,
)
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Centre, Plant
from cartlogix.scenario.pathway import LOCAL, Step
from cartlogix.scenario.problem import Path, Problem, indication_keys, unknown

Route = tuple[Step, ...]


def check_route(scenario: Scenario, path: Path, route: Route, *, is_lot: bool) -> Iterator[Problem]:
    """Yield every problem of a route's steps; `path` leads to the route."""
    for index, step in enumerate(route):
        place = (*path, index)
        before = route[index - 1] if index else None
        if step.with_previous and (before is None or before.draw or before.needs):
            message = "the step before must be a free one (no draw, no resources) to start with it"
            yield Problem((*place, "with_previous"), message)
        yield from _needs(scenario, place, step, is_lot=is_lot)
        yield from _shipment(scenario, place, step)
        yield from _draw(scenario, place, route, step)
        yield from _failure(scenario, place, route, step, is_lot=is_lot)
        if step.fresh is not None:
            known = [earlier.name for earlier in route[:index]]
            if step.fresh.from_ not in known:
                yield unknown((*place, "fresh", "from"), "earlier step", step.fresh.from_, known)
            for k, branch in enumerate(step.fresh.then):
                path_of = (*place, "fresh", "then", k)
                yield from _branch(scenario, path_of, route, step, branch, is_lot=is_lot)


def check_lanes(scenario: Scenario) -> Iterator[Problem]:
    """Yield every shipment that has no lane to take."""
    for i, pathway in enumerate(scenario.pathways):
        itineraries = [
            patient_itinerary(scenario, i, centre)
            for centre in range(len(scenario.network.centres))
        ]
        yield from _lanes(scenario, ("pathways", i, "route"), pathway.route, itineraries)
    for i, stock in enumerate(scenario.stocks):
        path = ("stocks", i, "lot", "route")
        yield from _lanes(scenario, path, stock.lot.route, [lot_itinerary(scenario, i)])


def _lanes(
    scenario: Scenario, path: Path, route: Route, itineraries: Sequence[Sequence[Stop]]
) -> Iterator[Problem]:
    for index, step in enumerate(route):
        pairs = {
            (origin, stops[index].destination)
            for stops in itineraries
            for origin in stops[index].origins
        }
        for origin, destination in sorted(pairs, key=str):
            if destination is None or transport_mode(scenario, step, origin, destination):
                continue
            mode = step.ship.mode if step.ship else None
            by = f" by '{mode}'" if mode else ""
            message = (
                f"no lane leads from '{origin}' to '{destination}'{by}: add it to network.lanes"
            )
            yield Problem((*path, index, "ship"), message)


def _needs(scenario: Scenario, path: Path, step: Step, *, is_lot: bool) -> Iterator[Problem]:
    network = scenario.network
    for k, need in enumerate(step.needs):
        place = (*path, "needs", k)
        role = "plant" if is_lot else (step.at or network.role_of(need.name))
        everywhere = {name for site in network.sites() for name in site.resources}
        if need.name not in everywhere:
            yield unknown(place, "resource", need.name, everywhere)
            continue
        if role is None:
            yield Problem(place, f"'{need.name}' exists at centres and plants: say 'at:' which")
            continue
        sites: tuple[Centre | Plant, ...] = network.centres if role == "centre" else network.plants
        for site in sites:
            resource = site.resources.get(need.name)
            if resource is None:
                yield Problem(place, f"{role} '{site.name}' has no resource '{need.name}'; add it")
            elif resource.units is not None and resource.units < need.units:
                yield Problem(
                    place,
                    f"needs {need.units} of '{need.name}'; '{site.name}' has {resource.units}",
                )


def _shipment(scenario: Scenario, path: Path, step: Step) -> Iterator[Problem]:
    network, ship = scenario.network, step.ship
    if ship is None:
        return
    names = {site.name for site in network.sites()}
    for key, name in (("from", ship.from_), ("to", ship.to)):
        if name is not None and name not in ("centre", "plant", *names):
            yield unknown((*path, "ship", key), "site", name, {"centre", "plant", *names})
            return
    modes = {mode.name for lane in network.lanes for mode in lane.modes}
    if ship.mode is not None and ship.mode not in modes:
        yield unknown((*path, "ship", "mode"), "transport mode", ship.mode, modes)
    limited = any(mode.max_transit for lane in network.lanes for mode in lane.modes)
    never = [
        mode.name
        for lane in network.lanes
        for mode in lane.modes
        if ship.fresh
        and ship.mode in (None, mode.name)
        and mode.max_transit is not None
        and mode.time.law.is_constant
        and mode.time.value > mode.max_transit.value
    ]
    if never and step.failure is not None and step.failure.max_attempts is None:
        message = (
            f"fresh material never survives '{never[0]}' (its time is above max_transit), and "
            "attempts have no limit: this would never end"
        )
        yield Problem((*path, "ship", "fresh"), message)
    if ship.fresh and limited and step.failure is None:
        yield Problem(
            (*path, "ship", "fresh"),
            "fresh material can expire on this network: say what follows under 'failure', "
            "for example {probability: 0, then: {action: remake, material: new}}",
        )


def _draw(scenario: Scenario, path: Path, route: Route, step: Step) -> Iterator[Problem]:
    if step.draw is None:
        return
    stocks = [stock.name for stock in scenario.stocks]
    for k, centre in enumerate(scenario.network.centres if LOCAL in step.draw.stock else ()):
        if centre.stock is None:
            message = f"a draw is 'local', but '{centre.name}' has no 'stock': name one of "
            yield Problem(
                ("network", "centres", k, "stock"),
                message + (", ".join(stocks) or "stocks, which are missing"),
            )
        elif centre.stock not in stocks:
            yield unknown(("network", "centres", k, "stock"), "stock", centre.stock, stocks)
    for name in step.draw.stock:
        if name not in (*stocks, LOCAL):
            yield unknown((*path, "draw", "stock"), "stock", name, stocks)
    if isinstance(step.draw.stock_out, Branch):
        place: Path = (*path, "draw", "stock_out")
        yield from _branch(scenario, place, route, step, step.draw.stock_out, is_lot=False)


def _failure(
    scenario: Scenario, path: Path, route: Route, step: Step, *, is_lot: bool
) -> Iterator[Problem]:
    failure = step.failure
    if failure is None:
        return
    known = [indication.name for indication in scenario.demand.indications]
    path = (*path, "failure")
    yield from indication_keys((*path, "by_indication"), failure.by_indication, known)
    for k, branch in enumerate(failure.then):
        yield from _branch(scenario, (*path, "then", k), route, step, branch, is_lot=is_lot)
    yield from _branch(
        scenario, (*path, "exhausted"), route, step, failure.exhausted, is_lot=is_lot
    )
    chances = [failure.probability, *failure.by_indication.values()]
    if failure.later_attempts is not None:
        chances = [failure.later_attempts]
    if failure.max_attempts is None and max(failure.seen(p.value) for p in chances) >= 1:
        message = "attempts without limit and a failure probability of 1 never end"
        yield Problem((*path, "max_attempts"), message)
    if is_lot and failure.seen(failure.probability.value) >= 1:
        yield Problem((*path, "probability"), "every lot fails here: none would ever arrive")
    yield from _test(path, step, failure, is_lot=is_lot)


def _test(path: Path, step: Step, failure: Failure, *, is_lot: bool) -> Iterator[Problem]:
    if failure.test is None:
        return
    if is_lot and step.marks == "donor":
        message = "a screening is no test of a product: say by 'deferral' how many are turned down"
        yield Problem((*path, "test"), message)
    ever = [failure.probability, *failure.by_indication.values()]
    ever += [failure.later_attempts] if failure.later_attempts is not None else []
    if failure.test.false_negative.value > 0 and all(chance.value == 0 for chance in ever):
        message = "has no effect: the product is never bad ('probability' is 0)"
        yield Problem((*path, "test", "false_negative"), message, "warning")


def _branch(
    scenario: Scenario,
    path: Path,
    route: Route,
    step: Step,
    branch: Branch,
    *,
    is_lot: bool,
) -> Iterator[Problem]:
    names = [s.name for s in route]
    pathways = [pathway.name for pathway in scenario.pathways]
    if branch.pathway is not None and branch.pathway not in pathways:
        yield unknown((*path, "pathway"), "pathway", branch.pathway, pathways)
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
        yield unknown((*path, "from_step"), "step", branch.from_step, names)
    elif branch.from_step is None and wanted not in marks:
        yield Problem(
            (*path, "material"),
            f"the route has no step with milestone {wanted} to start again from; name 'from_step'",
        )
