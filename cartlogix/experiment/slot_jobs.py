"""What a lot asks of each of the plants for comparing slot policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cartlogix.experiment.slot_lots import Lot
from cartlogix.scheduling.problem import Demand, Job, Mode, Operation

STRETCH = 4
"""Most days for which a finished culture can be held in its suite until somebody harvests it."""

SLACK = (5, 12, 25)
"""Days between the earliest possible end and the due date, equally likely."""

URGENT = 0.25
"""Share of patients that weigh three times as much as others."""


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


def identical(lot: Lot, late: int) -> Job:
    """A culture in any suite."""
    days = _pick(lot.product, (8, 9, 10))
    made = Operation("manufacture", (Mode(days + late, (Demand("suites"),)),))
    return _job(lot, (made,), due=_due(lot, days))


CULTURES = (6, 8, 9, 11, 13)
"""Days of the products of a mixed plant, equally likely."""


def weekend(lot: Lot, late: int) -> Job:
    """A culture that waits for its harvest over the weekend."""
    days = _pick(lot.product, CULTURES)
    made = Operation("manufacture", _held(days + late))
    return _job(lot, (made,), due=_due(lot, days), product=f"{days} d")


TESTS = 7
"""Days from the harvest to the release."""


def operators_and_qc(lot: Lot, late: int) -> Job:
    """A culture whose tests begin on the day of its harvest, and the tests."""
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


def fresh(lot: Lot, late: int) -> Job:
    """A culture whose material may have to start within days."""
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


def beds(lot: Lot, late: int) -> Job:
    """A culture, and a bed of the patient's site."""
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


def campaigns(lot: Lot, late: int) -> Job:
    """A culture of a family of products in one of three suites."""
    family = next(name for bound, name in FAMILIES if lot.place <= bound)
    kind = family.split()[0]
    days = 9 if kind == "patient" else 7
    modes = tuple(Mode(days + late, (Demand(f"suite {n}"),), place=f"suite {n}") for n in range(3))
    made = Operation("manufacture", modes)
    return _job(lot, (made,), due=_due(lot, days), product=family, kind=kind)


def two_plants(lot: Lot, late: int) -> Job:
    """A culture in one of two plants, and the way there and back."""
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
