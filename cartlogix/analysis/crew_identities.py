"""Operator hours are conserved: what steps ask of people is what people work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cartlogix.analysis.breaches import TIME
from cartlogix.analysis.capacity import duties
from cartlogix.analysis.occupancy import count_path, occupancies
from cartlogix.analysis.tidy import clipped, numbers, observed
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Resource
from cartlogix.trace.tables import Trace


def operator_hours(trace: Trace, scenario: Scenario) -> list[str]:
    """The hours that steps ask of people are those that people work; nobody is in two places."""
    found: list[str] = []
    crews = [
        (f"{site.name}/{name}", resource)
        for site in scenario.network.sites()
        for name, resource in site.resources.items()
        if resource.people
    ]
    held = occupancies(trace, scenario) if crews else None
    rows = trace["pools"]["pool"].astype(str).tolist()
    for pool, resource in crews:
        assert held is not None
        asked = held[(held["pool"] == rows.index(pool)).to_numpy()]
        found += _crew(trace, pool, resource, asked)
    return found


def _crew(trace: Trace, pool: str, resource: Resource, asked: pd.DataFrame) -> list[str]:
    window, found, worked = observed(trace), [], 0.0
    for group in resource.people:
        start, end = duties(trace, pool, group.name)
        worked += float(clipped(start, end, window).sum())
        peak = count_path(start, end - TIME, np.ones(start.size))[1].max(initial=0.0)
        if peak > group.number:
            found.append(f"{peak:g} of {group.number} '{group.name}' of {pool} at work at once")
    days = clipped(numbers(asked, "start"), numbers(asked, "end"), window) * numbers(asked, "units")
    if abs(float(days.sum()) - worked) > TIME * max(1.0, worked):
        found.append(f"{pool}: steps ask for {days.sum():g} d of people, people work {worked:g} d")
    return found
