"""The page of a sensitivity study, and its rows for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cartlogix.analysis.registry import KPIS
from cartlogix.report.contents import Section
from cartlogix.report.figures.drivers import Bars, driver_exhibit
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.page import Head, document
from cartlogix.report.sections.provenance import manifest_table
from cartlogix.report.sensitivity_answer import sensitivity_answer
from cartlogix.report.sensitivity_data import NOTHING, SensitivityData
from cartlogix.report.tables import (
    Table,
    is_share,
    plain,
    show,
    show_change,
    show_level,
    table,
)

_METHODS = {
    "tornado": "one input at a time, at its low and its high value",
    "morris": "elementary effects of Morris",
    "sobol": "shares of variance of Sobol",
    "uncertainty": "all inputs drawn together",
}


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
    return document(
        Head(data.manifest["title"], data.manifest["question"], kicker),
        sections,
        sensitivity_answer(data),
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
        sure = "Simultaneous 95 % interval"
        heads = ["Input", "Low value", "High value", "Change at the low value", sure,
                 "Change at the high value", sure]  # fmt: skip
        for row in rows:
            names = [
                [f"at_{end}{part}" for part in ("", "_low", "_high")] for end in ("low", "high")
            ]
            ends = [show_change(row[a], row[b], row[c], unit) for a, b, c in names]
            cells.append([data.label(row["input"]), show_level(row["low_level"]),
                          show_level(row["high_level"]), *ends[0], *ends[1]])  # fmt: skip
        return table(title, heads, cells, text_columns=3)
    if data.method == "morris":
        heads = ["Input", "Mean absolute effect", "± (simultaneous 95 %)", "Mean effect", "Spread"]
        for row in sorted(rows, key=lambda row: -row["mu_star"]):
            figures = (row[name] for name in ("mu_star", "mu_star_half", "mu", "sigma"))
            cells.append(
                [data.label(row["input"]), *(show_change(value, unit=unit)[0] for value in figures)]
            )
        return table(title, heads, cells)
    heads = ["Input", "Alone", "± (simultaneous 95 %)", "With others", "± (simultaneous 95 %)"]
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
        ["Input", "Worth", "Simultaneous 95 % interval"],
        [[data.label(row["input"]), *show_change(row["value"], row["low"], row["high"], unit)]
         for row in worth.to_dict("records")],
    )  # fmt: skip


def _exhibits(data: SensitivityData) -> Iterator[Exhibit]:
    if data.method == "uncertainty":
        if "worth" in data.tables:
            worth = data.tables["worth"].to_dict("records")
            *_, shown = shown_tables(data)
            unit = data.unit(str(worth[0]["kpi"]))
            if not any(row["value"] > NOTHING for row in worth):
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


def _inputs(data: SensitivityData) -> Table:
    rows = [
        [one["label"], one["path"], one["belief"], one["source"]] for one in data.asked["inputs"]
    ]
    return table(
        "Uncertain inputs", ["Input", "Path", "Belief", "Source or note"], rows, text_columns=4
    )
