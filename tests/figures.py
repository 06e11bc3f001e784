"""Figures as a study gathers them, from a table that a test writes down."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cartlogix.analysis.figures import FigureGatherer, FigureTable
from cartlogix.ground.scratch import Scratch


def by_scenario(kpis: pd.DataFrame) -> dict[str, FigureTable]:
    """The figures of `scenario, replication, kpi, group, indication, value`."""
    scratch = Scratch()
    return {
        str(name): figure_table(kpis[(kpis["scenario"] == name).to_numpy()], scratch)
        for name in kpis["scenario"].unique()
    }


def figure_table(kpis: pd.DataFrame, scratch: Scratch) -> FigureTable:
    """The figures of one scenario."""
    figures = FigureGatherer(np.unique(kpis["replication"].to_numpy()), scratch)
    figures.add(kpis)
    return figures.table()
