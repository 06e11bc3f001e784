"""What a scenario says without effect: resources that no step uses, demand that nobody makes."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.demand import Arrivals, IntervalArrivals, ListedArrivals, PoissonArrivals
from cartlogix.scenario.findings import suggest
from cartlogix.scenario.growth import prevalent_patients
from cartlogix.scenario.itinerary import Stop, lot_itinerary, patient_itinerary
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.problem import Problem
from cartlogix.scenario.quantity import Quantity

UNUSED = "no step uses"
"""How the warning begins that a resource is there in vain."""


def check_idle(scenario: Scenario) -> Iterator[Problem]:
    """Yield a warning for each resource that no step uses, and where nobody arrives."""
    demand = scenario.demand
    known = demand.backlog or prevalent_patients(scenario) or scenario.snapshot.patients
    if not known and _nobody(demand.arrivals):
        message = "no patient ever arrives: there will be nothing to measure"
        yield Problem(("demand", "arrivals"), message, "warning")
    yield from _unused(scenario)


def _unused(scenario: Scenario) -> Iterator[Problem]:
    """Yield a warning for each resource that no step uses.

    Unlimited ones are neither waited for nor charged; one whose figures are expected is there on
    purpose; and a plant that serves nobody has a warning of its own.
    """
    network = scenario.network
    needs = set(_used(scenario))
    used = {f"{site}/{name}" for site, name in needs}
    used |= {expected.group for expected in scenario.expect}
    served = {network.plant_of(centre) for centre in network.centres}
    served |= {s.lot.plant or network.plants[0].name for s in scenario.stocks if s.lot.route}
    for group in ("centres", "plants", "depots"):
        for index, site in enumerate(getattr(network, group)):
            for name, resource in site.resources.items():
                limited = resource.units is not None or resource.starts is not None
                known = group != "plants" or site.name in served
                if limited and known and f"{site.name}/{name}" not in used:
                    needed = (need for place, need in needs if place == site.name)
                    yield Problem(
                        ("network", group, index, "resources", name),
                        f"{UNUSED} '{name}' of '{site.name}': name it in the 'needs' of a "
                        "step, or remove it (null where it is inherited)"
                        f"{suggest(name, needed)}",
                        "warning",
                    )


def _used(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield site and name of every resource that a route comes by."""
    visits: list[tuple[tuple[Step, ...], tuple[Stop, ...]]] = [
        (pathway.route, patient_itinerary(scenario, index, centre))
        for index, pathway in enumerate(scenario.pathways)
        for centre in range(len(scenario.network.centres))
    ]
    visits += [
        (stock.lot.route, lot_itinerary(scenario, index))
        for index, stock in enumerate(scenario.stocks)
    ]
    for route, stops in visits:
        for step, stop in zip(route, stops, strict=True):
            for need in step.needs:
                yield stop.site, need.name


def _nobody(arrivals: Arrivals) -> bool:
    if isinstance(arrivals, PoissonArrivals):
        rates = [arrivals.rate] if arrivals.rate else [point.rate for point in arrivals.rates]
        return all(rate.value == 0 for rate in rates) or _ends(arrivals.until, 0.0)
    if isinstance(arrivals, IntervalArrivals):
        return _ends(arrivals.until, arrivals.first.value)
    return isinstance(arrivals, ListedArrivals) and not arrivals.patients


def _ends(until: Quantity | None, first: float) -> bool:
    return until is not None and until.value <= first
