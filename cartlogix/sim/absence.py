"""Groups some of whom are away for a time: by the scenario's dates, or by an outage of people."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cartlogix.cohort.occurrences import occurrences
from cartlogix.ground.opening_hours import HoursCalendar
from cartlogix.ground.streams import Streams
from cartlogix.scenario.disruption import Outage
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.when import day_when
from cartlogix.sim.crew import Group, turnout

Absence = tuple[float, float, int]
"""From when to when how many are away."""

_SNAP = 1e-9


def absences(scenario: Scenario, streams: Streams) -> Mapping[tuple[str, str], Sequence[Absence]]:
    """Return who is away when, by 'site/resource' and group."""
    found: dict[tuple[str, str], list[Absence]] = {}
    outages = [d for d in scenario.disruptions if isinstance(d, Outage)]
    for site in scenario.network.sites():
        for name, resource in site.resources.items():
            for group in resource.people:
                days = [
                    (day_when(a.from_, scenario.run.start), day_when(a.to, scenario.run.start))
                    for a in group.away
                ]
                mine = [(*day, a.number) for day, a in zip(days, group.away, strict=True)]
                for outage in outages:
                    hit = outage.site == site.name and outage.resource == name
                    if hit and outage.group in (None, group.name):
                        number = outage.units or group.number
                        times = occurrences(outage, scenario, streams)
                        mine += [(time.start, time.end, number) for time in times]
                if mine:
                    found[f"{site.name}/{name}", group.name] = mine
    return found


@dataclass(slots=True)
class ThinnedGroup(Group):
    """A group some of whom are away at times; who is at work then finishes what is in hand."""

    away: Sequence[Absence] = ()
    absence: float = 0.0

    # No bare super(): a dataclass with slots is made anew.
    def _look_up(self, now: float) -> None:
        Group._look_up(self, now)
        gone = 0
        for start, end, number in self.away:
            if now < start:
                self._until = min(self._until, start)
            elif now >= end:
                self._since = max(self._since, end)
            else:
                self._since, self._until = max(self._since, start), min(self._until, end)
                gone += number
        if gone and self._present:
            self._present = self._left(max(0, self.number - gone), now)

    def _left(self, number: int, now: float) -> int:
        """Return how many of those who are not away come to the shift."""
        if self.luck is None or not isinstance(self.roster, HoursCalendar):
            return number
        shift = self.roster.stretch_of(now)[3]
        return bisect_right(turnout(number, self.absence), self.luck[shift])

    def next_shift(self, now: float) -> float:
        """Return when more may be on duty: at the next shift, or when somebody is back."""
        back = min((end for _, end, _ in self.away if end > now + _SNAP), default=float("inf"))
        return min(back, Group.next_shift(self, now))
