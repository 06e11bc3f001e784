"""What the page of a study with factors is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.kpi import Kpi
from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.find_break_even import BreakEvens
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import read_table
from cartlogix.report.break_even_data import read_break_even
from cartlogix.report.read import read_settling


@dataclass(frozen=True)
class SweepData:
    """What the page is made from."""

    manifest: Mapping[str, Any]
    by_factor: pd.DataFrame
    effects: pd.DataFrame
    ranges: pd.DataFrame
    differences: pd.DataFrame
    currency: str
    break_even: BreakEvens | None = None
    settling: pd.DataFrame | None = None

    @property
    def factors(self) -> dict[str, str]:
        """Label of each factor by name."""
        return {item["name"]: item["label"] for item in self.manifest["factors"]}

    @property
    def headlines(self) -> list[Kpi]:
        """The figures that the page shows."""
        known = set(self.effects["kpi"].astype("str"))
        return [kpi for kpi in KPIS.values() if kpi.headline and kpi.name in known]

    def unit(self, kpi: Kpi) -> str:
        """Return the unit of a figure with its currency."""
        return kpi.unit.replace("{currency}", self.currency)


def read_sweep(folder: Path) -> SweepData | None:
    """Read a result folder; None if nothing was varied in it.

    Raises:
        InvalidInput: if it is damaged.
    """
    manifest = read_manifest(folder)
    if not manifest.get("factors") or not (folder / "by_factor.parquet").is_file():
        return None
    by_factor, effects, ranges, differences = (
        read_table(folder / f"{name}.parquet")
        for name in ("by_factor", "main_effects", "effect_ranges", "differences")
    )
    return SweepData(
        manifest,
        by_factor,
        effects,
        ranges,
        differences,
        manifest["currency"],
        read_break_even(folder, manifest),
        read_settling(folder),
    )
