"""The model of `autologous.yaml` once more, written the way SimPy's tutorials teach it.

One process per patient, `with resource.request()`, a timeout per step, drop-out by
`request | timeout`, a dictionary per record, frames at the end. It is meant to be good code of
its kind: the standard library's draws (one by one they are faster than numpy's), no process per
step, and nothing recorded that the engine does not record.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import simpy

Story = Generator[simpy.Event, Any, None]

DAYS = 3 * 365
RATE = 500 / 365
CAPACITIES = {"chair": 3, "suite": 11, "qc": 12, "bed": 16}
HAZARD, FAILURE, MAX_ATTEMPTS = 0.0035, 0.06, 2
TO_PLANT, TO_CENTRE = "centre > plant", "plant > centre"


@dataclass
class Visit:
    """What the process of one patient carries along."""

    number: int
    row: dict[str, Any]
    deadline: float
    attempt: int = 1


class LostError(Exception):
    """A patient leaves; says why."""


class Clinic:
    """The model: resources, records, and what a patient does. `factor` scales the volume."""

    def __init__(self, factor: int, seed: int) -> None:
        self.env = simpy.Environment()
        self.random = random.Random(seed)
        self.rate = RATE * factor
        self.resources = {
            name: simpy.Resource(self.env, units * factor) for name, units in CAPACITIES.items()
        }
        self.activities: list[dict[str, Any]] = []
        self.patients: list[dict[str, Any]] = []

    def run(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Run until everybody is infused or lost; return the patients and their activities."""
        self.env.process(self.arrivals())
        self.env.run()
        return pd.DataFrame(self.patients), pd.DataFrame(self.activities)

    def arrivals(self) -> Story:
        """Enrol patients for three years."""
        number = 0
        while True:
            yield self.env.timeout(self.random.expovariate(self.rate))
            if self.env.now >= DAYS:
                return
            self.env.process(self.patient(number))
            number += 1

    def patient(self, number: int) -> Story:
        """Walk one patient from enrolment to infusion or loss."""
        row = {
            "patient": number,
            "enrolled": self.env.now,
            "status": "in_progress",
            "cause": "",
            "lost_step": "",
            "lost_phase": "",
            "left": math.nan,
            "apheresis": math.nan,
            "released": math.nan,
            "infused": math.nan,
            "attempts": 1,
        }
        self.patients.append(row)
        visit = Visit(number, row, self.env.now + self.random.expovariate(HAZARD))
        try:
            yield from self.until_release(visit)
            yield from self.treatment(visit)
        except LostError as lost:
            row["status"], row["left"] = "lost", self.env.now
            row["cause"], row["lost_step"], row["lost_phase"] = lost.args
        row["attempts"] = visit.attempt

    def until_release(self, visit: Visit) -> Story:
        """From referral to the release of a product, with a remake from stored cells."""
        draw = self.random
        yield from self.delay(visit, "referral", "centre", _lognormal(draw, 22, 0.3))
        yield from self.work(visit, "apheresis", "centre", "chair", 1.0)
        yield from self.delay(visit, "ship material", TO_PLANT, draw.uniform(1, 2))
        while True:
            days = draw.triangular(5, 10, 7)
            fails = draw.random() < FAILURE
            yield from self.work(visit, "manufacture", "plant", "suite", days, fails)
            if not fails:
                break
            if visit.attempt == MAX_ATTEMPTS:
                raise LostError("failure", "manufacture", "working")
            visit.attempt += 1
        yield from self.work(
            visit, "quality control", "plant", "qc", draw.gammavariate(12.25, 7 / 12.25)
        )
        yield from self.delay(visit, "release", "plant", 2.0)
        visit.row["released"] = self.env.now

    def treatment(self, visit: Visit) -> Story:
        """From the shipment of the product to the end of the stay for the infusion."""
        draw = self.random
        yield from self.delay(visit, "ship product", TO_CENTRE, draw.uniform(1, 3))
        yield from self.delay(visit, "lymphodepletion", "centre", 5.0)
        yield from self.work(visit, "infusion", "centre", "bed", _lognormal(draw, 10, 0.3))

    def work(
        self,
        visit: Visit,
        step: str,
        place: str,
        resource: str,
        days: float,
        fails: bool = False,
    ) -> Story:
        """Wait for a unit of a resource, or leave; hold it for some days, or leave."""
        env, queued = self.env, self.env.now
        with self.resources[resource].request() as request:
            yield request | env.timeout(visit.deadline - queued)
            if not request.triggered:
                self.record(visit, step, place, resource, queued, math.nan, "reneged")
                raise LostError("drop-out", step, "waiting")
            started = env.now
            if step == "apheresis":
                visit.row["apheresis"] = started
            elif step == "infusion":
                visit.row["status"], visit.row["infused"] = "infused", started
                visit.deadline = math.inf
            yield env.timeout(min(days, visit.deadline - started))
            self.finish(visit, step, place, resource, queued, started, started + days, fails)

    def delay(self, visit: Visit, step: str, place: str, days: float) -> Story:
        """Let some days pass, or leave."""
        started = self.env.now
        yield self.env.timeout(min(days, visit.deadline - started))
        self.finish(visit, step, place, "", started, started, started + days)

    def finish(
        self,
        visit: Visit,
        step: str,
        place: str,
        resource: str,
        queued: float,
        started: float,
        ended: float,
        fails: bool = False,
    ) -> None:
        """Record a step that is over, broken off if the patient's time is."""
        if visit.deadline < ended:
            self.record(visit, step, place, resource, queued, started, "aborted")
            raise LostError("drop-out", step, "working")
        outcome = "failed" if fails else "done"
        self.record(visit, step, place, resource, queued, started, outcome)

    def record(
        self,
        visit: Visit,
        step: str,
        place: str,
        resource: str,
        queued: float,
        started: float,
        outcome: str,
    ) -> None:
        """Note an activity that ends now."""
        self.activities.append(
            {
                "patient": visit.number,
                "step": step,
                "attempt": visit.attempt,
                "place": place,
                "pool": resource,
                "queued": queued,
                "started": started,
                "ended": self.env.now,
                "outcome": outcome,
            }
        )


def _lognormal(draw: random.Random, median: float, sigma: float) -> float:
    return draw.lognormvariate(math.log(median), sigma)
