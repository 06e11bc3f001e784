"""Running tasks elsewhere: results in order, lost workers replaced, Ctrl-C obeyed.

Workers are processes of this machine (here), or those of a cluster
(:mod:`cartlogix.experiment.cluster`).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.process import BaseProcess
from typing import Generic, Protocol, TypeVar

from cartlogix.experiment.server import copying, signals_wait

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4


class Workers(Protocol):
    """Those who compute."""

    @property
    def ahead(self) -> int:
        """Tasks to hand out before the first result is read."""

    def submit(self, function: Callable[[T], R], tasks: Sequence[T]) -> list[Future[R]]:
        """Hand out tasks; some at once can cost far less than each alone.

        A future fails with BrokenExecutor if the worker died and it may be any task's fault,
        and with :class:`Deadly` if it is known to be this one's.
        """

    def stop(self) -> None:
        """Give up what is under way, without waiting for it."""


class Deadly(Exception):  # noqa: N818 - said of the task
    """A task whose worker died each time that it was tried."""


@dataclass
class _Pending(Generic[T, R]):
    task: T
    future: Future[R]


@dataclass
class WorkerPool(Generic[T, R]):
    """Maps a function over tasks in other processes; the order of results is that of the tasks.

    With one job, and no workers elsewhere, everything runs in this process. When a worker dies
    (killed, out of memory), the tasks under way are run again in fresh ones; `lost` makes the
    result of a task that kills its worker even when it runs alone.
    """

    function: Callable[[T], R]
    lost: Callable[[T], R]
    jobs: int
    preload: tuple[str, ...] = ()
    workers: Workers | None = None
    """Who computes instead of `jobs` processes."""

    def map(self, tasks: Iterable[T]) -> Generator[R, None, None]:
        """Yield the results in order, a few tasks ahead of the reader at most."""
        if self.jobs == 1 and self.workers is None:
            yield from map(self.function, tasks)
            return
        workers = self.workers or Processes(self.jobs, self.preload)
        pending: deque[_Pending[T, R]] = deque()
        waiting = iter(tasks)
        try:
            while True:
                self._fill(workers, pending, waiting)
                if not pending:
                    return
                yield self._result(workers, pending)
        finally:
            workers.stop()

    def _fill(self, workers: Workers, pending: deque[_Pending[T, R]], waiting: Iterator[T]) -> None:
        """Hand out as many tasks as may be under way, once half of them are read."""
        if len(pending) <= workers.ahead // 2:
            tasks = list(islice(waiting, workers.ahead - len(pending)))
            pending.extend(map(_Pending, tasks, workers.submit(self.function, tasks)))

    def _result(self, workers: Workers, pending: deque[_Pending[T, R]]) -> R:
        first = pending.popleft()
        try:
            return first.future.result()
        except Deadly:
            return self.lost(first.task)
        except BrokenExecutor:
            # Which task killed the worker is unknown: this one is tried again alone.
            workers.stop()
            result = self._alone(workers, first.task)
            again = [one for one in pending if not one.future.done() or one.future.exception()]
            futures = workers.submit(self.function, [one.task for one in again])
            for one, future in zip(again, futures, strict=True):
                one.future = future
            return result

    def _alone(self, workers: Workers, task: T) -> R:
        try:
            return workers.submit(self.function, [task])[0].result()
        except BrokenExecutor:
            workers.stop()
            return self.lost(task)


@dataclass
class Processes:
    """Workers that are processes of this machine; started when the first task is handed out."""

    jobs: int
    preload: tuple[str, ...] = ()
    """Modules that are loaded once for all of them."""
    _executor: ProcessPoolExecutor | None = field(default=None, init=False)
    _started: set[BaseProcess] = field(default_factory=set, init=False)

    @property
    def ahead(self) -> int:
        """Tasks to hand out before the first result is read."""
        return self.jobs * _AHEAD

    def submit(self, function: Callable[[T], R], tasks: Sequence[T]) -> list[Future[R]]:
        """Hand out tasks."""
        return [self._submit(function, task) for task in tasks]

    def _submit(self, function: Callable[[T], R], task: T) -> Future[R]:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.jobs, mp_context=copying(self.preload), initializer=_prepare_worker
            )
        try:
            with signals_wait(), self._noting_workers():
                return _submitted(self._executor, function, task)
        except BrokenExecutor as error:
            broken: Future[R] = Future()
            broken.set_exception(error)
            return broken

    def stop(self) -> None:
        """End the processes now, without waiting for what they are doing."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
            while self._started:
                self._started.pop().terminate()

    @contextmanager
    def _noting_workers(self) -> Iterator[None]:
        """Note who starts meanwhile: the process may have children that are none of these."""
        before = multiprocessing.active_children()
        try:
            yield
        finally:
            self._started.update(set(multiprocessing.active_children()).difference(before))


def _submitted(executor: ProcessPoolExecutor, function: Callable[[T], R], task: T) -> Future[R]:
    try:
        return executor.submit(function, task)
    except OSError:
        # Its workers may have died while another was started: if so, it says so when asked again.
        return executor.submit(function, task)


def _prepare_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed can end nobody; its workers would wait for tasks forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
