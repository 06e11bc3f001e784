"""The KPIs of what serves the patients: pools, booked starts, stocks, and doses that fit."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.analysis.kpi import Direction, Kpi

_POOL: tuple[tuple[str, str, str, str], ...] = (
    ("utilisation", "Utilisation", "share", "Busy over busy, changeover and idle time."),
    ("busy", "Busy", "unit-days", "Unit-days at work in the window."),
    ("changeover", "Changeover", "unit-days", "Unit-days blocked after use."),
    ("idle", "Idle", "unit-days", "Unit-days open and not used."),
    ("closed", "Closed", "unit-days", "Unit-days closed and not used."),
    ("out", "Out of work", "unit-days", "Unit-days open, not used, and out of work by an outage "
     "or away; no part of idle, nor of the time that utilisation is a share of."),
    ("overtime", "Overtime", "unit-days", "Unit-days of people at work outside their roster."),
    ("in_use", "Units in use", "units", "Mean number of busy units."),
    ("queue", "Queue", "entities", "Mean number of patients and lots in line."),
    ("offered_load", "Offered load", "units", "Units that the arrivals would keep busy."),
    ("all_busy", "All units taken", "share", "Share of time without a free unit."),
    ("bottleneck", "Bottleneck", "share", "Whether its utilisation is the highest of all pools."),
)  # fmt: skip


def capacity_kpis() -> Iterator[Kpi]:
    """Yield the KPIs of pools, and of patients in the system."""
    for name, title, unit, definition in _POOL:
        yield Kpi(f"pool.{name}", title, unit, "none", definition, "capacity", "pool")
    title, definition = "Patients between enrolment and infusion", "Mean number over the window."
    yield Kpi("patients.in_system", title, "patients", "none", definition, "capacity")


_BOOKING: tuple[tuple[str, str, str, Direction, str], ...] = (
    ("calls", "Patients called for a booked start", "patients", "none", "Calls in the window."),
    ("kept", "Booked starts kept", "share", "higher", "Of these, who started in the promised step "
     "of the plan or before it; who is under way and not late is left out."),
    ("delay", "Start after the promised one", "d", "lower", "Mean days from the start for which "
     "the patient was called to the start that came."),
    ("moved", "Moves of a booked start", "times", "lower", "Mean moves before the call."),
    ("at_home", "Wait at home", "d", "lower", "Mean days from the booking to the call."),
)  # fmt: skip


def booking_kpis() -> Iterator[Kpi]:
    """Yield the KPIs of starts that are promised."""
    for name, title, unit, direction, definition in _BOOKING:
        yield Kpi(f"booking.{name}", title, unit, direction, definition, "capacity", "pool")


_STOCK: tuple[tuple[str, str, str, Direction, str], ...] = (
    ("requests", "Requests for a dose", "requests", "none", "Requests made in the window."),
    ("fill_rate", "Fill rate", "share", "higher", "Share of requests served at once."),
    ("stock_out", "Stock-outs", "share", "lower", "Share of requests not served at once."),
    ("lost", "Turned away", "requests", "lower", "Requests that went elsewhere at a stock-out."),
    ("mean_wait", "Wait for a dose", "d", "lower", "Mean over all requests, unserved included."),
    ("backorders", "Backorders", "patients", "lower", "Mean number of patients in line."),
    ("on_hand", "Doses on hand", "doses", "none", "Mean over the window."),
    ("issued", "Doses issued", "doses", "none", "Doses issued in the window."),
    ("expired", "Doses expired", "doses", "lower", "Doses that expired in store."),
    ("outdate_rate", "Outdate rate", "doses/d", "lower", "Doses expired in store per day."),
    ("outdate_fraction", "Outdated", "share", "lower", "Doses expired over doses received."),
    ("days_of_cover", "Days of cover", "d", "none", "Mean doses on hand over doses issued a day."),
    ("on_order", "Doses on order", "doses", "none", "Mean doses ordered and not yet settled."),
    ("order_rate", "Order rate", "lots/d", "none", "Lots ordered per day."),
    ("lots_started", "Lots started", "lots", "none", "Lots begun in the window."),
    ("lots_made", "Lots made", "lots", "none", "Of these, lots received in stock."),
    ("lots_failed", "Lots failed", "lots", "lower", "Of these, lots that failed."),
    ("doses_made", "Doses received", "doses", "none", "Doses received from lots in the window."),
    ("wasted", "Doses wasted after issue", "doses", "lower", "Expired or orphaned after issue."),
    ("false_positive", "Good lots that failed a test", "tests", "lower", "In the window."),
    ("false_negative", "Bad lots that passed a test", "tests", "lower", "In the window."),
    ("came", "Doses from other stocks", "doses", "none", "Arrived in the window."),
    ("lateral", "Doses sent over for a patient", "doses", "none", "Of these, those that a stock "
     "alongside sent because a patient had to wait."),
    ("order_wait", "Wait of an order at its source", "d", "lower", "Mean days until a dose asked "
     "for in the window was sent."),
    ("sent", "Doses sent to other stocks", "doses", "none", "Left in the window."),
)  # fmt: skip


def inventory_kpis() -> Iterator[Kpi]:
    """Yield the KPIs of stocks."""
    for name, title, unit, direction, definition in _STOCK:
        yield Kpi(f"stock.{name}", title, unit, direction, definition, "inventory", "stock")


_MATCH: tuple[tuple[str, str, str, Direction, str], ...] = (
    ("requests", "Requests of a match class", "requests", "none", "Requests made in the window."),
    ("fill_rate", "Fill rate of a match class", "share", "higher", "Share served at once."),
    ("no_compatible", "Nothing that fits", "requests", "lower", "Not served at once although the "
     "stock had doses on hand: none fits."),
    ("mean_wait", "Wait for a dose that fits", "d", "lower", "Mean over all requests, unserved "
     "included."),
)  # fmt: skip


def matching_kpis() -> Iterator[Kpi]:
    """Yield the KPIs of doses that must fit the patient."""
    for name, title, unit, direction, definition in _MATCH:
        yield Kpi(f"match.{name}", title, unit, direction, definition, "inventory", "match class")
