"""Signals wait while a process is started, and are obeyed right after."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from cartlogix.experiment.server import copying, signals_wait


@pytest.fixture
def _answered() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where the tests are run by what lets it pass."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_answered")
def test_ctrl_c_waits_for_the_end_of_what_it_may_not_cut() -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    steps = []
    with pytest.raises(KeyboardInterrupt), signals_wait():
        steps.append("before")
        signal.raise_signal(signal.SIGINT)
        steps.append("after")
    assert steps == ["before", "after"]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_another_thread_has_no_signals_to_hold_back() -> None:
    def inside() -> signal.Handlers | object:
        with signals_wait():
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(inside).result() is signal.getsignal(signal.SIGINT)


def test_the_environment_and_signals_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    for warnings in ("error", None):
        copying.cache_clear()
        if warnings:
            monkeypatch.setenv("PYTHONWARNINGS", warnings)
        else:
            monkeypatch.delenv("PYTHONWARNINGS")
        copying(())
        assert os.environ.get("PYTHONWARNINGS") == warnings
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
