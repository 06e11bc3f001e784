"""Who may take whose cells: match classes of patients, and the donors of a stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, model_validator

from cartlogix.scenario.base import Name, Part, PositiveCount, Text
from cartlogix.scenario.quantity import Number, Probability, number, probability


class MatchClass(Part):
    """Patients who can take the doses of the same donors: a blood group, or an HLA type."""

    name: Name
    """Name of the class."""
    title: Text | None = None
    """Name as shown in the report; the plain name if left out."""
    share: Number = number(1)
    """Relative share of patients; shares are divided by their sum."""
    accepts: tuple[Name, ...] = ()
    """Classes of donors whose doses these patients can take, the best first; only those of the
    same name if left out."""

    @property
    def takes(self) -> tuple[str, ...]:
        """The donor classes that these patients can take, the best first."""
        return self.accepts or (self.name,)


class Donors(Part):
    """The donors whose cells a stock's lots are made of; each lot is of one donor."""

    classes: dict[Name, Number] = Field(default_factory=dict)
    """Relative frequency of each match class among donors; doses fit everybody if left out."""
    deferral: Probability = probability(0)
    """Chance that a donor who is screened is turned down; another one is screened then, at the
    step of the supply route that is marked `milestone: donor`."""
    choose: Literal["by_frequency", "shortest"] = "by_frequency"
    """Of which class the donor of a lot that is ordered is: `by_frequency` as drawn, `shortest` the
    one of which there is least for the patients who can take it. Donors of each class are then to
    be had when they are asked for; only those of lots that nobody orders are drawn."""
    lots_each: PositiveCount = 1
    """Lots for which the cells of one donor suffice: later ones begin after the step that marks the
    apheresis, or the donor if there is none."""

    @model_validator(mode="after")
    def _somebody_is_accepted(self) -> Donors:
        if self.deferral.value >= 1:
            raise ValueError("'deferral' must be below 1: somebody has to be accepted")
        return self


Ranks = Sequence[Mapping[str, int]]
"""For each match class of patients: the donor classes that fit, and their rank."""


def match_ranks(classes: Sequence[MatchClass], rule: str) -> Ranks:
    """Return which donor class goes first for whom, by the stock's rule for matching."""
    ranks = []
    for mine in classes:
        rank = {
            "exact_first": [int(name != mine.name) for name in mine.takes],
            "best_first": range(len(mine.takes)),
            "issue_order": [0] * len(mine.takes),
        }[rule]
        ranks.append(dict(zip(mine.takes, rank, strict=True)))
    return ranks


def served(classes: Sequence[MatchClass], donors: Donors) -> dict[str, float]:
    """Return the share of patients whom each class of donors can serve; none that serves nobody."""
    total = sum(item.share.value for item in classes)
    shares = {
        name: sum(item.share.value for item in classes if name in item.takes) / total
        for name, frequency in donors.classes.items()
        if frequency.value > 0
    }
    return {name: share for name, share in shares.items() if share > 0}
