"""What a sensitivity study answers, in sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cartlogix.analysis.registry import KPIS
from cartlogix.report.sections.answer import Answer, AnswerGroup, AnswerItem
from cartlogix.report.sensitivity_data import NOTHING, SensitivityData
from cartlogix.report.tables import show, show_change, show_level


def sensitivity_answer(data: SensitivityData) -> Answer:
    """Return what moves each figure most, or what is not known of it, and what to choose."""
    return Answer(tuple(_answers(data)), tuple(data.manifest["warnings"]), tuple(_idle(data)))


def _answers(data: SensitivityData) -> Iterator[AnswerGroup]:
    """Yield for each scenario or difference what moves its figures most, or what is not known."""
    items: dict[str, list[AnswerItem]] = {}
    for scenario, kpi, rows in data.groups():
        items.setdefault(scenario, []).append(_item(data, kpi, rows))
    if "worth" in data.tables:
        yield AnswerGroup("Which one to choose", "", (_choice(data),))
    for scenario, mine in items.items():
        yield AnswerGroup(data.label(scenario), "", tuple(mine))


def _item(data: SensitivityData, kpi: str, rows: list[dict[str, Any]]) -> AnswerItem:
    topic, unit = KPIS[kpi].title, data.unit(kpi)
    first = rows[0]
    if data.method == "uncertainty":
        ends = f"{show(first['low'], unit)} to {show(first['high'], unit)}"
        if first["high"] - first["low"] <= NOTHING:
            return AnswerItem(topic, f"{show(first['mean'], unit)} in every draw")
        return AnswerItem(topic, f"{show(first['mean'], unit)}; 95 % of the draws within {ends}")
    if not any(map(data.moves, rows)):
        return AnswerItem(topic, "No input moves it")
    if data.method == "tornado":
        alike = _alike(data, first, rows, _widest)
        return _most_moved(topic, data.label(first["input"]), first, unit, alike)
    key = "mu_star" if data.method == "morris" else "total"
    top = max(rows, key=lambda row: -1.0 if math.isnan(row[key]) else float(row[key]))
    value, half = (
        show_change(top[name], unit=unit)[0]
        if data.method == "morris"
        else show(top[name], "share")
        for name in (key, f"{key}_half")
    )
    what = "mean absolute effect" if data.method == "morris" else "share of variance"
    few = data.method == "sobol" and top[key] > 1
    caveats = ("A share above 100 % says that there are too few samples.",) if few else ()
    moved = f"Moved most by {data.label(top['input'])}"
    alike = _alike(data, top, rows, lambda row: _around(row[key], row[f"{key}_half"]))
    return AnswerItem(topic, moved, f"Its {what}: {value} ± {half}.", (*caveats, *alike))


def _around(value: float, half: float) -> tuple[float, float]:
    return value - half, value + half


def _widest(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return the interval of the larger change of an input, without its direction."""
    end = max(("at_low", "at_high"), key=lambda end: abs(row[end]))
    low, high = sorted((row[f"{end}_low"], row[f"{end}_high"]), key=abs)
    return (0.0 if low * high < 0 else abs(low)), abs(high)


def _alike(
    data: SensitivityData,
    top: Mapping[str, Any],
    rows: list[dict[str, Any]],
    limits: Callable[[Mapping[str, Any]], tuple[float, float]],
) -> tuple[str, ...]:
    """Name the inputs whose interval reaches into that of the first one."""
    least = limits(top)[0]
    near = [data.label(row["input"]) for row in rows
            if row is not top and data.moves(row) and limits(row)[1] >= least]  # fmt: skip
    return (f"By their intervals, as much may be moved by {', '.join(near)}.",) if near else ()


def _choice(data: SensitivityData) -> AnswerItem:
    """Say which scenario is the best on the figure that decides, and what knowing is worth."""
    choice, worth = (data.tables[name].to_dict("records") for name in ("choice", "worth"))
    kpi = str(worth[0]["kpi"])
    unit = data.unit(kpi)
    best = max(choice, key=lambda row: float(row["best"]))
    told = (
        f"{data.label(best['scenario'])} is the best at {show(best['best'], 'share')} of the draws"
    )
    known = worth[0]  # all inputs
    points = "percentage points"
    value, interval = show_change(known["value"], known["low"], known["high"], unit, points)
    limits = f" ({interval})" if interval else ""
    worth_text = f"To know all inputs before choosing is worth {value}{limits}."
    return AnswerItem(KPIS[kpi].title, told, worth_text)


def _most_moved(
    topic: str, label: str, row: Mapping[str, Any], unit: str, alike: tuple[str, ...]
) -> AnswerItem:
    """Say what the input does at both ends, and whether that is more than luck."""
    said, sure = [], False
    for end in ("low", "high"):
        value, low, high = (row[f"at_{end}{part}"] for part in ("", "_low", "_high"))
        text, interval = show_change(value, low, high, unit, "percentage points")
        level = show_level(row[f"{end}_level"])
        said.append(f"at {level} it changes by {text}{f' ({interval})' * bool(interval)}")
        sure |= low > 0 or high < 0
    caveats = alike if sure else ("Neither change can be told from none.",)
    return AnswerItem(topic, f"Moved most by {label}", f"A{'; '.join(said)[1:]}.", caveats)


def _idle(data: SensitivityData) -> Iterator[str]:
    """Name the inputs that move no figure of any scenario."""
    if data.method == "uncertainty":
        return
    used = {row["input"] for *_, rows in data.groups() for row in rows if data.moves(row)}
    idle = [one["label"] for one in data.asked["inputs"] if one["name"] not in used]
    if idle:
        yield f"These inputs move none of the figures: {', '.join(idle)}."
