"""Where two scenarios change places, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cartlogix.report.break_even_data import Question
from cartlogix.report.tables import plain

_OTHER = {"a": "b", "b": "a", "": ""}
_VERBS = {"share.infused": "infuses more", "share.lost": "loses fewer"}


def sentence(question: Question) -> str:
    """Return the answer: where they change places, with its band, or that none is seen."""
    return _of_map(question) if question.is_map else _of_line(question)


def ahead(question: Question, lower: str) -> str:
    """Say who is ahead where one of the two has the lower figure."""
    kpi = question.kpi
    name = question.labels[winner(question, lower) == "b"]
    if kpi.family == "cost":
        return f"{name} costs less"
    if kpi.family == "lead_time" and kpi.unit == "d":
        return f"{name} is faster"
    if kpi.name in _VERBS:
        return f"{name} {_VERBS[kpi.name]}"
    return f"{name} has the {'higher' if kpi.direction == 'higher' else 'lower'} figure"


def level(question: Question, value: float) -> str:
    """Return a level of the first factor with its unit."""
    unit = question.factor()["unit"]
    return f"{plain(value)} {unit}" if unit else plain(value)


def winner(question: Question, lower: str) -> str:
    """Return which of the two is ahead where one has the lower figure; empty where none has.

    The other way round it is the same: it returns who has the lower figure where one is ahead.
    """
    return _OTHER[lower] if question.kpi.direction == "higher" else lower


def _crossing(question: Question, row: Mapping[str, Any]) -> str:
    """Return one change of places: `A costs less from 7 on, B up to 6 (95 % band 6 to 7)`."""
    low, high, at = row["low"], row["high"], row["at"]
    if math.isnan(low) or math.isnan(high):
        return _open(question, row)
    other = question.labels[winner(question, row["before"]) == "b"]
    first = ahead(question, row["after"])
    if question.factor()["whole"]:
        low, high, least = math.floor(low), math.ceil(high), math.ceil(at)
        place = f"from {level(question, least)} on, {other} up to {level(question, least - 1)}"
    else:
        place = f"above {level(question, at)}, {other} below"
    return f"{first} {place} (95 % band {plain(low)} to {level(question, high)})"


def _open(question: Question, row: Mapping[str, Any]) -> str:
    """Say what is known where the band goes on to an end of the levels."""
    means = f"The means cross at {level(question, row['at'])}"
    if row["before"]:
        who = ahead(question, row["before"])
        return (
            f"{who} up to {level(question, row['low'])}; {_lower(means)}, but beyond that" + _APART
        )
    if row["after"]:
        who = ahead(question, row["after"])
        return f"{who} from {level(question, row['high'])} on; {_lower(means)}, but below" + _APART
    return f"{means}, but nowhere can the two be told apart"


_APART = " the two cannot be told apart"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _of_line(question: Question) -> str:
    rows = [
        {str(key): value for key, value in row.items()} for row in question.lines.to_dict("records")
    ]
    zones = [row for row in rows if row["kind"] == "zone"]
    crossings = [row for row in rows if row["kind"] == "crossing"]
    if not zones:
        return "Not known: the figure is undefined, or one replication has no interval"
    if (question.points["difference"] == 0).all():
        return "No difference at any level"
    ends = f"{level(question, zones[0]['low'])} to {level(question, zones[-1]['high'])}"
    if crossings:
        return "; ".join(_crossing(question, row) for row in crossings)
    sure = {row["before"] for row in zones} - {""}
    if not sure:
        return f"Not separable: no level from {ends} tells the two apart"
    if len(zones) == 1:
        return f"{ahead(question, sure.pop())} over the whole range, {ends}"
    parts = [
        f"{ahead(question, row['before'])} from {level(question, row['low'])}"
        f" to {level(question, row['high'])}"
        for row in zones
        if row["before"]
    ]
    return f"No crossing within {ends}: {'; '.join(parts)}; elsewhere the two cannot be told apart"


def _of_map(question: Question) -> str:
    verdicts = question.points["lower"].tolist()
    parts = [
        f"{ahead(question, lower)} at {verdicts.count(lower)}"
        for lower in ("b", "a")
        if lower in verdicts
    ]
    unsure = verdicts.count("")
    if unsure:
        parts.append(f"the two cannot be told apart at {unsure}")
    return f"Of {len(verdicts)} points, {', '.join(parts)}"
