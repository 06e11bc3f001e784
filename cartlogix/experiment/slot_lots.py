"""The lots that come to a plant for comparing slot policies: what the dice say of each.

Uniform numbers are addressed by purpose and lot, so the same lots come at every load and meet every
policy, only closer together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cartlogix.ground.streams import Streams

NOISE = (0.2, 0.8)
"""Up to the first share of lots are a day faster than expected, from the second a day slower."""


@dataclass(frozen=True)
class Lot:
    """What the dice say of a lot; each is a number from 0 to 1 but the day of its arrival."""

    number: int
    day: int
    product: float
    urgent: float
    slack: float
    noise: float
    fails: float
    redo: float
    place: float


def drawn_lots(streams: Streams, per_day: float, days: int) -> list[Lot]:
    """Return the lots of so many days, in the order of arrival."""
    count = math.ceil(days * per_day * 1.5) + 20
    names = ("arrival", "product", "urgent", "slack", "noise", "fails", "redo", "place")
    drawn = {name: streams.uniforms(f"slots/{name}").block(count) for name in names}
    times = np.cumsum(-np.log(drawn.pop("arrival"))) / per_day
    arrived = int(np.searchsorted(times, days))
    return [
        Lot(number, int(times[number]), **{key: float(u[number]) for key, u in drawn.items()})
        for number in range(arrived)
    ]


def noise(uniform: float) -> int:
    """Return by how many days a lot takes longer than expected."""
    return -1 if uniform < NOISE[0] else 1 if uniform >= NOISE[1] else 0
