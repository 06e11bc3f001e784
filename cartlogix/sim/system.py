"""The running system: assembles pools, stocks, routes and arrivals, and runs one replication."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from simpy import Event

from cartlogix.cohort.health import HealthCourse, HealthCourses
from cartlogix.cohort.patients import Cohort
from cartlogix.ground.distributions import Exponential
from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import patient_route
from cartlogix.scenario.allocation import limits
from cartlogix.scenario.demand import DropOut, Indication
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource
from cartlogix.scenario.stock import Stock as StockSpec
from cartlogix.sim.allocation import ExpectedWait, lines_ahead
from cartlogix.sim.clock import Clock
from cartlogix.sim.crews import build_crews
from cartlogix.sim.disruptions import Disruptions
from cartlogix.sim.entity import Cause, Kind, LotRun, Patient, Traveller
from cartlogix.sim.fate import LotFate, PatientFate
from cartlogix.sim.line import Discipline
from cartlogix.sim.lookout import Lookout
from cartlogix.sim.network import build_changeovers, build_pools, build_stock
from cartlogix.sim.planned import PlannedPool
from cartlogix.sim.recorder import PatientRecord, Recorder
from cartlogix.sim.replenisher import ReplenishmentRule
from cartlogix.sim.slot_view import SlotDispatcher
from cartlogix.sim.station import Station
from cartlogix.sim.stations import StationBuilder, runs_always
from cartlogix.sim.supply import Supply
from cartlogix.sim.walker import Walker
from cartlogix.sim.worsening import follow_health

_TOGETHER = 64
"""Patients whose stories are started at one time, ahead of their enrolment."""


@dataclass(frozen=True)
class Policies:
    """The rules that a scenario names, by name."""

    disciplines: Mapping[str, Discipline]
    replenishment: Callable[[Scenario, StockSpec], ReplenishmentRule]
    expected_wait: ExpectedWait
    planning: Callable[[Resource], SlotDispatcher | None]
    """The dispatcher of a resource whose line is ordered at the moment of service."""


class System:
    """One scenario in one replication, from the first arrival to the stop."""

    def __init__(
        self, scenario: Scenario, cohort: Cohort, streams: Streams, policies: Policies
    ) -> None:
        self.scenario = scenario
        self.cohort = cohort
        self.streams = streams
        self.env = Clock()
        self.recorder = Recorder()
        self.crews = build_crews(scenario, streams, self.recorder)
        self.pools = build_pools(
            self.env, scenario, policies.disciplines, policies.planning, self.crews
        )
        self.stocks = {
            spec.name: build_stock(self.env, scenario, spec, policies.disciplines)
            for spec in scenario.stocks
        }
        lookout = Lookout(scenario, self.env, self.pools, self._everybody)
        self.planned = [pool for pool in self.pools.values() if isinstance(pool, PlannedPool)]
        for pool in self.planned:
            pool.lookout = lookout
        self.under_way: dict[int, Patient] = {}
        self.health: dict[int, HealthCourse] = {}
        self._policies = policies
        self._stop = self.env.event()
        self._end = scenario.run.horizon
        self._open_cohort = sum(cohort.in_window)
        self._last_exit = 0.0
        self.kinds = [self._kind(indication) for indication in scenario.demand.indications]
        self.plants = [scenario.network.plant_of(centre) for centre in scenario.network.centres]
        self.pathway_names = [pathway.name for pathway in scenario.pathways]
        self.disruptions = Disruptions(self.env, scenario, streams)
        strikes = self.disruptions.strikes
        builder = StationBuilder(
            self.env, scenario, self.pools, self.crews, self.stocks, streams, self.recorder, strikes
        )
        changeovers = build_changeovers(scenario, self.pools, streams, self.recorder)
        horizon = scenario.run.horizon

        @cache
        def routes(pathway: int, centre: int) -> list[Station]:
            route = patient_route(scenario, pathway, centre)
            return builder.patient_stations(scenario.pathways[pathway].name, route)

        self._routes = routes
        fate = PatientFate(scenario, routes, streams, self._patient_left)
        self.walker = Walker[Patient](self.env, self.recorder, fate, changeovers, horizon)
        rules = policies.replenishment
        self.supply = Supply(self.env, scenario, self.stocks, streams, rules, strikes)
        lot_fate = LotFate(self.supply.lot_ended)
        self.supply.walker = Walker[LotRun](self.env, self.recorder, lot_fate, changeovers, horizon)
        self.supply.build(builder.lot_stations)

    @property
    def events(self) -> int:
        """Events that the run took so far."""
        return self.env.taken

    def run(self) -> float:
        """Run to the stop and return its day."""
        horizon = self.scenario.run.horizon
        self.supply.open()
        self.disruptions.open(self.pools, self.stocks, self.supply.replenishers, self._call_back)
        if len(self.cohort) > self.cohort.under_way:
            self._expect(self.cohort.under_way)
        if self._open_cohort == 0:
            self._cohort_done()
        self.env.after(horizon, self._stop_now)
        self.env.run_through(self._stop)
        return self._end

    def forget(self) -> None:
        """Let go of all that was recorded, at once: freeing it piece by piece costs more."""
        self.recorder.cells.clear()
        self.recorder.patients.clear()
        self.under_way.clear()

    def _everybody(self) -> Iterator[Traveller]:
        yield from self.under_way.values()
        yield from self.supply.under_way.values()

    def _expect(self, first: int) -> None:
        """Start the stories of the next patients, and come back when the last of them enrols.

        A story may begin before its patient does: it waits for the day by itself, so that an
        arrival needs no event of its own.
        """
        last = min(first + _TOGETHER, len(self.cohort)) - 1
        for number in range(first, last + 1):
            self._enrol(number)
        if last + 1 < len(self.cohort):
            delay = self.cohort.enrolled[last] - self.env.now
            self.env.after(delay, lambda _: self._expect(last + 1))

    def _enrol(self, number: int) -> None:
        patient = self.enter(number)
        chosen = self.cohort.preference[number]
        preference = self.scenario.allocation[chosen] if chosen >= 0 else None
        if preference is None or preference.judged != "expected" or preference.wait is None:
            self.walker.start(patient)
            return
        limit, second = preference.wait.value, preference.second
        enrols = patient.clock - self.env.now
        self.env.after(enrols, lambda _: self._allocate(patient, limit, second))

    def _allocate(self, patient: Patient, limit: float, second: str | None) -> None:
        """Choose the second pathway if the first one is expected to take too long."""
        expected = self._policies.expected_wait(lines_ahead(patient.route, self.supply.lead_time))
        if expected > limit and second is not None:
            pathway = self.pathway_names.index(second)
            self.cohort.pathway[patient.number] = pathway
            patient.record.pathway = second
            patient.been = {pathway}
            patient.route = self._routes(pathway, patient.centre)
        self.walker.start(patient)

    def _limit_wait(self, patient: Patient) -> None:
        """Take the limits of preferences that do not decide this patient's pathway away."""
        indication = self.scenario.demand.indications[patient.indication]
        places = enumerate(limits(self.scenario.allocation, indication), len(indication.drop_out))
        for cause, (place, _) in places:
            if place != self.cohort.preference[patient.number] and patient.patience is not None:
                patient.patience.budget[cause] = math.inf

    def enter(self, number: int) -> Patient:
        """Return the patient of a number, now in the system; asked for in order of number."""
        cohort = self.cohort
        pathway = cohort.pathway[number]
        record = PatientRecord(self.pathway_names[pathway])
        self.recorder.patients.append(record)
        kind = self.kinds[cohort.indication[number]]
        route = self._routes(pathway, cohort.centre[number])
        patient = self.under_way[number] = Patient(number, cohort, kind, route, record)
        if number in cohort.urgency:
            patient.urgency = cohort.urgency[number]
        if self.scenario.allocation:
            self._limit_wait(patient)
        if patient.health is not None:
            self.health[number] = patient.health
            if kind.health is not None and kind.health.changes_urgency:
                follow_health(self.env, patient, kind.urgency)
        return patient

    def _kind(self, indication: Indication) -> Kind:
        causes = [self._cause(cause) for cause in indication.drop_out]
        for _, preference in limits(self.scenario.allocation, indication):
            assert preference.wait is not None
            exposure = self.streams.draws(preference.wait.law, preference.cause)
            causes.append(Cause(preference.cause, False, exposure))
        return Kind(
            target=indication.target.value if indication.target else math.inf,
            urgency=indication.urgency.value,
            causes=causes,
            scoped=any(not cause.runs_always for cause in causes),
            health=HealthCourses(indication.health, self.streams, self._end)
            if indication.health
            else None,
        )

    def _cause(self, cause: DropOut) -> Cause:
        purpose = f"patient/drop-out/{cause.name}"
        law = cause.after.law if cause.after else None
        if cause.hazard is not None and cause.hazard.value > 0:
            law = Exponential(1 / cause.hazard.value)
        return Cause(
            cause.name, runs_always(cause), self.streams.draws(law, purpose) if law else None
        )

    def _call_back(self, number: int) -> None:
        """Let a patient whose dose in hand is recalled ask for another."""
        patient = self.under_way.get(number)
        if patient is not None and patient.dose is not None and patient.dose.state == "recalled":
            self.walker.ask_again(patient)

    def _patient_left(self, patient: Patient, time: float) -> None:
        self.under_way.pop(patient.number, None)
        if self.cohort.in_window[patient.number]:
            self._last_exit = max(self._last_exit, time)
            self._open_cohort -= 1
            if self._open_cohort == 0:
                self._cohort_done()

    def _cohort_done(self) -> None:
        if self.scenario.run.drain == "until_done":
            end = max(self.scenario.run.window[1], self._last_exit)
            # Kept, because now + (end - now) may round to a day before the end.
            self._end = min(self._end, end)
            self.env.after(end - self.env.now, self._stop_now)

    def _stop_now(self, event: Event) -> None:
        del event
        if not self._stop.triggered:
            self._stop.succeed()
