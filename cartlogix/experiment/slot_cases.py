"""Plants with one structure each, and the lots that come to them, for comparing slot policies.

All are generated from a seed; a tick is a day and day 0 a Monday. Uniform numbers are addressed by
purpose and lot, so the same lots come at every load and meet every policy, only closer together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from cartlogix.ground.streams import Streams
from cartlogix.policies.online import Case
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation, Problem, Resource

WEEKS = 20
"""Weeks in which lots arrive; the plant then works off what is left."""

STRETCH = 4
"""Most days for which a finished culture can be held in its suite until somebody harvests it."""

FAILS = 0.07
"""Share of patients' lots that fail at their end and are made again."""

NOISE = (0.2, 0.8)
"""Up to the first share of lots are a day faster than expected, from the second a day slower."""

SLACK = (5, 12, 25)
"""Days between the earliest possible end and the due date, equally likely."""

URGENT = 0.25
"""Share of patients that weigh three times as much as others."""

EVERY_DAY = (1,) * 7
WORKING_DAYS = (1,) * 5 + (0,) * 2

Uniforms = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lot:
    """What the dice say of a lot; each is a number from 0 to 1 but the day of its arrival."""

    number: int
    day: int
    product: float
    urgent: float
    slack: float
    noise: float
    fails: float
    redo: float
    place: float


Build = Callable[[Lot, int], Job]
"""The job of a lot whose culture takes so many days more (or less) than expected."""


@dataclass(frozen=True)
class Structure:
    """A plant that is used to the full in one particular way.

    Attributes:
        title: For tables.
        meaning: What it takes the place of, in a sentence.
        structured: Whether order and timing matter beyond who is most urgent.
        per_day: Lots per day that the plant can take at load 1: the least over its resources of
            units per day, by what a lot takes when started on an ordinary working day.
        resources: Its limits, given the number of ticks.
        build: Makes the job of a lot.
    """

    title: str
    meaning: str
    structured: bool
    per_day: float
    resources: Callable[[int], tuple[Resource, ...]]
    build: Build


def case(structure: Structure, load: float, seed: int, replication: int) -> Case:
    """The lots of one replication at one load.

    Args:
        structure: The plant.
        load: Share of its capacity that is asked for.
        seed: Of the experiment.
        replication: From 0.
    """
    lots = _lots(Streams(seed, replication), load * structure.per_day)
    actual: list[Job] = []
    expected: list[Job] = []
    for lot in lots:
        plan, real = structure.build(lot, 0), structure.build(lot, _noise(lot.noise))
        if lot.fails < FAILS and plan.kind == "patient" and not plan.optional:
            again = structure.build(lot, _noise(lot.redo))
            name, after = f"{plan.name}-remake", (plan.name,)
            # What comes of a failed lot does not count: its remake does.
            actual += [replace(real, weight=0.0), replace(again, name=name, after=after)]
            expected += [plan, replace(plan, name=name, after=after)]
        else:
            actual.append(real)
            expected.append(plan)
    typical = 9.0
    # Long enough for whatever a bad rule leaves undone when the last lot arrives.
    horizon = int(WEEKS * 7 * max(1.6, load + 0.9)) + 90
    resources = structure.resources(horizon + 40)
    return Case(Problem(tuple(actual), resources, horizon), tuple(expected), typical)


def _lots(streams: Streams, per_day: float) -> list[Lot]:
    count = math.ceil(WEEKS * 7 * per_day * 1.5) + 20
    names = ("arrival", "product", "urgent", "slack", "noise", "fails", "redo", "place")
    drawn = {name: streams.uniforms(f"slots/{name}").block(count) for name in names}
    days = np.cumsum(-np.log(drawn.pop("arrival"))) / per_day
    arrived = int(np.searchsorted(days, WEEKS * 7))
    return [
        Lot(number, int(days[number]), **{key: float(u[number]) for key, u in drawn.items()})
        for number in range(arrived)
    ]


def _noise(uniform: float) -> int:
    return -1 if uniform < NOISE[0] else 1 if uniform >= NOISE[1] else 0


def _week(name: str, kind: str, days: Sequence[int], units: int, ticks: int) -> Resource:
    capacity = tuple(units * days[tick % 7] for tick in range(ticks))
    return Resource(name, capacity, kind=kind)


def _pick(uniform: float, choices: Sequence[int]) -> int:
    return choices[int(uniform * len(choices))]


