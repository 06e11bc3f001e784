"""The command that searches the level of a stock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cartlogix.cli import options


def stock_levels(
    file: Annotated[Path, typer.Argument(help="Scenario file.")],
    stock: Annotated[str, typer.Option(help="Stock whose level is searched.")],
    target_fill: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Lowest level with this fill rate, for example 0.98."),
    ] = None,
    cost: Annotated[
        bool, typer.Option("--cost", help="Level of least cost per infused patient.")
    ] = False,
    settings: options.Set = None,
    out: options.Out = None,
    jobs: options.Jobs = None,
    force: options.Force = False,
) -> None:
    """Search the best level of a stock by simulation, and say how sure it is."""
    from cartlogix.cli.console import note, say
    from cartlogix.experiment.folder import (
        MANIFEST,
        ResultFolder,
        digests,
        write_json,
        write_text,
    )
    from cartlogix.experiment.stock_levels import LevelSearch, levels_csv
    from cartlogix.report.stock_levels import answer_text, render_levels
    from cartlogix.scenario.loader import load

    if (target_fill is None) != cost:
        raise typer.BadParameter("give either --target-fill, for example 0.98, or --cost")
    scenario = load(file, settings or ()).scenario
    if scenario.run.replications < 2:
        raise typer.BadParameter("one replication says nothing of luck: take 2 or more")
    target = ResultFolder(out or Path("reports") / f"{scenario.name}_levels", force=force)
    with target.building() as folder:
        search = LevelSearch(scenario, stock, options.processes(jobs), note)
        answer = search.for_cost() if target_fill is None else search.for_fill(target_fill)
        text = answer_text(answer, scenario, stock, target_fill)
        write_text(folder / "levels.csv", "\n".join([*levels_csv(answer, target_fill), ""]))
        write_text(folder / "answer.md", text)
        manifest = {
            "study": "stock_levels",
            "status": "complete",
            "scenario": scenario.name,
            "stock": stock,
            "aim": "cost" if target_fill is None else f"fill rate {target_fill:g}",
            "replications": scenario.run.replications,
            "seed": scenario.run.seed,
            "changed": [f"{entry}" for entry in settings or ()],
        }
        page = render_levels(answer, scenario, stock, target_fill, manifest)
        write_text(folder / "report.html", page)
        write_json(folder / MANIFEST, {**manifest, "files": digests(folder)})
        target.publish()
    say(text)
    say(str(target.final / "report.html"))
