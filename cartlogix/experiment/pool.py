"""Running tasks in processes: results in order, lost workers replaced, Ctrl-C obeyed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4


@dataclass
class _Pending(Generic[T, R]):
    task: T
    future: Future[R]


@dataclass
class WorkerPool(Generic[T, R]):
    """Processes that map a function over tasks; the order of results is that of the tasks.

    With one job everything runs in this process. When a worker dies (killed, out of memory), the
    tasks under way are run again in fresh processes; `lost` makes the result of a task that
    kills its worker even when it runs alone.
    """

    function: Callable[[T], R]
    lost: Callable[[T], R]
    jobs: int
    preload: tuple[str, ...] = ()
    _executor: ProcessPoolExecutor | None = field(default=None, init=False)

    def map(self, tasks: Iterable[T]) -> Generator[R, None, None]:
        """Yield the results in order, a few tasks ahead of the reader at most."""
        if self.jobs == 1:
            yield from map(self.function, tasks)
            return
        pending: deque[_Pending[T, R]] = deque()
        waiting = iter(tasks)
        try:
            while True:
                self._fill(pending, waiting)
                if not pending:
                    return
                yield self._result(pending)
        finally:
            self._stop()

    def _fill(self, pending: deque[_Pending[T, R]], waiting: Iterator[T]) -> None:
        while len(pending) < self.jobs * _AHEAD:
            task = next(waiting, None)
            if task is None:
                return
            pending.append(_Pending(task, self._submit(task)))

    def _result(self, pending: deque[_Pending[T, R]]) -> R:
        first = pending.popleft()
        try:
            return first.future.result()
        except BrokenProcessPool:
            # Which task killed the worker is unknown: this one is tried again alone.
            self._stop()
            result = self._alone(first.task)
            for item in pending:
                if not item.future.done() or item.future.exception() is not None:
                    item.future = self._submit(item.task)
            return result

    def _alone(self, task: T) -> R:
        try:
            return self._submit(task).result()
        except BrokenProcessPool:
            self._stop()
            return self.lost(task)

    def _submit(self, task: T) -> Future[R]:
        if self._executor is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(list(self.preload))
            self._executor = ProcessPoolExecutor(
                self.jobs, mp_context=context, initializer=_prepare_worker
            )
        try:
            return self._executor.submit(self.function, task)
        except BrokenProcessPool as error:
            broken: Future[R] = Future()
            broken.set_exception(error)
            return broken

    def _stop(self) -> None:
        """End the processes now, without waiting for what they are doing."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
            for worker in multiprocessing.active_children():
                worker.terminate()


def _prepare_worker() -> None:
    # Ctrl-C reaches the whole group of processes; the parent decides and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed can end nobody; its workers would wait for tasks forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
