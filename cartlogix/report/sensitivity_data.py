"""What a sensitivity study found, as its page and the terminal show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import read_table

_ALL = "all"
NOTHING = 1e-9
"""Changes up to this are those of rounding."""


@dataclass(frozen=True)
class SensitivityData:
    """A sensitivity study as its page shows it."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    @property
    def asked(self) -> Mapping[str, Any]:
        """Method, labels of inputs and scenarios, replications and points."""
        found: Mapping[str, Any] = self.manifest["sensitivity"]
        return found

    @property
    def method(self) -> str:
        """The method."""
        return str(self.asked["method"])

    def label(self, name: str) -> str:
        """Return the label of a scenario, of a difference between two, or of an input."""
        if name == _ALL:
            return "All inputs"
        return str(self.asked["labels"].get(name, name))

    def unit(self, kpi: str) -> str:
        """Return the unit of a figure with its currency."""
        return KPIS[kpi].unit.replace("{currency}", self.manifest["currency"])

    def groups(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """Yield every scenario or difference with every figure, and its rows."""
        frame = self.tables["sensitivity"]
        for (scenario, kpi), mine in frame.groupby(["scenario", "kpi"], sort=False, observed=True):
            records = [{str(k): v for k, v in row.items()} for row in mine.to_dict("records")]
            yield str(scenario), str(kpi), [one for one in records if self._has(scenario, one)]

    def _has(self, scenario: object, row: Mapping[str, Any]) -> bool:
        """Whether the scenario (or a difference) has the row's input."""
        known = {one["name"]: one.get("scenarios", ()) for one in self.asked["inputs"]}
        named = known.get(row.get("input"), ())
        plain = any(one["name"] == scenario for one in self.manifest["scenarios"])
        return not named or not plain or scenario in named

    def moves(self, row: Mapping[str, Any]) -> bool:
        """Whether the row's input moves the figure at all."""
        keys = {"tornado": ("at_low", "at_high"), "morris": ("mu_star",), "sobol": ("total",)}
        return any(abs(row[key]) > NOTHING for key in keys[self.method])


def read_sensitivity(folder: Path) -> SensitivityData | None:
    """Read a result folder; None if it is not one of a sensitivity study.

    Raises:
        InvalidInput: if it is damaged.
    """
    manifest = read_manifest(folder)
    if "sensitivity" not in manifest:
        return None
    tables = {path.stem: read_table(path) for path in sorted(folder.glob("*.parquet"))}
    return SensitivityData(manifest, tables)
