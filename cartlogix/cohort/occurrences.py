"""When disruptions happen: drawn before the run, the same in every scenario that names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cartlogix.ground.distributions import Law
from cartlogix.ground.streams import Streams
from cartlogix.scenario.disruption import Disruption, MissedLot, Recall
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.when import day_when


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a disruption happens, in days; what happens in a moment ends as it begins."""

    start: float
    end: float


def occurrences(disruption: Disruption, scenario: Scenario, streams: Streams) -> list[Occurrence]:
    """Return when a disruption happens before the horizon, in order, if it lasts at all.

    The k-th time takes the k-th number of the streams `disruption/NAME/after` and `.../lasts`.
    """
    horizon = scenario.run.horizon
    lasts = None if isinstance(disruption, MissedLot | Recall) else disruption.lasts.law
    if disruption.after is not None:
        found = list(_at_random(disruption.name, disruption.after.law, lasts, horizon, streams))
    else:
        days = sorted(day_when(when, scenario.run.start) for when in disruption.at)
        found = [
            Occurrence(day, day + _length(disruption.name, lasts, streams, number))
            for number, day in enumerate(days)
            if day < horizon
        ]
    return [time for time in found if lasts is None or time.end > time.start]


def _at_random(
    name: str, after: Law, lasts: Law | None, horizon: float, streams: Streams
) -> Iterator[Occurrence]:
    until = streams.draws(after, f"disruption/{name}/after")
    number, day = 0, until[0]
    while day < horizon:
        found = Occurrence(day, day + _length(name, lasts, streams, number))
        yield found
        number += 1
        day = found.end + until[number]


def _length(name: str, lasts: Law | None, streams: Streams, number: int) -> float:
    return streams.draws(lasts, f"disruption/{name}/lasts")[number] if lasts else 0.0
