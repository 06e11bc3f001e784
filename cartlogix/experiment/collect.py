"""From the finished scenarios of a study to the tables of all of it, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from cartlogix.analysis.effects import by_factor, main_effects
from cartlogix.analysis.figures import FigureTable
from cartlogix.analysis.tidy import numbers
from cartlogix.analysis.warm_up import Welch, too_short, transient
from cartlogix.experiment.arms import scenario_folder
from cartlogix.experiment.find_break_even import BreakEvens, break_even_json
from cartlogix.experiment.folder import write_text
from cartlogix.experiment.plan import Study
from cartlogix.experiment.results import Results, cut_limits, results_json, summarise_study
from cartlogix.experiment.tables import TableWriters, parts_of, write_table
from cartlogix.scenario.model import Scenario


def collect(study: Study, folder: Path) -> Results:
    """Put the KPIs of every scenario that is complete into one table, and sum them up.

    Raises:
        WriteFailed: if the disk is full.
    """
    done = [arm.scenario for arm in study.arms if scenario_folder(folder, arm.name).exists()]
    figures = {one.name: FigureTable(range(one.run.replications)) for one in done}
    with TableWriters(folder) as all_kpis:
        for name, gathered in figures.items():
            for part in parts_of(scenario_folder(folder, name) / "kpis.parquet", name):
                gathered.add(part.to_pandas())
                all_kpis.add([("kpis", part)])
    tables = {name: gathered.table() for name, gathered in figures.items()}
    found = summarise_study(done, tables, study.pairs, raced=study.select is not None)
    short = [text for one in done for text in _still_warming_up(one, folder)]
    return replace(found, warnings=(*found.warnings, *short))


def _still_warming_up(scenario: Scenario, folder: Path) -> Iterator[str]:
    """Yield a warning if the measured window of a steady-state study begins in the transient."""
    start, end = scenario.run.window
    if scenario.run.study != "steady_state":
        return
    welch = Welch(end)
    path = scenario_folder(folder, scenario.name) / "patients.parquet"
    for part in parts_of(path, scenario.name, ["enrolled", "infused"]):
        frame = part.to_pandas()
        welch.add(numbers(frame, "enrolled"), numbers(frame, "infused"))
    curve = welch.curve()
    if too_short(curve, start):
        yield (
            f"{scenario.label}: a warm-up of {start:g} d looks too short: by MSER-5 the first "
            f"{transient(curve):g} d are not yet the steady state; lengthen run.warm_up"
        )


def write_results(study: Study, results: Results, turning: BreakEvens | None, folder: Path) -> None:
    """Write what sums up a study; tables by factor only if something is varied.

    Raises:
        WriteFailed: if the disk is full.
    """
    write_text(folder / "results.json", results_json(results, break_even_json(turning)))
    tables: dict[str, pd.DataFrame] = {
        "summary": results.summary,
        "differences": results.differences,
    }
    if study.factors and results.scenarios:
        levels = pd.DataFrame(study.levels(), columns=["scenario", "base", "factor", "level"])
        tables["levels"] = levels
        tables["by_factor"] = by_factor(results.summary, levels)
        tables["main_effects"] = cut_limits(main_effects(results.tables, levels), 0.0)
    if turning:
        tables["break_even_points"], tables["break_even_lines"] = turning.points, turning.lines
    for name, frame in tables.items():
        write_table(folder / f"{name}.parquet", frame)
