"""What a schema cannot say of disruptions: whom they hit, when, and whether that can be."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.demand import PoissonArrivals
from cartlogix.scenario.disruption import (
    Disruption,
    MissedLot,
    Outage,
    Recall,
    Strike,
    Surge,
)
from cartlogix.scenario.itinerary import first_source, lot_itinerary, patient_itinerary
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Site
from cartlogix.scenario.people import People
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.stock import ExogenousSupply, NoSupply, Stock
from cartlogix.scenario.when import day_when

MOST_OCCURRENCES = 100_000
"""Most times that one disruption may be expected to happen in a run."""


def check_disruptions(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of the disruptions."""
    for index, disruption in enumerate(scenario.disruptions):
        path: Path = ("disruptions", index)
        yield from _timing(scenario, path, disruption)
        match disruption:
            case Outage():
                yield from _outage(scenario, path, disruption)
            case Strike():
                yield from _strike(scenario, path, disruption)
            case Surge():
                yield from _surge(scenario, path, disruption)
            case MissedLot() | Recall():
                yield from _lots(scenario, path, disruption)
    yield from _overlaps(scenario)


def _timing(scenario: Scenario, path: Path, disruption: Disruption) -> Iterator[Problem]:
    run = scenario.run
    for k, when in enumerate(disruption.at):
        day = day_when(when, run.start)
        if day < 0:
            message = f"{when} is before the start of the run, {run.start}"
            yield Problem((*path, "at", k), message)
        elif day >= run.horizon:
            message = f"day {day:g} is never reached: the run ends on day {run.horizon:g}"
            yield Problem((*path, "at", k), message, "warning")
    if disruption.after is None:
        return
    if disruption.after.value <= 0:
        yield Problem((*path, "after"), "the time until it happens must be above 0 on average")
    elif run.horizon / disruption.after.value > MOST_OCCURRENCES:
        yield Problem(
            (*path, "after"),
            f"it would happen {run.horizon / disruption.after.value:.3g} times; the limit is "
            f"{MOST_OCCURRENCES:,}. Lengthen it",
        )


def _outage(scenario: Scenario, path: Path, outage: Outage) -> Iterator[Problem]:
    sites = {site.name: site for site in scenario.network.sites()}
    site = sites.get(outage.site)
    if site is None:
        yield unknown((*path, "site"), "site", outage.site, sites)
        return
    if outage.resource is not None and outage.resource not in site.resources:
        what = f"resource of '{site.name}'"
        yield unknown((*path, "resource"), what, outage.resource, site.resources)
        return
    if outage.resource is not None and site.resources[outage.resource].people:
        yield from _absent(path, outage, site.resources[outage.resource].people)
        return
    if outage.group is not None:
        message = "only people come in groups: name a 'resource' that has 'people'"
        yield Problem((*path, "group"), message)
    if not site.resources:
        yield Problem((*path, "site"), f"'{site.name}' has no resources that could be out")
    if outage.units is None:
        return
    for name in _resources(outage, site):
        capacity = site.resources[name].capacity
        if capacity is None:
            message = f"'{name}' of '{site.name}' has no limit: leave 'units' out to stop all of it"
            yield Problem((*path, "units"), message)
        elif capacity < outage.units:
            message = f"'{site.name}' has {capacity} of '{name}'; {outage.units} cannot be out"
            yield Problem((*path, "units"), message)


def _absent(path: Path, outage: Outage, people: tuple[People, ...]) -> Iterator[Problem]:
    """Yield what is wrong with an outage of people: whom it hits, what becomes of their work."""
    names = [group.name for group in people]
    if outage.in_process != "finish":
        message = "people finish what they have begun: leave 'in_process' out"
        yield Problem((*path, "in_process"), message)
    if outage.group is not None and outage.group not in names:
        yield unknown((*path, "group"), f"group of '{outage.resource}'", outage.group, names)
        return
    hit = [group for group in people if outage.group in (None, group.name)]
    if outage.units is None:
        return
    if len(hit) > 1:
        message = f"say of which 'group' {outage.units} are absent: {', '.join(names)}"
        yield Problem((*path, "units"), message)
    elif outage.units > hit[0].number:
        message = f"'{hit[0].name}' are {hit[0].number} people; {outage.units} cannot be absent"
        yield Problem((*path, "units"), message)


def _resources(outage: Outage, site: Site) -> list[str]:
    if outage.resource is not None:
        return [outage.resource]
    return [name for name, resource in site.resources.items() if not resource.people]


def _strike(scenario: Scenario, path: Path, strike: Strike) -> Iterator[Problem]:
    network = scenario.network
    names = [site.name for site in network.sites()]
    ends = (("from", strike.from_), ("to", strike.to))
    wrong = [(key, name) for key, name in ends if name != "*" and name not in names]
    for key, name in wrong:
        yield unknown((*path, key), "site", name, names)
    if wrong:
        return
    if not any(
        _meets(strike.from_, lane.from_) and _meets(strike.to, lane.to) for lane in network.lanes
    ):
        message = f"no lane leads from '{strike.from_}' to '{strike.to}'; see network.lanes"
        yield Problem((*path, "to"), message)


def _meets(a: str, b: str) -> bool:
    return "*" in (a, b) or a == b


