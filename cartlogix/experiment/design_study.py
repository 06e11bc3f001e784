"""A design search from an experiment file into a result folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.statistics import mean_interval
from cartlogix.experiment.find_design import MOST_CHECKED, DesignSearch, Figures
from cartlogix.experiment.inquiry import Inquired, run_inquiry
from cartlogix.experiment.plan import Study
from cartlogix.experiment.points import Points
from cartlogix.experiment.run import Options
from cartlogix.experiment.search import Design, Search
from cartlogix.experiment.variants import Variants
from cartlogix.experiment.workload import Work
from cartlogix.ground.errors import Finding, InvalidInput

FRESH = 1_000_003
"""Added to the scenario's seed for random numbers that the search has not seen."""


def inquire_design(study: Study, file: Path, out: Path, options: Options) -> Inquired:
    """Search the cheapest design of a study's scenario, and write the result folder `out`.

    Raises:
        InvalidInput: if the file asks for none, or the scenario does not allow a design.
        PartialFailure: if a replication fails; the others are kept for the next run.
    """
    asked, variants = _asked(study, file)

    def work(points: Points) -> Inquired:
        search = DesignSearch(asked, lambda *given: _figures(asked, variants, points, *given))
        answer = search.run()
        checks = [
            {**_named(asked, design), "kpi": kpi, **_interval(found, kpi),
             "holds": search.holds(found)}
            for design, found in search.checked.items()
            for kpi in asked.kpis
        ]  # fmt: skip
        tables = {"designs": search.table(), "checks": pd.DataFrame(checks)}
        return Inquired(tables, _record(search, answer, variants))

    return run_inquiry("design", study, out, options, work)


def foresee_design(study: Study, file: Path) -> list[Work]:
    """Return what a search would run at most, without running anything.

    How many designs are ruled out early is not known before, so all of them count in full.

    Raises:
        InvalidInput: as :func:`inquire_design`.
    """
    asked, variants = _asked(study, file)
    scenario = variants.at({})

    def work(row: str, designs: int, replications: int) -> Work:
        return Work(row, scenario.name, scenario.repeated(replications), designs)

    if asked.method == "optuna":
        found = [work("tried", min(asked.trials, asked.size), asked.replications)]
    else:
        found = [work("first replications of all", asked.size, asked.first)]
        if asked.replications > asked.first:
            more = asked.replications - asked.first
            found.append(work("the others, at most", asked.size, more))
    return [*found, work("checked, at most", min(MOST_CHECKED, asked.size), asked.verify)]


def _asked(study: Study, file: Path) -> tuple[Search, Variants]:
    experiment = study.experiment
    if experiment is None or experiment.search is None:
        message = "this file asks for no design; say what is decided under 'search'"
        raise InvalidInput([Finding(str(file), 0, 0, "search", message)])
    asked = experiment.search
    return asked, study.variants[asked.scenario or experiment.scenarios[0].name]


def _figures(
    asked: Search,
    variants: Variants,
    points: Points,
    designs: Sequence[Design],
    replications: range,
    fresh: bool,
) -> list[Figures]:
    changes: dict[str, Any] = {}
    if fresh:
        changes["run.seed"] = variants.at({}).run.seed + FRESH
    scenarios = [variants.at({**asked.values(design), **changes}) for design in designs]
    return points.figures(scenarios, asked.kpis, replications)


def _named(asked: Search, design: Design) -> dict[str, Any]:
    return {one.name: number for one, number in zip(asked.decisions, design, strict=True)}


def _interval(found: Figures, kpi: str) -> dict[str, float]:
    return dict(zip(("mean", "low", "high"), mean_interval(found[kpi]), strict=True))


def _record(search: DesignSearch, answer: Design | None, variants: Variants) -> dict[str, Any]:
    asked = search.asked
    return {
        "scenario": variants.at({}).label,
        "decisions": [{"name": one.name, "label": one.label} for one in asked.decisions],
        "minimise": asked.minimise,
        "limits": [one.model_dump(mode="json") for one in asked.limits],
        "confidence": asked.confidence,
        "method": asked.method,
        "designs": len(search.seen),
        "of": asked.size,
        "replications": asked.replications,
        "verify": asked.verify,
        "check_confidence": search.check_confidence,
        "checked": len(search.checked),
        "most_checked": MOST_CHECKED,
        "answer": _named(asked, answer) if answer else None,
        "equals": [_named(asked, one) for one in search.equals(answer)] if answer else [],
    }
