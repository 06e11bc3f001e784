"""Binding resolved routes to the pools, stocks and random numbers of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cartlogix.ground.calendars import Calendar
from cartlogix.ground.distributions import Constant
from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import RouteStep
from cartlogix.scenario.demand import DropOut
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.opening import calendar_of
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
        scenario: Scenario,
        pools: Mapping[str, Pool],
        stocks: Mapping[str, Stock],
        streams: Streams,
        recorder: Recorder,
    ) -> None:
        self._scenario = scenario
        self._pools = pools
        self._stocks = stocks
        self._streams = streams
        self._recorder = recorder
        self._indications = [item.name for item in scenario.demand.indications]
        self._sites = {site.name: site for site in scenario.network.sites()}

    def patient_stations(self, pathway: str, route: Sequence[RouteStep]) -> list[Station]:
        """Return the stations of a patient route."""
        return [self._station("patient", pathway, "patient", step) for step in route]

    def lot_stations(self, stock: str, route: Sequence[RouteStep]) -> list[Station]:
        """Return the stations of a supply route."""
        return [self._station("lot", stock, f"lot of {stock}", step) for step in route]

    def _station(self, entity: str, route: str, who: str, resolved: RouteStep) -> Station:
        step, recorder, streams = resolved.step, self._recorder, self._streams
        pools = tuple((self._pools[name], units) for name, units in resolved.needs)
        pool = pools[0][0].name if pools else ""
        purpose = f"{who}/{step.name}"
        law = Constant(0.0) if step.draw else step.duration.law
        failure = resolved.failure
        return Station(
            index=resolved.index,
            name=step.name,
            label=recorder.label(StepLabel(entity, route, step.name, step.kind, pool)),
            place=recorder.place(resolved.site),
            # A pool where nobody ever waits needs no event: the step is a free delay.
            pools=pools if any(not pool.is_plain for pool, _ in pools) else (),
            stocks=tuple(self._stocks[name] for name in step.draw.stock) if step.draw else (),
            durations=Durations(law, purpose, streams),
            ways=tuple(
                Way(
                    leg.origin,
                    recorder.place(leg.label),
                    Durations(leg.time, purpose, streams),
                    leg.max_transit,
                )
                for leg in resolved.legs
            ),
            working_days=self._working_days(resolved),
            with_previous=step.with_previous,
            starts=resolved.milestone if resolved.milestone in _AT_START else None,
            releases=resolved.milestone == "release",
            chances=Chances(failure, self._indications, purpose, streams) if failure else None,
            scopes=self._scopes(resolved),
            step=resolved,
        )

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
