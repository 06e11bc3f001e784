"""Names, units and meaning of the columns of a Trace.

A Trace is everything that one replication leaves behind, as flat tables. Times are days from the
start of the run as floats; a time that never came is NaN. Text that repeats is categorical.
Whatever is reported is computed from these tables and the scenario, never from the running model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column: its pandas dtype and its meaning."""

    dtype: str
    meaning: str


TIME, INT, FLAG, TEXT, NUMBER = "float64", "int64", "bool", "category", "float64"

PATIENTS = {
    "patient": Column(
        INT, "number of the patient; the same in every scenario with the same demand"
    ),
    "indication": Column(TEXT, "indication"),
    "centre": Column(TEXT, "treatment centre"),
    "plant": Column(TEXT, "plant that serves the patient"),
    "match_class": Column(TEXT, "match class; empty where there are none"),
    "first_pathway": Column(TEXT, "pathway at enrolment"),
    "pathway": Column(TEXT, "pathway at the end"),
    "enrolled": Column(TIME, "day of enrolment"),
    "due": Column(TIME, "enrolment + target of the indication; NaN without a target"),
    "urgency": Column(NUMBER, "urgency weight"),
    "in_cohort": Column(FLAG, "enrolled within the measured window"),
    "status": Column(TEXT, "infused, lost or in_progress, when the replication stopped"),
    "cause": Column(TEXT, "why the patient was lost; empty if not lost"),
    "lost_step": Column(TEXT, "step at which the patient was lost; empty if not lost"),
    "lost_phase": Column(TEXT, "waiting or working, when lost; empty if not lost"),
    "left": Column(TIME, "day of loss; NaN if not lost"),
    "apheresis": Column(TIME, "start of the last apheresis; NaN if none"),
    "released": Column(TIME, "last release of the patient's own product; NaN if none"),
    "infused": Column(TIME, "start of the first infusion; NaN if none"),
    "attempts": Column(INT, "attempts until the first infusion, the first included"),
    "doses": Column(INT, "infusions received"),
    "out_of_spec": Column(FLAG, "infused with an out-of-specification product"),
    "outcome": Column(TEXT, "clinical outcome; empty if not modelled or not infused"),
    "health": Column(TEXT, "state of health at infusion, loss or the stop; empty if not modelled"),
    "died": Column(TIME, "day of death, as far as health is modelled; NaN if not by the stop"),
    "exposed": Column(
        TIME, "first infusion of a bad product that had passed its test; NaN if there was none"
    ),
}

ACTIVITIES = {
    "entity": Column(TEXT, "patient, lot or resource (a changeover, or people at work)"),
    "id": Column(INT, "number of the patient or lot"),
    "route": Column(TEXT, "pathway of a patient, stock of a lot"),
    "step": Column(
        TEXT,
        "step of the route, with ': end' for a last part that waits for something; 'changeover' or"
        " the group of people for a resource",
    ),
    "kind": Column(TEXT, "work, ship, draw, changeover or duty (one of the people at work)"),
    "attempt": Column(INT, "attempt to which the activity belongs, from 1"),
    "dose": Column(INT, "dose of the course, from 1"),
    "place": Column(TEXT, "site; for a shipment 'from > to: mode'"),
    "pool": Column(TEXT, "pool that keeps the queue, 'site/resource'; empty if none"),
    "queued": Column(TIME, "ready to start"),
    "started": Column(TIME, "started; NaN if it never did"),
    "ended": Column(TIME, "ended or broken off; NaN if under way at the stop"),
    "outcome": Column(
        TEXT, "done, failed, aborted, reneged, baulked, stock_out, running or expired"
    ),
}

