"""How long patients wait: enrolment to infusion, its parts, slots, targets and tardiness."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.step_times import PHASES, step_times
from cartlogix.analysis.survival import kaplan_meier
from cartlogix.analysis.tidy import (
    Figure,
    Mask,
    is_one_of,
    mean,
    numbers,
    once,
    positions,
    quantiles,
    ratio,
    slices,
)
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import slot_steps
from cartlogix.trace.tables import Trace

RESTRICTION = 180.0
"""Days from enrolment to which the restricted mean looks."""
_FOLLOWED = ("infused", "followed", "within_target", "tardiness", "urgency")
_QUANTILES = {"median": 0.5, "p90": 0.9, "p95": 0.95}
_CLOCKS = ("enrolment_to_infusion", "vein_to_vein", "turnaround")


@once
def patient_times(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return the clocks of every patient of the cohort, in days; NaN where one does not apply.

    `followed` is the time until infusion, loss or the stop. `within_target` is 1 if infused by
    the due date, 0 if infused later, lost, or under way past it, and NaN without a target or
    while under way before the due date. `tardiness` is the time past the due date: of the lost
    until they left, of those under way until the stop.
    """
    cohort = trace.cohort
    enrolled, infused = numbers(cohort, "enrolled"), numbers(cohort, "infused")
    left, due = numbers(cohort, "left"), numbers(cohort, "due")
    until = np.where(np.isnan(infused), np.where(np.isnan(left), trace.stop, left), infused)
    own = is_one_of(cohort["pathway"], *(p.name for p in scenario.pathways if _is_own(p.modality)))
    apheresis = np.where(own, numbers(cohort, "apheresis"), np.nan)
    waits_on = np.isnan(infused) & np.isnan(left)
    undecided = np.isnan(due) | (waits_on & (trace.stop <= due))
    own_columns = ("patient", "indication", "pathway", "status", "enrolled", "infused")
    clocks = {
        "followed": until - enrolled,
        "enrolment_to_infusion": infused - enrolled,
        "vein_to_vein": infused - apheresis,
        "turnaround": numbers(cohort, "released") - apheresis,
        "within_target": np.where(undecided, np.nan, np.where(infused <= due, 1.0, 0.0)),
        "tardiness": np.maximum(until - due, 0.0),
        "urgency": numbers(cohort, "urgency"),
    }
    return pd.DataFrame({**{name: cohort[name] for name in own_columns}, **clocks})


def _is_own(modality: str) -> bool:
    return modality == "autologous"


def lead_time_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures of the family lead_time."""
    times = patient_times(trace, scenario)
    columns = {column: numbers(times, column) for column in (*_CLOCKS, *_FOLLOWED)}
    for name, mask in slices(times["indication"], scenario):
        part = {column: days[mask] for column, days in columns.items()}
        for clock in _CLOCKS:
            yield from _clock(clock, name, part[clock])
        yield from _targets(part, name)
        yield from _censored(part, name)
    yield from _slot_waits(trace, scenario)
    yield from _steps(trace, scenario, times)


def _clock(clock: str, indication: str, days: Floats) -> Iterator[Figure]:
    yield Figure(f"{clock}.mean", "", indication, mean(days))
    values = quantiles(days, [*_QUANTILES.values()])
    for label, value in zip(_QUANTILES, values, strict=True):
        yield Figure(f"{clock}.{label}", "", indication, value)


def _targets(part: Mapping[str, Floats], indication: str) -> Iterator[Figure]:
    within, late = part["within_target"], part["tardiness"]
    yield Figure("enrolment_to_infusion.within_target", "", indication, mean(within))
    yield Figure("tardiness.mean", "", indication, mean(late))
    known = ~np.isnan(late)
    weight = part["urgency"][known]
    weighted = ratio(float(weight @ late[known]), float(weight.sum()))
    yield Figure("tardiness.weighted_mean", "", indication, weighted)


def _censored(part: Mapping[str, Floats], indication: str) -> Iterator[Figure]:
    infused = ~np.isnan(part["infused"])
    curve = kaplan_meier(part["followed"], infused)
    limit = float(np.fmin(curve.followed, RESTRICTION))
    restricted = curve.restricted_mean(limit)
    yield Figure("enrolment_to_infusion.km_median", "", indication, curve.median)
    yield Figure("enrolment_to_infusion.restricted_mean", "", indication, restricted)


def _slot_waits(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    activities = trace["activities"]
    cohort = trace.cohort
    position = pd.Index(cohort["patient"]).get_indexer(pd.Index(activities["id"]))
    wanted = _is_slot(activities, scenario) & (position >= 0)
    position = position[wanted]
    queued, started, ended = (
        numbers(activities, column)[wanted] for column in ("queued", "started", "ended")
    )
    ended = np.where(np.isnan(ended), trace.stop, ended)
    served = started - queued
    every = np.where(np.isnan(started), ended, started) - queued
    for name, mask in slices(cohort["indication"], scenario):
        yield Figure("slot_wait.mean", "", name, mean(served[mask[position]]))
        yield Figure("slot_wait_all.mean", "", name, mean(every[mask[position]]))


def _is_slot(activities: pd.DataFrame, scenario: Scenario) -> Mask:
    """Return which activities are a patient's visit to the step whose wait is for a slot."""
    found = np.zeros(len(activities), dtype=bool)
    route, step = activities["route"], activities["step"]
    for pathway in scenario.pathways:
        found |= is_one_of(route, pathway.name) & is_one_of(step, *slot_steps(pathway.route))
    return found & is_one_of(activities["entity"], "patient")


def _steps(trace: Trace, scenario: Scenario, times: pd.DataFrame) -> Iterator[Figure]:
    """Yield mean days by phase and median days, of each step, per infused patient."""
    names = list(dict.fromkeys(s.name for p in scenario.pathways for s in p.route))
    infused = times[times["infused"].notna().to_numpy()]
    days = step_times(trace)
    step, phase = positions(days["step"], names), positions(days["phase"], PHASES)
    row = pd.Index(infused["patient"]).get_indexer(pd.Index(days["patient"]))
    table = np.zeros((len(PHASES), len(infused), len(names)))
    np.add.at(table, (phase, row, step), numbers(days, "days"))
    for indication, mask in slices(infused["indication"], scenario):
        part, n = table[:, mask], int(mask.sum())
        for index, label in enumerate(PHASES):
            totals = part[index].sum(axis=0)
            yield Figure(f"step_time.{label}", "", indication, ratio(float(totals.sum()), n))
            for name, total in zip(names, totals, strict=True):
                yield Figure(f"step_time.{label}", name, indication, ratio(float(total), n))
        medians = np.quantile(part.sum(axis=0), 0.5, axis=0) if n else [math.nan] * len(names)
        for name, median in zip(names, medians, strict=True):
            yield Figure("step_time.median", name, indication, float(median))
