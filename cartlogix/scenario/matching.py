"""Who may take whose cells: match classes of patients, and the donors of a stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
