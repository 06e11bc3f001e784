"""Searching the level of one stock by simulation, on the same patients and lots for every level."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtr

from cartlogix.analysis.cost import cost_figures
from cartlogix.analysis.inventory import inventory_figures
from cartlogix.analysis.statistics import (
    Floats,
    Interval,
    bonferroni_level,
    mean_interval,
    paired_difference,
)
from cartlogix.analysis.tidy import ALL
from cartlogix.experiment.pool import WorkerPool
from cartlogix.experiment.replication import replicate
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.stock import (
    BaseStock,
    PeriodicReview,
    ReorderQuantity,
    ReorderUpTo,
    Stock,
)

MOST = 100_000
Task = tuple[Scenario, str, int]


@dataclass(frozen=True)
class Tried:
    """One level and what it gave, replication by replication.

    `level` is S of base_stock and (R, S), the reorder point of (r, Q) and (s, S).
    """

    level: int
    fill: Floats
    cost: Floats

    def chance_of(self, target: float) -> float:
        """Return the chance that the mean fill rate reaches the target, by Student's t."""
        error = float(self.fill.std(ddof=1)) / math.sqrt(self.fill.size)
        beyond = float(self.fill.mean()) - target
        if error == 0:
            return float(beyond >= 0)
        return float(stdtr(self.fill.size - 1, beyond / error))


@dataclass(frozen=True)
class Answer:
    """The level that was found, the next best one, and how they differ on the same patients.

    `difference` is the next best level's fill rate or cost less that of the level found. Where both
    were chosen among all that were tried, its interval allows for that (Bonferroni).
    """

    found: Tried
    rival: Tried | None
    difference: Interval | None
    tried: tuple[Tried, ...]

    @property
    def is_separable(self) -> bool:
        """Whether the paired 95 % interval of the difference lies to one side of 0."""
        return self.difference is not None and (self.difference.low > 0 or self.difference.high < 0)

    def surely(self, target: float) -> int | None:
        """Return the lowest level tried whose fill rate is above a target by its whole interval.

        The intervals of all levels tried hold together with 95 % (Bonferroni).
        """
        level = bonferroni_level(len(self.tried))
        above = [one for one in self.tried if mean_interval(one.fill, level).low >= target]
        return above[0].level if above else None


