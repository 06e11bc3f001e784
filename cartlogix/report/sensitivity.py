"""The page of a sensitivity study, and its rows for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import read_table
from cartlogix.report.contents import Section
from cartlogix.report.figures.drivers import Bars, driver_exhibit
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.page import Head, document
from cartlogix.report.sections.answer import Answer, AnswerGroup, AnswerItem
from cartlogix.report.sections.provenance import manifest_table
from cartlogix.report.tables import Table, is_share, plain, show, show_estimate, table

_METHODS = {
    "tornado": "one input at a time, at its low and its high value",
    "morris": "elementary effects of Morris",
    "sobol": "shares of variance of Sobol",
    "uncertainty": "all inputs drawn together",
}
_ALL = "all"
_NOTHING = 1e-9
"""Changes up to this are those of rounding."""


@dataclass(frozen=True)
class SensitivityData:
    """A sensitivity study as its page shows it."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    @property
    def asked(self) -> Mapping[str, Any]:
        """Method, labels of inputs and scenarios, replications and points."""
        found: Mapping[str, Any] = self.manifest["sensitivity"]
        return found

    @property
    def method(self) -> str:
        """The method."""
        return str(self.asked["method"])

    def label(self, name: str) -> str:
        """Return the label of a scenario, of a difference between two, or of an input."""
        if name == _ALL:
            return "All inputs"
        return str(self.asked["labels"].get(name, name))

    def unit(self, kpi: str) -> str:
        """Return the unit of a figure with its currency."""
        return KPIS[kpi].unit.replace("{currency}", self.manifest["currency"])

    def groups(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """Yield every scenario or difference with every figure, and its rows."""
        frame = self.tables["sensitivity"]
        for (scenario, kpi), mine in frame.groupby(["scenario", "kpi"], sort=False, observed=True):
            records = [{str(k): v for k, v in row.items()} for row in mine.to_dict("records")]
            yield str(scenario), str(kpi), [one for one in records if self._has(scenario, one)]

    def _has(self, scenario: object, row: Mapping[str, Any]) -> bool:
        """Whether the scenario (or a difference) has the row's input."""
        known = {one["name"]: one.get("scenarios", ()) for one in self.asked["inputs"]}
        named = known.get(row.get("input"), ())
        plain = any(one["name"] == scenario for one in self.manifest["scenarios"])
        return not named or not plain or scenario in named

    def moves(self, row: Mapping[str, Any]) -> bool:
        """Whether the row's input moves the figure at all."""
        keys = {"tornado": ("at_low", "at_high"), "morris": ("mu_star",), "sobol": ("total",)}
        return any(abs(row[key]) > _NOTHING for key in keys[self.method])


def read_sensitivity(folder: Path) -> SensitivityData | None:
    """Read a result folder; None if it is not one of a sensitivity study.

    Raises:
        InvalidInput: if it is damaged.
    """
    manifest = read_manifest(folder)
    if "sensitivity" not in manifest:
        return None
    tables = {path.stem: read_table(path) for path in sorted(folder.glob("*.parquet"))}
    return SensitivityData(manifest, tables)


def render_sensitivity(data: SensitivityData) -> str:
    """Return the page as one HTML document that needs nothing from outside."""
    asked, method = data.asked, _METHODS[data.method]
    kicker = (
        f"{method[:1].upper()}{method[1:]}: {asked['points']} points, "
        f"{asked['replications']} replications at each on the same patients"
    )
    sections = [
        Section("answer", "The answer", "The answer"),
        Section("drivers", "Drivers", "What drives the figures", exhibits=tuple(_exhibits(data)),
                tables=tuple(_uncertainty_tables(data))[:2]
                if data.method == "uncertainty" else ()),
        Section("inputs", "Inputs", "What is believed of the inputs", tables=(_inputs(data),)),
        Section("provenance", "Provenance", "Provenance",
                "What is needed to get the same numbers again.",
                tables=(manifest_table(data.manifest),)),
    ]  # fmt: skip
    answer = Answer(tuple(_answers(data)), tuple(data.manifest["warnings"]), tuple(_idle(data)))
    return document(
        Head(data.manifest["title"], data.manifest["question"], kicker), sections, answer
    )


def shown_tables(data: SensitivityData) -> Iterator[Table]:
    """Yield the tables of a study as the page and the terminal show them."""
    if data.method == "uncertainty":
        yield from _uncertainty_tables(data)
        return
    for scenario, kpi, rows in data.groups():
        title = f"{KPIS[kpi].title}, {data.label(scenario)}"
        yield _driver_table(data, title, kpi, rows)


def _driver_table(data: SensitivityData, title: str, kpi: str, rows: list[dict[str, Any]]) -> Table:
    unit = data.unit(kpi)
    cells: list[list[str]] = []
    if data.method == "tornado":
        heads = ["Input", "Low value", "High value", "Change at the low value", "95 % interval",
                 "Change at the high value", "95 % interval"]  # fmt: skip
        for row in rows:
            names = [
                [f"at_{end}{part}" for part in ("", "_low", "_high")] for end in ("low", "high")
            ]
            ends = [show_estimate(row[a], row[b], row[c], unit) for a, b, c in names]
            cells.append([data.label(row["input"]), row["low_level"], row["high_level"],
                          *ends[0], *ends[1]])  # fmt: skip
        return table(title, heads, cells, text_columns=3)
    if data.method == "morris":
        heads = ["Input", "Mean absolute effect", "± (95 %)", "Mean effect", "Spread"]
        for row in sorted(rows, key=lambda row: -row["mu_star"]):
            figures = (row[name] for name in ("mu_star", "mu_star_half", "mu", "sigma"))
            cells.append([data.label(row["input"]), *(show(value, unit) for value in figures)])
        return table(title, heads, cells)
    heads = ["Input", "Alone", "± (95 %)", "With others", "± (95 %)"]
    for row in sorted(rows, key=lambda row: -row["total"]):
        figures = (row[name] for name in ("first", "first_half", "total", "total_half"))
        cells.append([data.label(row["input"]), *(plain(value, 3) for value in figures)])
    return table(title, heads, cells)


def _uncertainty_tables(data: SensitivityData) -> Iterator[Table]:
    rows = []
    for scenario, kpi, (row,) in data.groups():
        unit = data.unit(kpi)
        limits = [show(row[name], unit) for name in ("mean", "low", "high", "sd_inputs", "sd_luck")]
        rows.append(
            [data.label(scenario), KPIS[kpi].title, *limits, show(row["share_inputs"], "share")]
        )
    heads = ["Scenario", "Figure", "Mean", "2.5 % of draws below", "97.5 % below", "Sd by inputs",
             "Sd by luck", "Inputs' part of one replication"]  # fmt: skip
    yield table("What is not known, and luck", heads, rows, text_columns=2)
    if "worth" not in data.tables:
        return
    choice, worth = data.tables["choice"], data.tables["worth"]
    kpi = str(worth["kpi"].iloc[0])
    unit = data.unit(kpi)
    yield table(
        f"Which scenario is best on {KPIS[kpi].title.lower()}",
        ["Scenario", "Mean", "Best at this part of the draws"],
        [[data.label(row["scenario"]), show(row["mean"], unit), show(row["best"], "share")]
         for row in choice.to_dict("records")],
    )  # fmt: skip
    yield table(
        "What it is worth to know an input before choosing",
        ["Input", "Worth", "95 % interval"],
        [[data.label(row["input"]), *show_estimate(row["value"], row["low"], row["high"], unit)]
         for row in worth.to_dict("records")],
    )  # fmt: skip


def _exhibits(data: SensitivityData) -> Iterator[Exhibit]:
    if data.method == "uncertainty":
        if "worth" in data.tables:
            worth = data.tables["worth"].to_dict("records")
            *_, shown = shown_tables(data)
            unit = data.unit(str(worth[0]["kpi"]))
            if not any(row["value"] > _NOTHING for row in worth):
                none = "The choice is the same in every draw: knowing an input is worth nothing."
                yield Exhibit(shown.caption, "", "", None, shown, none)
                return
            bars = Bars.of([(data.label(row["input"]), row["value"], row["low"], row["high"])
                            for row in worth])  # fmt: skip
            yield driver_exhibit(shown.caption, f"worth [{unit}]", (bars,), shown)
        return
    for (_, kpi, rows), shown in zip(data.groups(), shown_tables(data), strict=True):
        if not any(map(data.moves, rows)):
            yield Exhibit(shown.caption, "", "", None, shown, "No input moves it.")
            continue
        unit = data.unit(kpi)
        shown_as = "percentage points" if is_share(unit) else unit
        factor = 100 if is_share(unit) else 1
        if data.method == "tornado":
            both = tuple(_change(data, rows, end, factor) for end in ("low", "high"))
            yield driver_exhibit(shown.caption, f"change [{shown_as}]", both, shown)
        elif data.method == "morris":
            one = _index(data, rows, "mu_star", "mu_star_half", factor)
            yield driver_exhibit(shown.caption, f"mean absolute effect [{shown_as}]", (one,), shown)
        else:
            one = _index(data, rows, "total", "total_half")
            yield driver_exhibit(shown.caption, "share of variance", (one,), shown)


def _change(data: SensitivityData, rows: list[dict[str, Any]], end: str, factor: float) -> Bars:
    names = (f"at_{end}", f"at_{end}_low", f"at_{end}_high")
    cells = [(data.label(row["input"]), *(row[name] * factor for name in names)) for row in rows]
    return Bars.of([(label, a, b, c) for label, a, b, c in cells], f"{end} value")


def _index(
    data: SensitivityData, rows: list[dict[str, Any]], value: str, half: str, factor: float = 1
) -> Bars:
    ordered = sorted(rows, key=lambda row: -float(row[value]))
    middles = [(data.label(row["input"]), row[value] * factor, row[half] * factor)
               for row in ordered]  # fmt: skip
    return Bars.of([(label, middle, middle - reach, middle + reach)
                    for label, middle, reach in middles])  # fmt: skip


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
        if first["high"] - first["low"] <= _NOTHING:
            return AnswerItem(topic, f"{show(first['mean'], unit)} in every draw")
        return AnswerItem(topic, f"{show(first['mean'], unit)}; 95 % of the draws within {ends}")
    if not any(map(data.moves, rows)):
        return AnswerItem(topic, "No input moves it")
    if data.method == "tornado":
        return _most_moved(topic, data.label(first["input"]), first, unit)
    key = "mu_star" if data.method == "morris" else "total"
    top = max(rows, key=lambda row: -1.0 if math.isnan(row[key]) else float(row[key]))
    shown_as = unit if data.method == "morris" else "share"
    value, half = (show(top[name], shown_as) for name in (key, f"{key}_half"))
    what = "mean absolute effect" if data.method == "morris" else "share of variance"
    few = data.method == "sobol" and top[key] > 1
    caveats = ("A share above 100 % says that there are too few samples.",) if few else ()
    moved = f"Moved most by {data.label(top['input'])}"
    return AnswerItem(topic, moved, f"Its {what}: {value} ± {half}.", caveats)


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
    value, interval = show_estimate(known["value"], known["low"], known["high"], unit)
    limits = f" ({interval})" if interval else ""
    worth_text = f"To know all inputs before choosing is worth {value}{limits}."
    return AnswerItem(KPIS[kpi].title, told, worth_text)


def _most_moved(topic: str, label: str, row: Mapping[str, Any], unit: str) -> AnswerItem:
    """Say what the input does at both ends, and whether that is more than luck."""
    said, sure = [], False
    for end in ("low", "high"):
        value, low, high = (row[f"at_{end}{part}"] for part in ("", "_low", "_high"))
        text, interval = show_estimate(value, low, high, unit)
        said.append(
            f"{row[f'{end}_level']} changes it by {text}{f' ({interval})' * bool(interval)}"
        )
        sure |= low > 0 or high < 0
    caveats = () if sure else ("Neither change can be told from none.",)
    return AnswerItem(topic, f"Moved most by {label}", f"{'; '.join(said)}.", caveats)


def _idle(data: SensitivityData) -> Iterator[str]:
    """Name the inputs that move no figure of any scenario."""
    if data.method == "uncertainty":
        return
    used = {row["input"] for *_, rows in data.groups() for row in rows if data.moves(row)}
    idle = [one["label"] for one in data.asked["inputs"] if one["name"] not in used]
    if idle:
        yield f"These inputs move none of the figures: {', '.join(idle)}."


def _inputs(data: SensitivityData) -> Table:
    rows = [
        [one["label"], one["path"], one["belief"], one["source"]] for one in data.asked["inputs"]
    ]
    return table(
        "Uncertain inputs", ["Input", "Path", "Belief", "Source or note"], rows, text_columns=4
    )
