"""Maps of who is ahead: a scenario looks the same, whether less or more of the figure is better."""

from __future__ import annotations

import pandas as pd
import pytest

from cartlogix.analysis.registry import KPIS
from cartlogix.report.break_even_data import Question
from cartlogix.report.figures.break_even import break_even_exhibit
from cartlogix.report.theme import BLUE, GREY, VERMILLION


def a_map(kpi: str, lower: list[str]) -> Question:
    """Two scenarios, one and two, at four points, by who has the lower figure."""
    asked = {
        "name": "map", "title": "Map", "replications": 10, "kpis": [kpi],
        "between": [{"name": "a", "label": "One"}, {"name": "b", "label": "Two"}],
        "factors": [
            {"name": name, "label": name, "unit": "", "whole": False} for name in ("x", "y")
        ],
    }  # fmt: skip
    points = pd.DataFrame({"x": [1.0, 2, 1, 2], "y": [1.0, 1, 2, 2], "lower": lower}).assign(
        difference=0.1, low=0.0, high=0.2, low_adjusted=-0.1, high_adjusted=0.3
    )
    lines = pd.DataFrame(columns=["kind", "y", "at", "low", "high"])
    return Question(asked, KPIS[kpi], "share", points, lines)


@pytest.mark.parametrize(
    ("kpi", "lower", "names"),
    [
        ("cost.per_infused", ["a", "a", "b", ""], ["One costs less", "Two costs less"]),
        ("share.infused", ["b", "b", "a", ""], ["One infuses more", "Two infuses more"]),
    ],
)
def test_a_scenario_keeps_its_look(kpi: str, lower: list[str], names: list[str]) -> None:
    drawn = break_even_exhibit(a_map(kpi, lower)).figure
    assert drawn is not None
    found = [(one.name, one.marker.color, len(one.x)) for one in drawn.data]
    assert found == [
        (names[0], VERMILLION, 2), (names[1], BLUE, 1), ("cannot be told apart", GREY, 1),
    ]  # fmt: skip
