"""Who holds which pool when: intervals read off the activities, and paths through time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import coded, is_one_of, numbers
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.trace.tables import Trace


def routes(scenario: Scenario) -> Iterator[tuple[str, str, tuple[Step, ...]]]:
    """Yield `entity, route, steps` of every patient route and every supply route."""
    for pathway in scenario.pathways:
        yield "patient", pathway.name, pathway.route
    for stock in scenario.stocks:
        yield "lot", stock.name, stock.lot.route


def occupancies(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return `pool, start, end, units, changeover`, a row for each pool that an activity holds.

    `pool` is the row of the pool in the table pools. A step holds all that it needs, at the site
    where it takes place, from its start to its end; what is under way ends at infinity. Each
    changeover blocks one unit of the pool that it names.
    """
    activities = trace["activities"]
    row_of = {str(name): row for row, name in enumerate(trace["pools"]["pool"])}
    parts = [_changeovers(activities, row_of)]
    begun = activities[activities["started"].notna().to_numpy()]
    place, places = coded(begun["place"])
    keys = [coded(begun[column]) for column in ("entity", "route", "step")]
    for entity, route, steps in routes(scenario):
        for step in steps:
            wanted = [
                _code(names, name)
                for (_, names), name in zip(keys, (entity, route, step.name), strict=True)
            ]
            mask = np.logical_and.reduce(
                [codes == code for (codes, _), code in zip(keys, wanted, strict=True)]
            )
            for need in step.needs if mask.any() else ():
                pools = np.array([row_of.get(f"{site}/{need.name}", -1) for site in places])
                parts.append(_rows(begun[mask], pools[place[mask]], need.units))
    held = pd.concat(parts, ignore_index=True)
    return held[(held["pool"] >= 0).to_numpy()]


def _code(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -2


def _changeovers(activities: pd.DataFrame, row_of: dict[str, int]) -> pd.DataFrame:
    blocked = activities[is_one_of(activities["kind"], "changeover")]
    codes, names = coded(blocked["pool"])
    pools = np.array([row_of.get(name, -1) for name in names], dtype=np.int64)
    return _rows(blocked, pools[codes], 1).assign(changeover=True)


def _rows(activities: pd.DataFrame, pools: object, units: int) -> pd.DataFrame:
    ended = numbers(activities, "ended")
    return pd.DataFrame(
        {
            "pool": pools,
            "start": numbers(activities, "started"),
            "end": np.where(np.isnan(ended), np.inf, ended),
            "units": float(units),
            "changeover": False,
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
