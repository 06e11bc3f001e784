"""Running replications of all scenarios side by side until their intervals are narrow enough."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cartlogix.analysis.tidy import ALL
from cartlogix.experiment.computing import Manner, computed
from cartlogix.experiment.folder import write_json
from cartlogix.experiment.plan import Arm
from cartlogix.experiment.precision import Precision, Stopping
from cartlogix.experiment.units import UnitStore, UnitTask, is_whole, read_unit

_RECORD = "precision.json"


@dataclass(frozen=True)
class Reached:
    """How a study with targets ended."""

    replications: int
    """Of each scenario."""
    reached: bool
    """Whether every interval was within its target for as long as asked."""
    widths: tuple[tuple[str, float | None, float | None], ...]
    """Each interval: what of, half-width, and target; None where unknown."""

    @property
    def missed(self) -> tuple[str, ...]:
        """The intervals that are wider than their target, in words."""
        return tuple(
            f"{what}: half-width {'unknown' if half is None else f'{half:.3g}'}, "
            f"target {'unknown' if target is None else f'{target:.3g}'}"
            for what, half, target in self.widths
            if half is None or target is None or half > target
        )


def run_until_precise(
    arms: Sequence[Arm],
    pairs: Sequence[tuple[str, str]],
    rule: Precision,
    folder: Path,
    manner: Manner,
) -> Reached:
    """Leave as units in `folder` as many replications of each scenario as the rule wants.

    The number depends on the figures alone: replications that are computed ahead of the decision
    do not count. A replication that fails ends the search, and counts.

    Raises:
        WriteFailed: if the disk is full; what is finished stays for the next run.
    """
    store = UnitStore(folder / "units", [arm.scenario for arm in arms])
    asked = json.loads(json.dumps([store.keys, pairs, rule.model_dump(mode="json")]))
    record = folder / _RECORD
    if record.is_file():
        known: dict[str, Any] = json.loads(record.read_text("utf-8"))
        if known.pop("asked") == asked:
            return Reached(**{**known, "widths": tuple(map(tuple, known["widths"]))})
    store.prepare()
    found = _search(arms, Stopping(rule, pairs), store, manner)
    write_json(record, {"asked": asked, **asdict(found)})
    return found


def forget(folder: Path) -> None:
    """Remove the record of the decision once the study is whole."""
    (folder / _RECORD).unlink(missing_ok=True)


def _search(arms: Sequence[Arm], stopping: Stopping, store: UnitStore, manner: Manner) -> Reached:
    most = stopping.rule.maximum
    repeated = [arm.repeated(most) for arm in arms]

    def every() -> Iterator[UnitTask]:
        for replication in range(most):
            for arm in repeated:
                yield store.task(arm.scenario, replication)

    left = {task.path for task in every() if task.path.exists() and is_whole(task.path)}

    def missing() -> Iterator[UnitTask]:
        for task in every():
            if stopping.over:
                return
            if task.path not in left:
                yield task

    with closing(computed(missing(), manner, most * len(arms) - len(left))) as outcomes:
        while not stopping.over:
            tasks = [store.task(arm.scenario, stopping.done) for arm in repeated]
            failed = [None if task.path in left else next(outcomes) for task in tasks]
            if any(one is not None for one in failed):
                return Reached(stopping.done + 1, False, ())
            stopping.add({task.scenario.name: _figures(task) for task in tasks})
    widths = tuple((w.what, _finite(w.half), _finite(w.target)) for w in stopping.widths())
    return Reached(stopping.done, stopping.reached, widths)


def _figures(task: UnitTask) -> dict[str, float]:
    """Return the figures of all patients in one replication, by KPI."""
    table = next(table for name, table in read_unit(task.path) if name == "kpis")
    columns = (table.column(name).to_pylist() for name in ("kpi", "group", "indication", "value"))
    return {
        kpi: float("nan") if value is None else value
        for kpi, group, indication, value in zip(*columns, strict=True)
        if not group and indication == ALL
    }


def _finite(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN
