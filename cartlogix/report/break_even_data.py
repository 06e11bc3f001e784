"""Break-even questions and their answers as the page and the command read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.kpi import Kpi
from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.find_break_even import BreakEvens
from cartlogix.experiment.tables import read_table
from cartlogix.report.text import short_labels


@dataclass(frozen=True)
class Question:
    """One break-even question for one figure, and what is known of it."""

    asked: Mapping[str, Any]
    kpi: Kpi
    unit: str
    """Unit of the figure, with its currency."""
    points: pd.DataFrame
    lines: pd.DataFrame

    @property
    def is_map(self) -> bool:
        """Whether two factors are varied."""
        return len(self.asked["factors"]) == 2

    @property
    def labels(self) -> tuple[str, str]:
        """Labels of the two scenarios, short ones if they tell them apart."""
        first, second = short_labels([item["label"] for item in self.asked["between"]])
        return first, second

    @property
    def title(self) -> str:
        """The figure and the factors."""
        return f"{self.kpi.title}: {self.asked['title']}"

    def factor(self, index: int = 0) -> Mapping[str, Any]:
        """Return name, label and unit of a factor."""
        found: Mapping[str, Any] = self.asked["factors"][index]
        return found

    def axis(self, index: int = 0) -> str:
        """Return the label of a factor with its unit."""
        unit = self.factor(index)["unit"]
        return (
            f"{self.factor(index)['label']} [{unit}]" if unit else str(self.factor(index)["label"])
        )


def read_break_even(folder: Path, manifest: Mapping[str, Any]) -> BreakEvens | None:
    """Read the answers of a result folder; None if nothing was asked."""
    asked = manifest.get("break_even")
    if not asked:
        return None
    points, lines = (
        read_table(folder / f"break_even_{part}.parquet") for part in ("points", "lines")
    )
    return BreakEvens(points, lines, tuple(asked))


def questions(found: BreakEvens | None, currency: str) -> Iterator[Question]:
    """Yield every question and figure in the order in which they were asked."""
    for asked in found.asked if found else ():
        for name in asked["kpis"]:
            kpi = KPIS[name]
            assert found is not None
            points, lines = (
                frame[((frame["break_even"] == asked["name"]) & (frame["kpi"] == name)).to_numpy()]
                for frame in (found.points, found.lines)
            )
            yield Question(asked, kpi, kpi.unit.replace("{currency}", currency), points, lines)
