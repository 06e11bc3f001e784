"""Searching the cheapest design within limits, and checking it with fresh random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cartlogix.analysis.statistics import Floats, bonferroni_level, mean_interval, paired_difference
from cartlogix.experiment.search import Design, Limit, Search

Figures = dict[str, Floats]
Respond = Callable[[Sequence[Design], range, bool], list[Figures]]
"""Given designs, replications, and whether random numbers are fresh, returns their figures."""
MOST_CHECKED = 3


@dataclass
class DesignSearch:
    """Tries designs, rules out the hopeless ones early, and keeps what it saw."""

    asked: Search
    respond: Respond
    seen: dict[Design, Figures] = field(default_factory=dict)
    checked: dict[Design, Figures] = field(default_factory=dict)

    def run(self) -> Design | None:
        """Return the cheapest design that keeps to its limits here and with fresh numbers.

        Candidates are checked from the cheapest up, three at most; None if none holds.
        """
        if self.asked.method == "optuna":
            from cartlogix.experiment.optuna_search import propose  # noqa: PLC0415 - an extra

            propose(self.asked, self._full, self._excesses)
        else:
            self._grid()
        for _ in range(MOST_CHECKED):
            design = self._next()
            if design is None:
                return None
            (found,) = self.respond([design], range(self.asked.verify), True)
            self.checked[design] = found
            if self.holds(found):
                return design
        return None

    @property
    def check_confidence(self) -> float:
        """The confidence of each check, so that all that are made have that asked for together."""
        return bonferroni_level(MOST_CHECKED, self.asked.confidence)

    def holds(self, found: Figures) -> bool:
        """Whether a design passes its check with fresh random numbers."""
        return self.keeps(found, self.check_confidence)

    def candidates(self) -> list[Design]:
        """Return the designs that keep to their limits with confidence, the cheapest first."""
        kept = [design for design, found in self.seen.items()
                if self._is_full(found) and self.keeps(found)]  # fmt: skip
        return sorted(kept, key=lambda design: (self._cost(design), design))

    def keeps(self, found: Figures, confidence: float | None = None) -> bool:
        """Whether every limit holds with a confidence, that asked for if None is given."""
        return all(value <= 0 for value in self._excesses(found, confidence))

    def equals(self, design: Design) -> list[Design]:
        """Return other candidates whose paired difference in the aim may be zero.

        The intervals of all of them hold together with 95 % (Bonferroni).
        """
        mine = self.seen[design][self.asked.minimise]
        others = [other for other in self.candidates() if other != design]
        level = bonferroni_level(len(others))
        return [
            other
            for other in others
            if paired_difference(mine, self.seen[other][self.asked.minimise], level).low <= 0
        ]

    def front(self) -> list[Design]:
        """Return the designs that no other one beats on both the aim and the first limit."""
        limit, places = self.asked.limits[0], {}
        for design, found in self.seen.items():
            if self._is_full(found):
                level = float(found[limit.kpi].mean())
                places[design] = self._cost(design), level if limit.at_least is None else -level
        return [
            design
            for design, (cost, level) in places.items()
            if not math.isnan(cost + level)
            and not any(c <= cost and v <= level and (c, v) != (cost, level)
                        for c, v in places.values())
        ]  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Return every design with its figures, whether it keeps to its limits, and the front."""
        kept, front = set(self.candidates()), set(self.front())
        rows = []
        for design in sorted(self.seen):
            found = self.seen[design]
            row: dict[str, object] = dict(zip(self._names(), design, strict=True))
            row["replications"] = found[self.asked.minimise].size
            for kpi in self.asked.kpis:
                row |= dict(zip((kpi, f"{kpi}.low", f"{kpi}.high"), mean_interval(found[kpi]),
                                strict=True))  # fmt: skip
            state = "keeps to the limits" if design in kept else "does not keep to them"
            row["verdict"] = state if self._is_full(found) else "ruled out early"
            rows.append({**row, "front": design in front})
        return pd.DataFrame(rows)

    def _next(self) -> Design | None:
        """Return the cheapest candidate that was not checked yet.

        What was ruled out early stays so only as long as a limit is broken, or one of the
        candidates that are left is cheaper; otherwise it is run in full now.
        """
        while True:
            left = [design for design in self.candidates() if design not in self.checked]
            again = [
                design
                for design, found in self.seen.items()
                if not (self._is_full(found) or self._is_hopeless(design, left))
            ]
            if not again:
                return left[0] if left else None
            self._full(again)

    def _grid(self) -> None:
        designs, first = list(self.asked.designs()), self.asked.first
        for design, found in zip(designs, self.respond(designs, range(first), False), strict=True):
            self.seen[design] = found
        promising = [design for design, found in self.seen.items() if self.keeps(found)]
        self._full([design for design in designs if not self._is_hopeless(design, promising)])

    def _is_hopeless(self, design: Design, rivals: Iterable[Design]) -> bool:
        """Whether the replications so far show that a limit is broken, or that a rival is cheaper.

        The best design meets every limit and every rival. Each of these verdicts is so sure that
        all of them on it are right with the confidence asked for; one half of the error that this
        leaves goes to the limits, the other one to the rivals.
        """
        asked, found = self.asked, self.seen[design]
        sure = bonferroni_level(2 * len(asked.limits), asked.confidence)
        if any(_is_broken(limit, found[limit.kpi], sure) for limit in asked.limits):
            return True
        mine = found[asked.minimise]
        sure = 2 * bonferroni_level(2 * (asked.size - 1), asked.confidence) - 1  # of two sides
        return any(
            paired_difference(theirs[: mine.size], mine, sure).low > 0
            for theirs in (self.seen[rival][asked.minimise] for rival in rivals)
            if theirs[: mine.size].mean() < mine.mean()
        )

    def _full(self, designs: Iterable[Design]) -> list[Figures]:
        """Run all replications of designs, those of them that were run before being kept."""
        listed = list(designs)
        todo = [design for design in dict.fromkeys(listed)
                if design not in self.seen or not self._is_full(self.seen[design])]  # fmt: skip
        replications = range(self.asked.replications)
        for design, found in zip(todo, self.respond(todo, replications, False), strict=True):
            self.seen[design] = found
        return [self.seen[design] for design in listed]

    def _excesses(self, found: Figures, confidence: float | None = None) -> list[float]:
        level = self.asked.confidence if confidence is None else confidence
        return [excess(limit, found[limit.kpi], level) for limit in self.asked.limits]

    def _is_full(self, found: Figures) -> bool:
        return found[self.asked.minimise].size >= self.asked.replications

    def _cost(self, design: Design) -> float:
        return float(self.seen[design][self.asked.minimise].mean())

    def _names(self) -> list[str]:
        return [one.name for one in self.asked.decisions]


def excess(limit: Limit, values: Floats, confidence: float) -> float:
    """Return by how much the one-sided t limit of a mean breaks a limit; 0 or less if it holds.

    What is undefined in some replication breaks it.
    """
    sign, bound = (1.0, limit.at_most) if limit.at_most is not None else (-1.0, limit.at_least)
    assert bound is not None
    if np.isnan(values).any() or values.size < 2:
        return math.inf
    return sign * (float(values.mean()) - bound) + _half(values, confidence)


def _is_broken(limit: Limit, values: Floats, confidence: float) -> bool:
    """Whether even the other one-sided limit of the mean lies beyond the limit."""
    if np.isnan(values).any() or values.size < 2:
        return True
    return excess(limit, values, confidence) > 2 * _half(values, confidence)


def _half(values: Floats, confidence: float) -> float:
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return float(stdtrit(values.size - 1, confidence)) * error
