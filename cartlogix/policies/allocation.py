"""The expected wait by which a patient is allocated: a rule of thumb of the lines, not a forecast.

Where a unit is free and nobody waits there is none. Otherwise whoever comes waits until those in
line and himself have had a unit: (line + 1) x mean days held x units / capacity, which is the time
that the work ahead takes when every unit is busy. For a stock without doses it is the mean time
that a lot takes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cartlogix.sim.allocation import LineView


def expected_wait(lines: Sequence[LineView]) -> float:
    """Return the expected days in lines that follow each other, infinite if one never moves."""
    return math.fsum(_wait(line) for line in lines)


def _wait(line: LineView) -> float:
    if line.waiting == 0 and line.free >= line.units:
        return 0.0
    if math.isinf(line.between):
        return math.inf
    return (line.waiting + 1) * line.between * line.units / line.capacity
