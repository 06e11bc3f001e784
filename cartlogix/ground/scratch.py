"""Numbers that are too many for memory and are wanted only until the end."""

from __future__ import annotations

import weakref
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

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
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed with this object
        self._end = 0
        weakref.finalize(self, _close, self._file)

    def append(self, values: Floats) -> int:
        """Write numbers behind all others and return where they begin."""
        begin = self._end
        self._file.seek(begin)
        self._file.write(values.tobytes())
        self._file.flush()
        self._end += values.nbytes
        return begin

    def read(self, begin: int, count: int) -> Floats:
        """Return so many numbers from a place on."""
        self._file.seek(begin)
        return np.frombuffer(self._file.read(8 * count), dtype=np.float64)


def _close(file: IO[bytes]) -> None:
    """Close a file of which nothing is wanted any more, such as what a full disk did not take."""
    with suppress(OSError):
        file.close()
