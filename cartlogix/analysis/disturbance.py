"""What disruptions did: how often, what they broke off, and who was lost by them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cartlogix.analysis.tidy import ALL, Figure, clipped, inside, is_one_of, numbers, observed
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace


def disturbance_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield figures of every disruption that the scenario names."""
    happened, broken, recalls = trace["disruptions"], trace["interruptions"], trace["recalls"]
    window, patients = observed(trace), trace["patients"]
    for disruption in scenario.disruptions:
        name = disruption.name
        begun = happened[is_one_of(happened["disruption"], name)]
        times = np.unique(numbers(begun, "started"))
        yield Figure("disruption.times", name, ALL, int(inside(times, window).sum()))
        mine = broken[is_one_of(broken["disruption"], name)]
        paused = mine[is_one_of(mine["what"], "paused")]
        days = clipped(numbers(paused, "started"), numbers(paused, "ended"), window)
        yield Figure("disruption.paused", name, ALL, float(days.sum()))
        destroyed = mine[is_one_of(mine["what"], "destroyed")]
        count = int(inside(numbers(destroyed, "started"), window).sum())
        yield Figure("disruption.destroyed", name, ALL, count)
        lost = is_one_of(patients["cause"], name) & patients["in_cohort"].to_numpy()
        yield Figure("disruption.lost", name, ALL, int(lost.sum()))
        called = recalls[is_one_of(recalls["disruption"], name)]
        called = called[inside(numbers(called, "time"), window)]
        given = called[is_one_of(called["state"], "infused")]
        stopped = called[is_one_of(called["state"], "in_store", "recalled")]
        yield Figure("disruption.recalled_infused", name, ALL, float(given["doses"].sum()))
        yield Figure("disruption.recalled_stopped", name, ALL, float(stopped["doses"].sum()))