LOTS = {
    "lot": Column(INT, "number of the lot"),
    "stock": Column(TEXT, "stock that it is made for"),
    "origin": Column(TEXT, "initial, order or exogenous"),
    "match_class": Column(TEXT, "match class of the donor; empty where donors have none"),
    "donor": Column(INT, "number of the donor; -1 if there is none, or none yet"),
    "ordered": Column(TIME, "day of the order (start of the supply route)"),
    "released": Column(TIME, "day of release; NaN if not yet or failed"),
    "received": Column(TIME, "day of receipt in stock; NaN if not yet or failed"),
    "expires": Column(TIME, "day from which doses are dead; NaN if never"),
    "doses_ordered": Column(INT, "doses ordered"),
    "doses_made": Column(INT, "doses received in stock"),
    "attempts": Column(INT, "attempts, the first included"),
    "status": Column(TEXT, "received, failed or in_process"),
    "flawed": Column(FLAG, "received although it is bad: its test let it pass"),
}

DONORS = {
    "donor": Column(INT, "number of the donor"),
    "stock": Column(TEXT, "stock for whose lot the donor was asked"),
    "lot": Column(INT, "that lot"),
    "match_class": Column(TEXT, "match class; empty where there are none"),
    "screened": Column(TIME, "day on which screening began; of the order if there is none"),
    "collected": Column(TIME, "day of collection; NaN if deferred or not yet"),
    "status": Column(TEXT, "screened (not yet collected), deferred (turned down) or collected"),
}

DOSES = {
    "lot": Column(INT, "lot that the dose is from"),
    "stock": Column(TEXT, "stock that issued it"),
    "patient": Column(INT, "patient to whom it was issued"),
    "dose": Column(INT, "dose of the patient's course, from 1"),
    "issued": Column(TIME, "day of issue"),
    "ended": Column(TIME, "day of infusion or waste; NaN if in transit"),
    "state": Column(TEXT, "infused, expired, orphaned (patient gone), recalled or in_transit"),
}

STOCK_MOVES = {
    "time": Column(TIME, "day of the movement"),
    "stock": Column(TEXT, "stock"),
    "lot": Column(INT, "lot"),
    "quantity": Column(INT, "doses, positive into stock, negative out of it"),
    "reason": Column(TEXT, "initial, receipt, issue, expiry, recall, transfer_out or transfer_in"),
    "patient": Column(INT, "patient to whom the dose was issued; -1 otherwise"),
    "on_hand": Column(INT, "doses of this stock on hand after the movement"),
}

TRANSFERS = {
    "stock": Column(TEXT, "stock that asked for a dose"),
    "source": Column(TEXT, "stock that was asked"),
    "kind": Column(TEXT, "supply (an order) or lateral (help for a patient who must wait)"),
    "place": Column(TEXT, "'from > to: mode'"),
    "ordered": Column(TIME, "day on which it was asked for"),
    "sent": Column(TIME, "day of departure; NaN while the source has none"),
    "arrived": Column(TIME, "day of arrival; NaN if not yet"),
    "shipment": Column(INT, "number of the shipment on this way; -1 if not sent"),
    "lot": Column(INT, "lot that the dose is from; -1 if not sent"),
}

DECISIONS = {
    "time": Column(TIME, "day of the decision"),
    "policy": Column(TEXT, "rule that decided"),
    "trigger": Column(
        TEXT,
        "start, issue, expiry, failure, short_yield, backorder or review; of slots: arrival,"
        " urgent, release (also the end of a wait), failure, outage, periodic, booking or call",
    ),
    "subject": Column(TEXT, "stock or pool decided for"),
    "position": Column(INT, "inventory position before (on hand + on order - backorders)"),
    "on_order": Column(INT, "doses on order before"),
    "quantity": Column(INT, "doses ordered, or lots started"),
    "jobs": Column(INT, "lots in line when slots were planned; 0 otherwise"),
    "status": Column(
        TEXT, "how the slots were planned, `order` for the last plan; empty otherwise"
    ),
    "objective": Column(NUMBER, "value of the slot plan; NaN without one"),
    "bound": Column(NUMBER, "proven lower bound of that value; NaN without one"),
}

POOLS = {
    "pool": Column(TEXT, "'site/resource'"),
    "site": Column(TEXT, "site"),
    "resource": Column(TEXT, "name of the resource"),
    "capacity": Column(NUMBER, "units; NaN means unlimited"),
    "open_share": Column(NUMBER, "share of time that the pool's days are open"),
}

