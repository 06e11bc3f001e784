"""Order-up-to levels from expectations: demand over lead time and review, yield, failure, expiry.

With demand rate d, lead time L, review R, lots of Q doses of which the share g arrives, and the
variance v of what a good lot yields::

    S = ceil(m + z sqrt(m + n (g v + g (1 - g) Q^2))),  m = d (L + R),  n = d (L + R) / (g Q)

The first part is the order-up-to level of a Poisson demand in the normal approximation (Silver,
Pyke and Thomas, Inventory and Production Management in Supply Chains, on (R, S)); z is the normal
quantile of the service. The last part is the variance of what the n lots on order bring, and orders
are divided by g (Yano and Lee, Operations Research 43 (1995) 311). Doses that keep for a time T
after receipt cap the level at d (L + T), rounded down but 1 at least: what arrives beyond it would
expire before its turn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from cartlogix.scenario.outlook import Outlook
from cartlogix.scenario.stock import AgeAware, ComputedLevel
from cartlogix.sim.replenisher import ReplenishmentRule, StockView


@dataclass(frozen=True)
class ExpectedLevel:
    """Order so that what is expected to arrive brings the position up to a level.

    Attributes:
        level: S, in doses.
        good: Share of ordered doses that are expected to arrive.
        demand: Doses asked for per day, for the doses that will expire; 0 to leave them in.
        horizon: Days that an order of now has to cover: lead time and review.
    """

    name: str
    level: int
    good: float
    demand: float
    horizon: float
    review: float | None = None
    looks_at_age: bool = False

    def order(self, view: StockView) -> tuple[int, ...]:
        """Return one order of what is missing, inflated by what is expected to fail."""
        position = view.on_hand + self.good * view.on_order - view.backorders
        missing = self.level - position + self.outdating(view)
        doses = math.ceil(missing / self.good - 1e-9)
        return (doses,) if doses > 0 else ()

    def outdating(self, view: StockView) -> float:
        """Return the doses on hand expected to expire within the horizon, the oldest used first."""
        used = gone = 0.0
        for life, doses in view.ages:
            if life >= self.horizon:
                break
            issued = min(float(doses), max(0.0, self.demand * life - used))
            used += issued
            gone += doses - issued
        return gone


def computed_level(demand: float, cover: float, service: float, expected: Outlook) -> int:
    """Return the level S for a demand per day over `cover` days."""
    good, lot = expected.good, expected.lot
    mean = demand * cover
    lots = mean / (good * lot)
    risk = lots * (good * expected.spread + good * (1 - good) * lot * lot)
    level = math.ceil(mean + NormalDist().inv_cdf(service) * math.sqrt(mean + risk) - 1e-9)
    most = demand * (expected.lead + expected.life)
    return max(1, level if math.isinf(most) else min(level, math.floor(most + 1e-9)))


def computed_rule(spec: ComputedLevel, expected: Outlook) -> ReplenishmentRule:
    """Return the rule with its level; what the scenario states goes before what is expected."""
    demand = expected.demand if spec.demand is None else spec.demand.value
    lead = expected.lead if spec.lead is None else spec.lead.value
    review = None if spec.review is None else spec.review.value
    expected = Outlook(demand, lead, expected.good, expected.lot, expected.spread, expected.life)
    cover = lead + (review or 0.0)
    level = computed_level(demand, cover, spec.service.value, expected)
    by_age = isinstance(spec, AgeAware)
    return ExpectedLevel(spec.rule, level, expected.good, demand, cover, review, by_age)
