"""Sample-path identities: what must hold exactly in every Trace, whatever the scenario.

Each check takes a Trace and its scenario and returns its violations in words, none if all is
well. Conservation of patients, doses, attempts and money; Little's law along the path; the time
and the capacity of resources; the chain of identity; shelf life; the order of time; and the split
of lead times into steps.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd

from cartlogix.analysis.assays import errors_of_tests
from cartlogix.analysis.booking import bookings
from cartlogix.analysis.breaches import TIME, bad
from cartlogix.analysis.broken_off import disruptions, recalls
from cartlogix.analysis.capacity import pool_times
from cartlogix.analysis.crew_identities import operator_hours
from cartlogix.analysis.money_identities import money
from cartlogix.analysis.occupancy import count_path, occupancies, path_integral, routes
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.step_times import step_times
from cartlogix.analysis.supply_identities import (
    chain_of_identity,
    donors,
    doses,
    order_of_issue,
    scenario_stocks,
    shelf_life,
    transfers,
)
from cartlogix.analysis.tidy import clipped, is_one_of, numbers, observed, slices
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

Check = Callable[[Trace, Scenario], list[str]]


def violations(trace: Trace, scenario: Scenario) -> list[str]:
    """Return every violation of every identity, each with the name of the identity."""
    return [
        f"{name}: {text}" for name, check in IDENTITIES.items() for text in check(trace, scenario)
    ]


def patients(trace: Trace, scenario: Scenario) -> list[str]:
    """Enrolled = infused + lost + in progress, in all and by indication; times tell the same."""
    table = trace["patients"]
    infused, left = table["infused"].notna().to_numpy(), table["left"].notna().to_numpy()
    status = table["status"]
    found = []
    for name, mask in slices(table["indication"], scenario):
        states = [int((is_one_of(status, s) & mask).sum()) for s in _STATES]
        if sum(states) != int(mask.sum()):
            found.append(f"{name}: {int(mask.sum())} enrolled, but {states} in {_STATES}")
    found += bad(table, is_one_of(status, "infused") != infused, "patient", "status and infusion")
    found += bad(table, is_one_of(status, "lost") != left, "patient", "status and loss")
    nameless = is_one_of(status, "lost") & is_one_of(table["cause"], "")
    return found + bad(table, nameless, "patient", "lost without a cause")


_STATES = ("infused", "lost", "in_progress")


def attempts(trace: Trace, scenario: Scenario) -> list[str]:
    """Every activity has one outcome that fits its times; attempts stay within what is allowed."""
    rows = trace["activities"]
    started, ended = rows["started"].notna().to_numpy(), rows["ended"].notna().to_numpy()
    running = is_one_of(rows["outcome"], "running")
    never = is_one_of(rows["outcome"], "reneged", "baulked", "stock_out", "expired")
    through = is_one_of(rows["outcome"], "done", "failed")
    aborted = is_one_of(rows["outcome"], "aborted")
    found = bad(rows, ~(running | never | through | aborted), "id", "no known outcome")
    found += bad(rows, running == ended, "id", "under way and ended, or neither")
    found += bad(rows, never & started, "id", "gave up, but started")
    found += bad(rows, through & ~started, "id", "done, but never started")
    return found + _allowed_attempts(rows, scenario)


def _allowed_attempts(rows: pd.DataFrame, scenario: Scenario) -> list[str]:
    found = []
    for entity, route, steps in routes(scenario):
        limits = [s.failure.max_attempts for s in steps if s.failure]
        allowed = [limit for limit in limits if limit is not None]
        if limits and len(allowed) == len(limits):
            mine = is_one_of(rows["entity"], entity) & is_one_of(rows["route"], route)
            over = mine & (rows["attempt"].to_numpy() > max(allowed))
            found += bad(rows, over, "id", f"more than {max(allowed)} attempts on {route}")
    return found


def little(trace: Trace, scenario: Scenario) -> list[str]:
    """The area under the number present is the sum of the clipped times, as a whole and by step."""
    del scenario
    table, rows = trace["patients"], trace["activities"]
    until = np.fmin(
        numbers(table, "infused"), np.where(_gone(table), numbers(table, "left"), np.inf)
    )
    found = _area("patients in the system", numbers(table, "enrolled"), until, trace)
    for step in rows["step"].unique():
        mine = rows[is_one_of(rows["step"], str(step))]
        found += _area(str(step), numbers(mine, "queued"), numbers(mine, "ended"), trace)
    return found


def _gone(table: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return table["left"].notna().to_numpy()


def _area(name: str, starts: Floats, ends: Floats, trace: Trace) -> list[str]:
    window = observed(trace)
    times, levels = count_path(starts, ends, np.ones(starts.size))
    area, expected = (
        path_integral(times, levels, window),
        float(clipped(starts, ends, window).sum()),
    )
    wrong = abs(area - expected) > 1e-6 * max(1.0, expected)
    return [f"{name}: area {area}, sum of times {expected}"] if wrong else []


def resource_time(trace: Trace, scenario: Scenario) -> list[str]:
    """Busy + changeover + idle + closed + out = capacity x window, none of them negative."""
    times = pool_times(trace, scenario, occupancies(trace, scenario))
    parts = times[["busy", "changeover", "idle", "closed", "out"]].to_numpy(dtype=np.float64)
    window = observed(trace)
    whole = numbers(trace["pools"], "capacity") * (window[1] - window[0])
    slack = 1e-9 * np.maximum(whole, 1.0)
    found = bad(times, np.abs(parts.sum(axis=1) - whole) > slack, "pool", "unit-days do not add up")
    return found + bad(times, (parts < -slack[:, None]).any(axis=1), "pool", "negative unit-days")


def capacity(trace: Trace, scenario: Scenario) -> list[str]:
    """At no instant are more units in use than there are (ends come before starts)."""
    held = occupancies(trace, scenario)
    row, limits = held["pool"].to_numpy(), numbers(trace["pools"], "capacity")
    start, end = numbers(held, "start"), numbers(held, "end") - TIME
    units = numbers(held, "units")
    peak = np.zeros(limits.size)
    for index in range(limits.size):
        mine = (row == index) & (end > start)
        levels = count_path(start[mine], end[mine], units[mine])[1]
        peak[index] = levels.max(initial=0.0)
    return bad(trace["pools"], peak > limits, "pool", "more in use than its capacity")


def time_order(trace: Trace, scenario: Scenario) -> list[str]:
    """Times never run backwards: queued, started, ended; enrolled, apheresis, released, infused."""
    del scenario
    rows, table, moves = trace["activities"], trace["patients"], trace["stock_moves"]
    found = _ordered(rows, "id", ["queued", "started", "ended"])
    found += _ordered(rows, "id", ["queued", "ended"])
    for later in (["apheresis", "released"], ["infused"], ["left"]):
        found += _ordered(table, "patient", ["enrolled", *later])
    found += _ordered(trace["lots"], "lot", ["ordered", "released", "received"])
    found += _ordered(trace["doses"], "patient", ["issued", "ended"])
    for stock in scenario_stocks(moves):
        time = numbers(moves[is_one_of(moves["stock"], stock)], "time")
        found += [f"moves of {stock} run backwards"] if (np.diff(time) < 0).any() else []
    latest = rows[["queued", "started", "ended"]].max(axis=1).to_numpy()
    return found + bad(rows, latest > trace.stop, "id", "later than the stop")


def _ordered(rows: pd.DataFrame, key: str, columns: list[str]) -> list[str]:
    found = []
    for first, second in pairwise(columns):
        wrong = numbers(rows, second) < numbers(rows, first) - TIME
        found += bad(rows, wrong, key, f"{second} before {first}")
    return found


def decomposition(trace: Trace, scenario: Scenario) -> list[str]:
    """Per patient, the sum over steps and phases is the time from enrolment to infusion.

    Of those whom a snapshot found under way, the steps before day 0 are not known.
    """
    del scenario
    cohort = trace.cohort
    whole = cohort["infused"].notna() & (cohort["enrolled"] >= 0)
    infused = cohort[whole.to_numpy()]
    sums = step_times(trace).groupby("patient")["days"].sum()
    total = sums.reindex(infused["patient"], fill_value=0.0).to_numpy()
    expected = numbers(infused, "infused") - numbers(infused, "enrolled")
    wrong = np.abs(total - expected) > TIME
    return bad(infused, wrong, "patient", "steps do not add up to enrolment to infusion")


IDENTITIES: dict[str, Check] = {
    "patients": patients,
    "doses": doses,
    "transfers": transfers,
    "donors": donors,
    "attempts": attempts,
    "money": money,
    "Little's law": little,
    "resource time": resource_time,
    "capacity": capacity,
    "operator hours": operator_hours,
    "chain of identity": chain_of_identity,
    "shelf life": shelf_life,
    "order of issue": order_of_issue,
    "time order": time_order,
    "decomposition": decomposition,
    "bookings": bookings,
    "disruptions": disruptions,
    "recalls": recalls,
    "errors of tests": errors_of_tests,
}
"""Every identity by name."""
