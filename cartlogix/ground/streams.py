"""Common random numbers: every draw has an address and does not depend on the order of asking.

The address is (seed, replication, purpose, attempt, entity number); the scenario is not part of
it, so scenarios that are compared meet the same patients and the same luck. Only the raw bits of
PCG64 are used because numpy keeps them stable across versions, which it does not promise for the
methods of Generator (NEP 19).
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from cartlogix.ground.distributions import Law

# Blocks have a fixed size and start, so that a value never depends on how far somebody looked.
_BLOCK = 512
_LAST = 1 - 2.0**-53


def seed_sequence(seed: int, *key: int) -> np.random.SeedSequence:
    """Return the seed sequence at address `key` below `seed` (both non-negative integers)."""
    return np.random.SeedSequence(seed, spawn_key=key)


def purpose_key(text: str) -> int:
    """Return a 64-bit number for a purpose: the first 8 bytes of its SHA-256, big end first."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def open_uniforms(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return numbers in the open interval (0, 1) made of the upper 52 of 64 random bits each."""
    # Not 53 bits: with the half added, the largest would round to 1.
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


class UniformColumn:
    """Uniform numbers in the open interval (0, 1), one for each entity number 0, 1, 2, ..."""

    __slots__ = ("_bits", "_values")

    def __init__(self, sequence: np.random.SeedSequence) -> None:
        self._bits = np.random.PCG64(sequence)
        self._values: list[float] = []

    def __getitem__(self, entity: int) -> float:
        """Return the number of `entity` (0 or more)."""
        try:
            return self._values[entity]
        except IndexError:
            self._extend(entity + 1)
            return self._values[entity]

    def block(self, count: int, start: int = 0) -> NDArray[np.float64]:
        """Return the numbers of entities `start` to `count` - 1."""
        self._extend(count)
        return np.array(self._values[start:count], dtype=np.float64)

    def _extend(self, count: int) -> None:
        while len(self._values) < count:
            self._values.extend(open_uniforms(self._bits.random_raw(_BLOCK)).tolist())


class DrawColumn:
    """Draws from a law, one for each entity number, by inverse transform of a uniform column.

    `known` holds the draws made so far and grows as more are asked for; for reading only.
    """

    __slots__ = ("_law", "_uniforms", "known")

    def __init__(self, law: Law, uniforms: UniformColumn) -> None:
        self._law = law
        self._uniforms = uniforms
        self.known: list[float] = []

    def __getitem__(self, entity: int) -> float:
        """Return the draw of `entity` (0 or more)."""
        try:
            return self.known[entity]
        except IndexError:
            self._extend(entity + 1)
            return self.known[entity]

    def beyond(self, entity: int, least: float) -> float:
        """Return the draw of `entity`, of which it is known that it exceeds `least`.

        The uniform number of the entity is squeezed into what the law has beyond `least`. If the
        law has nothing there, the draw is `least` itself.
        """
        below = _share_below(self._law, least)
        if below >= 1:
            return least
        u = below + (1 - below) * self._uniforms[entity]
        return max(least, float(self._law.ppf(np.array([min(u, _LAST)]))[0]))

    def block(self, count: int) -> NDArray[np.float64]:
        """Return the draws of the first `count` entities."""
        self._extend(count)
        return np.array(self.known[:count], dtype=np.float64)

    def _extend(self, count: int) -> None:
        while (known := len(self.known)) < count:
            if self._law.is_constant:
                self.known.extend([self._law.mean] * _BLOCK)
            else:
                uniforms = self._uniforms.block(known + _BLOCK, start=known)
                self.known.extend(self._law.ppf(uniforms).tolist())


class Streams:
    """The random columns of one replication, made on first use and kept."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication
        self._uniforms: dict[tuple[str, int], UniformColumn] = {}
        self._draws: dict[tuple[str, int, Law], DrawColumn] = {}

    def uniforms(self, purpose: str, attempt: int = 0) -> UniformColumn:
        """Return the uniform column of a purpose, such as 'manufacture/failure'."""
        address = (purpose, attempt)
        column = self._uniforms.get(address)
        if column is None:
            key = (self.replication, purpose_key(purpose), attempt)
            column = self._uniforms[address] = UniformColumn(seed_sequence(self.seed, *key))
        return column

    def draws(self, law: Law, purpose: str, attempt: int = 0) -> DrawColumn:
        """Return the draws of a law for a purpose; two laws share the purpose's uniform column."""
        address = (purpose, attempt, law)
        column = self._draws.get(address)
        if column is None:
            uniforms = self.uniforms(purpose, attempt)
            column = self._draws[address] = DrawColumn(law, uniforms)
        return column


def _share_below(law: Law, value: float) -> float:
    """Return the probability that a law gives `value` or less, by bisection of its quantiles."""

    def is_below(u: float) -> bool:
        return float(law.ppf(np.array([u]))[0]) <= value

    if is_below(_LAST):
        return 1.0
    low, high = 0.0, 1.0
    while high - low > 1e-15:
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low
