"""The identities once more, in plain Python and without the analysis package."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.trace.tables import Trace

Row = Any
TIE = 1e-9


def records(frame: pd.DataFrame) -> list[Row]:
    return list(frame.itertuples(index=False))


def steps_of(scenario: Scenario) -> dict[tuple[str, str, str], Step]:
    steps = {("patient", p.name, s.name): s for p in scenario.pathways for s in p.route}
    lots = {("lot", x.name, s.name): s for x in scenario.stocks for s in x.lot.route}
    return steps | lots


def capacity(trace: Trace, scenario: Scenario) -> list[str]:
    """ID07: sweep each pool, ends before starts at equal times."""
    changes: dict[str, list[tuple[float, int]]] = defaultdict(list)
    steps = steps_of(scenario)
    for row in records(trace["activities"]):
        if row.entity == "resource":
            held = [(row.pool, 1)]
        else:
            step = steps[row.entity, row.route, row.step]
            held = [(f"{row.place}/{need.name}", need.units) for need in step.needs]
        end = math.inf if math.isnan(row.ended) else row.ended
        if math.isnan(row.started) or end - row.started <= TIE:
            continue
        for pool, units in held:
            changes[pool] += [(row.started, units), (end - TIE, -units)]
    limits = {row.pool: row.capacity for row in records(trace["pools"])}
    found = []
    for pool, moves in changes.items():
        level = peak = 0
        for _, change in sorted(moves):
            level += change
            peak = max(peak, level)
        if peak > limits[pool]:
            found.append(f"{pool}: {peak} units in use of {limits[pool]}")
    return found


def time_order(trace: Trace, scenario: Scenario) -> list[str]:
    """ID11: queued <= started <= ended <= stop, and each patient's clock only goes forward."""
    del scenario
    found: list[str] = []
    last: dict[tuple[str, int], float] = {}
    for row in records(trace["activities"]):
        clock = [t for t in (row.queued, row.started, row.ended) if not math.isnan(t)]
        if any(b < a for a, b in pairwise(clock)) or clock[-1] > trace.stop:
            found.append(f"times of {row}")
        key = (row.entity, row.id)
        if row.entity != "resource" and row.queued < last.get(key, 0.0):
            found.append(f"{key} was ready at {row.queued} before {last[key]}")
        last[key] = row.queued
    for name, columns in (
        ("patients", ["enrolled", "apheresis", "released", "infused", "left"]),
        ("lots", ["ordered", "released", "received"]),
        ("doses", ["issued", "ended"]),
        ("stock_moves", ["time"]),
        ("decisions", ["time"]),
    ):
        times = trace[name][columns].to_numpy(dtype=float)
        latest = float(np.nanmax(times, initial=0.0))
        if latest > trace.stop:
            found.append(f"{name}: {latest} lies after the stop at {trace.stop}")
    return found


def no_gaps(trace: Trace, scenario: Scenario) -> list[str]:
    """ID12: a patient is ready for the next step when the last has ended, up to the infusion."""
    del scenario
    patients = {row.patient: row for row in records(trace["patients"])}
    now = {number: row.enrolled for number, row in patients.items()}
    found = []
    for row in records(trace["activities"]):
        if row.entity != "patient" or not row.queued <= patients[row.id].infused:
            continue
        if row.queued > now[row.id] + TIE:
            found.append(f"patient {row.id}: nothing between {now[row.id]} and {row.queued}")
        now[row.id] = max(now[row.id], row.queued if math.isnan(row.ended) else row.ended)
    return found


def patients(trace: Trace, scenario: Scenario) -> list[str]:
    """ID01 and ID14: everybody has one fate, and the cohort is who enrolled in the window."""
    low, high = scenario.run.window
    found = []
    for row in records(trace["patients"]):
        fate = {"infused": not math.isnan(row.infused), "lost": not math.isnan(row.left)}
        told = [name for name, true in fate.items() if true] or ["in_progress"]
        if told != [row.status] or (row.status == "lost") != bool(row.cause):
            found.append(f"fate of {row}")
        if row.in_cohort != (low <= row.enrolled < high):
            found.append(f"{row.patient} enrolled {row.enrolled}, in cohort: {row.in_cohort}")
    drained = scenario.run.drain == "until_done" and trace.stop < scenario.run.horizon
    if drained and (trace.cohort["status"] == "in_progress").any():
        found.append("stopped before the cohort was done")
    return found


def attempts(trace: Trace, scenario: Scenario) -> list[str]:
    """ID03: the product that was infused passed, unless it is out of specification."""
    own = {p.name for p in scenario.pathways if p.modality == "autologous"}
    passed: dict[int, int] = defaultdict(int)
    most: dict[int, int] = defaultdict(lambda: 1)
    infused = {row.patient: row.infused for row in records(trace["patients"])}
    for row in records(trace["activities"]):
        if row.entity != "patient" or row.queued > infused[row.id]:
            continue
        most[row.id] = max(most[row.id], row.attempt)
        if row.step == "release" and row.outcome == "done" and row.route in own:
            passed[row.id] += 1
    found = []
    for row in records(trace["patients"]):
        clean = row.status == "infused" and row.pathway in own and not row.out_of_spec
        if clean and passed[row.patient] != 1:
            found.append(f"patient {row.patient}: {passed[row.patient]} passed attempts")
        if row.attempts != most[row.patient]:
            found.append(f"patient {row.patient}: {row.attempts}, not {most[row.patient]} attempts")
    return found


