"""Disruptions at work: outages, missed lots and recalls, each at its moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from simpy import Event

from cartlogix.cohort.occurrences import Occurrence, occurrences
from cartlogix.ground.streams import Streams
from cartlogix.scenario.disruption import Disruption, MissedLot, Outage, Recall, Strike, Surge
from cartlogix.scenario.model import Scenario
from cartlogix.sim.breakable import Breakable, Out
from cartlogix.sim.clock import Clock
from cartlogix.sim.crew import CrewPool
from cartlogix.sim.departures import Departures
from cartlogix.sim.network import hits
from cartlogix.sim.pool import Pool
from cartlogix.sim.recalls import RecallRow, call_back
from cartlogix.sim.replenisher import Replenisher
from cartlogix.sim.stock import Stock

Row = tuple[str, str, str, float, float, float]
"""Disruption, kind, target, start, end, units (NaN if none are counted)."""

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
        called_back: Callable[[int], None],
    ) -> None:
        """Put every occurrence on the calendar.

        `called_back` is told each patient whose dose is recalled on its way.
        """
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
                        lots = replenishers[disruption.stock]
                        call = partial(self._recall, disruption, stocks, lots, called_back)
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
        hit: list[tuple[Breakable, Out]] = []
        back = time.start + outage.lasts.law.mean
        for name in hits(self.scenario, outage):
            pool = pools[name]
            if isinstance(pool, CrewPool):  # who is absent is known to the groups
                absent = float(outage.units or self._people(outage))
                self.rows.append((outage.name, outage.kind, name, time.start, time.end, absent))
                continue
            assert isinstance(pool, Breakable)
            units = pool.units(outage.units)
            hit.append((pool, Out(units, outage.name, outage.in_process, back)))
            shown = min(units, pool.capacity)
            self.rows.append((outage.name, outage.kind, name, time.start, time.end, shown))

        def begin(event: Event) -> None:
            del event
            for pool, out in hit:
                pool.go_out(out)

        def end(event: Event) -> None:
            del event
            for pool, out in hit:
                pool.come_back(out)

        self.env.after(time.start, begin)
        if time.end < self.scenario.run.horizon:
            self.env.after(time.end, end)

    def _people(self, outage: Outage) -> int:
        """Return how many people an outage of all of a group, or of everybody, takes."""
        site = next(s for s in self.scenario.network.sites() if s.name == outage.site)
        people = site.resources[outage.resource or ""].people
        return sum(group.number for group in people if outage.group in (None, group.name))

    def _recall(
        self,
        recall: Recall,
        stocks: Mapping[str, Stock],
        replenisher: Replenisher,
        called_back: Callable[[int], None],
        event: Event,
    ) -> None:
        del event
        rows = list(call_back(recall, self.env.now, self.scenario.run.start, stocks, replenisher))
        self.recalls += rows
        for row in rows:
            if row[6] == "recalled":
                called_back(row[4])


def _miss(replenisher: Replenisher, lots: int, event: Event) -> None:
    del event
    replenisher.missed += lots
