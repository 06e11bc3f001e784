"""What happened, as plain rows of numbers; tables are built once, at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from struct import pack

import numpy as np
from numpy.typing import NDArray

OUTCOMES = (
    "done",
    "failed",
    "aborted",
    "reneged",
    "baulked",
    "stock_out",
    "running",
    "expired",
)
# Codes are floats, as days are: a list of one kind turns into an array in half the time.
(DONE, FAILED, ABORTED, RENEGED, BAULKED, STOCK_OUT, RUNNING, EXPIRED) = map(
    float, range(len(OUTCOMES))
)

CELLS = ("label", "id", "attempt", "dose", "place", "queued", "started", "ended", "outcome")
"""Cells of an activity, in order: codes, counts and days."""


@dataclass(frozen=True, slots=True)
class StepLabel:
    """What is the same for every activity of one step of one route."""

    entity: str
    route: str
    step: str
    kind: str
    pool: str


@dataclass(slots=True)
class PatientRecord:
    """What becomes of a patient: the part of a row of the table patients that the cohort lacks."""

    pathway: str
    status: str = "in_progress"
    cause: str = ""
    lost_step: str = ""
    lost_phase: str = ""
    left: float = math.nan
    apheresis: float = math.nan
    released: float = math.nan
    infused: float = math.nan
    attempts: int = 1
    out_of_spec: bool = False
    outcome: str = ""
    died: float = math.nan
    exposed: float = math.nan


@dataclass(slots=True)
class Interruption:
    """Work that a disruption broke off: it was destroyed, or stood still for a time."""

    disruption: str
    label: float
    number: int
    what: str
    started: float
    ended: float


@dataclass(frozen=True, slots=True)
class Misjudged:
    """A test that erred: at which step, of whom, when, and how."""

    label: float
    number: int
    attempt: int
    time: float
    error: str


@dataclass
class Recorder:
    """Collects activities, and patients by their numbers, of one replication.

    The activities are one flat list, :data:`CELLS` by :data:`CELLS`: a container for each would
    keep the garbage collector busy, and cost more to turn into columns.
    """

    cells: list[float] = field(default_factory=list)
    patients: list[PatientRecord] = field(default_factory=list)
    labels: list[StepLabel] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    interruptions: list[Interruption] = field(default_factory=list)
    misjudged: list[Misjudged] = field(default_factory=list)

    def rows(self) -> NDArray[np.float64]:
        """Return the activities so far, one in each row."""
        # struct turns a long list of floats into an array three times as fast as numpy does.
        packed = pack(f"{len(self.cells)}d", *self.cells)
        return np.frombuffer(packed, dtype=np.float64).reshape(-1, len(CELLS))

    def label(self, label: StepLabel) -> float:
        """Register a step label and return its code."""
        self.labels.append(label)
        return float(len(self.labels) - 1)

    def place(self, name: str) -> float:
        """Register a place and return its code; equal names share one."""
        if name not in self.places:
            self.places.append(name)
        return float(self.places.index(name))
