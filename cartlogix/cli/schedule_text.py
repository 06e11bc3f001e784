"""What the command that plans a slot board says, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cartlogix.board.replan import Replan
from cartlogix.board.rows import Move, move_text
from cartlogix.board.slots import Slot
from cartlogix.board.story import (
    Story,
    compared_terms,
    days_late,
    number_text,
    reason_text,
    relief_text,
    shown_terms,
)
from cartlogix.cli.console import say, table


def story_json(story: Story, folder: str | None) -> dict[str, Any]:
    """Return what was planned for programs; never NaN or infinity."""
    posed, outcome = story.posed, story.outcome
    where = {} if folder is None else {"folder": folder}
    return where | {
        "title": posed.board.title,
        "status": outcome.status,
        "method": outcome.method,
        "gap": _finite(outcome.gap),
        "seconds": outcome.seconds,
        "values": [_finite(value) for value in outcome.values],
        "bounds": [_finite(value) for value in outcome.bounds],
        "terms": {name: _finite(value) for name, value in outcome.terms.items()},
        "trials": [
            {"method": trial.method, "seconds": trial.seconds,
             "terms": None if trial.terms is None else dict(trial.terms)}
            for trial in outcome.trials
        ],
        "late": [
            {"order": one.order, "how": days_late(posed, one),
             "reason": story.reasons.get(one.order, "")}
            for one in story.late
        ],
        "reliefs": [relief_text(story, one) for one in story.reliefs],
        "moves": [move_text(move) for move in _moves(story)],
        "why_moved": {} if story.replan is None else {
            order: reason_text(story, order) for order in story.replan.reasons
        },
        "slots": [
            {"start": str(slot.start), "place": slot.place, "end": str(slot.end),
             "days_late": slot.days_late, "moves": [move_text(move) for move in slot.moves]}
            for slot in story.slots
        ],
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _moves(story: Story) -> Sequence[Move]:
    return story.moved if story.replan is None else story.replan.moves


def print_story(story: Story) -> None:
    """Print one line for each rule and the optimizer, and what is late, moves or is offered."""
    posed, outcome = story.posed, story.outcome
    names = shown_terms(story)
    rows = [
        [trial.method, *(_number(trial.terms, name) for name in names), "", "",
         f"{trial.seconds:.2f}", "" if trial.terms else "no plan"]
        for trial in outcome.trials
    ]  # fmt: skip
    bound = " / ".join(_level(value) for value in outcome.bounds)
    gap = "not known" if outcome.gap == float("inf") else f"{outcome.gap:.1%}"
    rows.append(
        ["optimizer", *(_number(outcome.terms, name) for name in names), bound, gap,
         f"{outcome.seconds:.2f}", outcome.status]
    )  # fmt: skip
    heads = ["", *names, "bound", "gap", "seconds", "status"]
    say(f"{posed.board.title}: {len(story.plan.jobs)} orders, plan by {outcome.method or 'nobody'}")
    table(heads, rows, right=range(1, len(heads) - 1))
    _print_late(story)
    if story.replan is not None:
        _print_difference(story, story.replan)
    elif story.moved:
        say(f"\nMoved against the previous plan: {len(story.moved)}")
        for move in story.moved[:20]:
            say(f"  {move_text(move)}")
    if story.wanted:
        _print_slots(story)


def _print_late(story: Story) -> None:
    if not story.late:
        say("\nNo order is late.")
    else:
        say(f"\nLate: {len(story.late)} of {len(story.plan.jobs)}")
    for one in story.late[:20]:
        say(f"  {one.order}: {days_late(story.posed, one)}; {story.reasons.get(one.order, '')}")
    if len(story.late) > 20:
        say(f"  ... and {len(story.late) - 20} more in explanation.txt")
    for more in story.reliefs[:6]:
        say(f"  with {relief_text(story, more)}")


def _print_difference(story: Story, found: Replan) -> None:
    say(f"\nWhat if {'; '.join(story.what_if)}")
    names = compared_terms(story)
    changes = [
        f"{name} {number_text(found.before[name])} -> {number_text(story.outcome.terms[name])}"
        for name in names
        if abs(found.before[name] - story.outcome.terms[name]) > 1e-9
    ]
    say(f"  {', '.join(changes) or 'no term changes'}")
    if found.unfrozen:
        say("  the frozen zone had to give way")
    moved = _moves(story)
    say(f"  {len(moved)} of {len(story.plan.jobs)} orders change")
    for move in moved[:20]:
        say(f"  {move_text(move)}; {reason_text(story, move.order)}")
    if moved:
        worth = story.posed.board.move_worth.value
        say(f"  who could stay moves only if that saves {worth:g} d of lateness of weight 1")
    say("  bound, gap and status above are of plans in which nobody else moves")


def _print_slots(story: Story) -> None:
    say(f"\nSlots for {story.wanted}")
    if not story.slots:
        say("  none was found: every slot leaves another order without one")
    for number, slot in enumerate(story.slots, start=1):
        say(f"  {number}. {_slot_text(slot)}")


def _slot_text(slot: Slot) -> str:
    """Say when a slot is and what it does to the others."""
    late = f", {slot.days_late:g} d late" if slot.days_late else ""
    place = f" in {slot.place}" if slot.place else ""
    others = (
        "moves nobody"
        if not slot.moves
        else f"changes {len(slot.moves)} (at most {slot.later:g} d later): "
        + "; ".join(move_text(move) for move in slot.moves[:4])
    )
    return f"start {slot.start}{place}, end {slot.end}{late}; {others}"


def _number(terms: Any, name: str) -> str:  # noqa: ANN401 - a mapping, or None without a plan
    return "-" if terms is None else number_text(terms[name])


def _level(value: float) -> str:
    return "?" if abs(value) == float("inf") else number_text(value + 0.0)
