"""The figures of each stock, for the scenarios that keep it."""

from __future__ import annotations

from cartlogix.report.data import ReportData
from cartlogix.report.sections.comparison import level_cells, row_head
from cartlogix.report.tables import Cell, Column, Fold, RowGroup, Table, spoken

_FIRST = ("fill_rate", "stock_out", "expired", "days_of_cover", "lots_failed")
"""What a planner asks of a stock before anything else."""


def stock_folds(data: ReportData) -> tuple[Fold, ...]:
    """Return a fold with a table for each stock, and one for match classes, if there are any."""
    stocks = {
        one.name: one.title or spoken(one.name)
        for item in data.scenarios
        for one in item.scenario.stocks
    }
    classes = {
        one.name: f"Match class {one.title or one.name}"
        for item in data.scenarios
        for one in item.scenario.demand.match_classes
    }
    folds = (
        _fold("Figures of each stock: fill rate, stock-outs, expired doses, cover, lots",
              _tables(data, "stock", stocks)),
        _fold("Figures of each match class: who finds a dose that fits",
              _tables(data, "match class", classes)),
    )  # fmt: skip
    return tuple(fold for fold in folds if fold is not None)


def _fold(title: str, tables: tuple[Table, ...]) -> Fold | None:
    return Fold(title, tables) if tables else None


def _tables(data: ReportData, by: str, titles: dict[str, str]) -> tuple[Table, ...]:
    """Return one table for each group with figures by it."""
    kpis = [kpi for kpi in data.registry.values() if kpi.by == by]
    first = [f"stock.{name}" for name in _FIRST]
    kpis.sort(key=lambda kpi: first.index(kpi.name) if kpi.name in first else len(first))
    rows = data.summary
    wanted = rows["kpi"].astype(str).isin([kpi.name for kpi in kpis])
    rows = rows[wanted & (rows["indication"] == "all")]
    keyed = {
        (str(r["scenario"]), str(r["kpi"]), str(r["group"])): r for r in rows.to_dict("records")
    }
    tables = []
    for group, title in titles.items():
        names = [name for name in data.names if any((name, k.name, group) in keyed for k in kpis)]
        found: list[tuple[Cell | str, ...]] = [
            (row_head(kpi), *level_cells(kpi, [keyed.get((n, kpi.name, group)) for n in names]))
            for kpi in kpis
        ]
        shown = tuple(row for row in found if len(row) > 1)
        heads = [Column(data.short_labels[name], numeric=True) for name in names]
        caption = f"{title}: mean over replications and 95 % interval"
        tables.append(Table(caption, (Column("Figure"), *heads), (RowGroup(shown),)))
    return tuple(table for table in tables if not table.is_empty)
