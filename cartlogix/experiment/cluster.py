"""The workers of a Dask cluster; the only door to Dask (the extra `cluster`)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from cartlogix.experiment.pool import Deadly
from cartlogix.experiment.version import code_digest, versions
from cartlogix.ground.errors import Finding, InvalidInput, OutOfResources

T = TypeVar("T")
R = TypeVar("R")

_OPTION = "--cluster"
_PATIENCE = "15s"
_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application")
_FEWEST_AHEAD = 64  # enough tasks in sight for a cluster that grows with its work
_AHEAD = 4
_BATCH_SECONDS = 0.5


@contextmanager
def connected(address: str, notice: Callable[[str], None]) -> Iterator[Cluster]:
    """Connect to the scheduler of a cluster that runs already.

    Args:
        address: `tcp://host:port`, or the path of a scheduler file.
        notice: told what the user should know.

    Raises:
        InvalidInput: if Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError:
        raise _refused("it needs Dask: pip install 'cartlogix[cluster]'") from None
    for name in _LOGGERS:  # what matters is said in our own words
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(_scheduler(address), timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise _refused(f"no scheduler answers at '{address}': {reason}") from None
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            notice(f"{address} has no worker yet; waiting for the first one")
        yield Cluster(client, threads)
    finally:
        client.close(timeout=2)


def _scheduler(address: str) -> str:
    """Return the address of a scheduler, out of its file if that is what is given."""
    if "://" in address:
        return address
    try:
        found: str = json.loads(Path(address).read_text("utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        why = "neither an address (tcp://host:port) nor the file of a scheduler"
        raise _refused(f"'{address}' is {why}") from None
    return found


def _refused(why: str) -> InvalidInput:
    return InvalidInput([Finding(_OPTION, 0, 0, "", why)])


class Cluster:
    """The workers that a scheduler has, and will have.

    Each message about a task costs a scheduler milliseconds, so short tasks go in batches. The
    scheduler gives the batches of a worker that dies to others. A worker whose code or libraries
    are not those of this process refuses its tasks: its results could differ.
    """

    def __init__(self, client: Any, threads: int) -> None:  # noqa: ANN401 - Dask has no types
        self._client = client
        self._threads = max(1, threads)
        self._sent: WeakSet[Any] = WeakSet()
        self.seconds = _BATCH_SECONDS
        """What a task took lately; at first as if it were long."""
        self.ahead = max(_FEWEST_AHEAD, threads * _AHEAD)

    def submit(self, function: Callable[[T], R], tasks: Sequence[T]) -> list[Future[R]]:
        """Hand out tasks."""
        size = self.batch_size(len(tasks))
        batches = [tasks[first : first + size] for first in range(0, len(tasks), size)]
        compute = partial(computed, function, code_digest(), dict(versions()))
        futures: list[Future[R]] = [Future() for _ in tasks]
        for number, sent in enumerate(self._client.map(compute, batches, pure=False)):
            mine = futures[number * size : (number + 1) * size]
            sent.add_done_callback(partial(self._bring, mine))
            self._sent.add(sent)
        return futures

    def stop(self) -> None:
        """Take back what is under way."""
        if self._client.status == "running":
            self._client.cancel(list(self._sent))

    def batch_size(self, tasks: int) -> int:
        """Return how many of some tasks go together, so that nobody waits long for the last."""
        shared = tasks // (2 * self._threads)
        return max(1, min(shared, int(_BATCH_SECONDS / self.seconds)))

    def _bring(self, found: Sequence[Future[R]], done: Any) -> None:  # noqa: ANN401
        """Hand on what came of a batch, with errors in our own words."""
        try:
            results, seconds = done.result()
        except BaseException as error:  # whatever it is, the reader gets it
            for future in found:
                future.set_exception(in_our_words(error, alone=len(found) == 1))
            return
        self.seconds = seconds / len(results)
        for future, result in zip(found, results, strict=True):
            future.set_result(result)


def computed(
    function: Callable[[T], R], code: str, libraries: Mapping[str, str], tasks: Sequence[T]
) -> tuple[list[R], float]:
    """Return what comes of some tasks and the seconds it took, if the worker may compute them.

    Raises:
        OutOfResources: if this worker would not find what the client would.
    """
    begun = time.perf_counter()
    mine = versions()
    other = [f"{name} {mine[name]} instead of {libraries[name]}"
             for name in libraries if mine[name] != libraries[name]]  # fmt: skip
    if code != code_digest():
        other.append("other source files of cartlogix")
    if other:
        raise OutOfResources(f"a worker of the cluster has {', '.join(other)}; install the same")
    return [function(task) for task in tasks], time.perf_counter() - begun


def in_our_words(error: BaseException, *, alone: bool) -> BaseException:
    """Return the error of a batch; of one that killed its workers any task may be the cause."""
    from distributed import KilledWorker  # noqa: PLC0415 - an extra

    if isinstance(error, KilledWorker):
        return Deadly(str(error)) if alone else BrokenExecutor(str(error))
    if isinstance(error, CancelledError):
        return OutOfResources("the cluster was lost; the same command continues")
    if isinstance(error, ModuleNotFoundError):
        return OutOfResources(f"a worker of the cluster cannot load {error.name}")
    return error