def _job(lot: Lot, operations: tuple[Operation, ...], **more: object) -> Job:
    """A job with its due date, from the shortest way through its operations as expected."""
    job = Job(
        name=f"L{lot.number}",
        operations=operations,
        release=lot.day,
        weight=3.0 if lot.urgent < URGENT else 1.0,
    )
    return replace(job, **more)  # type: ignore[arg-type]


def _due(lot: Lot, shortest: int) -> int:
    return lot.day + shortest + _pick(lot.slack, SLACK)


def _held(days: int, suite: str = "suites", crew: str = "operators") -> tuple[Mode, ...]:
    """A culture that keeps its suite until it is harvested; hands on the first and the last day."""
    return tuple(
        Mode(
            length,
            (
                Demand(suite),
                Demand(crew, start=0, length=1),
                Demand(crew, start=length - 1, length=1),
            ),
        )
        for length in range(days, days + STRETCH + 1)
    )


def _mean_held(days: Sequence[int]) -> float:
    """Suite days of a culture that starts on any working day and is harvested on the next one."""
    total = 0
    for length in days:
        for start in range(5):
            last = start + length - 1
            total += length + (7 - last % 7 if last % 7 >= 5 else 0)
    return total / (5 * len(days))


def _identical(lot: Lot, late: int) -> Job:
    days = _pick(lot.product, (8, 9, 10))
    made = Operation("manufacture", (Mode(days + late, (Demand("suites"),)),))
    return _job(lot, (made,), due=_due(lot, days))


CULTURES = (6, 8, 9, 11, 13)
"""Days of the products of a mixed plant, equally likely."""


def _weekend(lot: Lot, late: int) -> Job:
    days = _pick(lot.product, CULTURES)
    made = Operation("manufacture", _held(days + late))
    return _job(lot, (made,), due=_due(lot, days), product=f"{days} d")


INTAKE_DAYS = (1, 1, 1, 1, 0, 0, 0)
"""Tests that must begin on the day of the harvest are taken in from Monday to Thursday."""

TESTS = 7
"""Days from the harvest to the release."""


def _operators_and_qc(lot: Lot, late: int) -> Job:
    days = _pick(lot.product, CULTURES)
    modes = tuple(
        replace(
            mode,
            demands=(*mode.demands, Demand("QC intake", start=mode.duration - 1, length=1)),
        )
        for mode in _held(days + late)
    )
    operations = (
        Operation("manufacture", modes),
        Operation("QC", (Mode(TESTS),)),
    )
    return _job(lot, operations, due=_due(lot, days + TESTS))


FRESH_LIFE = 4
"""Days for which fresh material can wait."""


def _fresh(lot: Lot, late: int) -> Job:
    days = _pick(lot.product, (8, 9, 10))
    made = Operation("manufacture", _held(days + late))
    job = _job(lot, (made,), due=_due(lot, days))
    if lot.place < 0.5:
        return replace(job, latest_start=lot.day + FRESH_LIFE, optional=True)
    return job


SITES = (0.4, 0.7, 0.9, 1.0)
"""Bounds of the sites' shares of patients."""

BEDS = (4, 3, 2, 1)
"""Infusion beds of each site."""

STAY = 18
"""Days in bed, lymphodepletion included."""


def _beds(lot: Lot, late: int) -> Job:
    days = _pick(lot.product, (8, 9, 10))
    site = next(number for number, bound in enumerate(SITES) if lot.place <= bound)
    operations = (
        Operation("manufacture", _held(days + late)),
        Operation("infusion", (Mode(STAY, (Demand(f"beds {site}"),)),), min_lag=7),
    )
    return _job(lot, operations, due=_due(lot, days + 7 + STAY), site=f"site {site}")


CHANGE = 3
"""Days to change a suite from one family of products to another."""

FAMILIES = ((0.4, "patient"), (0.6, "donor 1"), (0.8, "donor 2"), (1.0, "vector"))
"""Bounds of the families' shares of lots."""


def _campaigns(lot: Lot, late: int) -> Job:
    family = next(name for bound, name in FAMILIES if lot.place <= bound)
    kind = family.split()[0]
    days = 9 if kind == "patient" else 7
    modes = tuple(Mode(days + late, (Demand(f"suite {n}"),), place=f"suite {n}") for n in range(3))
    made = Operation("manufacture", modes)
    return _job(lot, (made,), due=_due(lot, days), product=family, kind=kind)


