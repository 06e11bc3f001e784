"""Stocks whose doses fit some patients only: by the match classes of patient and donor."""

from __future__ import annotations

from collections import Counter

from cartlogix.scenario.matching import Ranks
from cartlogix.sim.clock import Clock
from cartlogix.sim.line import Waiting
from cartlogix.sim.stock import Dose, Lot, Stock, StockRules


class MatchedStock(Stock):
    """A stock that issues to each patient the best dose that fits.

    Whoever waits fits none of the doses on hand, so that nobody stands in another's way.
    """

    def __init__(
        self, env: Clock, name: str, rules: StockRules, ranks: Ranks, classes: frozenset[str]
    ) -> None:
        super().__init__(env, name, rules)
        self._ranks = ranks
        self._classes = classes

    def serves(self, who: Waiting) -> bool:
        """Whether a donor class of this stock fits a patient."""
        return not self._classes.isdisjoint(self._ranks[who.match_class])

    def positions(self) -> Counter[str]:
        """Return doses on hand, less the patients in line who can take them, of each class."""
        position: Counter[str] = Counter()
        for lot in self._lots:
            position[lot.match_class] += lot.on_hand
        for request in self._line.requests():
            if request.who.match_class >= 0:  # otherwise another stock, which takes what comes
                position.subtract(self._ranks[request.who.match_class].keys())
        return position

    def draw(self, who: Waiting) -> Dose | None:
        """Issue the best dose that fits at once, or return None if none does."""
        self._drop_expired()
        lot = self._pick(who)
        if lot is None:
            return None
        dose = self.issue(who, lot)
        self.on_change("issue")
        return dose

    def _serve(self) -> None:
        served = False
        for request in self._line.requests():
            lot = self._pick(request.who)
            if lot is not None:
                request.fill(self, lot)
                self._line.grant(request)
                served = True
        if served:
            self.on_change("issue")

    def _pick(self, who: Waiting) -> Lot | None:
        if who.match_class < 0:  # another stock takes what comes
            return super()._pick(who)
        ranks = self._ranks[who.match_class]
        fitting = [lot for lot in self._lots if lot.match_class in ranks]
        # Lots are in the order of issue, and the first of equal rank is taken.
        return min(fitting, key=lambda lot: ranks[lot.match_class], default=None)
