"""How much demand there can be, and what a schema cannot say of demand that grows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cartlogix.scenario.demand import Indication, IntervalArrivals, ListedArrivals, PoissonArrivals
from cartlogix.scenario.disruption import Surge
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.problem import Path, Problem
from cartlogix.scenario.when import day_when


def highest_rate(scenario: Scenario) -> float:
    """Return a bound on the arrival rate, in patients per day; 0 for a list of patients."""
    arrivals = scenario.demand.arrivals
    if isinstance(arrivals, IntervalArrivals):
        return 1 / arrivals.every.value
    if not isinstance(arrivals, PoissonArrivals):
        return 0.0
    rates = [arrivals.rate] if arrivals.rate else [point.rate for point in arrivals.rates]
    return max(rate.value for rate in rates) * _highest_factor(scenario, arrivals)


def prevalent_patients(scenario: Scenario) -> int:
    """Return the patients who wait for treatment to open to them."""
    pools = (item.prevalent for item in scenario.demand.indications)
    return sum(pool.patients for pool in pools if pool is not None)


def _highest_factor(scenario: Scenario, arrivals: PoissonArrivals) -> float:
    factor = 1.0
    season = arrivals.season
    if season is not None and season.amplitude is not None:
        factor = 1 + season.amplitude.value
    elif season is not None:
        factor = max(month.value for month in season.by_month)
    for surge in scenario.disruptions:
        if isinstance(surge, Surge):
            factor *= max(1.0, surge.factor.value)
    indications = scenario.demand.indications
    shares = sum(item.share.value for item in indications)
    if shares <= 0:
        return factor
    taken = sum(item.share.value * _highest_uptake(item) for item in indications)
    return factor * taken / shares


def _highest_uptake(indication: Indication) -> float:
    return max((point.factor.value for point in indication.uptake), default=1.0)


def check_growth(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of uptakes and prevalent patients."""
    arrivals, run = scenario.demand.arrivals, scenario.run
    for index, item in enumerate(scenario.demand.indications):
        path: Path = ("demand", "indications", index)
        if item.uptake and not isinstance(arrivals, PoissonArrivals):
            message = "only arrivals of 'process: poisson' can change by indication"
            yield Problem((*path, "uptake"), message)
        days = [day_when(point.at, run.start) for point in item.uptake]
        if any(b <= a for a, b in pairwise(days)):
            yield Problem((*path, "uptake"), "the days of 'uptake' must increase")
        if days and days[0] >= run.horizon:
            message = f"nobody arrives: the run ends on day {run.horizon:g}, before the first day"
            yield Problem((*path, "uptake"), message, "warning")
        pool = item.prevalent
        if pool is None:
            continue
        if isinstance(arrivals, ListedArrivals):
            message = "a list names its patients one by one: add the prevalent ones to it"
            yield Problem((*path, "prevalent"), message)
        states = item.health.states if item.health is not None else ()
        if pool.urgency is not None and any(state.urgency is not None for state in states):
            message = "the urgency of this indication is that of states of health; remove one"
            yield Problem((*path, "prevalent", "urgency"), message)
        if pool.urgency is not None and not _ranked(scenario):
            message = "has no effect: no resource or stock serves by 'discipline: priority'"
            yield Problem((*path, "prevalent", "urgency"), message, "warning")
        first = day_when(pool.at, run.start)
        if first < 0:
            message = f"{pool.at} is before the start of the run, {run.start}"
            yield Problem((*path, "prevalent", "at"), message)
        elif first >= run.horizon:
            message = f"nobody enrols: the run ends on day {run.horizon:g}"
            yield Problem((*path, "prevalent", "at"), message, "warning")


def _ranked(scenario: Scenario) -> bool:
    """Whether an urgency can change who is served, or how late somebody counts."""
    lines = [r.discipline for site in scenario.network.sites() for r in site.resources.values()]
    lines += [stock.discipline for stock in scenario.stocks]
    return any(line not in ("fifo", "due_date") for line in lines)
