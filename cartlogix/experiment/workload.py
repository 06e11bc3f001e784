"""How much work a study is, without running it: replications, events, time and memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cartlogix.experiment.estimate import Pilot, estimate, pilot
from cartlogix.experiment.plan import Study
from cartlogix.scenario.model import Scenario


@dataclass(frozen=True)
class Work:
    """A scenario that would be run, as often as it says."""

    row: str
    """What it counts for."""
    kind: str
    """Those of one kind take as long for each event."""
    scenario: Scenario
    points: int = 1
    """How many scenarios like it."""


class Row(NamedTuple):
    """The work of what counts together."""

    points: int = 0
    replications: int = 0
    events: int = 0


@dataclass(frozen=True)
class Workload:
    """The work of a study, by row."""

    rows: dict[str, Row]
    seconds: float
    """Of one processor."""
    megabytes: float
    """Of one process, at most."""

    @property
    def total(self) -> Row:
        """All rows together."""
        return Row(*map(sum, zip(*self.rows.values(), strict=True)))


def workload(works: Iterable[Work]) -> Workload:
    """Estimate the work; the first replication of the first scenario of every kind is run."""
    rows: dict[str, Row] = {}
    pilots: dict[str, tuple[Pilot, float]] = {}
    seconds, megabytes = 0.0, 0.0
    for work in works:
        plan = estimate(work.scenario)
        if work.kind not in pilots:
            took = pilot(work.scenario)
            pilots[work.kind] = took, took.events / max(plan.events / plan.replications, 1)
        took, scale = pilots[work.kind]
        events = round(plan.events * scale) * work.points
        seconds += took.seconds * events / max(took.events, 1)
        megabytes = max(megabytes, plan.megabytes)
        mine = rows.get(work.row, Row())
        rows[work.row] = Row(
            mine.points + work.points,
            mine.replications + plan.replications * work.points,
            mine.events + events,
        )
    return Workload(rows, seconds, megabytes)


def runs_of(study: Study) -> list[Work]:
    """Return the runs of a study, with the most replications where a rule decides on them."""
    counted = study.with_replications(study.rule.maximum) if study.rule else study
    return [Work(arm.name, arm.base or arm.name, arm.scenario) for arm in counted.arms]
