"""Running replications of all scenarios side by side until their intervals are narrow enough."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cartlogix.experiment.computing import Manner
from cartlogix.experiment.plan import Arm
from cartlogix.experiment.precision import Precision, Stopping
from cartlogix.experiment.rounds import remembered, rounds
from cartlogix.experiment.units import UnitStore

_RECORD = ".precision.json"


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

    def search() -> dict[str, Any]:
        store.prepare()
        return asdict(_search(arms, Stopping(rule, pairs), store, manner))

    asked = [store.keys, pairs, rule.model_dump(mode="json")]
    found = remembered(folder / _RECORD, asked, search, manner.notice)
    return Reached(**{**found, "widths": tuple(map(tuple, found["widths"]))})


def forget(folder: Path) -> None:
    """Remove the record of the decision once the study is whole."""
    (folder / _RECORD).unlink(missing_ok=True)


def _search(arms: Sequence[Arm], stopping: Stopping, store: UnitStore, manner: Manner) -> Reached:
    names = [arm.name for arm in arms]
    running = rounds(
        arms, lambda: [] if stopping.over else names, stopping.rule.maximum, store, manner
    )
    with closing(running):
        for figures in running:
            if figures is None:
                return Reached(stopping.done + 1, False, ())
            stopping.add(figures)
            if stopping.over:
                break
    widths = tuple((w.what, _finite(w.half), _finite(w.target)) for w in stopping.widths())
    return Reached(stopping.done, stopping.reached, widths)


def _finite(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN
