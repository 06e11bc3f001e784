"""Who gets treated: the balance of patients, losses by cause and step, attempts, outcomes."""

from __future__ import annotations

from collections.abc import Iterator

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


def access_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures of the family access."""
    cohort = trace.cohort
    for part in slices(cohort["indication"], scenario):
        yield from _balance(cohort, part)
        yield from _losses(cohort, part)
        yield from _treatment(cohort, part)
        yield Figure("windows.missed", "", part.indication, _too_old(trace, cohort, part))
        yield from error_figures(trace, part, scenario)
        yield from _outcomes(cohort, part, scenario)
        yield from _mortality(trace, part, scenario)


def _balance(cohort: pd.DataFrame, part: Slice) -> Iterator[Figure]:
    enrolled = int(part.mask.sum())
    yield Figure("patients.enrolled", "", part.indication, enrolled)
    for status in ("infused", "lost", "in_progress"):
        count = int((is_one_of(cohort["status"], status) & part.mask).sum())
        yield Figure(f"patients.{status}", "", part.indication, count)
        yield Figure(f"share.{status}", "", part.indication, ratio(count, enrolled))


def _mortality(trace: Trace, part: Slice, scenario: Scenario) -> Iterator[Figure]:
    """Yield the deaths within a year of enrolment, where some indication models them."""
    mortal = [item.name for item in scenario.demand.indications if _is_mortal(item)]
    if not mortal or part.indication not in (ALL, *mortal):
        return
    cohort = trace.cohort
    followed = part.mask & is_one_of(cohort["indication"], *mortal)
    followed &= numbers(cohort, "enrolled") + _YEAR <= trace.stop
    dead = numbers(cohort, "died") <= numbers(cohort, "enrolled") + _YEAR
    value = ratio(int((dead & followed).sum()), int(followed.sum()))
    yield Figure("mortality.one_year", "", part.indication, value)


def _is_mortal(indication: Indication) -> bool:
    states = indication.health.states if indication.health else ()
    return any(state.end == "death" or state.mortality for state in states)


def _losses(cohort: pd.DataFrame, part: Slice) -> Iterator[Figure]:
    lost = is_one_of(cohort["status"], "lost") & part.mask
    for kpi, column in (("lost_by_cause", "cause"), ("lost_by_step", "lost_step")):
        codes, names = coded(cohort[column])
        counts = np.bincount(codes[lost & (codes >= 0)], minlength=len(names))
        for name, count in zip(names, counts.tolist(), strict=True):
            if count:
                yield Figure(kpi, name, part.indication, count)


def _treatment(cohort: pd.DataFrame, part: Slice) -> Iterator[Figure]:
    infused = is_one_of(cohort["status"], "infused") & part.mask
    attempts, doses = numbers(cohort, "attempts"), numbers(cohort, "doses")
    off_spec = float(cohort["out_of_spec"].to_numpy()[infused].sum())
    given, treated = float(doses[part.mask].sum()), int(infused.sum())
    yield Figure("attempts.mean", "", part.indication, mean(attempts[part.mask]))
    yield Figure("attempts.mean_infused", "", part.indication, mean(attempts[infused]))
    yield Figure("doses.infused", "", part.indication, given)
    yield Figure("doses.repeat", "", part.indication, given - treated)
    yield Figure("share.out_of_spec", "", part.indication, ratio(off_spec, treated))


def _too_old(trace: Trace, cohort: pd.DataFrame, part: Slice) -> int:
    """Count the visits to which patients came with material that was too old."""
    rows = trace["activities"]
    expired = is_one_of(rows["outcome"], "expired") & is_one_of(rows["entity"], "patient")
    patients = cohort["patient"].to_numpy()[part.mask]
    return int(np.isin(rows["id"].to_numpy()[expired], patients).sum())


def _outcomes(cohort: pd.DataFrame, part: Slice, scenario: Scenario) -> Iterator[Figure]:
    modelled = [p for p in scenario.pathways if p.outcomes]
    asked = is_one_of(cohort["pathway"], *(p.name for p in modelled)) & part.mask
    asked &= is_one_of(cohort["status"], "infused")
    for level in dict.fromkeys(level.name for p in modelled for level in p.outcomes):
        count = int((is_one_of(cohort["outcome"], level) & asked).sum())
        yield Figure("share.outcome", level, part.indication, ratio(count, int(asked.sum())))
