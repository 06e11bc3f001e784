"""The donors of a stock's lots: who they are, and which lots are made of their cells."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from itertools import accumulate

from cartlogix.ground.streams import Streams
from cartlogix.scenario.matching import Donors
from cartlogix.sim.class_need import ClassNeed
from cartlogix.sim.stock import Lot


@dataclass(slots=True, eq=False)
class Donor:
    """Somebody who was asked for cells: a row of the table donors.

    `status` is screened, deferred (turned down) or collected.
    """

    number: int
    stock: str
    lot: int
    screened: float
    match_class: str
    collected: float = math.nan
    status: str = "screened"


class DonorDesk:
    """Finds a donor for each lot of one stock: at its order, or along the supply route.

    `numbers` gives each donor a number of their own; `screens` says that the route has a step at
    which donors are screened; `need` names the class that donors of ordered lots are to be of.
    """

    def __init__(
        self,
        donors: Donors,
        stock: str,
        streams: Streams,
        numbers: Callable[[], int],
        *,
        screens: bool,
        need: ClassNeed | None = None,
    ) -> None:
        self.donors: list[Donor] = []
        self._stock = stock
        self._purpose = f"lot of {stock}/donor class"
        self._streams = streams
        self._numbers = numbers
        self._screens = screens
        self._need = need
        self._asked: dict[int, Donor] = {}
        self._spare = donors.lots_each - 1
        self._bank: list[Donor] = []
        self.banked: set[int] = set()
        """Lots that are made of cells collected for an earlier one."""
        self._classes = list(donors.classes)
        self._bounds = list(accumulate(share.value for share in donors.classes.values()))

    def assign(self, lot: Lot, match_class: str = "") -> None:
        """Give a lot its donor, unless one is still to be screened for it."""
        self._give(lot, match_class)
        if self._need is not None:
            self._need.expect(lot)

    def _give(self, lot: Lot, match_class: str) -> None:
        stored = [donor for donor in self._bank if donor.collected <= lot.ordered]
        if stored and not match_class:
            self._bank.remove(stored[0])
            self.banked.add(lot.number)
            lot.donor, lot.match_class = stored[0].number, stored[0].match_class
            return
        if lot.origin == "order" and self._screens:
            return
        self.screen(lot, lot.ordered, 0, match_class)
        self.collect(lot, lot.ordered)

    def screen(self, lot: Lot, time: float, round_: int, match_class: str = "") -> None:
        """Ask a new donor, of the class given, or needed, or drawn by the classes' frequencies."""
        if self._need is not None and lot.origin == "order":
            match_class = self._need.shortest(lot)
        match_class = match_class or self._drawn(lot.number, round_)
        donor = Donor(self._numbers(), self._stock, lot.number, time, match_class)
        self.donors.append(donor)
        self._asked[lot.number] = donor
        lot.donor, lot.match_class = donor.number, match_class

    def defer(self, lot: Lot) -> None:
        """Turn down the donor who was screened last for a lot."""
        self._asked[lot.number].status = "deferred"

    def collect(self, lot: Lot, time: float) -> None:
        """Collect the cells of the donor who was screened last for a lot."""
        donor = self._asked.get(lot.number)
        if donor is not None:
            donor.collected, donor.status = time, "collected"
            self._bank.extend([donor] * self._spare)

    def drop(self, numbers: Set[int]) -> None:
        """Use no more of some donors' cells."""
        self._bank = [donor for donor in self._bank if donor.number not in numbers]

    def finish(self, lot: Lot, time: float) -> None:
        """Count the donor of a finished lot as collected, if the route says not when."""
        donor = self._asked.get(lot.number)
        if donor is not None and donor.status == "screened":
            self.collect(lot, time)

    def _drawn(self, lot: int, round_: int) -> str:
        if not self._classes:
            return ""
        drawn = self._streams.uniforms(self._purpose, round_)[lot] * self._bounds[-1]
        place = bisect_right(self._bounds, drawn)
        return self._classes[min(place, len(self._classes) - 1)]


def in_proportion(doses: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Split doses over classes by their shares, by largest remainder; none is left over."""
    total = sum(shares.values())
    exact = {name: doses * share / total for name, share in shares.items()}
    split = {name: int(part) for name, part in exact.items()}
    # Equal remainders in the order of the classes: sorting is stable.
    by_remainder = sorted(exact, key=lambda name: split[name] - exact[name])
    for name in by_remainder[: doses - sum(split.values())]:
        split[name] += 1
    return split
