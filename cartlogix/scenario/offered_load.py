"""Offered load: how much work the demand brings to each pool, before anything is simulated."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.failure import Failure
from cartlogix.scenario.growth import highest_rate
from cartlogix.scenario.itinerary import patient_itinerary
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource
from cartlogix.scenario.pathway import Pathway


def offered_loads(scenario: Scenario) -> dict[tuple[str, str], float]:
    """Return the load of each limited pool by site and resource: work arriving over work possible.

    Patients only, at the highest arrival rate, all of them reaching every step of the pathway
    that they start on; a remake repeats the step that fails. Lots, drop-outs and switches are
    left out, so this is a rough guide: at 1 or more, waits grow with the horizon unless
    drop-outs relieve the pool.
    """
    units: dict[tuple[str, str], float] = {}
    for pathway, centre, rate in arriving(scenario):
        stops = patient_itinerary(scenario, pathway, centre)
        for step, stop in zip(scenario.pathways[pathway].route, stops, strict=True):
            attempts = _attempts(step.failure)
            for need in step.needs:
                resource = _resource(scenario, stop.site, need.name)
                if resource is not None:
                    span = need.for_ if need.for_ is not None else step.duration
                    held = span.value + resource.changeover.value
                    key = (stop.site, need.name)
                    work = rate * attempts * _share_of_capacity(resource, need.units, held)
                    units[key] = units.get(key, 0.0) + work
    return units


def arriving(scenario: Scenario) -> Iterator[tuple[int, int, float]]:
    """Yield pathway, centre and the patients per day who start there."""
    rate = highest_rate(scenario)
    indications, centres = scenario.demand.indications, scenario.network.centres
    all_shares = sum(item.share.value for item in indications)
    all_centres = sum(centre.share.value for centre in centres)
    for index, pathway in enumerate(scenario.pathways):
        mix = sum(
            item.share.value / all_shares * _taken(scenario, pathway, item.name)
            for item in indications
        )
        for position, centre in enumerate(centres):
            yield index, position, rate * mix * centre.share.value / all_centres


def _taken(scenario: Scenario, pathway: Pathway, indication: str) -> float:
    shares = [
        each.share_by_indication.get(indication, each.share).value for each in scenario.pathways
    ]
    mine = pathway.share_by_indication.get(indication, pathway.share).value
    return mine / sum(shares)


def _attempts(failure: Failure | None) -> float:
    """Return the mean attempts of a step that is repeated when it fails: (1 - p^K) / (1 - p)."""
    if failure is None:
        return 1.0
    shares = sum(branch.share.value for branch in failure.then)
    remade = sum(branch.share.value for branch in failure.then if branch.action == "remake")
    p = failure.seen(failure.probability.value) * remade / shares
    if p >= 1:
        return float(failure.max_attempts or 1)
    limit = failure.max_attempts
    return (1.0 if limit is None else 1 - p**limit) / (1 - p)


def _resource(scenario: Scenario, site: str, name: str) -> Resource | None:
    return next((s.resources.get(name) for s in scenario.network.sites() if s.name == site), None)


def _share_of_capacity(resource: Resource, units: int, held: float) -> float:
    """Return the days of the whole pool that one visit takes: by its units, or by its starts."""
    by_units = units * held / resource.units if resource.units else 0.0
    starts = resource.starts
    by_starts = starts.every.value / starts.number if starts else 0.0
    return max(by_units, by_starts)
