"""Who holds which pool when: intervals read off the activities, and paths through time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import coded, is_one_of, numbers, once
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
    row_of = {str(name): row for row, name in enumerate(trace["pools"]["pool"])}
    parts: list[pd.DataFrame | None] = [_changeovers(activities, row_of)]
    begun = activities[activities["started"].notna().to_numpy()]
    visits, ends = _Visits(begun, row_of), _Visits(activities, row_of)
    for entity, route, steps in routes(scenario):
        for step in steps:
            start, end = (entity, route, step.name), (entity, route, f"{step.name}{END_PART}")
            for need in step.needs:
                if need.at == "end":
                    parts.append(visits.held(end, need))
                    continue
                parts.append(visits.held(start, need))
                if step.ending and need.for_ is None:
                    rest = ends.held(end, need, since="queued")
                    parts.append(None if rest is None else rest.assign(continued=True))
    held = pd.concat([part for part in parts if part is not None], ignore_index=True)
    return held[(held["pool"] >= 0).to_numpy()]


class _Visits:
    """Activities by entity, route and step."""

    def __init__(self, activities: pd.DataFrame, row_of: dict[str, int]) -> None:
        self._activities = activities
        self._row_of = row_of
        self._place, self._places = coded(activities["place"])
        self._keys = [coded(activities[column]) for column in ("entity", "route", "step")]

    def held(
        self, key: tuple[str, str, str], need: Need, since: str = "started"
    ) -> pd.DataFrame | None:
        """Return what the visits to a step hold of a pool, None if there are none."""
        columns = zip(self._keys, key, strict=True)
        mask = np.logical_and.reduce(
            [codes == _code(names, name) for (codes, names), name in columns]
        )
        if not mask.any():
            return None
        pools = np.array([self._row_of.get(f"{site}/{need.name}", -1) for site in self._places])
        rows = _rows(self._activities[mask], pools[self._place[mask]], need.units, since)
        if need.for_ is not None and need.at == "start":
            rows["end"] = np.minimum(rows["end"], rows["start"] + need.for_.value)
        return rows


def _code(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -2


def _changeovers(activities: pd.DataFrame, row_of: dict[str, int]) -> pd.DataFrame:
    blocked = activities[is_one_of(activities["kind"], "changeover")]
    codes, names = coded(blocked["pool"])
    pools = np.array([row_of.get(name, -1) for name in names], dtype=np.int64)
    return _rows(blocked, pools[codes], 1).assign(changeover=True)


def _rows(
    activities: pd.DataFrame, pools: object, units: int, since: str = "started"
) -> pd.DataFrame:
    ended = numbers(activities, "ended")
    return pd.DataFrame(
        {
            "pool": pools,
            "start": numbers(activities, since),
            "end": np.where(np.isnan(ended), np.inf, ended),
            "units": float(units),
            "changeover": False,
            "continued": False,
        }
    )


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
