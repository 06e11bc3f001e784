"""Disruptions at work: outages, missed lots and recalls, each at its moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from simpy import Event

from cartlogix.cohort.occurrences import Occurrence, occurrences
from cartlogix.ground.streams import Streams
from cartlogix.scenario.disruption import Disruption, MissedLot, Outage, Recall, Strike, Surge
from cartlogix.scenario.model import Scenario
from cartlogix.sim.breakable import Breakable
from cartlogix.sim.clock import Clock
from cartlogix.sim.crew import CrewPool
from cartlogix.sim.departures import Departures
from cartlogix.sim.network import hits
from cartlogix.sim.pool import Pool
from cartlogix.sim.replenisher import Replenisher
from cartlogix.sim.stock import ARRIVAL, DEPARTURE, Lot, Stock

Row = tuple[str, str, str, float, float, float]
"""Disruption, kind, target, start, end, units (NaN if none are counted)."""
RecallRow = tuple[str, float, str, int, int, int, str, int]
"""Disruption, day, stock, lot, patient (-1: none), dose, state, doses."""

_NONE = float("nan")


@dataclass
class Disruptions:
    """Lets the disruptions of one scenario happen in one replication, and keeps account."""

    env: Clock
    scenario: Scenario
    streams: Streams

    def __post_init__(self) -> None:
        """Draw when everything happens."""
        self.rows: list[Row] = []
        self.recalls: list[RecallRow] = []
        self._drawn = [
            (disruption, occurrences(disruption, self.scenario, self.streams))
            for disruption in self.scenario.disruptions
        ]

    def strikes(self, origin: str, destination: str) -> Departures | None:
        """Return when shipments between two sites may leave; None if no strike concerns them."""
        concerned = [
            (time.start, time.end)
            for strike, times in self._drawn
            if isinstance(strike, Strike)
            and strike.from_ in ("*", origin)
            and strike.to in ("*", destination)
            for time in times
        ]
        return Departures(concerned) if concerned else None

    def open(
        self,
        pools: Mapping[str, Pool],
        stocks: Mapping[str, Stock],
        replenishers: Mapping[str, Replenisher],
    ) -> None:
        """Put every occurrence on the calendar."""
        for disruption, times in self._drawn:
            for time in times:
                match disruption:
                    case Outage():
                        self._outage(disruption, time, pools)
                    case MissedLot():
                        miss = partial(_miss, replenishers[disruption.stock], disruption.lots)
                        self._moment(disruption, time, disruption.stock)
                        self.env.after(time.start, miss)
                    case Recall():
                        self._moment(disruption, time, disruption.stock)
                        lots = replenishers[disruption.stock].lots
                        call = partial(self._recall, disruption, stocks, lots)
                        self.env.after(time.start, call)
                    case Strike():
                        lane = f"{disruption.from_} > {disruption.to}"
                        self._moment(disruption, time, lane)
                    case Surge():
                        self._moment(disruption, time, disruption.indication or "all patients")

    def _moment(self, disruption: Disruption, time: Occurrence, target: str) -> None:
        row = (disruption.name, disruption.kind, target, time.start, time.end, _NONE)
        self.rows.append(row)

    def _outage(self, outage: Outage, time: Occurrence, pools: Mapping[str, Pool]) -> None:
        hit: list[tuple[Breakable, float]] = []
        for name in hits(self.scenario, outage):
            pool = pools[name]
            if isinstance(pool, CrewPool):  # who is absent is known to the groups
                absent = float(outage.units or self._people(outage))
                self.rows.append((outage.name, outage.kind, name, time.start, time.end, absent))
                continue
            assert isinstance(pool, Breakable)
            units = pool.units(outage.units)
            hit.append((pool, units))
            shown = min(units, pool.capacity)
            self.rows.append((outage.name, outage.kind, name, time.start, time.end, shown))

        def begin(event: Event) -> None:
            del event
            for pool, units in hit:
                pool.go_out(units, outage.name, outage.in_process)

        def end(event: Event) -> None:
            del event
            for pool, units in hit:
                pool.come_back(units, outage.in_process)

        self.env.after(time.start, begin)
        if time.end < self.scenario.run.horizon:
            self.env.after(time.end, end)

    def _people(self, outage: Outage) -> int:
        """Return how many people an outage of all of a group, or of everybody, takes."""
        site = next(s for s in self.scenario.network.sites() if s.name == outage.site)
        people = site.resources[outage.resource or ""].people
        return sum(group.number for group in people if outage.group in (None, group.name))

    def _recall(
        self, recall: Recall, stocks: Mapping[str, Stock], lots: list[Lot], event: Event
    ) -> None:
        """Destroy a lot wherever its doses are, and say what became of each."""
        del event
        received = sorted(
            (lot for lot in lots if lot.status == "received"), key=lambda x: (x.received, x.number)
        )
        place = -1 if recall.lot == "latest" else recall.lot - 1
        if not received or place >= len(received):
            return  # no such lot yet
        lot, now = received[place], self.env.now

        def row(stock: str, patient: int, dose: int, state: str, doses: int) -> None:
            found = (recall.name, now, stock, lot.number, patient, dose, state, doses)
            self.recalls.append(found)

        gone = lot.doses_made
        travelling = 0
        for stock in stocks.values():
            transfers = (
                m for m in stock.moves if m[2] == lot.number and m[4] in (DEPARTURE, ARRIVAL)
            )
            travelling -= sum(move[3] for move in transfers)
            in_store = stock.recall(lot.number)
            issued = [dose for dose in stock.doses if dose.lot.number == lot.number]
            gone -= in_store + len(issued)
            if in_store:
                row(stock.name, -1, 0, "in_store", in_store)
            for dose in issued:
                row(stock.name, dose.patient, dose.course, dose.state, 1)
        if travelling:
            row(recall.stock, -1, 0, "between_stocks", travelling)
        if gone - travelling:
            row(recall.stock, -1, 0, "expired_in_store", gone - travelling)


def _miss(replenisher: Replenisher, lots: int, event: Event) -> None:
    del event
    replenisher.missed += lots
