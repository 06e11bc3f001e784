"""Where the time from enrolment to infusion went, step by step.

Every moment between enrolment and the first infusion belongs to one step and one phase. Where
activities overlap (a step `with_previous`), they are taken in the order in which they were ready,
and each one is given only the time after the latest end seen so far: the sum over steps and
phases is then the patient's enrolment to infusion.

The phases: `waiting` from ready to started; `working` and `transport` from started to ended; and
`rework`, which is all time, waiting included, in activities whose result was not used, because
the patient came to the same step again later or changed to another pathway.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import Codes, Mask, coded, is_one_of, numbers
from cartlogix.trace.tables import END_PART, Trace

PHASES = ("waiting", "working", "transport", "rework")
_WAITING, _WORKING, _TRANSPORT, _REWORK = range(4)


def step_times(trace: Trace) -> pd.DataFrame:
    """Return `patient, step, phase, days` for every infused patient of the cohort."""
    cohort = trace.cohort
    infused = cohort[cohort["infused"].notna().to_numpy()]
    activities, position = _until_infusion(trace, infused)
    waiting, doing = _spans(activities, position, infused)
    step, names = coded(activities["step"])
    phase = np.where(is_one_of(activities["kind"], "ship"), _TRANSPORT, _WORKING)
    rework = _superseded(activities, position, step, len(names))
    cell = (position * len(names) + step) * len(PHASES)
    keys = np.concatenate(
        [cell + np.where(rework, _REWORK, _WAITING), cell + np.where(rework, _REWORK, phase)]
    )
    distinct, where = np.unique(keys, return_inverse=True)
    days = np.bincount(where, np.concatenate([waiting, doing]), distinct.size)
    who, rest = np.divmod(distinct, max(len(names), 1) * len(PHASES))
    which, what = np.divmod(rest, len(PHASES))
    # The last part of a step belongs to it.
    titles = list(dict.fromkeys(name.removesuffix(END_PART) for name in names))
    whole = np.array([titles.index(name.removesuffix(END_PART)) for name in names], dtype=np.int64)
    return pd.DataFrame(
        {
            "patient": infused["patient"].to_numpy()[who],
            "step": pd.Categorical.from_codes(whole[which], pd.Index(titles)),
            "phase": pd.Categorical.from_codes(what, pd.Index(PHASES)),
            "days": days,
        }
    )


def _until_infusion(trace: Trace, infused: pd.DataFrame) -> tuple[pd.DataFrame, Codes]:
    """Return the activities up to each first infusion, in order, and whose they are."""
    activities = trace["activities"]
    position = pd.Index(infused["patient"]).get_indexer(pd.Index(activities["id"]))
    queued = numbers(activities, "queued")
    limit = np.append(numbers(infused, "infused"), np.nan)[position]
    first_dose = activities["dose"].to_numpy() == 1
    wanted = is_one_of(activities["entity"], "patient") & first_dose & (queued <= limit)
    order = np.lexsort((queued, np.where(wanted, position, np.iinfo(np.int64).max)))
    order = order[: int(wanted.sum())]
    return activities.iloc[order], position[order].astype(np.int64)


def _spans(
    activities: pd.DataFrame, position: Codes, infused: pd.DataFrame
) -> tuple[Floats, Floats]:
    """Return the days waiting and the days doing that each activity alone accounts for."""
    enrolled = numbers(infused, "enrolled")[position]
    stop = numbers(infused, "infused")[position]
    end = np.fmin(numbers(activities, "ended"), stop)
    latest = pd.Series(end).groupby(position).cummax().to_numpy()
    first = np.diff(position, prepend=-1) != 0
    before = np.where(first, enrolled, np.roll(latest, 1))
    begin = np.maximum(numbers(activities, "queued"), np.maximum(before, enrolled))
    end = np.maximum(end, begin)
    started = np.where(activities["started"].isna(), np.inf, numbers(activities, "started"))
    start = np.clip(started, begin, end)
    return start - begin, end - start


def _superseded(activities: pd.DataFrame, position: Codes, step: Codes, steps: int) -> Mask:
    again = pd.Series(position * steps + step).duplicated(keep="last").to_numpy()
    route, _ = coded(activities["route"])
    last = np.flatnonzero(np.diff(position, append=-1) != 0)
    final = np.repeat(route[last], np.diff(last, prepend=-1))
    return np.asarray(again | (route != final), dtype=bool)
