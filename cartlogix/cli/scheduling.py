"""The command that plans a slot board."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from cartlogix.board.loader import Loaded, load
from cartlogix.board.replan import replan
from cartlogix.board.rows import board_csv
from cartlogix.board.slots import slots, with_order, without_order
from cartlogix.board.story import (
    Story,
    explanation,
    promise_texts,
    tell,
)
from cartlogix.board.translate import Posed, pose
from cartlogix.board.what_if import Changed, apply
from cartlogix.cli.console import note, note_findings, say, say_json
from cartlogix.cli.schedule_text import print_story, story_json
from cartlogix.experiment.folder import (
    MANIFEST,
    ResultFolder,
    digests,
    slug,
    write_json,
    write_text,
)
from cartlogix.ground.errors import Infeasible
from cartlogix.report.board import render_board
from cartlogix.scheduling.explain import clashes
from cartlogix.scheduling.outcome import Budget, Outcome
from cartlogix.scheduling.relief import relief
from cartlogix.scheduling.solve import solve

Stopped = Callable[[], bool]

BEFORE = 0.4
"""Part of the time limit for the plan before a change; the replan has the rest."""

EXPLAIN = 15.0
"""Seconds within which the reasons for having no plan are looked for."""


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    file: Path
    out: Path | None = None
    force: bool = False
    what_if: Sequence[str] = ()
    suggest: str | None = None
    seconds: float = 30.0
    seed: int = 1
    json: bool = False


def schedule_file(request: Request) -> None:
    """Plan a board, print what came of it and write it.

    Raises:
        Infeasible: if there is no plan; nothing is written then.
        SystemExit: with code 130 after Ctrl-C, once the best plan so far is written.
    """
    loaded = load(request.file)
    note_findings(loaded.warnings)
    changed = apply(loaded.board, request.what_if)
    folder = ResultFolder(_target(request, loaded), force=request.force)
    with folder.building() as partial, _stoppable() as stopped:
        try:
            story = _story(request, loaded, changed, stopped)
            for text in story.posed.notes:
                note(f"note: {text}")
            story = replace(story, interrupted=stopped())
            _write(partial, story, request)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)  # half a plan is of no use to anybody
            raise
        folder.publish()
    if request.json:
        say_json(story_json(story, str(folder.final)))
    else:
        print_story(story)
        say(f"\nBoard: {_target(request, loaded) / 'board.html'}")
    if story.interrupted:
        note("interrupted; the best plan so far is written")
        raise SystemExit(130)


def _target(request: Request, loaded: Loaded) -> Path:
    return request.out or Path("reports") / slug(loaded.board.title)


@contextmanager
def _stoppable() -> Iterator[Stopped]:
    """Let the first Ctrl-C end the search; a second one ends the command."""
    asked: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        if asked and callable(before):
            before(number, frame)
        asked.append(number)
        note("stopping: the best plan so far will be written")

    signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _story(request: Request, loaded: Loaded, changed: Changed, stopped: Stopped) -> Story:
    until = time.monotonic() + request.seconds
    share = BEFORE if request.what_if else 1.0
    budget = Budget(seconds=share * request.seconds, seed=request.seed)
    board, wanted = loaded.board, ""
    if request.suggest is not None:
        board, wanted = with_order(changed.board, request.suggest)
        changed = Changed(without_order(board, wanted), changed.orders)
    base_board = without_order(loaded.board, wanted) if wanted else loaded.board
    posed = pose(base_board, loaded.previous)
    outcome = solve(posed.problem, posed.objective, budget, stopped=stopped)
    plan = outcome.plan
    if plan is None:
        raise _infeasible(posed, outcome, stopped)
    base = (posed, plan)
    found = None
    if request.what_if:
        left = replace(budget, seconds=max(0.0, until - time.monotonic()))
        found = replan(changed, loaded.previous, base, left, stopped)
        if found.outcome.plan is None:
            raise _infeasible(found.posed, found.outcome, stopped)
        posed, outcome, plan = found.posed, found.outcome, found.outcome.plan
    story = tell(posed, outcome, plan, request.seed, stopped)
    if found is not None:
        story = replace(story, what_if=request.what_if, replan=found)
    if wanted:
        wider = pose(board, loaded.previous)
        offers = slots(wider, wanted, (posed, plan), stopped)
        story = replace(story, slots=offers, wanted=wanted)
    return story


def _infeasible(posed: Posed, outcome: Outcome, stopped: Stopped) -> Infeasible:
    """Return the error that says which orders clash, where, and what would help."""
    budget = Budget(effort=0.5, seconds=2.0)
    day, until = posed.clock.at, time.monotonic() + EXPLAIN

    def enough() -> bool:
        return stopped() or time.monotonic() > until

    found = clashes(posed.problem, posed.objective, budget, lambda t: str(day(t)), enough)
    sure = outcome.status == "infeasible" or any(clash.proven for clash in found)
    lines = ["infeasible: no plan meets the requirements" if sure else "no plan was found"]
    for clash in found[:8]:
        proof = "cannot all be done" if clash.proven else "were not planned together"
        names = ", ".join(clash.jobs[:12])
        head = names if len(clash.jobs) == 1 else f"{names} {proof}"
        lines.append(f"  {head}: {clash.reason}")
    limits = list(dict.fromkeys(name for clash in found for name in clash.limits))[:4]
    for one in relief(posed.problem, posed.objective, None, limits, budget, enough):
        effect = "still no plan" if one.values is None else "a plan exists"
        lines.append(f"  with {one.what}: {effect}")
    lines.append("  nothing was written")
    return Infeasible("\n".join(lines))


def _write(folder: Path, story: Story, request: Request) -> None:
    texts = {name: promise_texts(story.posed, one) for name, one in story.promises.items()}
    write_text(folder / "board.csv", board_csv(story.posed, story.plan, texts))
    write_text(folder / "explanation.txt", explanation(story))
    write_json(folder / "schedule.json", story_json(story, None))
    write_text(folder / "board.html", render_board(story))
    write_json(
        folder / MANIFEST,
        {"kind": "schedule", "title": story.posed.board.title, "seed": request.seed,
         "files": digests(folder)},
    )  # fmt: skip
