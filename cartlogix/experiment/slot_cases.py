"""Plants with one structure each, for comparing slot policies, and the cases made of them.

All are generated from a seed; a tick is a day and day 0 a Monday.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cartlogix.experiment import slot_jobs as jobs
from cartlogix.experiment.slot_jobs import BEDS, CHANGE, CULTURES, FAMILIES, STAY
from cartlogix.experiment.slot_lots import Lot, drawn_lots, noise
from cartlogix.ground.streams import Streams
from cartlogix.policies.online import Case
from cartlogix.scheduling.problem import Job, Problem, Resource

WEEKS = 20
"""Weeks in which lots arrive; the plant then works off what is left."""

FAILS = 0.07
"""Share of patients' lots that fail at their end and are made again."""

EVERY_DAY = (1,) * 7
WORKING_DAYS = (1,) * 5 + (0,) * 2

INTAKE_DAYS = (1, 1, 1, 1, 0, 0, 0)
"""Tests that must begin on the day of the harvest are taken in from Monday to Thursday."""


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
    lots = drawn_lots(Streams(seed, replication), load * structure.per_day, WEEKS * 7)
    actual: list[Job] = []
    expected: list[Job] = []
    for lot in lots:
        plan, real = structure.build(lot, 0), structure.build(lot, noise(lot.noise))
        if lot.fails < FAILS and plan.kind == "patient" and not plan.optional:
            again = structure.build(lot, noise(lot.redo))
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


def _week(name: str, kind: str, days: Sequence[int], units: int, ticks: int) -> Resource:
    capacity = tuple(units * days[tick % 7] for tick in range(ticks))
    return Resource(name, capacity, kind=kind)


def _mean_held(days: Sequence[int]) -> float:
    """Suite days of a culture that starts on any working day and is harvested on the next one."""
    total = 0
    for length in days:
        for start in range(5):
            last = start + length - 1
            total += length + (7 - last % 7 if last % 7 >= 5 else 0)
    return total / (5 * len(days))


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
            build=jobs.identical,
        ),
        "weekend": Structure(
            "No staff at weekends",
            "five suites; seeding and harvest need operators, who work Monday to Friday, and a "
            "culture that ends at a weekend keeps its suite; cultures of 6 to 13 days",
            structured=True,
            per_day=5 / _mean_held(CULTURES),
            resources=_limits((*SUITES, 5), (*CREW, 4)),
            build=jobs.weekend,
        ),
        "operators_qc": Structure(
            "Operators and QC short",
            "as before, with two operators; tests begin on the day of the harvest, and the "
            "laboratory takes in one lot a day from Monday to Thursday",
            structured=True,
            per_day=min(5 / _mean_held(CULTURES), 2 * 5 / 7 / 2, 4 / 7),
            resources=_limits((*SUITES, 5), (*CREW, 2), ("QC intake", "QC", INTAKE_DAYS, 1)),
            build=jobs.operators_and_qc,
        ),
        "fresh": Structure(
            "Fresh apheresis",
            "half of the lots start within 4 days or are lost; no staff at weekends",
            structured=True,
            per_day=5 / _mean_held((8, 9, 10)),
            resources=_limits((*SUITES, 5), (*CREW, 3)),
            build=jobs.fresh,
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
            build=jobs.beds,
        ),
        "campaigns": Structure(
            "Donor campaigns",
            "three suites for patients' lots, two donor lines and a vector, with three days of "
            "changeover between families; one for four lots is counted in the load",
            structured=True,
            per_day=3 / (0.4 * 9 + 0.6 * 7 + CHANGE / 4),
            resources=_campaign_suites,
            build=jobs.campaigns,
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
            build=jobs.two_plants,
        ),
    }
)
