"""The running system: assembles pools, stocks, routes and arrivals, and runs one replication."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count

from simpy import Event

from cartlogix.cohort.patients import Cohort
from cartlogix.ground.distributions import Exponential
from cartlogix.ground.streams import DrawColumn, Streams
from cartlogix.pathways.route import lot_route, patient_route
from cartlogix.scenario.demand import DropOut
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.stock import ExogenousSupply, Replenishment
from cartlogix.scenario.stock import Stock as StockSpec
from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import LotRun, Patience, Patient
from cartlogix.sim.fate import LotFate, PatientFate
from cartlogix.sim.line import Discipline
from cartlogix.sim.network import build_changeovers, build_pools, build_stock
from cartlogix.sim.recorder import PatientRecord, Recorder
from cartlogix.sim.replenisher import Replenisher, ReplenishmentRule
from cartlogix.sim.station import Station
from cartlogix.sim.stations import StationBuilder, runs_always
from cartlogix.sim.stock import Lot
from cartlogix.sim.walker import GONE, Walker


@dataclass(frozen=True)
class Policies:
    """The rules that a scenario names, by name."""

    disciplines: Mapping[str, Discipline]
    replenishment: Callable[[Replenishment], ReplenishmentRule]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of loss, with the exposed time after which it takes each patient (None: never)."""

    name: str
    runs_always: bool
    exposure: DrawColumn | None


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
        self.pools = build_pools(self.env, scenario, policies.disciplines)
        self.stocks = {
            spec.name: build_stock(self.env, scenario, spec, policies.disciplines)
            for spec in scenario.stocks
        }
        self.replenishers: dict[str, Replenisher] = {}
        self.under_way: dict[int, Patient] = {}
        self.lots_under_way: dict[int, LotRun] = {}
        self._policies = policies
        self._stop = self.env.event()
        self._end = scenario.run.horizon
        self._open_cohort = sum(cohort.in_window)
        self._last_exit = 0.0
        self._causes = [
            [self._cause(cause) for cause in indication.drop_out]
            for indication in scenario.demand.indications
        ]
        builder = StationBuilder(scenario, self.pools, self.stocks, streams, self.recorder)
        changeovers = build_changeovers(scenario, self.pools, streams, self.recorder)
        horizon = scenario.run.horizon

        @cache
        def routes(pathway: int, centre: int) -> list[Station]:
            route = patient_route(scenario, pathway, centre)
            return builder.patient_stations(scenario.pathways[pathway].name, route)

        self._routes = routes
        self._builder = builder
        fate = PatientFate(scenario, routes, streams, self._patient_left)
        self.walker = Walker[Patient](self.env, self.recorder, fate, changeovers, horizon)
        lot_fate = LotFate(self._lot_ended)
        self.lot_walker = Walker[LotRun](self.env, self.recorder, lot_fate, changeovers, horizon)

    @property
    def events(self) -> int:
        """Events that the run took so far."""
        return self.env.taken

    def run(self) -> float:
        """Run to the stop and return its day."""
        horizon = self.scenario.run.horizon
        for index, spec in enumerate(self.scenario.stocks):
            self._open_stock(index, spec)
        if len(self.cohort):
            self._expect(0)
        if self._open_cohort == 0:
            self._cohort_done()
        self.env.after(horizon, lambda _: self._stop_now())
        self.env.run_through(self._stop)
        return self._end

    def _expect(self, number: int) -> None:
        self.env.after(self.cohort.enrolled[number] - self.env.now, self._arrive, number)

    def _arrive(self, event: Event) -> None:
        number = event.value
        assert isinstance(number, int)
        if number + 1 < len(self.cohort):
            self._expect(number + 1)
        self._enrol(number)

    def _enrol(self, number: int) -> None:
        scenario, cohort = self.scenario, self.cohort
        indication = scenario.demand.indications[cohort.indication[number]]
        centre, pathway = cohort.centre[number], cohort.pathway[number]
        enrolled = cohort.enrolled[number]
        name = scenario.pathways[pathway].name
        record = PatientRecord(
            number=number,
            indication=cohort.indication[number],
            centre=centre,
            plant=scenario.network.plant_of(scenario.network.centres[centre]),
            first_pathway=name,
            pathway=name,
            enrolled=enrolled,
            due=enrolled + indication.target.value if indication.target else math.nan,
            urgency=indication.urgency.value,
            in_cohort=cohort.in_window[number],
        )
        self.recorder.patients.append(record)
        patience = self._patience(number, enrolled, self._causes[cohort.indication[number]])
        patient = Patient(record, self._routes(pathway, centre), pathway, patience)
        self.under_way[number] = patient
        self.walker.start(patient)

    def _patience(self, number: int, enrolled: float, causes: list[Cause]) -> Patience | None:
        if not causes:
            return None
        exposed = [cause.exposure[number] if cause.exposure else math.inf for cause in causes]
        at, first = math.inf, ""
        for time, cause in zip(exposed, causes, strict=True):
            if cause.runs_always and enrolled + time < at:
                at, first = enrolled + time, cause.name
        return Patience(at, first, exposed, [cause.name for cause in causes])

    def _cause(self, cause: DropOut) -> Cause:
        purpose = f"patient/drop-out/{cause.name}"
        law = cause.after.law if cause.after else None
        if cause.hazard is not None and cause.hazard.value > 0:
            law = Exponential(1 / cause.hazard.value)
        return Cause(
            cause.name, runs_always(cause), self.streams.draws(law, purpose) if law else None
        )

    def _patient_left(self, patient: Patient, time: float) -> None:
        self.under_way.pop(patient.number, None)
        if patient.record.in_cohort:
            self._last_exit = max(self._last_exit, time)
            self._open_cohort -= 1
            if self._open_cohort == 0:
                self._cohort_done()

    def _cohort_done(self) -> None:
        if self.scenario.run.drain == "until_done":
            end = max(self.scenario.run.window[1], self._last_exit)
            # Kept, because now + (end - now) may round to a day before the end.
            self._end = min(self._end, end)
            self.env.after(end - self.env.now, lambda _: self._stop_now())

    def _stop_now(self) -> None:
        if not self._stop.triggered:
            self._stop.succeed()

    def _open_stock(self, index: int, spec: StockSpec) -> None:
        stock = self.stocks[spec.name]
        stations = self._builder.lot_stations(spec.name, lot_route(self.scenario, index))
        doses = spec.lot.doses
        # Numbers are unique over all stocks, and do not depend on what other stocks order.
        numbers = count(index, len(self.scenario.stocks))

        def start_lot(lot: Lot) -> None:
            run = LotRun(lot, stations, spec.lot.urgency.value)
            self.lots_under_way[lot.number] = run
            self.lot_walker.start(run)

        replenisher = Replenisher(
            self.env,
            stock,
            self._policies.replenishment(spec.replenishment),
            doses.law if doses else None,
            start_lot,
            numbers.__next__,
        )
        self.replenishers[spec.name] = replenisher
        if spec.initial:
            replenisher.deliver("initial", spec.initial)
        if isinstance(spec.replenishment, ExogenousSupply):
            self._schedule_deliveries(replenisher, spec.replenishment)
        replenisher.open()

    def _schedule_deliveries(self, replenisher: Replenisher, supply: ExogenousSupply) -> None:
        def deliver_later(delay: float, doses: int) -> None:
            self.env.after(delay, lambda _: replenisher.deliver("exogenous", doses))

        for delivery in supply.deliveries:
            deliver_later(delivery.at.value, delivery.doses)
        if supply.every is not None and supply.doses is not None:
            every, regular = supply.every.value, supply.doses

            def deliver(event: Event) -> None:
                del event
                replenisher.deliver("exogenous", regular)
                self.env.after(every, deliver)

            self.env.after(0.0, deliver)

    def _lot_ended(self, run: LotRun, time: float, passed: bool) -> int:
        """Bring a lot to its stock, or fail it, when its own clock says so."""
        if time > self.env.now:
            self.env.after(time - self.env.now, lambda _: self._settle(run, passed))
        else:
            self._settle(run, passed)
        return GONE

    def _settle(self, run: LotRun, passed: bool) -> None:
        del self.lots_under_way[run.lot.number]
        run.lot.attempts = run.attempt
        replenisher = self.replenishers[run.lot.stock]
        replenisher.lot_ended(run.lot, self._yield(run) if passed else 0, again=not run.turned_away)

    def _yield(self, run: LotRun) -> int:
        spec = next(stock for stock in self.scenario.stocks if stock.name == run.lot.stock)
        if spec.lot.doses is None:
            return run.lot.doses_ordered
        draws = self.streams.draws(spec.lot.doses.law, f"lot of {spec.name}/yield", run.round)
        return math.floor(draws[run.lot.number])
