"""The workers of a Dask cluster; the only door to Dask (the extra `cluster`)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

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

    The scheduler gives the tasks of a worker that dies to others. A worker whose code or libraries
    are not those of this process refuses its tasks: its results could differ.
    """

    def __init__(self, client: Any, threads: int) -> None:  # noqa: ANN401 - Dask has no types
        self._client = client
        self._executor: Executor | None = None
        self.ahead = max(_FEWEST_AHEAD, threads * _AHEAD)

    def submit(self, function: Callable[[T], R], task: T) -> Future[R]:
        """Hand out a task."""
        if self._executor is None:
            self._executor = self._client.get_executor(pure=False)
        found: Future[R] = Future()
        done = self._executor.submit(_checked, function, task, code_digest(), dict(versions()))
        done.add_done_callback(partial(_bring, found))
        return found

    def stop(self) -> None:
        """Take back what is under way."""
        executor, self._executor = self._executor, None
        if executor is not None and self._client.status == "running":
            executor.shutdown(wait=False)


def _checked(function: Callable[[T], R], task: T, code: str, libraries: Mapping[str, str]) -> R:
    """Compute a task if this worker would find what the client would."""
    mine = versions()
    other = [f"{name} {mine[name]} instead of {libraries[name]}"
             for name in libraries if mine[name] != libraries[name]]  # fmt: skip
    if code != code_digest():
        other.append("other source files of cartlogix")
    if other:
        raise OutOfResources(f"a worker of the cluster has {', '.join(other)}; install the same")
    return function(task)


def _bring(found: Future[R], done: Future[R]) -> None:
    """Hand on what came of a task, with errors in our own words."""
    from distributed import KilledWorker  # noqa: PLC0415 - an extra

    try:
        found.set_result(done.result())
    except KilledWorker as error:
        found.set_exception(Deadly(str(error)))
    except CancelledError:
        lost = OutOfResources("the cluster was lost; the same command continues")
        found.set_exception(lost)
    except ModuleNotFoundError as error:
        lacking = OutOfResources(f"a worker of the cluster cannot load {error.name}")
        found.set_exception(lacking)
    except BaseException as error:  # whatever it is, the reader gets it
        found.set_exception(error)