def doses(trace: Trace, scenario: Scenario) -> list[str]:
    """ID02, ID09, ID10: by lot, made = infused + expired + orphaned + in transit + on hand."""
    made = {row.lot: row.doses_made for row in records(trace["lots"])}
    expires = {
        row.lot: math.inf if math.isnan(row.expires) else row.expires
        for row in records(trace["lots"])
    }
    left = dict(made)
    found = []
    fates = {row.reason for row in records(trace["stock_moves"])}
    known = {"initial", "receipt", "issue", "expiry", "recall", "transfer_out", "transfer_in"}
    if not fates <= known:
        found.append(f"moves for {fates}")
    for row in records(trace["doses"]):
        left[row.lot] -= 1
        if row.issued >= expires[row.lot]:
            found.append(f"issued dead: {row}")
        if (row.state == "in_transit") != math.isnan(row.ended):
            found.append(f"neither here nor there: {row}")
    for row in records(trace["transfers"]):
        if not math.isnan(row.sent) and math.isnan(row.arrived):
            left[row.lot] -= 1
    in_store: dict[int, int] = defaultdict(int)
    for row in records(trace["stock_moves"]):
        in_store[row.lot] += row.quantity
        left[row.lot] += row.quantity if row.reason in ("expiry", "recall") else 0
    found += unfit(trace, scenario)
    found += [
        f"lot {lot}: {left[lot]} doses left over, {in_store[lot]} in store"
        for lot in made
        if left[lot] != in_store[lot] or left[lot] < 0
    ]
    infused = [row for row in records(trace["doses"]) if row.state == "infused"]
    if len({(row.patient, row.dose) for row in infused}) != len(infused):
        found.append("one infusion, two doses")
    return found


def unfit(trace: Trace, scenario: Scenario) -> list[str]:
    """Whoever has a match class is given nothing but what that class accepts."""
    accepts = {item.name: item.accepts or (item.name,) for item in scenario.demand.match_classes}
    asked = {row.patient: row.match_class for row in records(trace["patients"])}
    donors = {row.lot: row.match_class for row in records(trace["lots"])}
    margin = {s.name: s.shelf_life.at_issue.value if s.shelf_life else 0 for s in scenario.stocks}
    expires = {row.lot: row.expires for row in records(trace["lots"])}
    found = []
    for row in records(trace["doses"]):
        donor = donors[row.lot]
        if donor and donor not in accepts[asked[row.patient]]:
            found.append(f"{donor} does not fit {asked[row.patient]}: {row}")
        if expires[row.lot] - row.issued < margin[row.stock]:
            found.append(f"less life left than asked for: {row}")
    return found


def positions(trace: Trace, scenario: Scenario) -> list[str]:
    """Continuous review restores the position at once, whatever happened to stock or lots."""
    found = []
    for stock in scenario.stocks:
        rule = stock.replenishment
        if rule.rule not in ("r_Q", "s_S", "base_stock"):
            continue
        lots = [row for row in records(trace["lots"]) if row.stock == stock.name]
        moves = [row for row in records(trace["stock_moves"]) if row.stock == stock.name]
        on_hand = moves[-1].on_hand if moves else 0
        asked = [row for row in records(trace["transfers"]) if row.stock == stock.name]
        coming = sum(row.doses_ordered for row in lots if row.status == "in_process")
        coming += sum(math.isnan(row.arrived) for row in asked)
        least = rule.level if rule.rule == "base_stock" else rule.reorder_point + 1
        if on_hand + coming < least and not _turned_away(trace, stock.name):
            found.append(f"{stock.name}: {on_hand} on hand and {coming} on order, not {least}")
    return found


def _turned_away(trace: Trace, stock: str) -> bool:
    rows = trace["activities"]
    return bool(((rows["route"] == stock) & (rows["outcome"] == "baulked")).any())


def fifo_lines(trace: Trace, scenario: Scenario) -> list[str]:
    """Nobody overtakes at a pool that serves first come, first served."""
    fronts = any(
        branch.queue != "back"
        for step in steps_of(scenario).values()
        if step.failure
        for branch in step.failure.then
    )
    rule = {
        f"{site.name}/{name}": resource.discipline
        for site in scenario.network.sites()
        for name, resource in site.resources.items()
    }
    if fronts:
        return []
    lines: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in records(trace["activities"]):
        served = row.entity != "resource" and not math.isnan(row.started)
        if served and rule.get(row.pool) == "fifo":
            lines[row.pool].append((row.queued, row.started))
    return [
        f"{pool}: ready at {second[0]}, started before {first}"
        for pool, visits in lines.items()
        for first, second in pairwise(sorted(visits))
        if second[1] < first[1] - TIE and second[0] > first[0] + TIE
    ]


def replay(visits: Iterable[tuple[float, float]], servers: int) -> list[float]:
    """ID08: the Kiefer-Wolfowitz recursion, start times from ready and service times."""
    free = [0.0] * servers
    starts = []
    for ready, service in visits:
        start = max(ready, heapq.heappop(free))
        heapq.heappush(free, start + service)
        starts.append(start)
    return starts


LAWS = {
    "capacity": capacity,
    "time order": time_order,
    "no gaps": no_gaps,
    "patients": patients,
    "attempts": attempts,
    "doses": doses,
    "positions": positions,
    "fifo lines": fifo_lines,
}


def broken(trace: Trace, scenario: Scenario) -> list[str]:
    """Every law that a Trace breaks."""
    return [f"{name}: {text}" for name, law in LAWS.items() for text in law(trace, scenario)]
