"""Binding resolved routes to the pools, stocks and random numbers of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.distributions import Constant
from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import RouteStep
from cartlogix.scenario.demand import DropOut
from cartlogix.scenario.disruption import Recall
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.opening import calendar_of
from cartlogix.sim.breakable import Breakable, Guard
from cartlogix.sim.clock import Clock
from cartlogix.sim.departures import Departures
from cartlogix.sim.network import gate
from cartlogix.sim.pool import Pool
from cartlogix.sim.recorder import Recorder, StepLabel
from cartlogix.sim.station import Chances, Durations, Scopes, Station, Way
from cartlogix.sim.stock import Stock

# Milestones that are noted when their step starts; a release is noted when it ends.
_AT_START = ("apheresis", "infusion")


class StationBuilder:
    """Makes stations; equal purposes share random numbers across pathways and scenarios."""

    def __init__(
        self,
        env: Clock,
        scenario: Scenario,
        pools: Mapping[str, Pool],
        stocks: Mapping[str, Stock],
        streams: Streams,
        recorder: Recorder,
        strikes: Callable[[str, str], Departures | None],
    ) -> None:
        self._env = env
        self._scenario = scenario
        self._pools = pools
        self._stocks = stocks
        self._streams = streams
        self._recorder = recorder
        self._strikes = strikes
        recalled = {d.stock for d in scenario.disruptions if isinstance(d, Recall)}
        self._recalled = frozenset(recalled)
        self._indications = [item.name for item in scenario.demand.indications]
        self._sites = {site.name: site for site in scenario.network.sites()}

    def patient_stations(self, pathway: str, route: Sequence[RouteStep]) -> list[Station]:
        """Return the stations of a patient route."""
        drawn = {name for step in route if step.step.draw for name in step.step.draw.stock}
        gated = bool(drawn & self._recalled)
        return [self._station("patient", pathway, "patient", step, gated) for step in route]

    def lot_stations(self, stock: str, route: Sequence[RouteStep]) -> list[Station]:
        """Return the stations of a supply route."""
        return [self._station("lot", stock, f"lot of {stock}", step, False) for step in route]

    def _station(
        self, entity: str, route: str, who: str, resolved: RouteStep, gated: bool
    ) -> Station:
        step, recorder, streams = resolved.step, self._recorder, self._streams
        pools = tuple((self._pools[name], units) for name, units in resolved.needs)
        pool = pools[0][0].name if pools else ""
        purpose = f"{who}/{step.name}"
        law = Constant(0.0) if step.draw else step.duration.law
        failure = resolved.failure
        label = recorder.label(StepLabel(entity, route, step.name, step.kind, pool))
        # A pool where nobody ever waits needs no event: the step is a free delay.
        if all(pool.is_plain for pool, _ in pools):
            pools = ()
        if gated and resolved.milestone == "infusion" and not pools:
            # Whether the dose was recalled on its way is seen on the day itself, not ahead of it.
            pools = ((gate(self._env), 1),)
        days = self._working_days(resolved)
        return Station(
            index=resolved.index,
            name=step.name,
            label=label,
            place=recorder.place(resolved.site),
            pools=pools,
            stocks=tuple(self._stocks[name] for name in step.draw.stock) if step.draw else (),
            durations=Durations(law, purpose, streams),
            ways=tuple(
                Way(
                    leg.origin,
                    recorder.place(leg.label),
                    Durations(leg.time, purpose, streams),
                    leg.max_transit,
                    self._strikes(leg.origin, leg.destination),
                )
                for leg in resolved.legs
            ),
            working_days=days,
            with_previous=step.with_previous,
            starts=resolved.milestone if resolved.milestone in _AT_START else None,
            releases=resolved.milestone == "release",
            chances=Chances(failure, self._indications, purpose, streams) if failure else None,
            scopes=self._scopes(resolved),
            step=resolved,
            guard=self._guard(pools, days, label),
        )

    def _guard(
        self, pools: tuple[tuple[Pool, int], ...], days: Calendar | None, label: float
    ) -> Guard | None:
        breakable = tuple((p, units) for p, units in pools if isinstance(p, Breakable))
        if not breakable:
            return None
        return Guard(self._env, breakable, days, label, self._recorder.interruptions)

    def _working_days(self, resolved: RouteStep) -> Calendar | None:
        if resolved.step.clock == "elapsed":
            return None
        if resolved.needs:
            return self._pools[resolved.needs[0][0]].rules.calendar
        site = self._sites[resolved.site]
        hours = calendar_of(self._scenario, site, site.open)
        return None if hours.always else hours

    def _scopes(self, resolved: RouteStep) -> Scopes:
        waiting, working = [], []
        for indication in self._scenario.demand.indications:
            causes = [(i, cause.scope) for i, cause in enumerate(indication.drop_out)]
            slot = tuple(i for i, s in causes if s == "waiting_for_slot" and resolved.is_slot)
            listed = tuple(i for i, s in causes if isinstance(s, tuple) and resolved.step.name in s)
            waiting.append((*slot, *listed))
            working.append(listed)
        return Scopes(tuple(waiting), tuple(working))


def runs_always(cause: DropOut) -> bool:
    """Whether a cause of loss runs from enrolment to infusion, whatever the step."""
    return cause.scope == "enrolment_to_infusion"
