"""Seeded bugs: each one patches the engine the way a programmer would get it wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from cartlogix.analysis import cost, lead_time
from cartlogix.analysis.ledger import build_ledger
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.survival import SurvivalCurve, kaplan_meier
from cartlogix.analysis.tidy import is_one_of
from cartlogix.ground import law_registry
from cartlogix.ground.distributions import Constant, Lognormal
from cartlogix.ground.streams import Streams, UniformColumn
from cartlogix.pathways.route import RouteStep
from cartlogix.scenario.model import Scenario
from cartlogix.sim import stock
from cartlogix.sim.line import State
from cartlogix.sim.pool import Pool, Seizure
from cartlogix.sim.station import Durations, Scopes
from cartlogix.sim.stations import StationBuilder
from cartlogix.trace.tables import Trace

Seed = Callable[[pytest.MonkeyPatch], None]


def request_not_cancelled(patch: pytest.MonkeyPatch) -> None:
    """Who drops out keeps the place in line, and later a suite that nobody gives back."""

    def give_up(self: Pool, request: Seizure) -> None:
        ghost = Seizure(request.who, request.needs)
        place = next(i for i, item in enumerate(self._line._heap) if item[3] is request)
        self._line._heap[place] = (*self._line._heap[place][:3], ghost)
        request.settle(State.RENEGED)

    patch.setattr(Pool, "give_up", give_up)


def patience_runs_on(patch: pytest.MonkeyPatch) -> None:
    """Patience for the slot goes on being used up while the product is made."""
    right = StationBuilder._scopes

    def scopes(self: StationBuilder, resolved: RouteStep, route: str) -> Scopes:
        found = right(self, resolved, route)
        return Scopes(found.waiting, found.waiting)

    patch.setattr(StationBuilder, "_scopes", scopes)


def whole_days(patch: pytest.MonkeyPatch) -> None:
    """Durations are rounded up to days."""
    right = Durations.of
    patch.setattr(
        Durations, "of", lambda self, number, round_: float(math.ceil(right(self, number, round_)))
    )


def mean_taken_as_median(patch: pytest.MonkeyPatch) -> None:
    """A lognormal by mean and sd gets the mean for its median."""

    def wrong(mean: float, sd: float) -> Lognormal | Constant:
        sigma = math.sqrt(math.log1p((sd / mean) ** 2))
        return Lognormal(mu=math.log(mean), sigma=sigma)

    spec = law_registry.LAWS["lognormal"]
    forms = {**spec.forms, ("mean", "sd"): wrong}
    laws = {**law_registry.LAWS, "lognormal": law_registry.LawSpec(forms)}
    patch.setattr(law_registry, "LAWS", laws)


def last_in_first_out(patch: pytest.MonkeyPatch) -> None:
    """The freshest dose is issued first."""
    patch.setitem(stock._ISSUE_ORDER, "fefo", stock._ISSUE_ORDER["lifo"])
    patch.setitem(stock._ISSUE_ORDER, "fifo", stock._ISSUE_ORDER["lifo"])


def life_from_the_order(patch: pytest.MonkeyPatch) -> None:
    """Shelf life starts when the lot is ordered."""
    right = stock.Stock.receive

    def receive(self: stock.Stock, lot: stock.Lot, doses: int, reason: str) -> None:
        lot.released = lot.ordered
        self.rules = stock.StockRules(
            self.rules.site,
            self.rules.issue,
            self.rules.discipline,
            self.rules.life,
            from_receipt=False,
        )
        right(self, lot, doses, reason)

    patch.setattr(stock.Stock, "receive", receive)


def completers_only(patch: pytest.MonkeyPatch) -> None:
    """The estimate for all is the mean of those who are through."""

    def wrong(followed: Floats, infused: NDArray[np.bool_]) -> SurvivalCurve:
        return kaplan_meier(followed[infused], infused[infused])

    patch.setattr(lead_time, "kaplan_meier", wrong)


def cost_of_the_infused(patch: pytest.MonkeyPatch) -> None:
    """What was spent on the lost is left out of the cost per infused patient."""

    def wrong(trace: Trace, scenario: Scenario) -> pd.DataFrame:
        ledger = build_ledger(trace, scenario)
        infused = trace.cohort[is_one_of(trace.cohort["status"], "infused")]["patient"]
        return ledger[ledger["id"].isin(infused.astype(str)).to_numpy()]

    patch.setattr(cost, "build_ledger", wrong)


def one_shared_stream(patch: pytest.MonkeyPatch) -> None:
    """All random numbers come from one generator, in the order of asking."""

    right = Streams.uniforms
    shared: dict[int, np.random.PCG64] = {}

    def uniforms(self: Streams, purpose: str, attempt: int = 0) -> UniformColumn:
        column = right(self, purpose, attempt)
        column._bits = shared.setdefault(id(self), column._bits)
        return column

    patch.setattr(Streams, "uniforms", uniforms)
