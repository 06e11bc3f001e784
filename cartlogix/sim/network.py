"""Building the shared things of a run: pools and stocks from the scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import count

from cartlogix.ground.calendars import StartCalendar
from cartlogix.ground.streams import Streams
from cartlogix.scenario.disruption import Outage
from cartlogix.scenario.itinerary import families, first_source, stock_site
from cartlogix.scenario.matching import match_ranks
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource, Site
from cartlogix.scenario.opening import resource_calendar
from cartlogix.scenario.stock import Stock as StockSpec
from cartlogix.sim.booked import BookedPool
from cartlogix.sim.breakable import Breakable, Out
from cartlogix.sim.campaigns import BreakableCampaigns, CampaignPool, CampaignRules
from cartlogix.sim.changeover import Changeover
from cartlogix.sim.clock import Clock
from cartlogix.sim.crew import Crew
from cartlogix.sim.line import Discipline
from cartlogix.sim.matched_stock import MatchedStock
from cartlogix.sim.planned import PlannedPool
from cartlogix.sim.pool import Pool, PoolRules
from cartlogix.sim.recorder import Recorder, StepLabel
from cartlogix.sim.slot_view import SlotDispatcher
from cartlogix.sim.stock import Stock, StockRules

Disciplines = Mapping[str, Discipline]


class BreakablePlanned(Breakable, PlannedPool):
    """A breakable pool whose line is ordered by a dispatcher."""

    def go_out(self, out: Out) -> None:
        """Take units out of work, which the last plan did not know."""
        self.happened["outage"] = None
        super().go_out(out)

    def come_back(self, out: Out) -> None:
        """Return units to work, and have the line ordered for that reason."""
        self.trigger = "outage"
        super().come_back(out)
        self.trigger = "release"


class BreakableBooked(BreakablePlanned, BookedPool):
    """A breakable pool whose starts are promised."""

    def go_out(self, out: Out) -> None:
        """Take units out of work, and move the promises that this breaks."""
        super().go_out(out)
        self.reconsider("outage")


def build_pools(
    env: Clock,
    scenario: Scenario,
    disciplines: Disciplines,
    planning: Callable[[Resource], SlotDispatcher | None],
    crews: Mapping[str, Crew],
) -> dict[str, Pool]:
    """Return every pool by its name 'site/resource'; breakable where an outage can hit it.

    That of a crew is the pool of anybody in it.
    """
    hit = {
        name for d in scenario.disruptions if isinstance(d, Outage) for name in hits(scenario, d)
    }
    pools: dict[str, Pool] = {}
    for site in scenario.network.sites():
        for name, resource in sorted(site.resources.items()):
            capacity = math.inf if resource.capacity is None else resource.capacity
            rules = _pool_rules(scenario, site, name, disciplines)
            full, dispatcher = f"{site.name}/{name}", planning(resource)
            if full in crews:
                pools[full] = crews[full].pool(env, full, rules, None)
            elif resource.campaigns is not None:
                units = BreakableCampaigns if full in hit else CampaignPool
                pools[full] = _campaign_pool(env, scenario, full, resource, rules, units)
            elif dispatcher is None:
                pools[full] = (Breakable if full in hit else Pool)(env, full, capacity, rules)
            elif resource.slot_policy is None or resource.slot_policy.book is None:
                kind = BreakablePlanned if full in hit else PlannedPool
                pools[full] = kind(env, full, capacity, rules, dispatcher)
            else:
                books, step = (
                    BreakableBooked if full in hit else BookedPool,
                    resource.slot_policy.book,
                )
                pools[full] = books(env, full, capacity, rules, dispatcher, step)
    for pool in pools.values():
        if isinstance(pool, Breakable):
            pool.prepare()
    return pools


def _campaign_pool(
    env: Clock,
    scenario: Scenario,
    name: str,
    resource: Resource,
    rules: PoolRules,
    kind: type[CampaignPool],
) -> CampaignPool:
    plan = resource.campaigns
    assert plan is not None and resource.capacity is not None, "the checks ask for both"
    wait = math.inf if plan.longest_wait is None else plan.longest_wait.value
    campaigns = CampaignRules(math.inf if plan.most is None else plan.most, plan.least, wait)
    pool = kind(env, name, resource.capacity, rules, campaigns)
    pool.open_gates(families(scenario))
    return pool


def hits(scenario: Scenario, outage: Outage) -> list[str]:
    """Return the names of the pools that an outage hits."""
    site = next(site for site in scenario.network.sites() if site.name == outage.site)
    if outage.resource is not None:
        return [f"{site.name}/{outage.resource}"]
    # People are not out of work by themselves: what they work at is.
    names = sorted(name for name, resource in site.resources.items() if not resource.people)
    return [f"{site.name}/{name}" for name in names]


def _pool_rules(scenario: Scenario, site: Site, name: str, disciplines: Disciplines) -> PoolRules:
    resource = site.resources[name]
    starts = resource.starts
    room = resource.waiting_room
    return PoolRules(
        # Where a dispatcher orders the line, it asks in the order of joining.
        discipline=disciplines.get(resource.discipline, disciplines["fifo"]),
        calendar=resource_calendar(scenario, site, name),
        starts=StartCalendar(starts.every.value, starts.number, starts.first.value)
        if starts
        else None,
        waiting_room=math.inf if room is None else room,
    )


def build_changeovers(
    scenario: Scenario, pools: Mapping[str, Pool], streams: Streams, recorder: Recorder
) -> dict[Pool, Changeover]:
    """Return how long each pool is blocked after use, for the pools that have a changeover."""
    changeovers: dict[Pool, Changeover] = {}
    for site in scenario.network.sites():
        for name, resource in sorted(site.resources.items()):
            pool = pools[f"{site.name}/{name}"]
            if isinstance(pool, CampaignPool):
                _prepare_changes(pool, resource, streams, recorder, site.name)
            law = resource.changeover.law
            if law.is_constant and law.mean == 0:
                continue
            key = f"{site.name}/{name}"
            label = StepLabel("resource", key, "changeover", "changeover", key)
            draws = streams.draws(law, f"changeover/{key}")
            durations = (draws[number] for number in count())
            changeover = Changeover(recorder.label(label), recorder.place(site.name), durations)
            gates = pool.gates.values() if isinstance(pool, CampaignPool) else ()
            changeovers |= dict.fromkeys([pool, *gates], changeover)
    return changeovers


def _prepare_changes(
    pool: CampaignPool, resource: Resource, streams: Streams, recorder: Recorder, site: str
) -> None:
    """Tell a pool how long changes take, and where to record them."""
    assert resource.campaigns is not None
    label = StepLabel("resource", pool.name, "changeover", "changeover", pool.name)
    pool.label, pool.place = recorder.label(label), recorder.place(site)
    pool.cells = recorder.cells
    for family in pool.gates:
        law = resource.campaigns.to.get(family, resource.campaigns.between).law
        pool.changes[family] = streams.draws(law, f"change of {pool.name} to {family}")


def build_stock(env: Clock, scenario: Scenario, spec: StockSpec, disciplines: Disciplines) -> Stock:
    """Return an empty stock with its rules."""
    shelf = spec.shelf_life
    rules = StockRules(
        site=stock_site(scenario, spec.name),
        issue=spec.issue,
        discipline=disciplines[spec.discipline],
        life=shelf.life.value if shelf else math.inf,
        from_receipt=shelf is not None and shelf.starts == "receipt",
        checked_at_infusion=shelf is not None and shelf.checked_at == "infusion",
        at_issue=shelf.at_issue.value if shelf else 0.0,
    )
    donors = first_source(scenario, spec.name).lot.donors
    if donors is None or not donors.classes:
        return Stock(env, spec.name, rules)
    ranks = match_ranks(scenario.demand.match_classes, spec.matching)
    return MatchedStock(env, spec.name, rules, ranks, frozenset(donors.classes))
