"""Which class of donors a stock lacks most: what it has and expects, against who can take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from cartlogix.sim.matched_stock import MatchedStock
from cartlogix.sim.stock import Lot


class ClassNeed:
    """Names the donor class whose inventory position is shortest.

    The position of a class is its doses on hand and on order, less the patients in line who can
    take them, over the share of all patients who can. So a class that few can take is asked for
    seldom. Of equal classes the first in the file is taken.
    """

    def __init__(self, stock: MatchedStock, shares: Mapping[str, float]) -> None:
        self._stock = stock
        self._shares = shares
        """Share of the patients who can take doses of each class that donors can have."""
        self._making: list[Lot] = []

    def shortest(self, wanted: Lot) -> str:
        """Return the class to ask a donor of for a lot, which does not count itself."""
        self._making = [lot for lot in self._making if lot.status == "in_process"]
        position = Counter(self._stock.positions())
        for lot in self._making:
            position[lot.match_class] += lot.doses_ordered if lot is not wanted else 0
        return min(self._shares, key=lambda name: position[name] / self._shares[name])

    def expect(self, lot: Lot) -> None:
        """Count a lot, of whatever class its donor is by then, until it is finished."""
        self._making.append(lot)
