"""Supply: lots on their routes, orders to plants and to other stocks, deliveries, donors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

from simpy import Event

from cartlogix.ground.streams import Streams
from cartlogix.pathways.route import RouteStep, after_collection, lot_route
from cartlogix.scenario.itinerary import first_source, stock_site, transfer_mode
from cartlogix.scenario.matching import Donors, served
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.stock import ExogenousSupply, NoSupply
from cartlogix.scenario.stock import Stock as StockSpec
from cartlogix.sim.class_need import ClassNeed
from cartlogix.sim.clock import Clock
from cartlogix.sim.consequence import GONE
from cartlogix.sim.departures import Departures
from cartlogix.sim.donors import DonorDesk, in_proportion
from cartlogix.sim.entity import LotRun
from cartlogix.sim.line import Waiting
from cartlogix.sim.matched_stock import MatchedStock
from cartlogix.sim.replenisher import Replenisher, ReplenishmentRule
from cartlogix.sim.station import Station
from cartlogix.sim.stock import Lot, Stock
from cartlogix.sim.transfers import Depot, Kind, TransferLane
from cartlogix.sim.walker import Walker

Rules = Callable[[Scenario, StockSpec], ReplenishmentRule]
Strikes = Callable[[str, str], Departures | None]
Stations = Callable[[str, Sequence[RouteStep]], list[Station]]


class Supply:
    """Keeps every stock of a scenario supplied."""

    walker: Walker[LotRun]
    """Walks lots along their supply routes; set by whoever puts the system together."""

    def __init__(
        self,
        env: Clock,
        scenario: Scenario,
        stocks: dict[str, Stock],
        streams: Streams,
        rules: Rules,
        strikes: Strikes,
    ) -> None:
        self.replenishers: dict[str, Replenisher] = {}
        self.under_way: dict[int, LotRun] = {}
        self.lanes: list[TransferLane] = []
        self.desks: dict[str, DonorDesk] = {}
        self._donors = count().__next__
        self._routes: dict[str, list[Station]] = {}
        self._later: dict[str, list[Station]] = {}
        """Routes of lots whose cells are there already."""
        self._initial: dict[str, list[tuple[int, int, str]]] = {}
        self._env = env
        self._scenario = scenario
        self._specs = {spec.name: spec for spec in scenario.stocks}
        self._stocks = stocks
        self._streams = streams
        self._rules = rules
        self._strikes = strikes
        self._numbers = {
            # Numbers are unique over all stocks, and do not depend on what other stocks order.
            spec.name: count(index, len(scenario.stocks)).__next__
            for index, spec in enumerate(scenario.stocks)
        }

    def build(self, stations: Stations) -> None:
        """Make a replenisher for each stock, and the lanes between stocks."""
        for index, spec in enumerate(self._scenario.stocks):
            self._routes[spec.name] = stations(spec.name, lot_route(self._scenario, index))
            if spec.lot.donors is not None and spec.lot.donors.lots_each > 1:
                first = after_collection(spec.lot.route)
                later = lot_route(self._scenario, index, first)
                self._later[spec.name] = stations(spec.name, later)
            self.replenishers[spec.name] = self._replenisher(spec)
        for spec in self._scenario.stocks:
            self._lateral(spec)

    def open(self) -> None:
        """Take in what is there at day 0, and begin to order; stocks that send go first."""
        for spec in sorted(self._scenario.stocks, key=self._echelon):
            replenisher = self.replenishers[spec.name]
            for number, doses, match_class in self._initial[spec.name]:
                if doses:
                    replenisher.deliver("initial", doses, number, match_class)
            if isinstance(spec.replenishment, ExogenousSupply):
                self._schedule_deliveries(replenisher, spec.replenishment)
            replenisher.open()

    def enter(self, lot: Lot) -> LotRun:
        """Return the run of a lot along its supply route, now in the system."""
        spec = self._specs[lot.stock]
        desk = self.desks.get(spec.name)
        banked = desk is not None and lot.number in desk.banked
        route = (self._later if banked else self._routes)[spec.name]
        run = LotRun(lot, route, spec.lot.urgency.value, desk)
        self.under_way[lot.number] = run
        return run

    def lead_time(self, stock: str) -> float:
        """Return the mean days that a lot takes on its way to a stock; infinity without supply."""
        if isinstance(self._specs[stock].replenishment, NoSupply):
            return math.inf
        return math.fsum(station.mean for station in self._routes[stock])

    def lot_ended(self, run: LotRun, time: float, passed: bool) -> int:
        """Bring a lot to its stock, or fail it, when its own clock says so."""
        if time > self._env.now:
            self._env.after(time - self._env.now, lambda _: self._settle(run, passed))
        else:
            self._settle(run, passed)
        return GONE

    def _echelon(self, spec: StockSpec) -> int:
        """Return how many stocks stand between a stock and the plant."""
        source = spec.supplied_by
        return 0 if source is None else 1 + self._echelon(self._specs[source.stock])

    def _replenisher(self, spec: StockSpec) -> Replenisher:
        stock, doses = self._stocks[spec.name], spec.lot.doses
        donors = first_source(self._scenario, spec.name).lot.donors
        shares = {name: share.value for name, share in donors.classes.items()} if donors else {}
        # Numbers are taken even without a lot: the first order has the same luck either way.
        self._initial[spec.name] = [
            (self._numbers[spec.name](), doses_, match_class)
            for match_class, doses_ in in_proportion(spec.initial, shares or {"": 1.0}).items()
        ]
        replenisher = Replenisher(
            self._env,
            stock,
            self._rules(self._scenario, spec),
            doses.law if doses else None,
            self._numbers[spec.name],
            self._desk(spec, donors),
        )

        if spec.supplied_by is None:
            replenisher.place = partial(self._start, replenisher)
        else:
            source = spec.supplied_by
            lane = self._lane(spec, source.stock, source.mode, "supply", replenisher)
            replenisher.place = lambda sizes: lane.order(sum(sizes))
        return replenisher

    def _desk(self, spec: StockSpec, donors: Donors | None) -> DonorDesk | None:
        if donors is None:
            return None
        screens = any(step.marks == "donor" for step in spec.lot.route)
        need = self._need(spec, donors)
        desk = DonorDesk(donors, spec.name, self._streams, self._donors, screens=screens, need=need)
        self.desks[spec.name] = desk
        return desk

    def _need(self, spec: StockSpec, donors: Donors) -> ClassNeed | None:
        """Return what names the class of the next donor; None if it is drawn."""
        stock = self._stocks[spec.name]
        if donors.choose == "by_frequency" or not isinstance(stock, MatchedStock):
            return None
        shares = served(self._scenario.demand.match_classes, donors)
        return ClassNeed(stock, shares) if shares else None

    def _lane(
        self, spec: StockSpec, source: str, mode: str | None, kind: Kind, depot: Replenisher
    ) -> TransferLane:
        way = transfer_mode(self._scenario, source, spec.name, mode)
        assert way is not None, "the checks refuse stocks without a lane between them"
        sites = (stock_site(self._scenario, source), stock_site(self._scenario, spec.name))
        lane = TransferLane(
            env=self._env,
            source=self._stocks[source],
            stock=self._stocks[spec.name],
            kind=kind,
            place=f"{sites[0]} > {sites[1]}: {way.name}",
            times=self._streams.draws(way.time.law, f"{kind} of {spec.name} from {source}"),
            who=Depot(spec.lot.urgency.value),
            arrived=depot.arrived,
            strikes=self._strikes(*sites),
        )
        self.lanes.append(lane)
        return lane

    def _lateral(self, spec: StockSpec) -> None:
        """Have patients who must wait here sent a dose by a stock alongside."""
        help_ = spec.transship
        if help_ is None:
            return
        depot = self.replenishers[spec.name]
        lanes = [self._lane(spec, name, help_.mode, "lateral", depot) for name in help_.from_]

        def fetch(who: Waiting) -> None:
            for lane in lanes:
                lot = lane.source.spare(who, help_.keep)
                if lot is not None:
                    depot.on_order += 1
                    lane.fetch(lot)
                    return

        self._stocks[spec.name].on_short = fetch

    def _start(self, replenisher: Replenisher, sizes: list[int]) -> None:
        """Start a lot of each size at the plant."""
        for lot in [replenisher.book(size) for size in sizes]:
            self.walker.start(self.enter(lot))

    def _schedule_deliveries(self, replenisher: Replenisher, supply: ExogenousSupply) -> None:
        def deliver_later(delay: float, doses: int) -> None:
            self._env.after(delay, lambda _: replenisher.deliver("exogenous", doses))

        for delivery in supply.deliveries:
            deliver_later(delivery.at.value, delivery.doses)
        if supply.every is not None and supply.doses is not None:
            every, regular = supply.every.value, supply.doses

            def deliver(event: Event) -> None:
                del event
                replenisher.deliver("exogenous", regular)
                self._env.after(every, deliver)

            self._env.after(0.0, deliver)

    def _settle(self, run: LotRun, passed: bool) -> None:
        del self.under_way[run.lot.number]
        run.lot.attempts, run.lot.flawed = run.attempt, passed and run.flaws > 0
        if run.donors is not None and passed:
            run.donors.finish(run.lot, self._env.now)
        replenisher = self.replenishers[run.lot.stock]
        replenisher.lot_ended(run.lot, self._yield(run) if passed else 0, again=not run.turned_away)

    def _yield(self, run: LotRun) -> int:
        spec = self._specs[run.lot.stock]
        if spec.lot.doses is None:
            return run.lot.doses_ordered
        draws = self._streams.draws(spec.lot.doses.law, f"lot of {spec.name}/yield", run.round)
        return math.floor(draws[run.lot.number])
