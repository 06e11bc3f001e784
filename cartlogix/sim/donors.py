"""The donors of a stock's lots: who they are, and which lots are made of their cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate

from cartlogix.ground.streams import Streams
from cartlogix.scenario.matching import Donors
from cartlogix.sim.stock import Lot


class DonorDesk:
    """Finds a donor for each lot of one stock."""

    def __init__(self, donors: Donors, stock: str, streams: Streams) -> None:
        self._purpose = f"lot of {stock}/donor class"
        self._streams = streams
        self._classes = list(donors.classes)
        self._bounds = list(accumulate(share.value for share in donors.classes.values()))

    def assign(self, lot: Lot) -> None:
        """Give a lot its donor, drawn by the frequencies of the classes."""
        drawn = self._streams.uniforms(self._purpose)[lot.number] * self._bounds[-1]
        place = bisect_right(self._bounds, drawn)
        lot.match_class = self._classes[min(place, len(self._classes) - 1)]


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
