"""Which scenario was chosen as the best, how far the others are from it, and what each took."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cartlogix.analysis.registry import KPIS
from cartlogix.report.sections.answer import AnswerGroup, AnswerItem
from cartlogix.report.tables import Table, show_change, table


def choice_group(manifest: Mapping[str, Any]) -> tuple[AnswerGroup, ...]:
    """Return how a race between scenarios ended, as an answer; nothing if there was none."""
    found = manifest.get("select")
    if not found:
        return ()
    topic = KPIS[found["kpi"]].title
    said = found["text"].removeprefix(f"{topic}: ")
    return (AnswerGroup("", "", (AnswerItem(topic, f"{said[:1].upper()}{said[1:]}."),)),)


def choice_table(manifest: Mapping[str, Any], labels: Mapping[str, str]) -> Table | None:
    """Return the end of a race between scenarios; None if there was none."""
    found = manifest.get("select")
    if not found:
        return None
    kpi = KPIS[found["kpi"]]
    unit = kpi.unit.replace("{currency}", manifest["currency"])
    rows = [
        (
            labels.get(one["name"], one["name"]),
            one["verdict"],
            *_difference(one.get("difference"), unit),
            f"{one['replications']:,}",
        )
        for one in found["scenarios"]
    ]
    note = (
        f"{found['text']}. Chosen by a race on paired differences (Kim and Nelson 2001): who is"
        " clearly worse drops out. Not separable is whose difference from the best one, on the"
        " replications of both, has an interval with 0. The intervals hold together (Bonferroni)."
    )
    level = f"{100 * found['confidence']:g} % interval"
    heads = ["Scenario", "Verdict", f"{kpi.title}, less the best", level, "Replications"]
    return table("Choice of the best", heads, rows, text_columns=2, note=note)


def _difference(found: Sequence[float | None] | None, unit: str) -> tuple[str, str]:
    if found is None:  # that of the best one from itself
        return "", ""
    value, low, high = (math.nan if one is None else one for one in found)
    return show_change(value, low, high, unit)
