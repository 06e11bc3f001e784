"""The page of a study with factors: figures by level, main effects, and differences."""

from __future__ import annotations

import pandas as pd

from cartlogix.analysis.tidy import ALL
from cartlogix.report.contents import Section, break_even_sections, warm_up_sections
from cartlogix.report.figures.effects import effect_exhibits
from cartlogix.report.page import Head, document
from cartlogix.report.sections.answer import Answer, AnswerGroup, AnswerItem
from cartlogix.report.sections.break_even import break_even_group
from cartlogix.report.sections.choice import choice_group, choice_table
from cartlogix.report.sections.provenance import manifest_table
from cartlogix.report.sweep_data import SweepData
from cartlogix.report.tables import (
    Cell,
    Column,
    RowGroup,
    Table,
    show,
    show_change,
    show_estimate,
    table,
)

_MOST_ROWS = 400


def render_sweep(data: SweepData) -> str:
    """Return the page as one HTML document that needs nothing from outside."""
    manifest = data.manifest
    runs = manifest["scenarios"]
    replications = max((item["replications"] for item in runs), default=0)
    kicker = f"{len(runs)} runs of {len(data.factors)} factors, up to {replications} replications"
    sections = [
        Section("answer", "The answer", "The answer"),
        Section("effects", "Main effects", "What each factor does",
                "The mean over all runs of a scenario that share the level, with its 95 % interval"
                " over replications.", exhibits=tuple(effect_exhibits(data))),
        *break_even_sections(data.break_even, data.currency),
        Section("levels", "By level", "Every run",
                tables=tuple(one for one in (choice_table(manifest, {}), _levels(data)) if one)),
        Section("differences", "Differences", "Differences on the same patients",
                tables=(_differences(data),)),
        *warm_up_sections(data.settling, {}),
        Section("provenance", "Provenance", "Provenance",
                "What is needed to get the same numbers again.",
                tables=(manifest_table(manifest),)),
    ]  # fmt: skip
    groups = (
        *choice_group(manifest),
        AnswerGroup("", "", tuple(_items(data))),
        *break_even_group(data.break_even, data.currency),
    )
    answer = Answer(groups, tuple(manifest["warnings"]), ())
    return document(Head(manifest["title"], manifest["question"], kicker), sections, answer)


def _items(data: SweepData) -> list[AnswerItem]:
    """Say for each figure which factor moves it most, and whether that is more than luck."""
    items = []
    for kpi in data.headlines:
        mine = data.ranges[(data.ranges["kpi"] == kpi.name).to_numpy()].to_dict("records")
        top = max(mine, key=lambda row: float(row["difference"]), default=None)
        if top is None or not top["difference"] > 0:
            continue
        label, base, unit = data.factors[str(top["factor"])], top["base"], data.unit(kpi)
        least, most = (show(top[f"mean_{end}"], unit) for end in ("least", "most"))
        change, interval = show_change(top["difference"], top["low"], top["high"], unit,
                                       "percentage points")  # fmt: skip
        said = f"The change is {change}"
        if interval:
            said += f" (simultaneous 95 % interval {interval})"
        items.append(
            AnswerItem(
                kpi.title,
                f"Moved most by {label} in {base}: {least} at {top['least']}, {most} at "
                f"{top['most']}.",
                f"{said}.",
                () if top["low"] > 0 else ("The change cannot be told from none.",),
            )
        )
    return items


def _levels(data: SweepData) -> Table:
    frame = data.by_factor
    pooled = frame[((frame["indication"] == ALL) & (frame["group"] == "")).to_numpy()]
    rows: list[list[Cell | str]] = []
    for _, mine in pooled.groupby("scenario", sort=False, observed=True):
        figures = {str(row["kpi"]): row for row in mine.to_dict("records")}
        first = mine.iloc[0]
        cells: list[Cell | str] = [str(first["base"])]
        cells += ["" if pd.isna(first[name]) else str(first[name]) for name in data.factors]
        for kpi in data.headlines:
            row = figures.get(kpi.name)
            cells.append(
                Cell(*show_estimate(row["mean"], row["low"], row["high"], data.unit(kpi)))
                if row is not None
                else ""
            )
        rows.append(cells)
    note = "" if len(rows) <= _MOST_ROWS else f"The first {_MOST_ROWS} of {len(rows)} runs."
    heads = ["Scenario", *data.factors.values(), *(kpi.title for kpi in data.headlines)]
    text = 1 + len(data.factors)
    return table("Headline figures of every run, with 95 % intervals", heads, rows[:_MOST_ROWS],
                 text_columns=text, note=note)  # fmt: skip


def _differences(data: SweepData) -> Table:
    frame = data.differences
    names = {kpi.name: kpi for kpi in data.headlines}
    keep = frame["kpi"].isin(list(names)) & (frame["indication"] == ALL)
    groups = []
    for (a, b), mine in frame[keep.to_numpy()].groupby(["a", "b"], sort=False, observed=True):
        rows = []
        for row in mine.to_dict("records"):
            kpi = names[str(row["kpi"])]
            unit = data.unit(kpi)
            text, interval = show_change(row["difference"], row["low"], row["high"], unit)
            joint = show_change(row["difference"], row["low_adjusted"], row["high_adjusted"], unit)[
                1
            ]
            shown = f"{row['correlation']:.2f}" if pd.notna(row["correlation"]) else ""
            rows.append((kpi.title, text, interval, joint, shown))
        groups.append(RowGroup(tuple(rows), f"{b} − {a}"))
    columns = (Column("Figure"), *(Column(head, True) for head in
               ("Difference", "95 % interval", "Simultaneous", "Correlation")))  # fmt: skip
    return Table("Paired differences", columns, tuple(groups[:_MOST_ROWS]),
                 "Simultaneous intervals hold together for all pairs and headline figures"
                 " (Bonferroni).")  # fmt: skip
