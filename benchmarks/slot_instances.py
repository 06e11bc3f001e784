"""Slot problems of a working week, from a number of lots and a seed."""

from __future__ import annotations

import math
import random

from cartlogix.scheduling.objective import Objective
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource

OBJECTIVE = Objective(({"tardiness": 10.0, "wait": 1.0},))
"""Weighted tardiness, and a little weighted waiting."""

DAYS, TAIL = 84, 70
"""Twelve weeks in which lots arrive, and ten more to finish them in."""

LOAD = 0.9
"""Share of the suites' time that the lots need on average."""

CULTURE = {7: 0.4, 9: 0.4, 12: 0.2}
SLACK = {12: 0.25, 16: 0.35, 22: 0.25, 30: 0.15}
WEIGHT = {1: 0.3, 2: 0.25, 3: 0.2, 5: 0.15, 8: 0.1}


def instance(lots: int, seed: int) -> Problem:
    """Lots with 7, 9 or 12 days in a suite, in a plant that neither starts nor tests at weekends.

    An operator seeds on the first day and one harvests on the last; a third of the weekday crew
    works at weekends. QC takes a place on the day after. Limits are the least whole numbers that
    leave a tenth of each to spare.
    """
    draw = random.Random(seed)
    cultures = draw.choices(list(CULTURE), list(CULTURE.values()), k=lots)
    horizon = DAYS + TAIL
    weekday = lots / DAYS * 7 / 5 / LOAD
    resources = (
        Resource("suites", (math.ceil(sum(cultures) / DAYS / LOAD),), kind="suite"),
        _weekly("starts", math.ceil(weekday), 0, horizon),
        _weekly("operators", math.ceil(2 * weekday), max(1, math.ceil(weekday / 2)), horizon),
        _weekly("QC", math.ceil(weekday), 0, horizon),
    )
    jobs = []
    for number, culture in enumerate(cultures):
        release = draw.randrange(DAYS)
        slack = draw.choices(list(SLACK), list(SLACK.values()))[0]
        weight = draw.choices(list(WEIGHT), list(WEIGHT.values()))[0]
        make = Operation("manufacture", (_mode(culture),))
        jobs.append(
            Job(f"lot {number}", (make,), release, due=release + slack, weight=float(weight))
        )
    return Problem(tuple(jobs), resources, horizon)


def _mode(culture: int) -> Mode:
    return Mode(
        culture + 1,
        (
            Demand("suites", length=culture),
            Demand("starts", length=1),
            Demand("operators", length=1),
            Demand("operators", start=culture - 1, length=1),
            Demand("QC", start=culture, length=1),
        ),
    )


def _weekly(name: str, weekday: int, weekend: int, horizon: int) -> Resource:
    days = range(horizon + 14)
    return Resource(name, tuple(weekend if day % 7 >= 5 else weekday for day in days), kind=name)
