"""Numbers that are too many for memory and are wanted only until the end."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Scratch:
    """A file of numbers that has no name, and is gone with this object or with the process.

    Args:
        folder: where there is room for it; the system's place for such files if left out.

    Raises:
        OSError: if it cannot be made; :meth:`append` also, if the disk is full.
    """

    def __init__(self, folder: Path | None = None) -> None:
        # Without a buffer, and read by position: several threads and forks may read.
        file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed with this object
        self._number = file.fileno()
        self._end = 0
        weakref.finalize(self, file.close)

    def append(self, values: Floats) -> int:
        """Write numbers behind all others and return where they begin."""
        begin = self._end
        left = memoryview(values.tobytes())
        while left:
            written = os.pwrite(self._number, left, self._end)
            self._end += written
            left = left[written:]
        return begin

    def read(self, begin: int, count: int) -> Floats:
        """Return so many numbers from a place on."""
        return np.frombuffer(os.pread(self._number, 8 * count, begin), dtype=np.float64)


class Memory:
    """The same in memory, for as many numbers as fit there."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def append(self, values: Floats) -> int:
        """Put numbers behind all others and return where they begin."""
        begin = len(self._bytes)
        self._bytes += values.tobytes()
        return begin

    def read(self, begin: int, count: int) -> Floats:
        """Return so many numbers from a place on."""
        return np.frombuffer(self._bytes[begin : begin + 8 * count], dtype=np.float64)
