"""Match classes: who asks for a dose that fits, and who finds one.

As with stocks, all figures cover the measured window, whoever asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cartlogix.analysis.inventory import draw_requests
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import (
    ALL,
    Figure,
    Mask,
    inside,
    is_one_of,
    mean,
    numbers,
    observed,
    ratio,
)
from cartlogix.scenario.itinerary import first_source
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace


def matching_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the service of each match class; nothing where patients have none."""
    if not scenario.demand.match_classes:
        return
    asked = _matched_requests(trace, scenario)
    queued, until = numbers(asked, "queued"), numbers(asked, "until")
    waits = np.where(np.isnan(until), trace.stop, until) - queued
    at_once = asked["served"].to_numpy() & (waits <= 0)
    passed_by = ~at_once & asked["in_store"].to_numpy()
    recent = inside(queued, observed(trace))
    for item in scenario.demand.match_classes:
        mine = recent & is_one_of(asked["match_class"], item.name)
        count = int(mine.sum())
        yield Figure("match.requests", item.name, ALL, count)
        yield Figure("match.fill_rate", item.name, ALL, ratio(int(at_once[mine].sum()), count))
        yield Figure("match.no_compatible", item.name, ALL, int(passed_by[mine].sum()))
        yield Figure("match.mean_wait", item.name, ALL, mean(waits[mine]))


def _matched_requests(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return the requests to stocks with donors, by class; `in_store`: some dose was there."""
    matched = {
        stock.name
        for stock in scenario.stocks
        if (donors := first_source(scenario, stock.name).lot.donors) and donors.classes
    }
    requests = draw_requests(trace, scenario)
    asked = requests[is_one_of(requests["stock"], *matched)]
    table = trace["patients"]
    classes = table["match_class"].set_axis(table["patient"])
    return asked.assign(
        match_class=classes.reindex(asked["patient"]).to_numpy(),
        in_store=_in_store(trace, asked),
    )


def _in_store(trace: Trace, asked: pd.DataFrame) -> Mask:
    """Whether the stock that was asked had doses when it was asked, for anybody."""
    found = np.zeros(len(asked), dtype=bool)
    moves = trace["stock_moves"]
    for stock in asked["stock"].unique():
        rows = is_one_of(asked["stock"], str(stock))
        mine = moves[is_one_of(moves["stock"], str(stock))]
        levels: Floats = np.append(0.0, numbers(mine, "on_hand"))
        before = np.searchsorted(numbers(mine, "time"), numbers(asked, "queued")[rows], "right")
        found[rows] = levels[before] > 0
    return found
