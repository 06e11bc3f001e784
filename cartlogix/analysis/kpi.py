"""What is said of a KPI: its meaning, its unit, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["lower", "higher", "none"]
Family = Literal["lead_time", "access", "capacity", "inventory", "cost", "over_time"]


@dataclass(frozen=True)
class Kpi:
    """One figure of the KPI table, in the order of the report.

    `unit` may hold `{currency}`. Where `by` is not empty there is a figure for each of it, by the
    column group. A group without a row counts as 0 where `absent_is_zero`, as
    for a cause by which nobody was lost; otherwise it is unknown.
    """

    name: str
    title: str
    unit: str
    direction: Direction
    definition: str
    family: Family
    by: str = ""
    headline: bool = False
    absent_is_zero: bool = False
