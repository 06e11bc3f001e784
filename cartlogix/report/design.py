"""The page of a design search, and its text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cartlogix.analysis.registry import KPIS
from cartlogix.experiment.results import read_manifest
from cartlogix.experiment.tables import read_table
from cartlogix.report.contents import Section
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.page import Head, document
from cartlogix.report.sections.answer import Answer, AnswerGroup, AnswerItem
from cartlogix.report.sections.provenance import manifest_table
from cartlogix.report.tables import Table, show, show_estimate, table
from cartlogix.report.theme import BLUE, GREY, VERMILLION, figure

_LOOKS = {
    "keeps to the limits": (BLUE, "circle"),
    "does not keep to them": (VERMILLION, "x"),
    "ruled out early": (GREY, "circle-open"),
}


@dataclass(frozen=True)
class DesignData:
    """A design search as its page shows it."""

    manifest: Mapping[str, Any]
    designs: pd.DataFrame
    checks: pd.DataFrame

    @property
    def asked(self) -> Mapping[str, Any]:
        """What was asked, and the answer."""
        found: Mapping[str, Any] = self.manifest["design"]
        return found

    @property
    def kpis(self) -> list[str]:
        """The figures: that to be least first, then those of the limits."""
        named = [self.asked["minimise"], *(limit["kpi"] for limit in self.asked["limits"])]
        return list(dict.fromkeys(named))

    def unit(self, kpi: str) -> str:
        """Return the unit of a figure with its currency."""
        return KPIS[kpi].unit.replace("{currency}", self.manifest["currency"])

    def named(self, row: Mapping[Any, Any]) -> str:
        """Return a design in words."""
        return ", ".join(
            f"{one['label']} {int(row[one['name']])}" for one in self.asked["decisions"]
        )


def read_design(folder: Path) -> DesignData | None:
    """Read a result folder; None if it is not one of a design search.

    Raises:
        InvalidInput: if it is damaged.
    """
    manifest = read_manifest(folder)
    if "design" not in manifest:
        return None
    frames = [read_table(folder / f"{name}.parquet") for name in ("designs", "checks")]
    return DesignData(manifest, frames[0], frames[1])


def render_design(data: DesignData) -> str:
    """Return the page as one HTML document that needs nothing from outside."""
    asked = data.asked
    kicker = f"{asked['designs']} of {asked['of']} designs tried, method {asked['method']}"
    sections = [
        Section("answer", "The answer", "The answer"),
        Section("front", "Front", "What less of one costs of the other", exhibits=(_front(data),)),
        Section("designs", "Designs", "Every design", tables=(designs_table(data),)),
        Section("provenance", "Provenance", "Provenance",
                "What is needed to get the same numbers again.",
                tables=(manifest_table(data.manifest),)),
    ]  # fmt: skip
    items = tuple(AnswerItem(*line) for line in answer_lines(data))
    answer = Answer((AnswerGroup("", "", items),), tuple(data.manifest["warnings"]), ())
    manifest = data.manifest
    return document(Head(manifest["title"], manifest["question"], kicker), sections, answer)


def answer_lines(data: DesignData) -> Iterator[tuple[str, str]]:
    """Yield the answer, how it did with fresh random numbers, and what equals it, by topic."""
    asked, checks = data.asked, data.checks
    sure = f"{100 * asked['confidence']:g} %"
    limits = " and ".join(_limit(data, limit) for limit in asked["limits"])
    if asked["answer"] is None:
        tried = f"{asked['checked']} that did failed the check" if asked["checked"] else "none did"
        none = f"No design was found that keeps to {limits} with {sure} confidence; {tried}."
        yield "Cheapest design", none
        return
    aim = KPIS[asked["minimise"]].title.lower()
    found = data.named(asked["answer"])
    yield "Cheapest design", f"Least {aim} with {limits}, each with {sure} confidence: {found}."
    names = [one["name"] for one in asked["decisions"]]
    mine = checks[(checks[names] == pd.Series(asked["answer"])).all(axis=1).to_numpy()]
    figures = []
    for row in mine.to_dict("records"):
        unit = data.unit(row["kpi"])
        text, interval = show_estimate(row["mean"], row["low"], row["high"], unit)
        figures.append(f"{KPIS[row['kpi']].title.lower()} {text} ({interval or 'certain'})")
    each = f"{100 * asked['check_confidence']:.1f} %"
    fresh = f"Checked with fresh random numbers, {asked['verify']} replications, it holds: "
    allowed = f" Each check is made at {each}, which allows for up to {asked['most_checked']}."
    yield "Check", fresh + "; ".join(figures) + f".{allowed}"
    if asked["checked"] > 1:
        failed = asked["checked"] - 1
        yield "Failed the check", f"{failed} cheaper did not hold with fresh random numbers."
    if asked["equals"]:
        listed = "; ".join(data.named(one) for one in asked["equals"][:5])
        yield "As good", f"Not separable from it in {aim}, and within the limits: {listed}."


def designs_table(data: DesignData) -> Table:
    """Return every design with its figures and its verdict."""
    rows = []
    for row in data.designs.to_dict("records"):
        cells = [str(int(row[one["name"]])) for one in data.asked["decisions"]]
        for kpi in data.kpis:
            cells += show_estimate(row[kpi], row[f"{kpi}.low"], row[f"{kpi}.high"], data.unit(kpi))
        rows.append(
            [*cells, str(row["replications"]), row["verdict"], "yes" if row["front"] else ""]
        )
    heads = [one["label"] for one in data.asked["decisions"]]
    for kpi in data.kpis:
        heads += [KPIS[kpi].title, "95 % interval"]
    return table("Designs", [*heads, "Replications", "Verdict", "On the front"], rows,
                 text_columns=0)  # fmt: skip


def _limit(data: DesignData, limit: Mapping[str, Any]) -> str:
    kpi = KPIS[limit["kpi"]]
    side, bound = ("at most", limit["at_most"]) if limit["at_most"] is not None else (
        "at least", limit["at_least"])  # fmt: skip
    return f"{kpi.title.lower()} {side} {show(bound, data.unit(kpi.name))}"


def _front(data: DesignData) -> Exhibit:
    cost, level = data.asked["minimise"], data.asked["limits"][0]["kpi"]
    traces = []
    for verdict, (colour, symbol) in _LOOKS.items():
        mine = data.designs[(data.designs["verdict"] == verdict).to_numpy()]
        if len(mine):
            texts = [data.named(row) for row in mine.to_dict("records")]
            traces.append(_points(mine, level, cost, verdict, (colour, symbol), texts))
    front = data.designs[data.designs["front"].to_numpy()].sort_values(level)
    traces.append(go.Scatter(x=front[level].tolist(), y=front[cost].tolist(), mode="lines",
                             line={"color": BLUE, "width": 1, "shape": "hv"}, name="Pareto front",
                             hoverinfo="skip"))  # fmt: skip
    limit = data.asked["limits"][0]
    bound = limit["at_least"] if limit["at_most"] is None else limit["at_most"]
    traces.append(go.Scatter(x=[bound, bound], y=[float(data.designs[cost].min()),
                                                  float(data.designs[cost].max())],
                             mode="lines", line={"color": GREY, "width": 1, "dash": "dash"},
                             name="limit", hoverinfo="skip"))  # fmt: skip
    axes = [f"{KPIS[kpi].title} [{data.unit(kpi)}]" for kpi in (level, cost)]
    on_front = front.to_dict("records")
    rows = [[data.named(row), show(row[level], data.unit(level)), show(row[cost], data.unit(cost))]
            for row in on_front]  # fmt: skip
    shown = table("Pareto front", ["Design", *axes], rows)
    caption = "Means over replications. No design is better on both axes than one on the line."
    drawn = figure(traces, x=axes[0], y=axes[1], height=380, values_on="both")
    return Exhibit(
        "Pareto front", caption, "Designs by both figures, with the front.", drawn, shown
    )


def _points(
    mine: pd.DataFrame, x: str, y: str, name: str, look: tuple[str, str], texts: list[str]
) -> go.Scatter:
    return go.Scatter(
        x=mine[x].tolist(),
        y=mine[y].tolist(),
        mode="markers",
        name=name,
        marker={"color": look[0], "symbol": look[1], "size": 9},
        text=[text.replace("<", "&lt;") for text in texts],
        hovertemplate="%{text}<extra></extra>",
    )
