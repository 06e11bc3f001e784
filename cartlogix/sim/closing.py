"""From a stopped system to the columns of a Trace: nothing after the stop is kept."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cartlogix.scenario.whereabouts import day_of
from cartlogix.sim.booked import BookedPool
from cartlogix.sim.donors import Donor, DonorDesk
from cartlogix.sim.recorder import DONE, OUTCOMES, RUNNING, PatientRecord
from cartlogix.sim.stock import Dose, Lot
from cartlogix.sim.system import System
from cartlogix.sim.transfers import Transfer
from cartlogix.trace.build import Coded, Columns

Rows = NDArray[np.float64]


def columns_at(system: System, stop: float) -> dict[str, Columns]:
    """Return the columns of every table of the Trace as they stand at `stop`.

    Entities walk free delays ahead of the simulation, so some rows lie in the future of the
    stop: what had not begun is dropped, and what had not ended is under way.
    """
    for patient in system.under_way.values():
        system.walker.activities.write_running(patient)
    for run in system.supply.under_way.values():
        system.supply.walker.activities.write_running(run)
    for crew in system.crews.values():
        crew.write_running()
    rows = _rows_until(system, stop)
    return {
        "patients": _patients(system, rows, stop),
        "activities": _activities(system, rows),
        "lots": _lots(system, stop),
        "donors": _donors(system, stop),
        "doses": _doses(system, stop),
        "stock_moves": _stock_moves(system),
        "transfers": _transfers(system, stop),
        "decisions": _decisions(system),
        "pools": _pools(system),
        "bookings": _bookings(system),
        "disruptions": _disruptions(system, stop),
        "interruptions": _interruptions(system, stop),
        "recalls": _recalls(system),
        "test_errors": _test_errors(system, stop),
    }


def _rows_until(system: System, stop: float) -> Rows:
    """Return the activities that were queued by the stop, in order of time."""
    rows = system.recorder.rows()
    # Equal times by entity and then as written: the sort is stable.
    rows = rows[np.lexsort((rows[:, 1], rows[:, 5]))]
    rows = rows[rows[:, 5] <= stop]
    rows[rows[:, 7] > stop, 8] = RUNNING
    for column in (6, 7):
        rows[rows[:, column] > stop, column] = np.nan
    return rows


def _patients(system: System, rows: Rows, stop: float) -> Columns:
    # Stories are started ahead of enrolment; who had not enrolled by the stop is nobody.
    enrolled = bisect_right(system.cohort.enrolled, stop)
    columns = _rows_of(PatientRecord, system.recorder.patients[:enrolled])
    _clip(columns, stop)
    _retrace(system, columns, rows)
    columns["health"] = [""] * enrolled
    for number, course in system.health.items():
        if number < enrolled:
            known = (stop, columns["infused"][number], columns["left"][number])
            columns["health"][number] = course.at(float(np.nanmin(known))).name
    return {**_drawn(system, enrolled), **columns}


def _drawn(system: System, count: int) -> Columns:
    """Return what was known of the first patients before the run."""
    cohort, scenario = system.cohort, system.scenario
    enrolled = np.array(cohort.enrolled[:count], dtype=np.float64)
    indication = np.array(cohort.indication[:count], dtype=np.int64)
    centre = np.array(cohort.centre[:count], dtype=np.int64)
    due = enrolled + np.array([kind.target for kind in system.kinds])[indication]
    urgency = np.array([kind.urgency for kind in system.kinds])[indication]
    own = [number for number in cohort.urgency if number < count]
    urgency[own] = [cohort.urgency[number] for number in own]
    return {
        "patient": np.arange(count),
        "indication": Coded(indication, [item.name for item in scenario.demand.indications]),
        "centre": Coded(centre, [item.name for item in scenario.network.centres]),
        "plant": Coded(centre, system.plants),
        "match_class": Coded(
            np.array(cohort.match_class[:count], dtype=np.int64),
            [item.name for item in scenario.demand.match_classes] or [""],
        ),
        "first_pathway": Coded(cohort.pathway[:count], system.pathway_names),
        "enrolled": enrolled,
        "due": np.where(np.isinf(due), np.nan, due),
        "urgency": urgency,
        "in_cohort": cohort.in_window[:count],
    }


def _clip(columns: Columns, stop: float) -> None:
    """Undo what lies after the stop."""
    for name, undone in (
        ("infused", {"status": "in_progress", "outcome": "", "out_of_spec": False}),
        ("left", {"status": "in_progress", "cause": "", "lost_step": "", "lost_phase": ""}),
        ("apheresis", {}),
        ("released", {}),
        ("died", {}),
        ("exposed", {}),
    ):
        days = columns[name] = np.array(columns[name], dtype=np.float64)
        late = np.flatnonzero(days > stop)
        days[late] = np.nan
        for patient in late.tolist():
            for other, value in undone.items():
                columns[other][patient] = value


def _retrace(system: System, columns: Columns, rows: Rows) -> None:
    """Count doses by the stop, and set the unfinished back to where they are then."""
    labels = system.recorder.labels
    marks = {(p.name, s.name): s.marks for p in system.scenario.pathways for s in p.route}
    milestones = [marks.get((x.route, x.step)) if x.entity == "patient" else "" for x in labels]
    begun = ~np.isnan(rows[:, 6])
    infusions = begun & np.isin(
        rows[:, 0], [i for i, m in enumerate(milestones) if m == "infusion"]
    )
    label, number = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    unfinished = np.array([status == "in_progress" for status in columns["status"]], dtype=bool)
    columns["doses"] = np.bincount(number[infusions], minlength=len(unfinished))
    for patient in np.flatnonzero(unfinished).tolist():
        columns["pathway"][patient] = system.pathway_names[system.cohort.pathway[patient]]
        columns["attempts"][patient] = 1
        columns["apheresis"][patient] = columns["released"][patient] = math.nan
    _recall(system, columns, unfinished)
    walked = np.array([x.entity == "patient" for x in labels], dtype=bool)
    # Numbers of lots may be beyond those of patients.
    theirs = np.flatnonzero(walked[label])
    for row in rows[theirs[unfinished[number[theirs]]]].tolist():
        step, patient = int(row[0]), int(row[1])
        columns["pathway"][patient] = labels[step].route
        columns["attempts"][patient] = int(row[2])
        if milestones[step] == "apheresis" and not math.isnan(row[6]):
            columns["apheresis"][patient] = row[6]
        if milestones[step] == "release" and row[8] == DONE:
            columns["released"][patient] = row[7]


def _recall(system: System, columns: Columns, unfinished: NDArray[np.bool_]) -> None:
    """Set those whom the snapshot found under way back to where it found them."""
    for number, entry in enumerate(system.scenario.snapshot.by_enrolment()):
        if unfinished[number]:
            columns["attempts"][number] = entry.attempt
            if entry.apheresis is not None:
                columns["apheresis"][number] = day_of(system.scenario, entry.apheresis)


def _activities(system: System, rows: Rows) -> Columns:
    recorder = system.recorder
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


def _lots(system: System, stop: float) -> Columns:
    lots = [lot for r in system.supply.replenishers.values() for lot in r.lots]
    for lot in lots:
        lot.released = lot.released if lot.released <= stop else math.nan
    columns = _rows_of(Lot, lots)
    columns["lot"] = columns.pop("number")
    asked = {one.number for desk in system.supply.desks.values() for one in _asked(desk, stop)}
    columns["donor"] = [number if number in asked else -1 for number in columns["donor"]]
    columns["expires"] = [math.nan if math.isinf(day) else day for day in columns["expires"]]
    return columns


def _asked(desk: DonorDesk, stop: float) -> list[Donor]:
    return [donor for donor in desk.donors if donor.screened <= stop]


def _donors(system: System, stop: float) -> Columns:
    donors = [donor for desk in system.supply.desks.values() for donor in _asked(desk, stop)]
    for donor in donors:
        if donor.collected > stop:
            donor.collected, donor.status = math.nan, "screened"
    columns = _rows_of(Donor, donors)
    columns["donor"] = columns.pop("number")
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


def _transfers(system: System, stop: float) -> Columns:
    columns = _rows_of(Transfer, [one for lane in system.supply.lanes for one in lane.transfers])
    columns["arrived"] = [day if day <= stop else math.nan for day in columns["arrived"]]
    return columns


def _decisions(system: System) -> Columns:
    decisions: list[tuple[Any, ...]] = [
        (*d, 0, "", math.nan, math.nan)
        for r in system.supply.replenishers.values()
        for d in r.decisions
    ]
    for pool in system.planned:
        decisions += [
            (time, policy, trigger, subject, 0, 0, started, jobs, *found)
            for time, policy, trigger, subject, jobs, started, *found in pool.decisions
        ]
    names = ("time", "policy", "trigger", "subject", "position", "on_order", "quantity")
    return _transposed((*names, "jobs", "status", "objective", "bound"), decisions)


def _pools(system: System) -> Columns:
    pools = list(system.pools.values())
    # Names may contain a slash, so the pool's own name cannot be taken apart.
    sites = system.scenario.network.sites()
    parts = {f"{site.name}/{name}": (site.name, name) for site in sites for name in site.resources}
    return {
        "pool": [pool.name for pool in pools],
        "site": [parts[pool.name][0] for pool in pools],
        "resource": [parts[pool.name][1] for pool in pools],
        "capacity": [math.nan if math.isinf(p.capacity) else p.capacity for p in pools],
        "open_share": [pool.open_share for pool in pools],
    }


def _bookings(system: System) -> Columns:
    rows = [
        (pool.name, one.who.number, one.made, one.first, one.moved, one.promised, one.called,
         one.started, one.outcome)
        for pool in system.planned
        if isinstance(pool, BookedPool)
        for one in pool.bookings
    ]  # fmt: skip
    names = ("pool", "patient", "booked", "first", "moved", "promised", "called")
    return _transposed((*names, "started", "outcome"), rows)


def _disruptions(system: System, stop: float) -> Columns:
    rows = sorted(row for row in system.disruptions.rows if row[3] <= stop)
    columns = _transposed(("disruption", "kind", "target", "started", "ended", "units"), rows)
    columns["ended"] = [math.nan if day > stop else day for day in columns["ended"]]
    return columns


def _interruptions(system: System, stop: float) -> Columns:
    labels = system.recorder.labels
    rows = []
    for broken in system.recorder.interruptions:
        label = labels[int(broken.label)]
        ended = math.nan if broken.ended > stop else broken.ended
        where = (label.entity, broken.number, label.route, label.step)
        rows.append((broken.disruption, *where, broken.what, broken.started, ended))
    names = ("disruption", "entity", "id", "route", "step", "what", "started", "ended")
    return _transposed(names, rows)


def _recalls(system: System) -> Columns:
    names = ("disruption", "time", "stock", "lot", "patient", "dose", "state", "doses")
    return _transposed(names, system.disruptions.recalls)


def _test_errors(system: System, stop: float) -> Columns:
    labels, rows = system.recorder.labels, []
    for one in sorted(system.recorder.misjudged, key=lambda each: (each.time, each.number)):
        if one.time <= stop:
            label = labels[int(one.label)]
            where = (label.entity, one.number, label.route, label.step)
            rows.append((*where, one.attempt, one.time, one.error))
    names = ("entity", "id", "route", "step", "attempt", "time", "error")
    return _transposed(names, rows)


def _transposed(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return dict(zip(names, map(list, columns), strict=True))


def _rows_of(kind: type[Any], rows: Iterable[Any]) -> Columns:
    """Return a column for each field of a dataclass."""
    names = [field.name for field in fields(kind)]
    return _transposed(names, list(map(attrgetter(*names), rows)))
