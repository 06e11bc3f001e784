"""Which pathway serves which patient: preferences with a limit on the wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import model_validator

from cartlogix.scenario.base import Name, Part
from cartlogix.scenario.demand import Indication
from cartlogix.scenario.quantity import FixedDuration


class Preference(Part):
    """Sends patients to a pathway rather than by its share, and to another if that takes long."""

    name: Name
    """Name of the preference; the cause of a switch is shown by it."""
    indications: tuple[Name, ...] = ()
    """Indications that it concerns; all of them if left out."""
    health: tuple[Name, ...] = ()
    """States of health at enrolment that it concerns; all of them if left out."""
    first: Name
    """Pathway on which these patients start."""
    second: Name | None = None
    """Pathway to which they go when the wait is above the limit; they wait on if left out."""
    wait: FixedDuration | None = None
    """Limit on the wait in the lines of the first pathway, for resources and for doses."""
    judged: Literal["waited", "expected"] = "waited"
    """Whether it is the time that a patient has waited in line, or the wait that is to be expected
    at enrolment, from the lines and mean times of that moment."""

    @model_validator(mode="after")
    def _limit_with_second(self) -> Preference:
        if (self.second is None) != (self.wait is None):
            raise ValueError("'second' and 'wait' go together")
        return self

    @property
    def cause(self) -> str:
        """What a switch at the limit is called."""
        return f"allocation: {self.name}"

    def concerns(self, indication: Indication) -> bool:
        """Whether it concerns some patients of an indication."""
        return not self.indications or indication.name in self.indications


def limits(
    preferences: tuple[Preference, ...], indication: Indication
) -> Iterator[tuple[int, Preference]]:
    """Yield the preferences that limit the time in line of an indication, with their places."""
    for place, preference in enumerate(preferences):
        limited = preference.wait is not None and preference.judged == "waited"
        if limited and preference.concerns(indication):
            yield place, preference