@dataclass
class LevelSearch:
    """Tries levels of one stock of a scenario, each once.

    Raises:
        InvalidInput: if there is no such stock, or if its rule has no level to search.
    """

    scenario: Scenario
    stock: str
    jobs: int = 1
    note: Callable[[str], None] = lambda text: None
    known: dict[int, Tried] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a stock whose rule has no level."""
        names = [stock.name for stock in self.scenario.stocks]
        if self.stock not in names:
            raise _refusal(f"no stock is named '{self.stock}'; known: {', '.join(names) or 'none'}")
        if level_of(self._spec()) is None:
            rule = self._spec().replenishment.rule
            raise _refusal(
                f"the rule '{rule}' of '{self.stock}' has no level to search; choose base_stock, "
                "r_Q, s_S or R_S"
            )

    def for_fill(self, target: float) -> Answer:
        """Return the lowest level whose mean fill rate reaches the target, by bisection.

        More stock never serves fewer at once on the same patients and lots, as long as orders do
        not crowd out each other; the levels beside the answer are tried all the same.
        """
        low, high = 0, max(1, level_of(self._spec()) or 1)
        while self._fill(high) < target:
            low, high = high, high * 2
            if high > MOST:
                raise _refusal(f"no level up to {MOST:,} reaches a fill rate of {target:g}")
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._fill(middle) >= target else (middle, high)
        found = self.tried(high)
        rival = self.tried(high - 1) if high > 1 else None
        return self._answer(found, rival, lambda one: one.fill, 1)

    def for_cost(self) -> Answer:
        """Return the level of least mean cost per infused patient, by steps that halve.

        The search goes downhill from the present level, so it finds the least cost of all only if
        the cost has one valley.
        """
        at = max(1, level_of(self._spec()) or 1)
        step = 1
        while step * 2 <= at:
            step *= 2
        while step:
            best = min((max(1, at - step), at, at + step), key=self._cost)
            if best == at or best > MOST:
                step //= 2
            else:
                at = best
        found = self.tried(at)
        others = [one for one in self.known.values() if one is not found]
        rival = min(others, key=lambda one: float(one.cost.mean()), default=None)
        return self._answer(found, rival, lambda one: one.cost, len(others))

    def tried(self, level: int) -> Tried:
        """Return what a level gives, simulated if it was not tried before."""
        if level not in self.known:
            scenario = with_level(self.scenario, self.stock, level)
            tasks = [(scenario, self.stock, k) for k in range(scenario.run.replications)]
            rows = np.array(list(WorkerPool(_measure, _lost, self.jobs).map(tasks)))
            if np.isnan(rows[:, 0]).any():
                raise _refusal(f"nobody asks '{self.stock}' for a dose within the window")
            tried = self.known[level] = Tried(level, rows[:, 0], rows[:, 1])
            fill, cost = mean_interval(tried.fill), mean_interval(tried.cost)
            self.note(f"level {level}: fill rate {fill.estimate:.4f}, cost {cost.estimate:,.0f}")
        return self.known[level]

    def _fill(self, level: int) -> float:
        return float(self.tried(level).fill.mean())

    def _cost(self, level: int) -> float:
        return float(self.tried(level).cost.mean())

    def _spec(self) -> Stock:
        return next(stock for stock in self.scenario.stocks if stock.name == self.stock)

    def _answer(
        self, found: Tried, rival: Tried | None, of: Callable[[Tried], Floats], rivals: int
    ) -> Answer:
        sure = bonferroni_level(rivals)
        difference = None if rival is None else paired_difference(of(found), of(rival), sure)
        levels = tuple(self.known[level] for level in sorted(self.known))
        return Answer(found, rival, difference, levels)


def level_of(stock: Stock) -> int | None:
    """Return the level that a search changes, None if the rule has none."""
    rule = stock.replenishment
    if isinstance(rule, BaseStock | PeriodicReview):
        return rule.level
    return rule.reorder_point if isinstance(rule, ReorderQuantity | ReorderUpTo) else None


def with_level(scenario: Scenario, name: str, level: int) -> Scenario:
    """Return the scenario with another level; (s, S) keeps the distance of S to s."""

    def changed(stock: Stock) -> Stock:
        rule = stock.replenishment
        values = {"level": level}
        if isinstance(rule, ReorderQuantity):
            values = {"reorder_point": level}
        if isinstance(rule, ReorderUpTo):
            values = {"reorder_point": level, "level": level + rule.level - rule.reorder_point}
        return stock.model_copy(update={"replenishment": rule.model_copy(update=values)})

    stocks = tuple(changed(one) if one.name == name else one for one in scenario.stocks)
    return scenario.model_copy(update={"stocks": stocks})


def levels_csv(answer: Answer, target: float | None) -> Iterator[str]:
    """Yield the lines of a CSV table of the levels tried."""
    yield "level,fill_rate,fill_low,fill_high,chance_of_target,cost,cost_low,cost_high"
    for one in answer.tried:
        chance = math.nan if target is None else one.chance_of(target)
        cells = [*mean_interval(one.fill), chance, *mean_interval(one.cost)]
        yield ",".join([str(one.level), *(f"{cell:.6g}" for cell in cells)])


def _measure(task: Task) -> tuple[float, float]:
    """Return the fill rate of a stock and the cost per infused patient in one replication."""
    scenario, stock, number = task
    trace = replicate(scenario, number)
    figures = [*inventory_figures(trace, scenario), *cost_figures(trace, scenario)]
    values = {(f.kpi, f.group): f.value for f in figures if f.indication == ALL}
    return values["stock.fill_rate", stock], values["cost.per_infused", ""]


def _lost(task: Task) -> tuple[float, float]:
    raise MemoryError(f"replication {task[2] + 1} ended its process: out of memory?")


def _refusal(message: str) -> InvalidInput:
    return InvalidInput([Finding("--stock", 0, 0, "", message)])
