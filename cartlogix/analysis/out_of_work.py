"""Units that are out of work: by outages, and people who are away."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import is_one_of, numbers
from cartlogix.scenario.disruption import Outage
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.people import People
from cartlogix.scenario.when import day_when
from cartlogix.trace.tables import Trace

Absences = tuple[Floats, Floats, Floats]
"""From when to when how many units are out of work; infinitely many: all of them."""


def absences(
    trace: Trace, scenario: Scenario, pool: str, group: People | None = None
) -> Absences | None:
    """Return when units of a pool, or people of one of its groups, are out; None if never."""
    rows, away = trace["disruptions"], group.away if group is not None else ()
    if not len(rows) and not away:
        return None
    mine = is_one_of(rows["kind"], "outage") & is_one_of(rows["target"], pool)
    if group is not None:
        whose = {d.name: d.group for d in scenario.disruptions if isinstance(d, Outage)}
        groups = [whose.get(str(name)) for name in rows["disruption"]]
        mine &= np.array([name in (None, group.name) for name in groups], dtype=bool)
    rows = rows[mine]
    start, units = numbers(rows, "started"), numbers(rows, "units")
    end = np.where(rows["ended"].isna(), math.inf, numbers(rows, "ended"))
    units = np.where(np.isnan(units), math.inf, units)
    if away:
        first = scenario.run.start
        start = np.append(start, [day_when(one.from_, first) for one in away])
        end = np.append(end, [day_when(one.to, first) for one in away])
        units = np.append(units, [float(one.number) for one in away])
    return (start, end, units) if start.size else None


def out_days(
    absent: Absences,
    held: Absences,
    capacity: float,
    window: tuple[float, float],
    open_days: Callable[[Floats, Floats], Floats],
) -> float:
    """Return the open unit-days of a window in which units are out of work and not held.

    `held` are the units in use. What is still in hand while its unit is out counts as in use.
    """
    edges = np.unique(np.clip(np.concatenate([*absent[:2], *held[:2], window]), *window))
    low, high = edges[:-1], edges[1:]
    gone = np.minimum(_level(absent, edges), capacity)
    left = np.maximum(capacity - _level(held, edges), 0.0)
    return float((np.minimum(gone, left) * open_days(low, high)).sum())


def _level(intervals: Absences, edges: Floats) -> Floats:
    """Return how many units the intervals cover between each two edges."""
    start, end, units = intervals
    steps = np.zeros(edges.size)
    # Infinite numbers would not cancel.
    many = np.minimum(units, 1e9)
    np.add.at(steps, np.searchsorted(edges, np.clip(start, edges[0], edges[-1])), many)
    np.subtract.at(steps, np.searchsorted(edges, np.clip(end, edges[0], edges[-1])), many)
    return np.cumsum(steps)[:-1]
