"""From a stopped system to the columns of a Trace: nothing after the stop is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import numpy as np

from cartlogix.sim.recorder import CELLS, OUTCOMES, RUNNING, PatientRecord
from cartlogix.sim.stock import Dose, Lot
from cartlogix.sim.system import System
from cartlogix.trace.build import Coded, Columns

_LATER = ("apheresis", "released", "infused", "left")


def columns_at(system: System, stop: float) -> dict[str, Columns]:
    """Return the columns of every table of the Trace as they stand at `stop`.

    Entities walk free delays ahead of the simulation, so some rows lie in the future of the
    stop: what had not begun is dropped, and what had not ended is under way.
    """
    for patient in system.under_way.values():
        system.walker.write_running(patient)
    for run in system.lots_under_way.values():
        system.lot_walker.write_running(run)
    return {
        "patients": _patients(system, stop),
        "activities": _activities(system, stop),
        "lots": _lots(system),
        "doses": _doses(system, stop),
        "stock_moves": _stock_moves(system),
        "decisions": _decisions(system),
        "pools": _pools(system),
    }


def _patients(system: System, stop: float) -> Columns:
    scenario = system.scenario
    for record in system.recorder.patients:
        _clip(record, stop)
    columns = _rows_of(PatientRecord, system.recorder.patients)
    columns["patient"] = columns.pop("number")
    for name, items in (
        ("indication", scenario.demand.indications),
        ("centre", scenario.network.centres),
    ):
        columns[name] = Coded(columns[name], [item.name for item in items])
    return columns


def _clip(record: PatientRecord, stop: float) -> None:
    """Undo what lies after the stop."""
    if record.infused > stop:
        record.status, record.outcome, record.out_of_spec = "in_progress", "", False
        record.doses = 0
    if record.left > stop:
        record.status = "in_progress"
        record.cause = record.lost_step = record.lost_phase = ""
    for name in _LATER:
        if getattr(record, name) > stop:
            setattr(record, name, math.nan)


def _activities(system: System, stop: float) -> Columns:
    recorder = system.recorder
    rows = np.array(recorder.cells, dtype=np.float64).reshape(-1, len(CELLS))
    # In order of time; equal times by entity and then as written.
    order = np.lexsort((np.arange(len(rows)), rows[:, 1], rows[:, 5]))
    rows = rows[order]
    rows = rows[rows[:, 5] <= stop]
    rows[rows[:, 7] > stop, 8] = RUNNING
    for column in (6, 7):
        rows[rows[:, column] > stop, column] = np.nan
    label = rows[:, 0].astype(np.int64)
    texts = {
        name: Coded.of([getattr(item, name) for item in recorder.labels], label)
        for name in ("entity", "route", "step", "kind", "pool")
    }
    return {
        **texts,
        "id": rows[:, 1],
        "attempt": rows[:, 2],
        "dose": rows[:, 3],
        "place": Coded(rows[:, 4].astype(np.int64), recorder.places),
        "queued": rows[:, 5],
        "started": rows[:, 6],
        "ended": rows[:, 7],
        "outcome": Coded(rows[:, 8].astype(np.int64), list(OUTCOMES)),
    }


def _lots(system: System) -> Columns:
    columns = _rows_of(Lot, [lot for r in system.replenishers.values() for lot in r.lots])
    columns["lot"] = columns.pop("number")
    columns["expires"] = [math.nan if math.isinf(day) else day for day in columns["expires"]]
    return columns


def _doses(system: System, stop: float) -> Columns:
    doses: list[Dose] = [dose for stock in system.stocks.values() for dose in stock.doses]
    for dose in doses:
        if dose.ended > stop:
            dose.end(math.nan, "in_transit")
    return {
        "lot": [dose.lot.number for dose in doses],
        "stock": [dose.stock.name for dose in doses],
        "patient": [dose.patient for dose in doses],
        "dose": [dose.course for dose in doses],
        "issued": [dose.issued for dose in doses],
        "ended": [dose.ended for dose in doses],
        "state": [dose.state for dose in doses],
    }


def _stock_moves(system: System) -> Columns:
    moves = [move for stock in system.stocks.values() for move in stock.moves]
    names = ("time", "stock", "lot", "quantity", "reason", "patient", "on_hand")
    return _transposed(names, moves)


def _decisions(system: System) -> Columns:
    decisions = [d for r in system.replenishers.values() for d in r.decisions]
    names = ("time", "policy", "trigger", "subject", "position", "on_order", "quantity")
    return _transposed(names, decisions)


def _pools(system: System) -> Columns:
    pools = list(system.pools.values())
    return {
        "pool": [pool.name for pool in pools],
        "site": [pool.name.rsplit("/", 1)[0] for pool in pools],
        "resource": [pool.name.rsplit("/", 1)[1] for pool in pools],
        "capacity": [math.nan if math.isinf(p.capacity) else p.capacity for p in pools],
        "open_share": [len(pool.rules.calendar.open_days) / 7 for pool in pools],
    }


def _transposed(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return dict(zip(names, map(list, columns), strict=True))


def _rows_of(kind: type[Any], rows: Iterable[Any]) -> Columns:
    """Return a column for each field of a dataclass."""
    names = [field.name for field in fields(kind)]
    return _transposed(names, list(map(attrgetter(*names), rows)))
