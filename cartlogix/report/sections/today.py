"""What becomes of the patients whom a snapshot found under way."""

from __future__ import annotations

from cartlogix.analysis.forecast import forecasts
from cartlogix.report.data import ReportData
from cartlogix.report.forecast import HEADS, rows
from cartlogix.report.tables import Cell, Column, RowGroup, Table

_MOST = 200


def today(data: ReportData) -> tuple[Table, ...]:
    """Return a table for each scenario that starts from a snapshot."""
    tables = []
    for item in data.scenarios:
        if item.name not in data.today:
            continue
        found = forecasts(data.today[item.name], item.scenario)
        shown = [
            tuple(Cell(text, small) for text, small in row)
            for row in rows(found[:_MOST], item.scenario)
        ]
        note = (
            "P50 and P90: the day by which the patient is infused in half and in nine of ten "
            "replications, with the 95 % interval of that day, if it is not the day itself. On "
            "time: by the due date. Chances carry Wilson's 95 % interval."
        )
        if len(found) > _MOST:
            note += f" The first {_MOST} of {len(found)}; all: cartlogix forecast RUN --csv FILE."
        caption = f"{item.label}: when each patient of today is infused"
        heads = tuple(Column(head, numeric=index > 1) for index, head in enumerate(HEADS))
        tables.append(Table(caption, heads, (RowGroup(tuple(shown)),), note))
    return tuple(tables)