BOOKINGS = {
    "pool": Column(TEXT, "'site/resource' whose starts are promised"),
    "patient": Column(INT, "patient"),
    "booked": Column(TIME, "day on which the patient reached the step that is booked"),
    "first": Column(TIME, "start that was promised first; NaN while there is none"),
    "moved": Column(INT, "on how many occasions the promise was moved before the call"),
    "promised": Column(TIME, "start for which the patient was called, or the last one promised"),
    "called": Column(TIME, "day of the call; NaN if not called"),
    "started": Column(TIME, "day of the start in the pool; NaN if not started"),
    "outcome": Column(
        TEXT,
        "started, left (before the call), void (after it), or open, when the replication stopped",
    ),
}

DISRUPTIONS = {
    "disruption": Column(TEXT, "name of the disruption"),
    "kind": Column(TEXT, "outage, strike, missed_lot, surge or recall"),
    "target": Column(TEXT, "pool, lane, stock or indication that it hits; a row for each pool"),
    "started": Column(TIME, "day on which it begins"),
    "ended": Column(TIME, "day on which it is over; NaN if not by the stop"),
    "units": Column(NUMBER, "units out of work; NaN but for an outage of counted units"),
}

INTERRUPTIONS = {
    "disruption": Column(TEXT, "what broke the work off"),
    "entity": Column(TEXT, "patient or lot"),
    "id": Column(INT, "number of the patient or lot"),
    "route": Column(TEXT, "pathway of a patient, stock of a lot"),
    "step": Column(TEXT, "step that was broken off"),
    "what": Column(TEXT, "paused or destroyed"),
    "started": Column(TIME, "day on which it was broken off"),
    "ended": Column(TIME, "day on which the work went on; NaN if not by the stop"),
}

RECALLS = {
    "disruption": Column(TEXT, "name of the recall"),
    "time": Column(TIME, "day of the recall"),
    "stock": Column(TEXT, "stock that received the lot"),
    "lot": Column(INT, "lot that was called back"),
    "patient": Column(INT, "patient to whom the dose was issued; -1 for doses in store"),
    "dose": Column(INT, "dose of the patient's course; 0 for doses in store"),
    "state": Column(
        TEXT,
        "in_process (a lot that does not come), in_store (destroyed), between_stocks (destroyed on "
        "arrival), expired_in_store (before), "
        "recalled (destroyed on its way), or"
        " what the dose had become: infused, expired, orphaned",
    ),
    "doses": Column(INT, "doses in this state"),
}

TEST_ERRORS = {
    "entity": Column(TEXT, "patient or lot whose product was tested"),
    "id": Column(INT, "number of the patient or lot"),
    "route": Column(TEXT, "pathway of a patient, stock of a lot"),
    "step": Column(TEXT, "step at whose end the test erred"),
    "attempt": Column(INT, "attempt to which the visit belongs, from 1"),
    "time": Column(TIME, "day of the result"),
    "error": Column(TEXT, "false_positive (good, failed) or false_negative (bad, passed)"),
}

END_PART = ": end"
"""What the activities of the last part of a step add to its name, where it is waited for."""

TABLES: dict[str, dict[str, Column]] = {
    "patients": PATIENTS,
    "activities": ACTIVITIES,
    "lots": LOTS,
    "donors": DONORS,
    "doses": DOSES,
    "stock_moves": STOCK_MOVES,
    "transfers": TRANSFERS,
    "decisions": DECISIONS,
    "pools": POOLS,
    "bookings": BOOKINGS,
    "disruptions": DISRUPTIONS,
    "interruptions": INTERRUPTIONS,
    "recalls": RECALLS,
    "test_errors": TEST_ERRORS,
}


@dataclass(frozen=True, eq=False)
class Trace:
    """One replication: its window, when it stopped, and its tables (see :data:`TABLES`)."""

    replication: int
    window: tuple[float, float]
    stop: float
    events: int
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return one table by name."""
        return self.tables[table]

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """The patients enrolled within the measured window."""
        patients = self.tables["patients"]
        return patients[patients["in_cohort"]]
