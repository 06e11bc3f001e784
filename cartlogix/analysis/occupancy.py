"""Who holds which pool when: intervals read off the activities, and paths through time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import Codes, Mask, coded, is_one_of, numbers, once, positions
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Need, Step
from cartlogix.trace.tables import END_PART, Trace


def routes(scenario: Scenario) -> Iterator[tuple[str, str, tuple[Step, ...]]]:
    """Yield `entity, route, steps` of every patient route and every supply route."""
    for pathway in scenario.pathways:
        yield "patient", pathway.name, pathway.route
    for stock in scenario.stocks:
        yield "lot", stock.name, stock.lot.route


@once
def occupancies(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return what activities hold of pools: `pool, start, end, units, changeover, continued`.

    `pool` is the row of the pool in the table pools. A step holds all that it needs, at the site
    where it takes place, from its start to its end, or for the hours that it is needed; while the
    end of a step waits, it goes on holding the rest. What is under way ends at infinity. Each
    changeover blocks one unit of the pool that it names. `continued` marks the second row of what
    a step in two parts holds throughout.
    """
    activities = trace["activities"]
    visits = _Visits(activities, trace["pools"]["pool"].tolist())
    parts = [visits.changeovers()]
    for entity, route, steps in routes(scenario):
        for step in steps:
            start, end = (entity, route, step.name), (entity, route, f"{step.name}{END_PART}")
            for need in step.needs:
                if need.at == "end":
                    parts.append(visits.held(end, need))
                    continue
                parts.append(visits.held(start, need))
                if step.ending and need.for_ is None:
                    parts.append(visits.continued(end, need))
    columns = zip(*parts, strict=True)
    held = dict(zip(_Held._fields, map(np.concatenate, columns), strict=True))
    known = held["pool"] >= 0
    return pd.DataFrame({name: column[known] for name, column in held.items()})


class _Held(NamedTuple):
    """What some visits hold, in the columns of :func:`occupancies`."""

    pool: Codes
    start: Floats
    end: Floats
    units: Floats
    changeover: Mask
    continued: Mask


_Key = tuple[str, str, str]


class _Visits:
    """Activities by entity, route and step; pools are known by their names."""

    def __init__(self, activities: pd.DataFrame, pools: list[str]) -> None:
        self._activities = activities
        self._row_of = {name: row for row, name in enumerate(pools)}
        self._started, self._queued, ended = (
            numbers(activities, column) for column in ("started", "queued", "ended")
        )
        self._ended = np.where(np.isnan(ended), np.inf, ended)
        self._place, self._places = coded(activities["place"])
        self._keys = [coded(activities[column]) for column in ("entity", "route", "step")]

    def held(self, key: _Key, need: Need) -> _Held:
        """Return what the visits to a step hold of a pool."""
        visits = self._of(key) & ~np.isnan(self._started)
        start, end = self._started[visits], self._ended[visits]
        if need.for_ is not None and need.at == "start":
            end = np.minimum(end, start + need.for_.value)
        return _holding(self._pools(visits, need), start, end, need.units)

    def continued(self, key: _Key, need: Need) -> _Held:
        """Return what is held on of a pool while the end of a step waits, and during it."""
        visits = self._of(key)
        start, end = self._queued[visits], self._ended[visits]
        rest = _holding(self._pools(visits, need), start, end, need.units)
        return rest._replace(continued=~rest.continued)

    def changeovers(self) -> _Held:
        """Return what changeovers block."""
        activities = self._activities
        visits = is_one_of(activities["kind"], "changeover")
        pools = positions(activities["pool"], [*self._row_of])[visits]
        blocked = _holding(pools, self._started[visits], self._ended[visits], 1)
        return blocked._replace(changeover=~blocked.changeover)

    def _of(self, key: _Key) -> Mask:
        columns = zip(self._keys, key, strict=True)
        each = [codes == _code(names, name) for (codes, names), name in columns]
        return np.asarray(np.logical_and.reduce(each), dtype=bool)

    def _pools(self, visits: Mask, need: Need) -> Codes:
        rows = [self._row_of.get(f"{site}/{need.name}", -1) for site in self._places]
        return np.array(rows, dtype=np.int64)[self._place[visits]]


def _holding(pools: Codes, start: Floats, end: Floats, units: int) -> _Held:
    no = np.zeros(pools.size, dtype=bool)
    return _Held(pools, start, end, np.full(pools.size, float(units)), no, no)


def _code(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -2


def count_path(starts: Floats, ends: Floats, units: Floats) -> tuple[Floats, Floats]:
    """Return when a count changes and its level from then on; ends come before starts.

    NaN ends and infinite ends never come.
    """
    late = np.isfinite(ends)
    times = np.concatenate([starts, ends[late]])
    change = np.concatenate([units, -units[late]])
    order = np.lexsort((change, times))
    return times[order], np.cumsum(change[order])


def path_integral(times: Floats, levels: Floats, window: tuple[float, float]) -> float:
    """Return the area under a step function, which is 0 before its first time."""
    edges = np.clip(np.append(times, window[1]), window[0], window[1])
    return float(np.diff(edges) @ levels) if times.size else 0.0
