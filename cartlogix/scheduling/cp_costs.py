"""What the constraint model minimises: one level of an objective, scaled to whole numbers.

Each term of each job is brought to the form that propagates best: a straight line, hinges, one
step, or, failing all of them, a table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from cartlogix.scheduling.cp_jobs import Expression, Tick

Values = npt.NDArray[np.floating]

LARGEST = float(2**42)
"""Largest size of a scaled level: far from the overflow of 64 bits, exact in the LP's doubles."""

NOISE = 1e-3
"""Whole units that floating point may be off by; plans differ by at least one."""

HINGES = 12
"""Breakpoints up to which a convex cost is written with hinges and not as a table."""


@dataclass
class Level:
    """A sum of costs, in the objective's own numbers.

    Attributes:
        constant: What does not depend on any decision.
        error: What the costs may be wrong by, over all plans.
        lines: Price of one unit of an expression, the expression, its least and largest value.
        tables: A point in time, and the cost at each tick from its least to its largest.
    """

    model: cp_model.CpModel
    constant: float = 0.0
    error: float = 0.0
    lines: list[tuple[float, Expression, int, int]] = field(default_factory=list)
    tables: list[tuple[Tick, Values]] = field(default_factory=list)

    def line(self, price: float, expression: Expression, low: int, high: int) -> None:
        """Adds a price for each unit of an expression."""
        if low == high:
            self.constant += price * low
        elif price:
            self.lines.append((price, expression, low, high))

    def by_tick(self, tick: Tick, values: Values) -> None:
        """Adds a cost for each tick from the least to the largest of a point in time."""
        slopes = np.diff(values)
        fuzz = 1e-12 * max(1.0, float(np.abs(values).max()))
        bends = np.flatnonzero(np.abs(np.diff(slopes)) > 4 * fuzz)
        rises = slopes[bends + 1] - slopes[bends]
        if not len(bends) or (len(bends) <= HINGES and bool(np.all(rises > 0))):
            slope = float(slopes[0]) if len(slopes) else 0.0
            self.constant += float(values[0]) - slope * tick.low
            self.line(slope, tick.at, tick.low, tick.high)
            for bend, rise in zip(bends.tolist(), rises.tolist(), strict=True):
                self._hinge(rise, tick, tick.low + bend + 1)
            return
        cheap = np.flatnonzero(values <= values.min() + fuzz)
        dear = values[values > values.min() + fuzz]
        if np.ptp(dear) <= fuzz and cheap[-1] - cheap[0] + 1 == len(cheap):
            self._step(float(dear[0] - values.min()), tick, cheap)
            self.constant += float(values.min())
        else:
            self.tables.append((tick, values))

    def _hinge(self, price: float, tick: Tick, knee: int) -> None:
        past = self.model.new_int_var(0, tick.high - knee, "")
        self.model.add(past >= tick.at - knee)
        self.line(price, past, 0, tick.high - knee)

    def _step(self, price: float, tick: Tick, cheap: npt.NDArray[np.int64]) -> None:
        paid = self.model.new_bool_var("")
        low, high = tick.low + int(cheap[0]), tick.low + int(cheap[-1])
        self.model.add_linear_constraint(tick.at, low, high).only_enforce_if(~paid)
        self.line(price, paid, 0, 1)

    @property
    def least(self) -> float:
        """A bound from below that holds for every plan."""
        lines = (min(price * low, price * high) for price, _, low, high in self.lines)
        tables = (float(values.min()) for _, values in self.tables)
        return self.constant + math.fsum(lines) + math.fsum(tables) - self.error


@dataclass(frozen=True)
class Scaled:
    """A level in whole numbers: cost = constant + expression / scale, up to the error.

    Attributes:
        expression: To be minimised.
        scale: Whole units for one of the objective's.
        constant: Added back after the division.
        error: Largest distance between the two, in the objective's numbers.
    """

    expression: Expression | int
    scale: float
    constant: float
    error: float

    def bound(self, whole: float) -> float:
        """The objective's bound from below that follows from one on the whole numbers."""
        return self.constant + whole / self.scale - self.error

    def ceiling(self, value: float) -> int:
        """The largest whole number that a plan of that value may have."""
        return math.floor((value - self.constant + self.error) * self.scale + 10 * NOISE)


def scaled(level: Level, count: int) -> Scaled:
    """Rounds a level to whole numbers, exactly wherever a usual scale makes them whole.

    Args:
        level: Its costs.
        count: Number of jobs, by which a mean divides.
    """
    prices = np.array([price for price, *_ in level.lines])
    reach = np.array([max(abs(low), abs(high)) for *_, low, high in level.lines], dtype=float)
    tables = [values for _, values in level.tables]
    size = float(np.abs(prices) @ reach) + sum(float(np.abs(table).max()) for table in tables)
    scale = _scale(np.concatenate([prices, *tables]), size, count)
    whole = np.rint(prices * scale)
    error = float(np.abs(whole - prices * scale) @ reach)
    terms = [
        int(factor) * expression
        for factor, (_, expression, _, _) in zip(whole, level.lines, strict=True)
    ]
    for tick, table in level.tables:
        rounded = np.rint(table * scale)
        error += float(np.abs(rounded - table * scale).max())
        cost = level.model.new_int_var(int(rounded.min()), int(rounded.max()), "")
        level.model.add_element(tick.at - tick.low, rounded.astype(np.int64).tolist(), cost)
        terms.append(cost)
    error = 0.0 if error < NOISE else error
    return Scaled(sum(terms), scale, level.constant, error / scale + level.error)


def _scale(values: Values, size: float, count: int) -> float:
    """The smallest usual scale that makes all values whole; else the largest that fits."""
    if not size:
        return 1.0
    room = LARGEST / size
    least = float(np.abs(values[values != 0]).min())
    for power in range(9):
        for factor in (1, 2, 4, 5, max(count, 1)):
            scale = float(factor * 10**power)
            distance = np.abs(np.rint(values * scale) - values * scale)
            if scale <= room and distance.max() < 1e-6 * min(1.0, least * scale):
                return scale
    return float(2.0 ** math.floor(math.log2(room)))
