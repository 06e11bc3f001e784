"""Figures by period of the window: who came, waited and was infused, and how full the pools were.

Only for scenarios that ask for it with `run.periods`. A period is named by the day on which it
begins, so that the figures of compared scenarios are paired period by period.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cartlogix.analysis.capacity import pool_times
from cartlogix.analysis.occupancy import occupancies
from cartlogix.analysis.tidy import (
    ALL,
    Figure,
    clipped,
    inside,
    mean,
    numbers,
    observed,
    slices,
)
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

FULL = 0.95
"""Utilisation from which a pool counts as full."""


def period_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures by period, if the scenario asks for them."""
    if scenario.run.periods is None:
        return
    spans = periods(trace, scenario)
    for span in spans:
        yield from _patients(trace, scenario, span)
    yield from _pools(trace, scenario, spans)


def periods(trace: Trace, scenario: Scenario) -> list[tuple[float, float]]:
    """Return the periods of the window that were observed whole."""
    length = scenario.run.periods
    start, end = observed(trace)
    if length is None:
        return []
    count = math.floor((end - start) / length.value + 1e-9)
    return [(start + k * length.value, start + (k + 1) * length.value) for k in range(count)]


def period_name(start: float) -> str:
    """Return the name of a period by its first day; names sort as the days do."""
    return f"day {start:07.1f}"


def _patients(trace: Trace, scenario: Scenario, span: tuple[float, float]) -> Iterator[Figure]:
    table, name = trace["patients"], period_name(span[0])
    enrolled, infused = numbers(table, "enrolled"), numbers(table, "infused")
    until = np.where(np.isnan(infused), numbers(table, "left"), infused)
    present = clipped(enrolled, until, span)
    came, served = inside(enrolled, span), inside(infused, span)
    for indication, mask in slices(table["indication"], scenario):
        yield Figure("period.enrolled", name, indication, int((came & mask).sum()))
        yield Figure("period.infused", name, indication, int((served & mask).sum()))
        here = float(present[mask].sum()) / (span[1] - span[0])
        yield Figure("period.in_system", name, indication, here)
        yield Figure("period.wait", name, indication, mean((infused - enrolled)[served & mask]))


def _pools(trace: Trace, scenario: Scenario, spans: list[tuple[float, float]]) -> Iterator[Figure]:
    held = occupancies(trace, scenario)
    first: dict[str, float] = {}
    for span in spans:
        times = pool_times(replace(trace, window=span), scenario, held)
        for pool, used in zip(times["pool"], times["utilisation"], strict=True):
            if math.isnan(used):
                continue
            group = f"{pool}, {period_name(span[0])}"
            yield Figure("period.utilisation", group, ALL, float(used))
            first.setdefault(str(pool), math.nan)
            if used >= FULL and math.isnan(first[str(pool)]):
                first[str(pool)] = span[0]
    for pool, day in first.items():
        yield Figure("pool.full_from", pool, ALL, day)
        yield Figure("pool.ever_full", pool, ALL, float(not math.isnan(day)))
