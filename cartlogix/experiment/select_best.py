"""Running a race between the scenarios of a study until the best one is found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.computing import Manner
from cartlogix.experiment.plan import Arm
from cartlogix.experiment.rounds import remembered, rounds
from cartlogix.experiment.selection import Race, Select
from cartlogix.experiment.units import UnitStore

_RECORD = ".selection.json"


@dataclass(frozen=True)
class Selected:
    """How a race ended."""

    best: str
    """The scenario that is best, or nearly so."""
    still_in: Sequence[str]
    """Those that had not dropped out at the end; more than one if the race is undecided."""
    not_separable: Sequence[str]
    """Those whose difference from the best one may be nothing."""
    differences: Mapping[str, Sequence[float | None]]
    """Paired difference of the others from the best one, with the limits of its interval."""
    ran: Mapping[str, int]
    """Replications of each scenario."""
    failed: bool = False
    """Whether a replication failed before the end."""

    @property
    def decided(self) -> bool:
        """Whether one is left."""
        return len(self.still_in) == 1 and not self.failed

    def text(self, rule: Select, labels: Mapping[str, str]) -> str:
        """Say it in a sentence or two."""
        kpi = KPIS[rule.kpi]
        total = sum(self.ran.values())
        said = f"{kpi.title}: after {total} replications in all, "
        if self.failed:
            return f"{said}a replication failed; the choice is not made"
        if not self.decided:
            said += f"not decided (select.maximum is {rule.maximum}): "
            said += f"'{labels[self.best]}' has the best mean"
            near = [name for name in self.still_in if name in self.not_separable]
            far = [name for name in self.still_in if name not in (self.best, *near)]
            parts = ("not separable from it", near), ("still in, though worse by interval", far)
            return said + "".join(_listed(what, names, labels) for what, names in parts)
        said += (
            f"'{labels[self.best]}' is the best, or within {rule.indifference:g} of it, "
            f"with {100 * rule.confidence:g} % confidence"
        )
        return said + _listed("not separable from it", self.not_separable, labels)

    def record(self, rule: Select, labels: Mapping[str, str]) -> dict[str, Any]:
        """Return what the manifest and the report say of it."""
        return {
            "text": self.text(rule, labels),
            "kpi": rule.kpi,
            "indifference": rule.indifference,
            "confidence": rule.confidence,
            "scenarios": [
                {
                    "name": name,
                    "replications": ran,
                    "verdict": self._verdict(name),
                    "difference": self.differences.get(name),
                }
                for name, ran in self.ran.items()
            ],
        }

    def _verdict(self, name: str) -> str:
        if not self.decided:
            if name not in self.still_in:
                return "dropped out"
            if name == self.best:
                return "still in, the best mean"
            near = name in self.not_separable
            return "still in, not separable" if near else "still in, worse by interval"
        if name == self.best:
            return "best, or nearly so"
        return "not separable from the best" if name in self.not_separable else "worse"


def _listed(what: str, names: Sequence[str], labels: Mapping[str, str]) -> str:
    listed = ", ".join(f"'{labels[name]}'" for name in names)
    return f"; {what}: {listed}" if names else ""


def select_best(arms: Sequence[Arm], rule: Select, folder: Path, manner: Manner) -> Selected:
    """Leave as units in `folder` the replications that the race takes, and say who won.

    How many each scenario takes depends on the figures alone, not on what was computed ahead.

    Raises:
        WriteFailed: if the disk is full; what is finished stays for the next run.
    """
    store = UnitStore(folder / "units", [arm.scenario for arm in arms])

    def search() -> dict[str, Any]:
        store.prepare()
        return asdict(_race(arms, rule, store, manner))

    asked = [store.keys, rule.model_dump(mode="json")]
    return Selected(**remembered(folder / _RECORD, asked, search, manner.notice))


def forget(folder: Path) -> None:
    """Remove the record of the race once the study is whole."""
    (folder / _RECORD).unlink(missing_ok=True)


def _race(arms: Sequence[Arm], rule: Select, store: UnitStore, manner: Manner) -> Selected:
    race = Race(rule, [arm.name for arm in arms])
    # Those who are in take part; none does once it is over, so that nothing is computed in vain.
    running = rounds(arms, lambda: [] if race.over else race.alive, rule.maximum, store, manner)
    with closing(running):
        for figures in running:
            if figures is None:
                ran = {name: n + (name in race.alive) for name, n in race.ran.items()}
                return Selected(race.best(), race.alive, [], {}, ran, failed=True)
            race.add({name: mine.get(rule.kpi, float("nan")) for name, mine in figures.items()})
            if race.over:
                break
    differences = {
        name: [value if math.isfinite(value) else None for value in one]
        for name, one in race.differences().items()
    }
    return Selected(race.best(), race.alive, race.not_separable(), differences, race.ran)
