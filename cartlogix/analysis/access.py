"""Who gets treated: the balance of patients, losses by cause and step, attempts, outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from cartlogix.analysis.assays import error_figures
from cartlogix.analysis.tidy import (
    ALL,
    Figure,
    Slice,
    coded,
    is_one_of,
    mean,
    numbers,
    ratio,
    slices,
)
from cartlogix.scenario.demand import Indication
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

_YEAR = 365.0
_STATES = ("infused", "lost", "in_progress")


def access_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures of the family access."""
    cohort = trace.cohort
    parts = slices(cohort["indication"], scenario)
    yield from _balance(cohort, parts)
    yield from _losses(cohort, parts)
    yield from _treatment(cohort, parts)
    yield from _too_old(trace, parts)
    yield from error_figures(trace, parts, scenario)
    yield from _outcomes(cohort, parts, scenario)
    yield from _mortality(trace, parts, scenario)


def _balance(cohort: pd.DataFrame, parts: Sequence[Slice]) -> Iterator[Figure]:
    states = {name: is_one_of(cohort["status"], name) for name in _STATES}
    for indication, mask in parts:
        enrolled = int(mask.sum())
        yield Figure("patients.enrolled", "", indication, enrolled)
        for name, reached in states.items():
            count = int((reached & mask).sum())
            yield Figure(f"patients.{name}", "", indication, count)
            yield Figure(f"share.{name}", "", indication, ratio(count, enrolled))


def _mortality(trace: Trace, parts: Sequence[Slice], scenario: Scenario) -> Iterator[Figure]:
    """Yield the deaths within a year of enrolment, where some indication models them."""
    mortal = [item.name for item in scenario.demand.indications if _is_mortal(item)]
    if not mortal:
        return
    cohort = trace.cohort
    followed = is_one_of(cohort["indication"], *mortal)
    followed &= numbers(cohort, "enrolled") + _YEAR <= trace.stop
    dead = followed & (numbers(cohort, "died") <= numbers(cohort, "enrolled") + _YEAR)
    for indication, mask in parts:
        if indication in (ALL, *mortal):
            value = ratio(int((dead & mask).sum()), int((followed & mask).sum()))
            yield Figure("mortality.one_year", "", indication, value)


def _is_mortal(indication: Indication) -> bool:
    states = indication.health.states if indication.health else ()
    return any(state.end == "death" or state.mortality for state in states)


def _losses(cohort: pd.DataFrame, parts: Sequence[Slice]) -> Iterator[Figure]:
    lost = is_one_of(cohort["status"], "lost")
    for kpi, column in (("lost_by_cause", "cause"), ("lost_by_step", "lost_step")):
        codes, names = coded(cohort[column])
        for indication, mask in parts:
            counts = np.bincount(codes[lost & mask & (codes >= 0)], minlength=len(names))
            for name, count in zip(names, counts.tolist(), strict=True):
                if count:
                    yield Figure(kpi, name, indication, count)


def _treatment(cohort: pd.DataFrame, parts: Sequence[Slice]) -> Iterator[Figure]:
    infused = is_one_of(cohort["status"], "infused")
    attempts, doses = numbers(cohort, "attempts"), numbers(cohort, "doses")
    off_spec = numbers(cohort, "out_of_spec")
    for indication, mask in parts:
        mine = infused & mask
        given, treated = float(doses[mask].sum()), int(mine.sum())
        bad = ratio(float(off_spec[mine].sum()), treated)
        yield Figure("attempts.mean", "", indication, mean(attempts[mask]))
        yield Figure("attempts.mean_infused", "", indication, mean(attempts[mine]))
        yield Figure("doses.infused", "", indication, given)
        yield Figure("doses.repeat", "", indication, given - treated)
        yield Figure("share.out_of_spec", "", indication, bad)


def _too_old(trace: Trace, parts: Sequence[Slice]) -> Iterator[Figure]:
    """Yield the visits to which patients came with material that was too old."""
    rows, patients = trace["activities"], trace.cohort["patient"].to_numpy()
    expired = is_one_of(rows["outcome"], "expired") & is_one_of(rows["entity"], "patient")
    whose = rows["id"].to_numpy()[expired]
    for indication, mask in parts:
        count = int(np.isin(whose, patients[mask]).sum())
        yield Figure("windows.missed", "", indication, count)


def _outcomes(cohort: pd.DataFrame, parts: Sequence[Slice], scenario: Scenario) -> Iterator[Figure]:
    modelled = [p for p in scenario.pathways if p.outcomes]
    asked = is_one_of(cohort["pathway"], *(p.name for p in modelled))
    asked &= is_one_of(cohort["status"], "infused")
    levels = dict.fromkeys(level.name for p in modelled for level in p.outcomes)
    had = {name: asked & is_one_of(cohort["outcome"], name) for name in levels}
    for indication, mask in parts:
        for name, reached in had.items():
            share = ratio(int((reached & mask).sum()), int((asked & mask).sum()))
            yield Figure("share.outcome", name, indication, share)
