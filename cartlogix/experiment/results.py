"""The results of a study as frames, and how they stand in a result folder."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.compare import KEYS, differences, summarise
from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import upper_bound
from cartlogix.experiment.folder import MANIFEST
from cartlogix.experiment.pairing import unpaired
from cartlogix.ground.errors import Finding, InvalidInput
from cartlogix.scenario.model import Scenario

Pairs = Sequence[tuple[str, str]]
"""Names of scenarios that are compared, a baseline first."""


@dataclass(frozen=True)
class Results:
    """What a study found: the tidy KPI table, its summary, and paired differences."""

    scenarios: tuple[Scenario, ...]
    kpis: pd.DataFrame
    summary: pd.DataFrame
    differences: pd.DataFrame
    warnings: tuple[str, ...]

    def figure(self, kpi: str, group: str = "", indication: str = "all") -> tuple[float, ...]:
        """Return mean, low and high of a figure of the first scenario; NaN if there is none."""
        rows = self.summary
        mine = rows[
            (rows["scenario"] == self.scenarios[0].name)
            & (rows["kpi"] == kpi)
            & (rows["group"] == group)
            & (rows["indication"] == indication)
        ]
        if not len(mine):
            return (math.nan,) * 3
        return tuple(float(mine[name].iloc[0]) for name in ("mean", "low", "high"))


def summarise_study(
    scenarios: Iterable[Scenario], kpis: pd.DataFrame, pairs: Pairs | None = None
) -> Results:
    """Sum up the KPI table of a study.

    Limits of intervals are cut where no figure can be: below 0, and for shares above 1; those of
    differences of shares at -1 and 1. A steady-state study of a system that cannot keep up has no
    steady state: its lead times get no interval, and a warning says why. Without `pairs`, every two
    scenarios are compared.
    """
    listed = tuple(scenarios)
    overloads = {scenario.name: overloaded(scenario, kpis) for scenario in listed}
    summary = summarise(kpis)
    lead_times = [name for name, kpi in KPIS.items() if kpi.family == "lead_time"]
    unstable = [s.name for s in listed if s.run.study == "steady_state" and overloads[s.name]]
    if len(summary):
        blank = summary["scenario"].isin(unstable) & summary["kpi"].isin(lead_times)
        summary.loc[blank, ["low", "high"]] = math.nan
    loads = [text for scenario in listed for text in overloads[scenario.name]]
    compared = _known(pairs, listed)
    warnings = [*unpaired(listed, compared), *loads]
    found = cut_limits(differences(kpis, compared))
    return Results(listed, kpis, cut_limits(summary, 0.0), found, tuple(warnings))


def _known(pairs: Pairs | None, scenarios: Sequence[Scenario]) -> Pairs | None:
    """Return the pairs of which both scenarios have results."""
    names = {scenario.name for scenario in scenarios}
    return None if pairs is None else [pair for pair in pairs if names.issuperset(pair)]


def cut_limits(figures: pd.DataFrame, least: float | None = None) -> pd.DataFrame:
    """Cut limits at the bounds of a figure; differences (no `least`) lie between both bounds."""
    if not len(figures):
        return figures
    units = {name: upper_bound(kpi.unit) for name, kpi in KPIS.items()}
    most = figures["kpi"].astype("str").map(units).fillna(math.inf)
    lowest = -most if least is None else least
    limits = [str(name) for name in figures if str(name).startswith(("low", "high"))]
    return figures.assign(**{name: figures[name].clip(lowest, most) for name in limits})


def overloaded(scenario: Scenario, kpis: pd.DataFrame) -> list[str]:
    """Return a warning for each pool that is offered more work than it can do."""
    if not len(kpis):
        return []
    capacity = {
        f"{site.name}/{name}": resource.units
        for site in scenario.network.sites()
        for name, resource in site.resources.items()
    }
    mine = kpis[(kpis["scenario"] == scenario.name) & (kpis["kpi"] == "pool.offered_load")]
    offered = mine.groupby(mine["group"].astype("str"))["value"].mean()
    loads = {pool: units / (capacity[str(pool)] or math.inf) for pool, units in offered.items()}
    return [
        f"{scenario.label}: load {load:.2f} at {pool}: more work arrives than can be done, "
        "and waits grow with the horizon"
        for pool, load in loads.items()
        if load >= 1
    ]


def results_json(results: Results) -> dict[str, Any]:
    """Return the results for programs: every figure with its value in each replication."""
    return {
        "scenarios": [
            {"name": s.name, "digest": s.digest(), "kpis": _per_replication(results.kpis, s.name)}
            for s in results.scenarios
        ],
        "summary": _records(results.summary),
        "differences": _records(results.differences),
        "warnings": list(results.warnings),
    }


def _per_replication(kpis: pd.DataFrame, scenario: str) -> list[dict[str, Any]]:
    mine = kpis[kpis["scenario"] == scenario] if len(kpis) else kpis
    figures: dict[tuple[str, str, str], list[float | None]] = {}
    columns = [mine[key].astype("str").tolist() for key in (*KEYS,)] if len(mine) else [[], [], []]
    values = mine["value"].tolist() if len(mine) else []
    for kpi, group, indication, value in zip(*columns, values, strict=True):
        figures.setdefault((kpi, group, indication), []).append(_finite(value))
    return [
        {"kpi": kpi, "group": group, "indication": indication, "values": values}
        for (kpi, group, indication), values in figures.items()
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = list(frame.columns)
    columns = [frame[name].tolist() for name in names]
    return [
        {name: _finite(value) for name, value in zip(names, row, strict=True)}
        for row in zip(*columns, strict=True)
    ]


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_manifest(folder: Path, name: str = MANIFEST) -> Mapping[str, Any]:
    """Read the manifest of a result folder, or the stamp of a scenario, and check its files.

    Raises:
        InvalidInput: if there is none, or a file is missing or not what was written.
    """
    try:
        data: Mapping[str, Any] = json.loads((folder / name).read_text("utf-8"))
        for path, digest in data["files"].items():
            with (folder / path).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise _damaged(folder, f"{path} is not what was written")
    except OSError as error:
        file_name = Path(str(error.filename)).name
        raise _damaged(folder, f"{file_name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _damaged(folder, f"{name} is damaged") from None
    return data


def _damaged(folder: Path, why: str) -> InvalidInput:
    message = f"not a complete result folder: {why}; run it again"
    return InvalidInput([Finding(str(folder), 0, 0, "", message)])
