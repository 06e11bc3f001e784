"""Binding resolved routes to the pools, stocks and random numbers of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.distributions import Constant
from cartlogix.ground.opening_hours import FitsBefore
from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import Claim, Leg, RouteStep
from cartlogix.scenario.allocation import limits
from cartlogix.scenario.demand import DropOut, Indication, Scope
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.opening import calendar_of, pick_ups, roster_of
from cartlogix.sim.assay import TestedChances
from cartlogix.sim.booked import wait_for_calls
from cartlogix.sim.breakable import Breakable, Guard
from cartlogix.sim.campaigns import CampaignPool, FamilyGate
from cartlogix.sim.clock import Clock
from cartlogix.sim.crew import Crew, CrewPool
from cartlogix.sim.departures import Departures
from cartlogix.sim.pool import Needs, Pool
from cartlogix.sim.recalls import recalled_stocks
from cartlogix.sim.recorder import Recorder, StepLabel
from cartlogix.sim.station import Chances, Durations, Freshness, NoChances, Scopes, Station, Way
from cartlogix.sim.stock import Stock
from cartlogix.sim.timing import Gate, Hands, Timing
from cartlogix.trace.tables import END_PART

# Milestones that are noted when their step starts; a release is noted when it ends.
_AT_START = ("donor", "apheresis", "infusion")


class StationBuilder:
    """Makes stations; equal purposes share random numbers across pathways and scenarios."""

    def __init__(
        self,
        env: Clock,
        scenario: Scenario,
        pools: Mapping[str, Pool],
        crews: Mapping[str, Crew],
        stocks: Mapping[str, Stock],
        streams: Streams,
        recorder: Recorder,
        strikes: Callable[[str, str], Departures | None],
    ) -> None:
        self._env = env
        self._scenario = scenario
        self._pools = pools
        self._crews = crews
        self._stocks = stocks
        self._streams = streams
        self._recorder = recorder
        self._strikes = strikes
        self._recalled = recalled_stocks(scenario)
        self._family = ""
        """Product family of the route that is being bound."""
        self._families = {("patient", p.name): p.family or p.name for p in scenario.pathways} | {
            ("lot", stock.name): stock.lot.family or stock.name for stock in scenario.stocks
        }
        indications = scenario.demand.indications
        self._indications = [item.name for item in indications]
        self._scoped = [_scoped(scenario, item) for item in indications]
        self._sites = {site.name: site for site in scenario.network.sites()}
        # Names may contain a slash, so the pool's own name cannot be taken apart.
        self._named = {
            f"{site.name}/{name}": (site, name)
            for site in scenario.network.sites()
            for name in site.resources
        }
        self._qualified: dict[tuple[str, str], CrewPool] = {}

    def patient_stations(self, pathway: str, route: Sequence[RouteStep]) -> list[Station]:
        """Return the stations of a patient route."""
        drawn = {name for step in route if step.step.draw for name in step.step.draw.stock}
        watched = bool(drawn & self._recalled)
        stations = [self._station("patient", pathway, "patient", step, watched) for step in route]
        wait_for_calls(self._env, stations)
        return stations

    def lot_stations(self, stock: str, route: Sequence[RouteStep]) -> list[Station]:
        """Return the stations of a supply route."""
        return [self._station("lot", stock, f"lot of {stock}", step, False) for step in route]

    def _station(
        self, entity: str, route: str, who: str, resolved: RouteStep, watched: bool
    ) -> Station:
        step, recorder, streams = resolved.step, self._recorder, self._streams
        at_end = resolved.part == "end"
        self._family = self._families[entity, route]
        pool = resolved.needs[0].pool if resolved.needs else ""
        name = f"{step.name}{END_PART}" if at_end else step.name
        purpose = f"{who}/{step.name}"
        law = Constant(0.0) if step.draw else step.duration.law
        if at_end:
            law = Constant(step.ending_days)
        label = recorder.label(StepLabel(entity, route, name, step.kind, pool))
        lasting = self._needs([claim for claim in resolved.needs if at_end or claim.days is None])
        carried = self._needs(resolved.carried)
        pools, hands, timing = self._seized(resolved), self._hands(resolved), self._timing(resolved)
        # A pool where nobody ever waits needs no event: the step is a free delay.
        if not carried and all(pool.is_plain for pool, _ in pools):
            pools = lasting = ()
        releases = resolved.milestone == "release" and resolved.part != "start"
        station = Station(
            index=resolved.index,
            name=step.name,
            label=label,
            place=recorder.place(resolved.site),
            pools=pools,
            carried=carried,
            held=(*lasting, *carried) if carried else lasting,
            freed=() if resolved.part == "start" else (*lasting, *carried) if carried else lasting,
            hands=hands,
            stocks=tuple(self._stocks[name] for name in step.draw.stock) if step.draw else (),
            durations=Durations(law, purpose, streams),
            ways=tuple(self._way(leg, purpose) for leg in resolved.legs),
            cut=step.ending_days if resolved.part == "start" else 0.0,
            timing=timing,
            adapts=resolved.part == "start" or hands is not None or timing is not None,
            with_previous=step.with_previous,
            starts=resolved.milestone if resolved.milestone in _AT_START and not at_end else None,
            ends=releases or resolved.collects,
            releases=releases,
            collects=resolved.collects,
            chances=self._chances(resolved, purpose, label),
            scopes=self._scopes(resolved, route if entity == "patient" else ""),
            step=resolved,
            guard=self._guard((*lasting, *carried), timing, label, watched),
            carries=watched,
        )
        return self._freshened(station, resolved, purpose)

    def _chances(self, resolved: RouteStep, purpose: str, label: float) -> Chances | None:
        failure = resolved.failure
        if failure is None:
            return None
        if resolved.part == "start":
            return NoChances(failure, self._indications, purpose, self._streams)
        test = failure.failure.test
        if test is None:
            return Chances(failure, self._indications, purpose, self._streams)
        return TestedChances(
            failure, test, self._indications, purpose, self._streams, resolved.index, label,
            self._recorder.misjudged,
        )  # fmt: skip

    def _freshened(self, station: Station, resolved: RouteStep, purpose: str) -> Station:
        """Return the station with what becomes of material that is too old for it."""
        fresh = resolved.step.fresh
        if fresh is None or resolved.expiry is None:
            return station
        chances = Chances(resolved.expiry, self._indications, f"{purpose}/fresh", self._streams)
        too_old = replace(station, chances=chances)
        return replace(station, freshness=Freshness(fresh.life.value, too_old))

    def _guard(
        self, pools: Needs, timing: Timing | None, label: float, watched: bool
    ) -> Guard | None:
        held = ((p.units_of if isinstance(p, FamilyGate) else p, units) for p, units in pools)
        breakable = tuple((p, units) for p, units in held if isinstance(p, Breakable))
        if not breakable and not watched:
            return None
        return Guard(self._env, breakable, timing, label, self._recorder.interruptions)

    def _way(self, leg: Leg, purpose: str) -> Way:
        mode, sites = leg.transport, self._sites
        leaves = receives = None
        if mode.pick_up is not None:
            leaves = pick_ups(self._scenario, sites[leg.origin], mode.pick_up).next_for
        if mode.receive == "opening":
            site = sites[leg.destination]
            receives = calendar_of(self._scenario, site, site.open)
        return Way(
            leg.origin,
            self._recorder.place(leg.label),
            Durations(leg.time, purpose, self._streams),
            leg.max_transit,
            self._strikes(leg.origin, leg.destination),
            leaves,
            None if receives is None or receives.always else receives,
        )

    def _needs(self, claims: Sequence[Claim]) -> Needs:
        return tuple((self._pool(claim), claim.units) for claim in claims)

    def _pool(self, claim: Claim) -> Pool:
        """Return the pool of a claim: of a crew its qualified people, of campaigns the gate."""
        wanted, pool = claim.qualification, self._pools[claim.pool]
        if isinstance(pool, CampaignPool):
            return pool.gates[self._family]
        if wanted is None:
            return pool
        key = (claim.pool, wanted)
        if key not in self._qualified:
            crew = self._crews[claim.pool]
            self._qualified[key] = crew.pool(self._env, "", pool.rules, wanted)
        return self._qualified[key]

    def _seized(self, resolved: RouteStep) -> Needs:
        """Return what is taken at the start, and gates where a closing is waited for."""
        needs = self._needs(resolved.needs)
        if resolved.step.shift_end != "wait" or not needs:
            return needs
        parts = [claim for claim in resolved.needs if claim.days is not None]
        hours = [(self._hours_of(claim), claim.days or 0.0) for claim in parts]
        if not parts and resolved.part == "whole":
            hours = [(self._hours(resolved), resolved.step.duration.value)]
        discipline = needs[0][0].rules.discipline
        gates = [Gate(self._env, discipline, *each) for each in hours if not each[0].always]
        return (*needs, *((gate, 1) for gate in gates))

    def _hands(self, resolved: RouteStep) -> Hands | None:
        if resolved.part == "end":
            return None
        parts = tuple(
            (self._pool(claim), claim.units, claim.days)
            for claim in resolved.needs
            if claim.days is not None
        )
        return Hands(self._env, parts) if parts else None

    def _timing(self, resolved: RouteStep) -> Timing | None:
        step, hours = resolved.step, self._hours(resolved)
        if step.clock == "working" and (resolved.needs or not hours.always):
            return Timing(hours, working=True, starts=self._starts(resolved, hours))
        if hours.always:
            return None
        starts = self._starts(resolved, hours)
        if step.end == "opening" or starts is not None:
            return Timing(hours, ends_open=step.end == "opening", starts=starts)
        return None

    def _starts(self, resolved: RouteStep, hours: Calendar) -> FitsBefore | None:
        """Return when a step that takes nothing may start."""
        step = resolved.step
        if resolved.needs or hours.always:
            return None
        if step.shift_end == "wait":
            return FitsBefore(hours, step.duration.value)
        return FitsBefore(hours, 0.0) if step.start == "opening" else None

    def _hours(self, resolved: RouteStep) -> Calendar:
        """Return the hours that count for a step: of the first need that closes, or the site's."""
        needed = [self._hours_of(claim) for claim in resolved.needs]
        if needed:
            return next((hours for hours in needed if not hours.always), needed[0])
        site = self._sites[resolved.site]
        return calendar_of(self._scenario, site, site.open)

    def _hours_of(self, claim: Claim) -> Calendar:
        if claim.qualification is None:
            return self._pools[claim.pool].rules.calendar
        site, resource = self._named[claim.pool]
        return roster_of(self._scenario, site, resource, claim.qualification)

    def _scopes(self, resolved: RouteStep, route: str) -> Scopes:
        waiting, working = [], []
        for causes, firsts in self._scoped:
            slot = tuple(i for i, s in causes if s == "waiting_for_slot" and resolved.is_slot)
            listed = tuple(i for i, s in causes if isinstance(s, tuple) and resolved.step.name in s)
            limited = tuple(i for i, first in firsts if first == route)
            waiting.append((*slot, *listed, *limited))
            working.append(listed)
        return Scopes(tuple(waiting), tuple(working))


def _scoped(
    scenario: Scenario, indication: Indication
) -> tuple[list[tuple[int, Scope]], list[tuple[int, str]]]:
    """Return the scopes of an indication's causes of loss, and the pathways that limits are for."""
    causes = [(i, cause.scope) for i, cause in enumerate(indication.drop_out)]
    places = enumerate(limits(scenario.allocation, indication), len(causes))
    return causes, [(i, preference.first) for i, (_, preference) in places]


def runs_always(cause: DropOut) -> bool:
    """Whether a cause of loss runs from enrolment to infusion, whatever the step."""
    return cause.scope == "enrolment_to_infusion"
