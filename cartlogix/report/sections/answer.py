"""The answer first: how each scenario compares with the reference, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cartlogix.analysis.kpi import Kpi
from cartlogix.report.data import ReportData
from cartlogix.report.sections.claims import caveats, claim
from cartlogix.report.sections.contrast import Contrast, Mixes, contrasts
from cartlogix.report.sections.notes import caution, notes
from cartlogix.report.tables import NOT_AVAILABLE, joined, show_estimate, shown_unit

_SAID_BY = {"share.lost": "share.infused"}
"""Headline figures that would only repeat the claim of another one."""


@dataclass(frozen=True)
class AnswerItem:
    """What is to be said about one question: a plain sentence, and what it rests on."""

    topic: str
    headline: str
    evidence: str = ""
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerGroup:
    """What is to be said about one scenario against the reference."""

    title: str
    caution: str
    """That the scenario rests mostly on assumptions; empty if it does not."""
    items: tuple[AnswerItem, ...]


@dataclass(frozen=True)
class Answer:
    """The first section of the page."""

    groups: tuple[AnswerGroup, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    empty: str = "No headline figure was computed."


def answer(data: ReportData) -> Answer:
    """Return the claims about every headline KPI, the warnings and the notes."""
    groups = _compared(data) if len(data.scenarios) > 1 else [_alone(data)]
    shown = tuple(group for group in groups if group.items)
    return Answer(shown, data.warnings, notes(data))


def _alone(data: ReportData) -> AnswerGroup:
    headline = [kpi for kpi in data.registry.values() if kpi.headline]
    items = [_level(data, kpi) for kpi in headline]
    warned = caution(data, data.names[0]) if data.names else ""
    return AnswerGroup("", warned, tuple(item for item in items if item))


def _compared(data: ReportData) -> list[AnswerGroup]:
    judged = [k for k in data.registry.values() if k.headline and k.direction != "none"]
    names = {kpi.name for kpi in judged}
    mixes = Mixes.of(data)
    pairs = len(data.scenarios) * (len(data.scenarios) - 1) // 2
    reference, *others = data.names
    items: dict[str, list[AnswerItem]] = {name: [] for name in others}
    for kpi in judged:
        if _SAID_BY.get(kpi.name) in names:
            continue
        for contrast in contrasts(data, kpi.name, len(judged) * pairs, mixes):
            seen = contrast if contrast.a == reference else contrast.turned()
            items[seen.b].append(_item(data, kpi, seen))
    labels = data.short_labels
    return [
        AnswerGroup(f"{labels[name]} against {labels[reference]}", caution(data, name), tuple(own))
        for name, own in items.items()
    ]


def _item(data: ReportData, kpi: Kpi, contrast: Contrast) -> AnswerItem:
    if not contrast.known:
        means = (contrast.a, contrast.mean_a), (contrast.b, contrast.mean_b)
        which = " and ".join(data.short_labels[name] for name, mean in means if math.isnan(mean))
        text = f"Cannot be compared: not applicable to {which or 'both at once'}"
        return AnswerItem(kpi.title, text)
    headline, evidence = claim(data, kpi, contrast)
    return AnswerItem(kpi.title, headline, evidence, tuple(caveats(data, kpi, contrast)))


def _level(data: ReportData, kpi: Kpi) -> AnswerItem | None:
    rows = data.summary
    rows = rows[(rows["kpi"] == kpi.name) & (rows["group"] == "") & (rows["indication"] == "all")]
    if rows.empty:
        return None
    row = rows.iloc[0]
    value, interval = show_estimate(row["mean"], row["low"], row["high"], kpi.unit)
    evidence = ""  # a note says so where one replication gives no interval
    if interval not in ("", NOT_AVAILABLE):
        evidence = (f"95 % interval {joined(interval, shown_unit(kpi.unit))},"
                    f" over {int(row['n'])} replications.")  # fmt: skip
    return AnswerItem(kpi.title, value, evidence)