def _surge(scenario: Scenario, path: Path, surge: Surge) -> Iterator[Problem]:
    names = [item.name for item in scenario.demand.indications]
    if surge.indication is not None and surge.indication not in names:
        yield unknown((*path, "indication"), "indication", surge.indication, names)
    if not isinstance(scenario.demand.arrivals, PoissonArrivals):
        message = "only arrivals of 'process: poisson' can surge; list the patients otherwise"
        yield Problem((*path, "kind"), message)


def _lots(scenario: Scenario, path: Path, disruption: MissedLot | Recall) -> Iterator[Problem]:
    stocks = {stock.name: stock for stock in scenario.stocks}
    stock = stocks.get(disruption.stock)
    if stock is None:
        yield unknown((*path, "stock"), "stock", disruption.stock, stocks)
        return
    supplied = not isinstance(stock.replenishment, NoSupply)
    if isinstance(disruption, MissedLot):
        if not supplied:
            message = f"'{stock.name}' is never replenished: it is due no lot that could be missed"
            yield Problem((*path, "stock"), message)
        return
    if stock.supplied_by is not None and not stock.initial:
        source = first_source(scenario, stock.name).name
        message = (
            f"'{stock.name}' receives no lots, only doses from '{source}': call them back there"
        )
        yield Problem((*path, "stock"), message)
        return
    yield from _called(scenario, path, disruption, stock)
    most = _most_lots(stock)
    if most == 0:
        yield Problem((*path, "stock"), f"'{stock.name}' never receives a lot to recall")
    elif most is not None and disruption.lot != "latest" and disruption.lot > most:
        message = f"'{stock.name}' receives {most} lots only; there is no lot {disruption.lot}"
        yield Problem((*path, "lot"), message)


def _called(scenario: Scenario, path: Path, recall: Recall, stock: Stock) -> Iterator[Problem]:
    donors = stock.lot.donors
    if recall.donor and donors is None:
        yield Problem((*path, "donor"), f"'{stock.name}' has no donors: add 'lot.donors'")
    elif recall.donor and donors is not None and donors.lots_each == 1 and recall.made is None:
        message = "has no effect: the cells of each donor go into one lot ('lots_each' is 1)"
        yield Problem((*path, "donor"), message, "warning")
    if recall.made is None:
        return
    start, end = (day_when(w, scenario.run.start) for w in (recall.made.from_, recall.made.to))
    if end <= start:
        yield Problem((*path, "made", "to"), "must be later than 'from'")
    first = min((day_when(when, scenario.run.start) for when in recall.at), default=start)
    if first < start:
        message = f"on day {first:g} it is called back before any of it was made"
        yield Problem((*path, "made", "from"), message, "warning")


def _most_lots(stock: Stock) -> int | None:
    """Return the most lots that a stock can receive; None without a limit."""
    initial = 1 if stock.initial else 0
    rule = stock.replenishment
    if isinstance(rule, NoSupply):
        return initial
    if isinstance(rule, ExogenousSupply) and rule.every is None:
        return initial + len(rule.deliveries)
    return None


def _overlaps(scenario: Scenario) -> Iterator[Problem]:
    """Yield dated outages that together take out more units than there are."""
    windows: dict[tuple[str, str], list[tuple[float, float, int, int]]] = {}
    sites = {site.name: site for site in scenario.network.sites()}
    for index, outage in enumerate(scenario.disruptions):
        if not isinstance(outage, Outage) or outage.site not in sites:
            continue
        site = sites[outage.site]
        for name in _resources(outage, site):
            resource = site.resources.get(name)
            if resource is None or resource.capacity is None:
                continue
            units = outage.units or resource.capacity
            for when in outage.at:
                day = day_when(when, scenario.run.start)
                span = (day, day + outage.lasts.value, units, index)
                windows.setdefault((site.name, name), []).append(span)
    for (place, name), spans in windows.items():
        capacity = sites[place].resources[name].capacity or 0
        for start, _, _, index in spans:
            out = sum(units for begin, end, units, _ in spans if begin <= start < end)
            if out > capacity:
                message = (
                    f"on day {start:g} {out} of '{name}' at '{place}' would be out at once, of "
                    f"{capacity}; shorten one of the outages or take fewer units"
                )
                yield Problem(("disruptions", index, "at"), message)
                break


def check_broken_off(scenario: Scenario) -> Iterator[Problem]:
    """Yield outages that destroy work of steps which do not say what follows a failure."""
    for index, outage in enumerate(scenario.disruptions):
        if not isinstance(outage, Outage) or outage.in_process != "destroy":
            continue
        for step, route in _steps_at(scenario, outage):
            message = (
                f"it destroys work of the step '{step}' of '{route}', which does not say what "
                "follows: give it a 'failure', for example {probability: 0, then: {action: "
                "remake, material: new}}"
            )
            yield Problem(("disruptions", index, "in_process"), message)


def _steps_at(scenario: Scenario, outage: Outage) -> Iterator[tuple[str, str]]:
    """Yield the steps without a failure that use what an outage hits, each once."""
    visits = [
        (pathway.name, pathway.route, patient_itinerary(scenario, index, centre))
        for index, pathway in enumerate(scenario.pathways)
        for centre in range(len(scenario.network.centres))
    ]
    visits += [
        (stock.name, stock.lot.route, lot_itinerary(scenario, index))
        for index, stock in enumerate(scenario.stocks)
    ]
    seen = set()
    for name, route, stops in visits:
        for step, stop in zip(route, stops, strict=True):
            hit = any(outage.resource in (None, need.name) for need in step.needs)
            if stop.site == outage.site and hit and step.failure is None:
                seen.add((step.name, name))
    yield from sorted(seen)
