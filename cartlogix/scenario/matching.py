"""Who may take whose cells: match classes of patients, and the donors of a stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from cartlogix.scenario.base import Name, Part, Text
from cartlogix.scenario.quantity import Number, number


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
    """The donors whose cells a stock's lots are made of."""

    classes: Annotated[dict[Name, Number], Field(min_length=1)]
    """Relative frequency of each match class among donors; every lot is of one class."""


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
