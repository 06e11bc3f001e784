"""When shipments may leave: not while a lane is struck."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Departures:
    """Times at which nothing leaves, as disjoint intervals in order."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, stops: Iterable[tuple[float, float]]) -> None:
        starts: list[float] = []
        ends: list[float] = []
        for start, end in sorted(stops):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            elif end > start:
                starts.append(start)
                ends.append(end)
        self._starts, self._ends = starts, ends

    def leave(self, ready: float) -> float:
        """Return when a shipment that is ready leaves."""
        place = bisect_right(self._starts, ready) - 1
        return max(ready, self._ends[place]) if place >= 0 else ready
