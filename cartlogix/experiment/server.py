"""The process of which workers are copies, and starting both so that Ctrl-C passes them by.

Ctrl-C reaches the whole group of processes. The parent decides what it means, and ends its
workers; the helpers of Python must not answer with tracebacks and warnings on the user's terminal.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import forkserver, resource_tracker, util
from multiprocessing.context import ForkServerContext
from types import FrameType

_WARNINGS = "PYTHONWARNINGS"


COMPUTING = ("cartlogix.experiment.units",)
"""What workers that compute replications load."""


def begin(preload: tuple[str, ...]) -> ForkServerContext:
    """Start the process that loads these modules, unless it runs, and do not wait for it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    _start_tracker()  # lets Ctrl-C through once it is started, hence before it is blocked
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return context


@cache
def copying(preload: tuple[str, ...]) -> ForkServerContext:
    """Return the context whose processes are copies of one that has loaded these modules."""
    context = begin(preload)
    # Wait for the modules with a process that needs nothing of this one: a worker that comes when
    # its parent was stopped misses the parent's semaphores.
    first = context.Process(target=int)
    first.start()
    first.join()
    return context


def clear() -> None:
    """Remove the folder of Python's helpers: a process that ends at once leaves it behind."""
    shutil.rmtree(util.get_temp_dir(), ignore_errors=True)


@contextmanager
def signals_wait() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait: only a process that is known to have started can be ended.

    In another thread than the main one there is nothing to wait for: signals never cut into it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    handlers = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if came:
            signal.raise_signal(came[0])


def _start_tracker() -> None:
    """Start the process that removes semaphores, which says nothing of those of a stopped run."""
    before = os.environ.get(_WARNINGS)
    os.environ[_WARNINGS] = ",".join(filter(None, (before, "ignore:resource_tracker")))
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ[_WARNINGS]
        else:
            os.environ[_WARNINGS] = before
