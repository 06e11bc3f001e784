"""The figures of each stock, for the scenarios that keep it."""

from __future__ import annotations

from cartlogix.report.data import ReportData
from cartlogix.report.sections.comparison import level_cells, row_head
from cartlogix.report.tables import Cell, Column, Fold, RowGroup, Table, spoken

_FIRST = ("fill_rate", "stock_out", "expired", "days_of_cover", "lots_failed")
"""What a planner asks of a stock before anything else."""


def stock_folds(data: ReportData) -> tuple[Fold, ...]:
    """Return one fold with a table for each stock; none if no scenario keeps a stock."""
    rows = data.summary
    rows = rows[rows["kpi"].astype(str).str.startswith("stock.") & (rows["indication"] == "all")]
    keyed = {
        (str(r["scenario"]), str(r["kpi"]), str(r["group"])): r for r in rows.to_dict("records")
    }
    titles = {
        one.name: one.title or spoken(one.name)
        for item in data.scenarios
        for one in item.scenario.stocks
    }
    first = [f"stock.{name}" for name in _FIRST]
    kpis = [kpi for kpi in data.registry.values() if kpi.family == "inventory"]
    kpis.sort(key=lambda kpi: first.index(kpi.name) if kpi.name in first else len(first))
    tables = []
    for stock, title in titles.items():
        names = [name for name in data.names if any((name, k.name, stock) in keyed for k in kpis)]
        found: list[tuple[Cell | str, ...]] = [
            (row_head(kpi), *level_cells(kpi, [keyed.get((n, kpi.name, stock)) for n in names]))
            for kpi in kpis
        ]
        shown = tuple(row for row in found if len(row) > 1)
        heads = [Column(data.short_labels[name], numeric=True) for name in names]
        caption = f"{title}: mean over replications and 95 % interval"
        tables.append(Table(caption, (Column("Figure"), *heads), (RowGroup(shown),)))
    kept = tuple(table for table in tables if not table.is_empty)
    return (Fold("Figures of each stock: fill rate, stock-outs, expired doses, cover, lots", kept),
            ) if kept else ()  # fmt: skip
