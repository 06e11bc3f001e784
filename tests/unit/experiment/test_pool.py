"""The worker pool: order, lazy reading, lost workers, and a task that kills its worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

import pytest

from cartlogix.experiment.pool import WorkerPool

T = TypeVar("T")


def _square(number: int) -> int:
    time.sleep(0.02 * (number % 3))  # results become ready in another order
    return number * number


def _deadly(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _deadly_once(path: str) -> str:
    if path:
        mark = Path(path)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return path


def _lost(number: int) -> int:
    return -number


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    pool = WorkerPool[int, int](_square, _lost, jobs)
    assert list(pool.map(range(10))) == [n * n for n in range(10)]
    assert list(pool.map([])) == []


def test_tasks_are_read_a_little_ahead_and_workers_end_with_the_reader() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = WorkerPool[int, int](_square, _lost, 2).map(tasks())
    assert next(results) == 0
    assert len(taken) < 20
    results.close()
    for worker in multiprocessing.active_children():
        worker.join(5)
    assert not multiprocessing.active_children()


def test_other_processes_of_the_caller_live_on() -> None:
    theirs = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    theirs.start()
    assert list(WorkerPool[int, int](_square, _lost, 2).map(range(4))) == [0, 1, 4, 9]
    theirs.join(0.5)
    assert theirs.is_alive()
    theirs.terminate()
    theirs.join()


def test_a_task_that_kills_its_worker_is_lost_and_the_others_are_not() -> None:
    pool = WorkerPool[int, int](_deadly, _lost, 2)
    assert list(pool.map(range(8))) == [0, 1, 2, -3, 4, 5, 6, 7]


def test_workers_may_die_while_another_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[Exception] = [BrokenProcessPool("died"), OSError("handle is closed")]

    class Dying(ProcessPoolExecutor):
        def submit(
            self, function: Callable[..., T], /, *given: object, **named: object
        ) -> Future[T]:
            if given[0] == 2 and errors:
                raise errors.pop()
            return super().submit(function, *given, **named)

    monkeypatch.setattr("cartlogix.experiment.pool.ProcessPoolExecutor", Dying)
    pool = WorkerPool[int, int](_square, _lost, 2)
    assert list(pool.map(range(5))) == [0, 1, 4, 9, 16]
    assert not errors


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path: Path) -> None:
    tasks = ["", "", str(tmp_path / "mark"), ""]
    pool = WorkerPool[str, str](_deadly_once, lambda task: f"lost {task}", 2)
    assert list(pool.map(tasks)) == tasks
