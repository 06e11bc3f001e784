"""The results of a study as frames, and how they stand in a result folder."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.compare import differences, summarise
from cartlogix.analysis.figures import KEYS, FigureTable, Tables, tidy
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
    """What a study found: every figure of each replication, a summary, and paired differences."""

    scenarios: tuple[Scenario, ...]
    tables: Tables
    summary: pd.DataFrame
    differences: pd.DataFrame
    warnings: tuple[str, ...]
    unsteady: tuple[str, ...] = ()
    """Steady-state scenarios that have no steady state, since more arrives than can be done."""
    settling: pd.DataFrame | None = None
    """Of steady-state scenarios: Welch's curve, the warm-up, and what MSER-5 says of it."""

    @property
    def kpis(self) -> pd.DataFrame:
        """Every figure as a row: `scenario, replication, kpi, group, indication, value`."""
        return tidy(self.tables)

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
    scenarios: Iterable[Scenario],
    tables: Tables,
    pairs: Pairs | None = None,
    *,
    raced: bool = False,
) -> Results:
    """Sum up the figures of a study.

    Limits of intervals are cut where no figure can be: below 0, and for shares above 1; those of
    differences of shares at -1 and 1. A steady-state study of a system that cannot keep up has no
    steady state: its lead times get no interval, and a warning says why. Without `pairs`, every two
    scenarios are compared. `raced` says that scenarios were repeated unequally often on purpose.
    """
    listed = tuple(scenarios)
    overloads = {scenario.name: overloaded(scenario, tables[scenario.name]) for scenario in listed}
    summary = summarise(tables)
    lead_times = [name for name, kpi in KPIS.items() if kpi.family == "lead_time"]
    unsteady = [s.name for s in listed if s.run.study == "steady_state" and overloads[s.name]]
    if len(summary):
        blank = summary["scenario"].isin(unsteady) & summary["kpi"].isin(lead_times)
        summary.loc[blank, ["low", "high"]] = math.nan
    loads = [text for scenario in listed for text in overloads[scenario.name]]
    compared = _known(pairs, listed)
    warnings = [*unpaired(listed, compared, raced=raced), *loads]
    found = cut_limits(differences(tables, compared))
    cut = cut_limits(summary, 0.0)
    return Results(listed, tables, cut, found, tuple(warnings), tuple(unsteady))


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


def overloaded(scenario: Scenario, table: FigureTable) -> list[str]:
    """Return a warning for each pool that is offered more work than it can do."""
    capacity = {
        f"{site.name}/{name}": resource.units
        for site in scenario.network.sites()
        for name, resource in site.resources.items()
    }
    rows = table.rows_of("pool.offered_load")
    offered = pd.DataFrame(table.values(rows)).mean(axis=1)
    pools = [str(pool) for pool in table.index[rows].get_level_values("group")]
    loads = {
        pool: float(units) / (capacity[pool] or math.inf)
        for pool, units in zip(pools, offered, strict=True)
    }
    return [
        f"{scenario.label}: load {load:.2f} at {pool}: more work arrives than can be done, "
        "and waits grow with the horizon"
        for pool, load in loads.items()
        if load >= 1
    ]


def can_leave(scenario: Scenario) -> bool:
    """Whether patients may leave a line before they are served, which can relieve a full pool."""
    pools = (pool for site in scenario.network.sites() for pool in site.resources.values())
    return any(one.drop_out for one in scenario.demand.indications) or any(
        pool.waiting_room is not None for pool in pools
    )


def results_json(results: Results, more: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield the results for programs, as JSON: every figure with its value in each replication.

    It comes in pieces, a figure each, since there may be many replications.

    Args:
        results: the results.
        more: what else to say, first.
    """
    yield "{" + "".join(f"\n {_json(key)}: {_json(value)}," for key, value in (more or {}).items())
    yield '\n "scenarios": ['
    for number, scenario in enumerate(results.scenarios):
        head = {"name": scenario.name, "digest": scenario.digest()}
        yield f'{"," if number else ""}\n{_json(head)[:-1]}, "kpis": ['
        table = results.tables[scenario.name]
        for rows in table.strips():
            for row, values in zip(rows, table.values(rows), strict=True):
                figure = dict(zip(KEYS, table.index[row], strict=True))
                listed = [_finite(value) for value in values.tolist()]
                yield f"{',' if row else ''}\n{_json({**figure, 'values': listed})}"
        yield "]}"
    for name, frame in (("summary", results.summary), ("differences", results.differences)):
        yield f'],\n "{name}": ['
        for row, record in enumerate(_records(frame)):
            yield f"{',' if row else ''}\n{_json(record)}"
    yield f'],\n "warnings": {_json(list(results.warnings))}\n}}\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    names = list(frame.columns)
    for row in frame.itertuples(index=False, name=None):
        yield {name: _finite(value) for name, value in zip(names, row, strict=True)}


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
