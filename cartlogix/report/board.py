"""The page of a slot board: what is where, what is late and why, what moved, what is promised."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from cartlogix.board.moment import Moment
from cartlogix.board.rows import Move, move_text
from cartlogix.board.slots import Slot
from cartlogix.board.story import (
    Story,
    compared_terms,
    days_late,
    promise_texts,
    reason_text,
    relief_text,
    shown_terms,
)
from cartlogix.report.contents import Section
from cartlogix.report.figures.board import board_gantt, promise_figure, week_board
from cartlogix.report.figures.board_loads import load_figures, load_table
from cartlogix.report.page import Head, document
from cartlogix.report.sections.answer import Answer, AnswerGroup, AnswerItem
from cartlogix.report.tables import Cell, Column, RowGroup, Table, plain, spoken, table
from cartlogix.scheduling.objective import TERMS
from cartlogix.scheduling.rules import RULES

MOST_MOVES = 6
"""Most moves that are listed for a slot."""
_STATUS = {
    "optimal": "It is proven that no plan is better.",
    "feasible": "A better plan may exist; the gap says by how much at most.",
    "heuristic": "A better plan may exist; nothing was proven beyond the bound shown.",
}


def render_board(story: Story) -> str:
    """Return the page of a planned board as one HTML document that needs nothing from outside."""
    board = story.posed.board
    count = len(story.plan.jobs)
    first, last = story.posed.clock.at(0), story.posed.clock.last(story.posed.clock.ticks)
    head = Head(
        board.title,
        f"What if {'; '.join(story.what_if)}?" if story.what_if else board.description or "",
        f"Slot board, {count} order{'' if count == 1 else 's'}, {first} to {last}",
    )
    return document(head, _sections(story), _answer(story))


def _sections(story: Story) -> list[Section]:
    return [
        Section("answer", "The answer", "The answer"),
        *_changes(story),
        *_slots(story),
        Section("weeks", "Weeks and suites", "Weeks and suites",
                "What starts in which week, and what is still in a suite from the week before.",
                tables=(week_board(story),)),
        Section("gantt", "Gantt", "Who is where, and when", exhibits=(board_gantt(story),)),
        Section("promises", "Promise dates", "What can be promised",
                "The plan is simulated with uncertain durations and failures, 1,000 times: nothing"
                " starts before its planned time, and a lot that takes longer pushes those behind"
                " it in the same place.",
                exhibits=(promise_figure(story),), tables=(_promise_table(story),)),
        Section("late", "Late", "What is late, and why", tables=(_late(story), _reliefs(story))),
        Section("loads", "Loads", "Loads against limits",
                exhibits=load_figures(story), tables=(load_table(story),)),
        *_moved(story),
        Section("solver", "How it was planned", "How it was planned", _proof(story),
                tables=(_trials(story), _levels(story))),
        Section("notes", "Notes", "Notes and assumptions", board_notes(story)[0],
                lines=board_notes(story)[1:]),
    ]  # fmt: skip


def board_notes(story: Story) -> tuple[str, ...]:
    """Return what a reader should know about the input, the description first."""
    about = story.posed.board.description or (
        "Every figure of the board is the planner's own; none carries a source."
    )
    return (about, *story.posed.notes)


def _answer(story: Story) -> Answer:
    count, late = len(story.plan.jobs), len(story.late)
    beyond = sum(one.beyond for one in story.late)
    items = [
        AnswerItem(
            "On time",
            "Every order ends by its due date."
            if not late
            else f"{late} of {count} orders {'is' if late == 1 else 'are'} late.",
            f"{beyond} beyond a deadline or left out." if beyond else "None is beyond a deadline.",
        ),
        _risk(story),
        AnswerItem("Plan", _proof(story), _compared(story)),
    ]
    if story.reliefs and story.late:
        best = story.reliefs[0]
        fewer = f"{late} → {plain(best.terms['late'])} late" if best.terms else "no plan"
        details = relief_text(story, best).partition(": ")[2].replace("->", "→")
        items.insert(
            1,
            AnswerItem(
                "What would help",
                f"With {best.what}: {fewer}.",
                f"At least, by a short search: {details}.",
            ),
        )
    if story.replan is not None:
        moved = len(story.replan.moves)
        frozen = " The frozen zone had to give way." if story.replan.unfrozen else ""
        items.insert(0, AnswerItem("What changes", f"{moved} of {count} orders change.{frozen}"))
    warnings = ["The search was stopped by hand."] if story.interrupted else []
    notes = (
        "Dates are days on the board; an order is on time if its last step ends on its due"
        " day or before.",
    )
    return Answer((AnswerGroup("", "", tuple(items)),), tuple(warnings), notes)


def _risk(story: Story) -> AnswerItem:
    chances = [p.on_time for p in story.promises.values() if p.on_time is not None]
    if not chances:
        return AnswerItem("Promises", "No order has a due date.")
    sure = sum(chance >= 0.9 for chance in chances)
    expected = sum(chances)
    return AnswerItem(
        "Promises",
        f"{sure} of {len(chances)} orders are on time with a chance of 90 % or more.",
        f"With uncertain durations and failures, {plain(expected, 1)} are expected to be on time.",
    )


def _proof(story: Story) -> str:
    outcome = story.outcome
    gap = ""
    if outcome.gap:
        known = not math.isinf(outcome.gap)
        gap = f" The gap is {100 * outcome.gap:.1f} %." if known else " The gap is not known."
    status = _STATUS.get(outcome.status, "")
    if story.replan is not None and outcome.status == "optimal":
        status = "It is proven that no plan is better in which nobody else moves."
    return f"{status}{gap}"


def _compared(story: Story) -> str:
    tried = [t for t in story.outcome.trials if t.values is not None and t.method in RULES]
    if not tried:
        return "No rule found a plan."
    best = min(tried, key=lambda trial: trial.values or ())
    value = story.outcome.values
    if best.values is not None and value < best.values:
        return f"Better than every rule, of which {best.method} is the best."
    return f"As good as the best rule, {best.method}."


def _changes(story: Story) -> list[Section]:
    if story.replan is None:
        return []
    names = compared_terms(story)
    rows = [
        [spoken(name), TERMS[name].unit, plain(story.replan.before[name]),
         plain(story.outcome.terms[name]),
         plain(story.outcome.terms[name] - story.replan.before[name])]
        for name in names
    ]  # fmt: skip
    terms = table("Terms of the objective", ["Term", "Unit", "Before", "After", "Change"], rows,
                  text_columns=2)  # fmt: skip
    worth = story.posed.board.move_worth.value
    text = (
        "Replanned so that few orders move: one that could stay moves only if that saves"
        f" {worth:g} days of lateness of weight 1. Bounds and rules are of plans in which nobody"
        " else moves."
    )
    listed = _move_table(story.replan.moves, "Orders that change", story)
    return [Section("changes", "What changes", "What changes", text, tables=(listed, terms))]


def _slots(story: Story) -> list[Section]:
    if not story.wanted:
        return []
    rows = [
        [str(number), str(slot.start), slot.place or "-", str(slot.end),
         f"{slot.days_late:g} d" if slot.days_late else "on time", _others(slot)]
        for number, slot in enumerate(story.slots, start=1)
    ]  # fmt: skip
    heads = {"Slot": 7, "Start": 15, "Suite": 13, "End": 15, "Late": 12, "Effect on others": 38}
    listed = _wide(f"Slots for {story.wanted}", heads, rows)
    return [Section("slots", "Slots", f"Slots for {story.wanted}", tables=(listed,))]


def _others(slot: Slot) -> str:
    if not slot.moves:
        return "moves nobody"
    shown = "; ".join(move_text(move) for move in slot.moves[:MOST_MOVES])
    more = len(slot.moves) - MOST_MOVES
    hit = f"changes {len(slot.moves)}, at most {slot.later:g} d later: {shown}"
    return (f"{hit}; and {more} more" if more > 0 else hit).replace("->", "→")


def _wide(
    caption: str, heads: Mapping[str, int], rows: Iterable[Iterable[Cell | str]], empty: str = ""
) -> Table:
    """Return a table of texts with the given widths in percent."""
    columns = tuple(Column(head, width=width) for head, width in heads.items())
    groups = (RowGroup(tuple(tuple(row) for row in rows)),)
    return Table(caption, columns, groups, empty=empty or "There is nothing to show here.")


def _move_table(moves: Sequence[Move], caption: str, story: Story | None = None) -> Table:
    """Return what moves; with why, if the story of a replan is given."""
    rows = [
        [move.order, _arrow(*move.start), _arrow(*move.end), _places(move),
         *([reason_text(story, move.order).replace("->", "→")] if story else [])]
        for move in moves
    ]  # fmt: skip
    heads = ["Order", "Start", "End", "Suite", *(["Why"] if story else [])]
    return _said(table(caption, heads, rows, text_columns=len(heads)), "Nothing moves.")


def _said(listed: Table, empty: str) -> Table:
    return Table(listed.caption, listed.columns, listed.groups, listed.note, empty)


def _arrow(was: Moment | None, now: Moment | None) -> str:
    if was is None and now is None:
        return "-"
    return str(now) if was == now else f"{was or 'not planned'} → {now or 'not planned'}"


def _places(move: Move) -> str:
    was, now = move.place
    return now or was or "-" if was == now or not was else f"{was} → {now or 'not planned'}"


def _moved(story: Story) -> list[Section]:
    if story.replan is not None or not any(
        j.previous is not None for j in story.posed.problem.jobs
    ):
        return []
    moved = _move_table(story.moved, "Starts that moved against the previous plan")
    return [Section("moved", "What moved", "What moved", tables=(moved,))]


def _late(story: Story) -> Table:
    rows: list[list[Cell | str]] = [
        [one.order, Cell(days_late(story.posed, one), tone="bad" if one.beyond else ""),
         story.reasons.get(one.order, "see the loads")]
        for one in story.late
    ]  # fmt: skip
    heads = {"Order": 14, "Late": 14, "Why": 72}
    return _wide("Late orders", heads, rows, "No order is late.")


def _reliefs(story: Story) -> Table:
    names = [name for level in story.posed.objective.levels for name in level]
    names = list(dict.fromkeys([*names, "late"]))
    rows = [
        [one.what, *(_change(story, dict(one.terms), name) for name in names)]
        for one in story.reliefs
    ]
    listed = table(
        "What one more would change", ["With", *map(spoken, names)], rows,
        note="Each row is solved again from this plan with a short search: a change that can be"
        " had. More may be possible.",
    )  # fmt: skip
    return _said(listed, "No single limit holds a late order back.")


def _change(story: Story, terms: dict[str, float], name: str) -> str:
    if not terms:
        return "no plan"
    was, now = story.outcome.terms[name], terms[name]
    return plain(now) if was == now else f"{plain(was)} → {plain(now)}"


def _promise_table(story: Story) -> Table:
    rows = []
    for number, order in enumerate(story.posed.board.orders):
        promise = story.promises.get(order.id)
        end = story.plan.end(story.posed.problem, number)
        if promise is None or end is None:
            rows.append((order.id, "left out", "-", "-", str(order.due or "-"), "-"))
            continue
        p50, p90, _ = promise_texts(story.posed, promise)
        chance = "-" if promise.on_time is None else f"{promise.on_time:.0%}"
        rows.append(
            (order.id, str(story.posed.clock.last(end)), p50, p90, str(order.due or "-"), chance)
        )
    heads = ["Order", "Planned end", "P50", "P90", "Due", "On time"]
    columns = tuple(Column(head, index == 5) for index, head in enumerate(heads))
    return Table("Promise dates by order", columns, (RowGroup(tuple(rows)),))


def _trials(story: Story) -> Table:
    names = shown_terms(story)
    rows = [
        [trial.method,
         *("-" if trial.terms is None else plain(trial.terms[name]) for name in names),
         plain(trial.seconds, 2)]
        for trial in story.outcome.trials
    ]  # fmt: skip
    terms = story.outcome.terms
    rows.append(["this plan", *(plain(terms[name]) for name in names),
                 plain(story.outcome.seconds, 2)])  # fmt: skip
    return table("Rules and the optimizer", ["Plan by", *map(spoken, names), "Seconds"], rows)


def _levels(story: Story) -> Table:
    rows = []
    for number, level in enumerate(story.posed.objective.levels):
        bound = story.outcome.bounds[number] if story.outcome.bounds else -math.inf
        rows.append([
            f"level {number + 1}",
            " + ".join(f"{weight:g} × {name}" for name, weight in level.items()),
            plain(story.outcome.values[number]),
            plain(bound) if math.isfinite(bound) else "not known",
        ])  # fmt: skip
    listed = table("The objective, level by level", ["Level", "Terms", "Value", "Proven bound"],
                   rows, text_columns=2)  # fmt: skip
    return listed
