"""The command that runs the experiment on slot policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cartlogix.cli import options

if TYPE_CHECKING:
    from cartlogix.experiment.folder import ResultFolder
    from cartlogix.experiment.slot_policy import Settings


def slot_policy(
    structure: Annotated[
        list[str] | None, typer.Option(help="Structure to run; may be repeated [default: all].")
    ] = None,
    load: Annotated[
        list[float] | None,
        typer.Option(min=0.05, max=2, help="Load to run; may be repeated [default: 0.7 to 1.1]."),
    ] = None,
    replications: Annotated[int, typer.Option(min=2, max=10_000, help="Of each case.")] = 24,
    clairvoyant: Annotated[
        int, typer.Option(min=0, max=10_000, help="Replications also solved in hindsight.")
    ] = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of the lots.")] = 2027,
    out: options.Out = None,
    jobs: options.Jobs = None,
    force: options.Force = False,
    resume: options.Resume = True,
) -> None:
    """Compare slot rules, rolling optimization and clairvoyance on plants with structure."""
    from cartlogix.experiment.folder import ResultFolder
    from cartlogix.experiment.slot_cases import STRUCTURES
    from cartlogix.experiment.slot_policy import LOADS, Settings

    names = tuple(structure or STRUCTURES)
    if unknown := [name for name in names if name not in STRUCTURES]:
        known = ", ".join(STRUCTURES)
        raise typer.BadParameter(f"no structure is named '{unknown[0]}'; one of {known}")
    settings = Settings(
        structures=tuple(dict.fromkeys(names)),
        loads=tuple(sorted(set(load or LOADS))),
        replications=replications,
        seed=seed,
        clairvoyant=clairvoyant,
        jobs=options.processes(jobs),
    )
    target = ResultFolder(out or Path("reports") / "slot_policy", force=force, resume=resume)
    _run(settings, target)


def _run(settings: Settings, target: ResultFolder) -> None:
    from cartlogix.cli.console import note, say
    from cartlogix.experiment.folder import MANIFEST, digests, write_json, write_text
    from cartlogix.experiment.slot_cases import STRUCTURES
    from cartlogix.experiment.slot_policy import score_book, study
    from cartlogix.report.slot_policy import render, scores_csv, tables

    with target.building() as folder:
        finished, cells = folder / "finished.txt", []
        try:
            for cell in study(settings, score_book(finished, settings)):
                cells.append(cell)
                note(f"{STRUCTURES[cell.structure].title}, load {cell.load:g}: {cell.verdict}")
        except BaseException as stop:
            stop.add_note("what is finished is kept: the same command goes on from there")
            raise
        finished.unlink()
        write_text(folder / "scores.csv", scores_csv(cells))
        write_text(folder / "tables.md", tables(cells))
        write_text(folder / "report.html", render(cells, settings))
        manifest = {"study": "slot_policy", "status": "complete", "seed": settings.seed}
        write_json(folder / MANIFEST, {**manifest, "files": digests(folder)})
        target.publish()
    say(tables(cells))
    say(str(target.final / "report.html"))
