"""Figures of scenarios at many points, each replication a small unit that a stop does not cost.

A study of points (levels, draws of parameters, designs) needs a few figures of very many scenarios
and no tables of events, so a unit here holds the KPIs of all patients only. It is named by what it
depends on, as the units of a run are, so that points which several studies share are run once.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cartlogix.analysis.statistics import Floats
from cartlogix.experiment.computing import Manner, computed
from cartlogix.experiment.folder import writing
from cartlogix.experiment.units import Shipped, UnitTask, content_key, is_kept, read_unit
from cartlogix.ground.errors import PartialFailure
from cartlogix.scenario.model import Scenario


@dataclass
class Points:
    """Runs scenarios at points, and keeps what it ran in a folder.

    Replication k of every point has the same seed, so that points share their random numbers.
    """

    folder: Path
    manner: Manner = field(default_factory=Manner)
    ran: int = 0
    """Replications that were run, those of earlier runs that were found not counted."""

    def figures(
        self, scenarios: Sequence[Scenario], kpis: Iterable[str], replications: Iterable[int]
    ) -> list[dict[str, Floats]]:
        """Return each scenario's KPIs of all patients, a value for each of the replications.

        A KPI that is undefined, or that the scenario does not have, is NaN.

        Raises:
            PartialFailure: if a replication fails; the others are kept.
            WriteFailed: if the disk is full; what is finished stays for the next run.
        """
        wanted, numbers = list(kpis), list(replications)
        homes = [self.folder / content_key(scenario) for scenario in scenarios]
        tasks = [
            [UnitTask(shipped, number, home / f"{number}.unit", pooled=True) for number in numbers]
            for shipped, home in zip(map(Shipped, scenarios), homes, strict=True)
        ]
        self._run({task.path: task for of_one in tasks for task in of_one})
        return [_table([_read(task) for task in of_one], wanted) for of_one in tasks]

    def clear(self) -> None:
        """Remove every unit."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, tasks: Mapping[Path, UnitTask]) -> None:
        missing = [task for task in tasks.values() if not is_kept(task, self.manner.notice)]
        for home in {task.path.parent for task in missing}:
            with writing(home):
                home.mkdir(parents=True, exist_ok=True)
        with closing(computed(missing, self.manner, len(missing))) as outcomes:
            failed = [outcome for outcome in outcomes if outcome is not None]
        self.ran += len(missing)
        if failed:
            raise PartialFailure("\n".join(map(str, failed)))


class Foreseen(Exception):  # noqa: N818 - said of the points
    """Raised in place of running points: the scenarios, each once, as often as they would run."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        super().__init__()
        self.scenarios = scenarios


class NotRun(Points):
    """Only says what it would run first."""

    def figures(
        self, scenarios: Sequence[Scenario], kpis: Iterable[str], replications: Iterable[int]
    ) -> list[dict[str, Floats]]:
        """Run nothing.

        Raises:
            Foreseen: always.
        """
        del kpis
        number = len(list(replications))
        once = {content_key(one): one for one in scenarios}
        raise Foreseen([one.repeated(number) for one in once.values()])


def _read(task: UnitTask) -> dict[str, float]:
    _, table = next(read_unit(task.path))
    names, values = (table.column(name).to_pylist() for name in ("kpi", "value"))
    return dict(zip(names, values, strict=True))


def _table(rows: Sequence[Mapping[str, float | None]], kpis: Sequence[str]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for kpi in kpis:
        values = [row.get(kpi) for row in rows]
        found[kpi] = np.array([math.nan if value is None else value for value in values])
    return found
