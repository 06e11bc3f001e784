"""The page and the tables of the experiment `slot_policy`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

from cartlogix.analysis.statistics import Interval
from cartlogix.experiment.slot_cases import STRUCTURES
from cartlogix.experiment.slot_policy import (
    CLAIRVOYANT,
    POLICIES,
    RIVALS,
    ROLLING,
    Cell,
    Settings,
    summary,
)
from cartlogix.report.contents import Section
from cartlogix.report.page import Head, document
from cartlogix.report.sections.answer import Answer, AnswerGroup, AnswerItem
from cartlogix.report.tables import table
from cartlogix.scheduling.rules import RULES

_WORDS = {
    "better": "better than each",
    "tie": "tie",
    "worse": "worse than one",
}
_MINUS = "−"


def gain_rows(cells: Iterable[Cell]) -> list[list[str]]:
    """Structure, load, rolling's objective, and its difference to each rule with the interval."""
    return [
        [
            STRUCTURES[cell.structure].title,
            f"{cell.load:g}",
            _number(cell.mean(ROLLING).estimate),
            *(_interval(cell.gain(rival)) for rival in RIVALS),
            _WORDS[cell.verdict],
        ]
        for cell in cells
    ]


def level_rows(cells: Iterable[Cell]) -> list[list[str]]:
    """Structure, load, and the mean objective per lot of every rule and of rolling."""
    return [
        [
            STRUCTURES[cell.structure].title,
            f"{cell.load:g}",
            *(_number(cell.mean(name).estimate) for name in (*RULES, ROLLING)),
        ]
        for cell in cells
    ]


def bound_rows(cells: Iterable[Cell]) -> list[list[str]]:
    """Structure, load, and on the lots that were solved in hindsight: rolling, plan and bound."""
    rows = []
    for cell in cells:
        if cell.scores[CLAIRVOYANT]:
            bound, plan, rolling = cell.bound()
            name = STRUCTURES[cell.structure].title
            rows.append([name, f"{cell.load:g}", *map(_number, (rolling, plan, bound))])
    return rows


def cost_rows(cells: Iterable[Cell]) -> list[list[str]]:
    """Structure, load, lots, solver calls and seconds of a replication, by rule and by plan."""
    return [
        [
            STRUCTURES[cell.structure].title,
            f"{cell.load:g}",
            f"{cell.solves():.0f}",
            f"{cell.seconds(ROLLING):.1f}",
            f"{cell.seconds('ATC'):.2f}",
        ]
        for cell in cells
    ]


GAIN_HEADS = ("Structure", "Load", "Rolling", *(f"{_MINUS} {name}" for name in RIVALS), "Verdict")
LEVEL_HEADS = ("Structure", "Load", *RULES, "Rolling")
BOUND_HEADS = ("Structure", "Load", "Rolling", "Clairvoyant", "Bound")
COST_HEADS = ("Structure", "Load", "Solves", "Rolling, s", "ATC, s")


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for the docs."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def tables(cells: Sequence[Cell]) -> str:
    """Every table of the experiment, for the docs."""
    parts = [
        markdown(GAIN_HEADS, gain_rows(cells)),
        markdown(LEVEL_HEADS, level_rows(cells)),
        markdown(COST_HEADS, cost_rows(cells)),
    ]
    if bounds := bound_rows(cells):
        parts.append(markdown(BOUND_HEADS, bounds))
    return "\n".join([summary(cells) + ".\n", *parts])


def scores_csv(cells: Iterable[Cell]) -> str:
    """Objective and terms of every policy in every replication; the same in every run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    fields = ("tardiness", "flow", "late", "beyond_limit", "changeovers")
    writer.writerow(("structure", "load", "replication", "policy", "objective", *fields))
    for cell in cells:
        for name in POLICIES:
            for replication, score in enumerate(cell.scores[name]):
                values = (score.value, *(score.terms[field] for field in fields))
                writer.writerow(
                    (cell.structure, cell.load, replication, name, *map(repr, map(float, values)))
                )
    return out.getvalue()


def render(cells: Sequence[Cell], settings: Settings) -> str:
    """The page, as one document that needs nothing from outside."""
    head = Head(
        "Slot policies: rules, rolling optimization, clairvoyance",
        "Where does it pay to plan slots by optimization, and where does a rule do as well?",
        f"Experiment slot_policy, {settings.replications} replications of each case,"
        f" seed {settings.seed}",
    )
    items = tuple(
        AnswerItem(STRUCTURES[cell.structure].title, _headline(cell), _evidence(cell))
        for cell in cells
        if cell.load == max(each.load for each in cells)
    )
    answer = Answer((AnswerGroup("", "", items),), (), (), "There is nothing to compare.")
    return document(head, _sections(cells), answer)


def _sections(cells: Sequence[Cell]) -> list[Section]:
    note = (
        "Objective per lot: weighted days late, a tenth of the weighted days from arrival to end,"
        " and 50 for each lot lost. Differences are rolling minus the rule, paired by"
        " replication, each with its own 95 % interval: below zero rolling is better. The verdict"
        f" is by wider intervals, which hold together for all {cells[0].together if cells else 0}"
        " differences of the study (Bonferroni)."
    )
    named = dict.fromkeys(cell.structure for cell in cells)
    lines = tuple(f"{STRUCTURES[n].title}: {STRUCTURES[n].meaning}." for n in named)
    bounds = bound_rows(cells)
    return [
        Section("answer", "The answer", "The answer"),
        Section("gains", "Gains", "Rolling against the rules", note,
                tables=(table("Rolling minus rule", GAIN_HEADS, gain_rows(cells)),),
                lines=(summary(cells) + ".",)),
        Section("levels", "Levels", "Objective of every policy",
                tables=(table("Objective per lot", LEVEL_HEADS, level_rows(cells)),)),
        *([Section("bound", "Bound", "What hindsight could have done",
                   "On the first replications, with every arrival, duration and failure known.",
                   tables=(table("Objective per lot", BOUND_HEADS, bounds),))] if bounds else []),
        Section("cost", "Cost", "What it costs to compute",
                tables=(table("Wall-clock time of a replication", COST_HEADS, cost_rows(cells)),)),
        Section("structures", "Structures", "The structures", lines=lines),
    ]  # fmt: skip


def _headline(cell: Cell) -> str:
    best = min(RIVALS, key=lambda name: cell.mean(name).estimate)
    gain = cell.gain(best)
    share = gain.estimate / cell.mean(best).estimate if cell.mean(best).estimate else 0.0
    word = "less" if share < 0 else "more"
    return f"At load {cell.load:g}, {abs(share):.0%} {word} than the best rule, {best}."


def _evidence(cell: Cell) -> str:
    best = min(RIVALS, key=lambda name: cell.mean(name).estimate)
    verdict = {
        "better": "Significantly better than EDD, ATC and index.",
        "tie": "A tie: not significantly better than each of EDD, ATC and index.",
        "worse": "Significantly worse than one of EDD, ATC and index.",
    }[cell.verdict]
    return f"{verdict} Difference to {best}: {_interval(cell.gain(best))}, by itself."


def _interval(value: Interval) -> str:
    low, high = (_number(limit) for limit in value[1:])
    return f"{_number(value.estimate)} ({low} to {high})"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "unknown"
    return f"{value:.2f}".replace("-", _MINUS)