def _two_plants(lot: Lot, late: int) -> Job:
    days = _pick(lot.product, CULTURES)
    near = "A" if lot.place < 0.6 else "B"
    modes = []
    for plant in "AB":
        way = 1 if plant == near else 3
        for mode in _held(days + late, f"suites {plant}", f"operators {plant}"):
            demands = (
                Demand(f"suites {plant}", start=way, length=mode.duration),
                *(replace(d, start=d.start + way) for d in mode.demands[1:]),
            )
            modes.append(Mode(mode.duration + 2 * way, demands, place=plant))
    return _job(lot, (Operation("manufacture", tuple(modes)),), due=_due(lot, days + 2))


def _limits(*parts: tuple[str, str, Sequence[int], int]) -> Callable[[int], tuple[Resource, ...]]:
    def resources(ticks: int) -> tuple[Resource, ...]:
        return tuple(_week(*part, ticks) for part in parts)

    return resources


def _campaign_suites(ticks: int) -> tuple[Resource, ...]:
    names = [name for _, name in FAMILIES]
    between = {(a, b): CHANGE for a in names for b in names if a != b}
    return tuple(
        Resource(f"suite {n}", (1,) * ticks, kind="suite", changeovers=between) for n in range(3)
    )


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


SUITES = ("suites", "suite", EVERY_DAY)
CREW = ("operators", "operators", WORKING_DAYS)

STRUCTURES: Mapping[str, Structure] = MappingProxyType(
    {
        "identical": Structure(
            "Identical suites",
            "five suites, any lot in any of them at any time; nothing else is short",
            structured=False,
            per_day=5 / 9,
            resources=_limits((*SUITES, 5)),
            build=_identical,
        ),
        "weekend": Structure(
            "No staff at weekends",
            "five suites; seeding and harvest need operators, who work Monday to Friday, and a "
            "culture that ends at a weekend keeps its suite; cultures of 6 to 13 days",
            structured=True,
            per_day=5 / _mean_held(CULTURES),
            resources=_limits((*SUITES, 5), (*CREW, 4)),
            build=_weekend,
        ),
        "operators_qc": Structure(
            "Operators and QC short",
            "as before, with two operators; tests begin on the day of the harvest, and the "
            "laboratory takes in one lot a day from Monday to Thursday",
            structured=True,
            per_day=min(5 / _mean_held(CULTURES), 2 * 5 / 7 / 2, 4 / 7),
            resources=_limits((*SUITES, 5), (*CREW, 2), ("QC intake", "QC", INTAKE_DAYS, 1)),
            build=_operators_and_qc,
        ),
        "fresh": Structure(
            "Fresh apheresis",
            "half of the lots start within 4 days or are lost; no staff at weekends",
            structured=True,
            per_day=5 / _mean_held((8, 9, 10)),
            resources=_limits((*SUITES, 5), (*CREW, 3)),
            build=_fresh,
        ),
        "beds": Structure(
            "Infusion beds booked",
            "four sites with 4, 3, 2 and 1 beds of their own; the plant has no weekend staff",
            structured=True,
            per_day=min(5 / _mean_held((8, 9, 10)), sum(BEDS) / STAY),
            resources=_limits(
                (*SUITES, 5),
                (*CREW, 3),
                *((f"beds {site}", "bed", EVERY_DAY, beds) for site, beds in enumerate(BEDS)),
            ),
            build=_beds,
        ),
        "campaigns": Structure(
            "Donor campaigns",
            "three suites for patients' lots, two donor lines and a vector, with three days of "
            "changeover between families; one for four lots is counted in the load",
            structured=True,
            per_day=3 / (0.4 * 9 + 0.6 * 7 + CHANGE / 4),
            resources=_campaign_suites,
            build=_campaigns,
        ),
        "two_plants": Structure(
            "Two plants",
            "three suites in each of two plants, one without weekend staff; the far one is two "
            "days further each way",
            structured=True,
            per_day=3 / _mean(CULTURES) + 3 / _mean_held(CULTURES),
            resources=_limits(
                ("suites A", "suite", EVERY_DAY, 3),
                ("operators A", "operators", EVERY_DAY, 3),
                ("suites B", "suite", EVERY_DAY, 3),
                ("operators B", "operators", WORKING_DAYS, 3),
            ),
            build=_two_plants,
        ),
    }
)
