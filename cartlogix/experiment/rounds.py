"""Replications side by side: one of every scenario, then the next, until somebody says stop."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cartlogix.analysis.tidy import ALL
from cartlogix.experiment.computing import Manner, computed
from cartlogix.experiment.folder import write_json
from cartlogix.experiment.measure import Failed
from cartlogix.experiment.plan import Arm
from cartlogix.experiment.units import UnitStore, UnitTask, is_kept, read_unit

Round = Mapping[str, Mapping[str, float]]
"""The figures of all patients in one replication, by scenario and KPI."""


def rounds(
    arms: Sequence[Arm],
    wanted: Callable[[], Collection[str]],
    most: int,
    store: UnitStore,
    manner: Manner,
) -> Generator[Round | None, None, None]:
    """Yield replication after replication, and None at one that failed, which is the last.

    Replications are computed a little ahead, as units; those found in the store are taken.

    Args:
        arms: the scenarios.
        wanted: says which scenarios take part in the next replication; never more than before.
        most: replications at most.
        store: where the units stand.
        manner: who computes, and who is told.
    """
    repeated = [arm.repeated(most) for arm in arms]
    every = (store.task(arm.scenario, n) for n in range(most) for arm in repeated)
    arrived = {task.path for task in every if is_kept(task, manner.notice)}
    failed = set[Path]()
    handed = deque[UnitTask]()

    def missing() -> Iterator[UnitTask]:
        left = frozenset(arrived)
        for number in range(most):
            for arm in repeated:
                task = store.task(arm.scenario, number)
                if task.path not in left and arm.name in wanted():
                    handed.append(task)
                    yield task

    def take(outcomes: Iterator[Failed | None]) -> None:
        outcome, task = next(outcomes), handed.popleft()
        (arrived if outcome is None else failed).add(task.path)

    total = most * len(arms) - len(arrived)
    with closing(computed(missing(), manner, total)) as outcomes:
        for number in range(most):
            tasks = [store.task(arm.scenario, number) for arm in repeated if arm.name in wanted()]
            for task in tasks:
                while task.path not in arrived | failed:
                    take(outcomes)
            if any(task.path in failed for task in tasks):
                yield None
                return
            yield {task.scenario.name: _figures(task) for task in tasks}


def remembered(
    record: Path,
    asked: object,
    search: Callable[[], Mapping[str, Any]],
    notice: Callable[[str], None],
) -> Mapping[str, Any]:
    """Return what was found for the same question before a stop, or search and write it down.

    A damaged record is told of, and the search is made again.
    """
    if record.is_file():
        try:
            known = json.loads(record.read_text("utf-8"))
            if known["digest"] != _digest(known["asked"], known["found"]):
                raise ValueError
            if known["asked"] == json.loads(json.dumps(asked)):
                found: Mapping[str, Any] = known["found"]
                return found
        except (ValueError, KeyError, TypeError):
            notice(f"warning: {record} is damaged; what it decided is found again")
    found = search()
    write_json(record, {"asked": asked, "found": found, "digest": _digest(asked, found)})
    return found


def _digest(asked: object, found: object) -> str:
    return hashlib.sha256(json.dumps([asked, found]).encode()).hexdigest()


def _figures(task: UnitTask) -> dict[str, float]:
    table = next(table for name, table in read_unit(task.path) if name == "kpis")
    columns = (table.column(name).to_pylist() for name in ("kpi", "group", "indication", "value"))
    return {
        kpi: float("nan") if value is None else value
        for kpi, group, indication, value in zip(*columns, strict=True)
        if not group and indication == ALL
    }
