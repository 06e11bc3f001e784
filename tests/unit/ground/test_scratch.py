"""Numbers in a file: what is read is what was written, and nothing is left behind."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cartlogix.ground import scratch
from cartlogix.ground.scratch import Memory, Scratch


@pytest.mark.parametrize("kind", [Scratch, Memory])
def test_what_is_read_is_what_was_written(kind: Callable[[], Scratch | Memory]) -> None:
    file = kind()
    first = file.append(np.array([[1.5, np.nan], [np.inf, -0.0]]))
    second = file.append(np.array([7.0]))
    np.testing.assert_array_equal(file.read(first, 4), [1.5, np.nan, np.inf, -0.0])
    third = file.append(np.arange(3.0))  # after reading elsewhere
    assert file.read(second, 1).tolist() == [7.0]
    assert file.read(third + 8, 2).tolist() == [1.0, 2.0]


def test_the_file_has_no_name(tmp_path: Path) -> None:
    file = Scratch(tmp_path)
    file.append(np.zeros(1000))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    full = lambda dir, buffering: open("/dev/full", "w+b", buffering=0)  # noqa: PTH123, SIM115, E731
    monkeypatch.setattr(scratch, "TemporaryFile", full)
    file = Scratch()
    with pytest.raises(OSError, match="No space left"):
        file.append(np.zeros(4))
    del file
    gc.collect()
