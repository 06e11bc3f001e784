"""The state of a real system at day 0: who waits, what is in process, and what is in stock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from cartlogix.scenario.base import Count, Name, Part, PositiveCount
from cartlogix.scenario.wording import as_written


def _moment(given: Any) -> dt.datetime:
    if isinstance(given, dt.datetime):
        return given
    try:
        moment = dt.datetime.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise ValueError(
            f"write a date such as 2027-01-04, or 2027-01-04 08:30; found {as_written(given)}"
        ) from None
    if moment.tzinfo is not None:
        raise ValueError(f"write local time, without a time zone; found {as_written(given)}")
    return moment


Moment = Annotated[
    dt.datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$"}
    ),
]
"""A date such as `2027-01-04` (its midnight) or a date and time such as `2027-01-04 08:30`."""


class Whereabouts(Part):
    """Where the snapshot finds a patient or a lot."""

    name: Name
    """Identifier by which the report speaks of it, for example P-17."""
    step: Name
    """Step of the route in which it is, or for which it waits."""
    state: Literal["waiting", "working"] = "waiting"
    """Whether it waits for the step or is in it."""
    since: Moment
    """Since when it waits, or when the step started."""
    booked: Moment | None = None
    """Day for which the start of the step is booked; who waits then goes before all others."""
    unit: Name | None = None
    """Suite, line or chair that it occupies, by which two entries for one place are found."""
    attempt: Annotated[int, Field(ge=1, le=100)] = 1
    """Attempt that is under way: 2 after a first remake."""

    @model_validator(mode="after")
    def _booked_waits(self) -> Whereabouts:
        if self.booked is not None and self.state == "working":
            raise ValueError("what is in a step has no 'booked' start; leave it out")
        return self


class SnapshotPatient(Whereabouts):
    """A patient who is enrolled and not yet infused."""

    enrolled: Moment
    """Date of enrolment."""
    indication: Name
    """Indication."""
    centre: Name | None = None
    """Treatment centre; needed if there are several."""
    pathway: Name | None = None
    """Pathway; the first one with this step if left out."""
    apheresis: Moment | None = None
    """Start of the last apheresis, if it is over: vein-to-vein is counted from it."""
    dose_from: Name | None = None
    """Lot of the dose that was issued to the patient, if one was."""
    match_class: Name | None = None
    """Match class of the patient, where the scenario has classes; drawn if left out."""


class SnapshotLot(Whereabouts):
    """A lot that was ordered for a stock and is not yet received."""

    stock: Name
    """Stock for which it is made."""
    doses: PositiveCount
    """Doses ordered."""
    ordered: Moment | None = None
    """Date of the order; `since` if left out."""
    match_class: Name | None = None
    """Match class of its donor, where the scenario has classes; drawn if left out."""


class SnapshotStock(Part):
    """What is left of a lot in a stock."""

    stock: Name
    """Stock that holds it."""
    name: Name
    """Identifier of the lot."""
    doses: Count
    """Doses on hand; 0 for a lot of which only issued doses are left."""
    received: Moment | None = None
    """Date of receipt; day 0 if left out."""
    expires: Moment | None = None
    """First moment at which its doses are dead; by the shelf life from receipt if left out."""
    match_class: Name | None = None
    """Match class of its donor, where the scenario has classes; drawn if left out."""


class Snapshot(Part):
    """The state at day 0, written here or read from tables beside the file.

    A workbook has sheets `patients`, `lots` and `stock`; a CSV file is one of these. Their
    columns are the keys below.
    """

    workbook: Name | None = None
    """Excel workbook with the sheets."""
    patients_file: Name | None = None
    """CSV file of patients."""
    lots_file: Name | None = None
    """CSV file of lots in process."""
    stock_file: Name | None = None
    """CSV file of lots in stock."""
    patients: Annotated[tuple[SnapshotPatient, ...], Field(max_length=100_000)] = ()
    """Patients under way."""
    lots: Annotated[tuple[SnapshotLot, ...], Field(max_length=100_000)] = ()
    """Lots under way to a stock."""
    stock: Annotated[tuple[SnapshotStock, ...], Field(max_length=100_000)] = ()
    """Lots in stock."""

    def by_enrolment(self) -> list[SnapshotPatient]:
        """Return the patients in the order of enrolment: the order of their numbers in a run."""
        return sorted(self.patients, key=lambda patient: patient.enrolled)

    def under_way(self) -> Iterator[tuple[Literal["patients", "lots"], int, Whereabouts]]:
        """Yield everybody on a route, with the list and the place in it."""
        for index, patient in enumerate(self.patients):
            yield "patients", index, patient
        for index, lot in enumerate(self.lots):
            yield "lots", index, lot
