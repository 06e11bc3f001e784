"""Putting together what slot policies may see of the running system."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from cartlogix.scenario.demand import DropOut
from cartlogix.scenario.model import Scenario
from cartlogix.sim.breakable import Breakable
from cartlogix.sim.clock import Clock
from cartlogix.sim.entity import LotRun, Traveller
from cartlogix.sim.line import Waiting
from cartlogix.sim.pool import Pool, Seizure
from cartlogix.sim.slot_view import SlotLot, SlotPool, SlotStep, SlotView
from cartlogix.sim.station import Station


class Lookout:
    """Puts together what policies may see; knows no drawn number of anything yet to come."""

    def __init__(
        self,
        scenario: Scenario,
        clock: Clock,
        pools: Mapping[str, Pool],
        under_way: Callable[[], Iterable[Traveller]],
    ) -> None:
        self._clock = clock
        self._pools = pools
        self._under_way = under_way
        self._hazards = [
            sum(_hazard(cause) for cause in indication.drop_out)
            for indication in scenario.demand.indications
        ]
        self._ahead: dict[tuple[int, int], tuple[tuple[SlotStep, ...], float]] = {}

    def look(
        self, requests: Sequence[Seizure], *, all_: bool, booked: Collection[Waiting] = ()
    ) -> SlotView:
        """Return the state of the pools and of those in line; if `all_`, of those elsewhere too.

        Those who are `booked` are told apart by who asks.
        """
        waiting = [request.who for request in requests]
        assert all(isinstance(who, Traveller) for who in waiting)
        asked = {id(who) for who in (*waiting, *booked)}
        others = [
            who
            for who in (self._under_way() if all_ else ())
            if who.open_step is not None and who.open_step.pools and id(who) not in asked
        ]
        return SlotView(
            self._clock.now,
            tuple(self._lot(who) for who in waiting if isinstance(who, Traveller)),
            tuple(self._lot(who) for who in others),
            {
                name: SlotPool(
                    pool.capacity, pool.free, pool.rules.calendar, pool.rules.starts, _out(pool)
                )
                for name, pool in self._pools.items()
            },
        )

    def _lot(self, who: Traveller) -> SlotLot:
        assert who.open_step is not None
        return self.lot(who, who.open_step.index, who.queued, self._clock.now - who.started)

    def lot(self, who: Traveller, index: int, joined: float, elapsed: float = math.nan) -> SlotLot:
        """Return what is known of somebody at a station, or expected at one yet to come."""
        key = (id(who.route), index)
        if key not in self._ahead:
            self._ahead[key] = steps_ahead(who.route[index:])
        steps, after = self._ahead[key]
        return SlotLot(
            name_of(who),
            joined,
            who.due - after,
            who.urgency,
            self._hazards[who.indication] if who.indication >= 0 else 0.0,
            steps,
            elapsed,
        )


def name_of(who: Traveller) -> str:
    """Return the name of a patient or lot in views: unique at one moment."""
    return f"{'lot' if isinstance(who, LotRun) else 'patient'} {who.number}"


def _out(pool: Pool) -> tuple[tuple[float, float], ...]:
    return tuple((out.units, out.back) for out in pool.out) if isinstance(pool, Breakable) else ()


def _hazard(cause: DropOut) -> float:
    """Hazard per day of a cause of loss; of one with another law, that of the same mean."""
    if cause.hazard is not None:
        return cause.hazard.value
    mean = cause.after.law.mean if cause.after else math.inf
    return 1 / mean if mean > 0 else 0.0


def steps_ahead(route: Sequence[Station]) -> tuple[tuple[SlotStep, ...], float]:
    """Return the steps that need anything shared, and the mean days from their end to infusion.

    The infusion counts from its start, so the days are negative if it is among the steps.
    """
    steps: list[SlotStep] = []
    lag = 0.0
    for station in route:
        mean = station.mean
        if not station.pools:
            if station.starts == "infusion":
                return tuple(steps), lag
            lag += 0.0 if station.with_previous else mean
            continue
        # What has no name of its own (crews by qualification, waits for a closing) is not planned.
        needs = tuple((pool.name, units) for pool, units in station.pools if pool.name)
        steps.append(SlotStep(lag, mean, needs))
        lag = 0.0
        if station.starts == "infusion":
            return tuple(steps), -mean
    return tuple(steps), lag
