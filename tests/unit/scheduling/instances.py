"""Small random slot problems that use everything a problem can say, from a seed."""

from __future__ import annotations

import random

from cartlogix.scheduling.objective import TERMS, Objective
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource


def any_problem(seed: int, jobs: int = 3, horizon: int = 7) -> Problem:
    """A problem of at most that many jobs and ticks, feasible or not."""
    draw = random.Random(seed)
    horizon = draw.randint(3, horizon)
    resources = tuple(_resource(draw, f"R{index}", horizon) for index in range(draw.randint(1, 3)))
    count = draw.randint(1, jobs)
    return Problem(
        tuple(_job(draw, f"J{index}", horizon, resources) for index in range(count)),
        resources,
        horizon,
    )


def any_objective(seed: int) -> Objective:
    """One to three levels of one to three terms."""
    draw = random.Random(seed)
    levels = []
    for _ in range(draw.randint(1, 3)):
        names = draw.sample(sorted(TERMS), draw.randint(1, 3))
        levels.append({name: draw.choice([1.0, 2.5, 0.1, 3.0]) for name in names})
    return Objective(tuple(levels))


def _resource(draw: random.Random, name: str, horizon: int) -> Resource:
    if draw.random() < 0.25:
        products = ("A", "B")
        pauses = {(one, two): draw.choice([0, 1, 2]) for one in products for two in products}
        if draw.random() < 0.7:
            pauses |= {("A", "A"): 0, ("B", "B"): 0}
        return Resource(name, (1,), changeovers=pauses)
    overtime = draw.choice([0, 0, 1])
    return Resource(
        name,
        tuple(draw.choice([0, 1, 1, 2, 2, 3]) for _ in range(draw.randint(1, horizon))),
        window=draw.choice([1, 1, 1, 2, 3]),
        overtime=overtime,
        overtime_cost=overtime * draw.choice([0.0, 1.5]),
    )


def _job(draw: random.Random, name: str, horizon: int, resources: tuple[Resource, ...]) -> Job:
    release = draw.choice([0, 0, 1, 2, 3])
    number = int(name[1:])
    return Job(
        name,
        tuple(
            _operation(draw, f"O{index}", horizon, resources)
            for index in range(draw.choice([1, 1, 2]))
        ),
        release=release,
        due=_perhaps(draw, 0.7, 1, horizon),
        deadline=_perhaps(draw, 0.5, 1, horizon + 1),
        latest_start=_perhaps(draw, 0.2, release, horizon),
        weight=draw.choice([0.5, 1.0, 2.0, 3.7]),
        loss_rate=draw.choice([0.0, 0.05, 0.3]),
        optional=draw.random() < 0.3,
        previous=_perhaps(draw, 0.4, 0, horizon),
        product=draw.choice("AB"),
        site=draw.choice("XYZ"),
        indication=draw.choice("XYZ"),
        after=(f"J{draw.randrange(number)}",) if number and draw.random() < 0.15 else (),
    )


def _operation(
    draw: random.Random, name: str, horizon: int, resources: tuple[Resource, ...]
) -> Operation:
    modes = tuple(_mode(draw, resources) for _ in range(draw.choice([1, 1, 2])))
    least = draw.choice([0, 0, 0, 1, -1])
    return Operation(
        name,
        modes,
        min_lag=least,
        max_lag=draw.choice([None, None, least, least + 1, least + 2]),
        pinned=_perhaps(draw, 0.08, 0, horizon - 1),
        pinned_mode=draw.choice([None] * 9 + [0]),
    )


def _mode(draw: random.Random, resources: tuple[Resource, ...]) -> Mode:
    duration = draw.choice([0, 1, 1, 2, 3])
    chosen = draw.sample(resources, draw.randint(0, len(resources)))
    if draw.random() < 0.1 and chosen:
        chosen.append(chosen[0])
    return Mode(
        duration,
        tuple(
            Demand(
                resource.name,
                amount=1 if resource.changeovers else draw.choice([1, 1, 1, 2]),
                start=draw.choice([0, 0, 0, 1, -1, -2]),
                length=draw.choice([None, None, 0, 1, 2, 4]),
            )
            for resource in chosen
        ),
        cost=draw.choice([0.0, 1.0, 2.25]),
    )


def _perhaps(draw: random.Random, chance: float, low: int, high: int) -> int | None:
    return draw.randint(low, max(low, high)) if draw.random() < chance else None
