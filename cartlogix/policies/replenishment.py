"""Textbook replenishment rules, as functions of the inventory position.

Position = on hand + on order - backorders. See Silver, Pyke and Peterson, Inventory Management
and Production Planning and Scheduling, for (s, Q), (s, S) and (R, S), and Zipkin, Foundations of
Inventory Management, for base stock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cartlogix.policies.computed_level import computed_rule
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.outlook import outlook
from cartlogix.scenario.stock import (
    BaseStock,
    ComputedLevel,
    ExogenousSupply,
    NoSupply,
    PeriodicReview,
    ReorderQuantity,
    ReorderUpTo,
    Stock,
)
from cartlogix.sim.replenisher import ReplenishmentRule, StockView


@dataclass(frozen=True)
class NeverOrder:
    """Orders nothing: there is no supply, or it does not depend on demand."""

    name: str = "none"
    review: float | None = None
    looks_at_age: bool = False

    def order(self, view: StockView) -> tuple[int, ...]:
        """Return no lots."""
        del view
        return ()


@dataclass(frozen=True)
class OneForOne:
    """(S-1, S): a lot of one dose for each dose that the position is below S."""

    level: int
    name: str = "base_stock"
    review: float | None = None
    looks_at_age: bool = False

    def order(self, view: StockView) -> tuple[int, ...]:
        """Return one lot of 1 dose for each missing dose."""
        return (1,) * max(0, self.level - view.position)


@dataclass(frozen=True)
class FixedQuantity:
    """(r, Q): at or below r, as many lots of Q as bring the position above r."""

    reorder_point: int
    quantity: int
    name: str = "r_Q"
    review: float | None = None
    looks_at_age: bool = False

    def order(self, view: StockView) -> tuple[int, ...]:
        """Return the lots of Q doses."""
        missing = self.reorder_point - view.position
        if missing < 0:
            return ()
        return (self.quantity,) * (math.floor(missing / self.quantity) + 1)


@dataclass(frozen=True)
class UpToLevel:
    """(s, S) with continuous review, or (R, S) with periodic review (s = S - 1)."""

    reorder_point: int
    level: int
    name: str
    review: float | None = None
    looks_at_age: bool = False

    def order(self, view: StockView) -> tuple[int, ...]:
        """Return one lot up to S if the position is at or below s."""
        return (self.level - view.position,) if view.position <= self.reorder_point else ()


def replenishment_rule(scenario: Scenario, stock: Stock) -> ReplenishmentRule:
    """Return the rule that a scenario names for a stock.

    Raises:
        TypeError: for a specification that has no rule here.
    """
    spec = stock.replenishment
    match spec:
        case NoSupply() | ExogenousSupply():
            return NeverOrder(name=spec.rule)
        case BaseStock():
            return OneForOne(spec.level)
        case ReorderQuantity():
            return FixedQuantity(spec.reorder_point, spec.quantity)
        case ReorderUpTo():
            return UpToLevel(spec.reorder_point, spec.level, spec.rule)
        case PeriodicReview():
            return UpToLevel(spec.level - 1, spec.level, spec.rule, spec.review.value)
        case ComputedLevel():
            return computed_rule(spec, outlook(scenario, stock))
    raise TypeError(f"no replenishment rule for {spec!r}")
