"""What is left of a step that runs when the board begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cartlogix.board.moment import Clock
from cartlogix.board.route import Leg, Way
from cartlogix.board.schema import Running
from cartlogix.scheduling.problem import Demand


def under_way(clock: Clock, running: Running, leg: Leg) -> Leg:
    """Return the rest of a step that runs when the board begins."""
    passed = -clock.first(running.started)
    rest = clock.after(running.ends)
    way = next(
        one for one in leg.ways
        if not running.place or one.mode.place.rpartition("/")[2] == running.place
    )  # fmt: skip
    piece, extra = way.pieces[0], rest + passed - way.pieces[0].ticks
    # What remains is drawn in proportion to the whole step.
    pieces = [replace(piece, offset=0, ticks=rest)]
    pieces += [replace(one, offset=one.offset - passed + extra) for one in way.pieces[1:]]
    demands = tuple(_rest(way.mode.demands, passed, extra, piece.ticks))
    mode = replace(way.mode, duration=way.mode.duration - passed + extra, demands=demands)
    return replace(leg, ways=(Way(mode, tuple(pieces), way.plant),), min_lag=0, max_lag=None)


def _rest(demands: Sequence[Demand], passed: int, extra: int, ticks: int) -> Iterator[Demand]:
    """Yield what a mode of which some ticks have passed still takes.

    What is due after the end of its first step, or in its last tick, moves with that end.
    """
    for demand in demands:
        length = demand.length
        start = demand.start - passed
        if demand.start >= ticks - 1 and demand.start > 0:
            start += extra
        elif length is not None and demand.start + length >= ticks:
            length += extra
        if length is None or start + length > 0:
            yield Demand(demand.resource, demand.amount, start, length)
