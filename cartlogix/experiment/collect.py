"""From the finished scenarios of a study to the tables of all of it, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from cartlogix.analysis.effects import by_factor, effect_ranges, main_effects
from cartlogix.analysis.figures import FigureGatherer, FigureTable, Tables
from cartlogix.analysis.tidy import numbers
from cartlogix.analysis.warm_up import Curve, Welch, smoothed, too_short, transient
from cartlogix.experiment.arms import scenario_folder
from cartlogix.experiment.find_break_even import BreakEvens, break_even_json
from cartlogix.experiment.folder import write_text, writing
from cartlogix.experiment.plan import Study
from cartlogix.experiment.results import (
    Results,
    can_leave,
    cut_limits,
    results_json,
    summarise_study,
)
from cartlogix.experiment.tables import TableWriters, parts_of, write_table
from cartlogix.ground.scratch import Scratch
from cartlogix.scenario.model import Scenario


def collect(study: Study, folder: Path) -> Results:
    """Put the KPIs of every scenario that is complete into one table, and sum them up.

    Raises:
        WriteFailed: if the disk is full.
    """
    done = [arm.scenario for arm in study.arms if scenario_folder(folder, arm.name).exists()]
    tables = _figures(done, folder)
    found = summarise_study(done, tables, study.pairs, raced=study.select is not None)
    frames, short = [], []
    for one in done:
        if one.run.study == "steady_state":
            curve, steady = _welch(one, folder), one.name not in found.unsteady or can_leave(one)
            begins_early = steady and too_short(curve, one.run.window[0])
            frames.append(_settling(one, curve).assign(steady=steady, too_short=begins_early))
            short += [_too_short(one, curve)] if begins_early else []
    settling = pd.concat(frames, ignore_index=True) if frames else None
    return replace(found, warnings=(*found.warnings, *short), settling=settling)


def _figures(scenarios: Sequence[Scenario], folder: Path) -> Tables:
    """Return the figures of some scenarios, and write them all into one table."""
    found: dict[str, FigureTable] = {}
    with writing(folder):
        scratch = Scratch(folder)
    with TableWriters(folder) as all_kpis:
        for one in scenarios:
            gathered = FigureGatherer(range(one.run.replications), scratch)
            for part in parts_of(scenario_folder(folder, one.name) / "kpis.parquet", one.name):
                all_kpis.add([("kpis", part)])
                with writing(folder):
                    gathered.add(part.to_pandas())
            with writing(folder):
                found[one.name] = gathered.table()
    return found


def _welch(scenario: Scenario, folder: Path) -> Curve:
    """Return the curve of all replications of a steady-state study."""
    welch = Welch(scenario.run.window[1])
    path = scenario_folder(folder, scenario.name) / "patients.parquet"
    for part in parts_of(path, scenario.name, ["enrolled", "infused"]):
        frame = part.to_pandas()
        welch.add(numbers(frame, "enrolled"), numbers(frame, "infused"))
    return welch.curve()


def _too_short(scenario: Scenario, curve: Curve) -> str:
    """Say that the measured window of a steady-state study begins in the transient."""
    return (
        f"{scenario.label}: a warm-up of {scenario.run.window[0]:g} d looks too short: by MSER-5 "
        f"the first {transient(curve):g} d are not yet the steady state; lengthen run.warm_up"
    )


def _settling(scenario: Scenario, curve: Curve) -> pd.DataFrame:
    """Return the curve as rows, beside the warm-up that was chosen and what MSER-5 says."""
    rows = {"day": curve.days, "mean": curve.means, "moving_average": smoothed(curve)}
    return pd.DataFrame(rows).assign(
        scenario=scenario.name,
        warm_up=scenario.run.window[0],
        mser5=transient(curve),
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
        effects = main_effects(results.tables, levels, results.unsteady)
        tables["main_effects"] = cut_limits(effects, 0.0)
        tables["effect_ranges"] = effect_ranges(results.tables, levels)
    if results.settling is not None:
        tables["settling"] = results.settling
    if turning:
        tables["break_even_points"], tables["break_even_lines"] = turning.points, turning.lines
    for name, frame in tables.items():
        write_table(folder / f"{name}.parquet", frame)
