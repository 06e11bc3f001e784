"""Every KPI by name: what it means, its unit, and which way is better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cartlogix.analysis.kpi import Direction, Kpi
from cartlogix.analysis.plant_kpis import booking_kpis, capacity_kpis, inventory_kpis, matching_kpis


def _clock(name: str, title: str, what: str) -> Iterator[Kpi]:
    for suffix, label in (
        ("mean", "mean"),
        ("median", "median"),
        ("p90", "90th percentile"),
        ("p95", "95th percentile"),
    ):
        definition = f"{label.capitalize()} over the patients of the cohort: {what}."
        yield Kpi(f"{name}.{suffix}", f"{title}, {label}", "d", "lower", definition, "lead_time")


def _days(name: str, title: str, definition: str, by: str = "") -> Kpi:
    return Kpi(name, title, "d", "lower", definition, "lead_time", by)


def _clocks() -> Iterator[Kpi]:
    yield from _clock(
        "enrolment_to_infusion",
        "Enrolment to infusion",
        "days from enrolment to the start of the first infusion, of the infused",
    )
    yield Kpi(
        "enrolment_to_infusion.within_target",
        "Infused within the target",
        "share",
        "higher",
        "Patients infused by their due date, over all enrolled with a target. The lost, and those "
        "under way past their due date, count as not within; only those under way before it are "
        "left out.",
        "lead_time",
    )
    yield _days(
        "enrolment_to_infusion.km_median",
        "Enrolment to infusion, median with unfinished patients",
        "Kaplan-Meier median: patients under way or lost count as still waiting for as long as "
        "they were followed.",
    )
    yield _days(
        "enrolment_to_infusion.restricted_mean",
        "Enrolment to infusion, restricted mean with unfinished patients",
        "Area under the Kaplan-Meier curve up to 180 days, or to the longest time that anybody "
        "was followed if that is shorter.",
    )
    yield from _clock(
        "vein_to_vein",
        "Vein to vein",
        "days from the start of the apheresis whose product was made to the start of the first "
        "infusion, of the infused; autologous pathways only",
    )
    yield from _clock(
        "turnaround",
        "Turnaround",
        "days from the start of the apheresis to the release, of all whose product was "
        "released; autologous pathways only",
    )


def _waits() -> Iterator[Kpi]:
    yield _days(
        "slot_wait.mean",
        "Wait for a slot",
        "Mean days from ready to started at the step that waits for a slot, over visits that "
        "started.",
    )
    yield _days(
        "slot_wait_all.mean",
        "Wait for a slot, all visits",
        "The same over every visit: those who left count until then, those who wait until the "
        "stop.",
    )
    yield _days(
        "tardiness.mean",
        "Tardiness",
        "Mean days past the due date, 0 if on time, over patients with a target; the lost count "
        "until they left, those under way until the stop.",
    )
    yield _days(
        "tardiness.weighted_mean",
        "Tardiness, weighted by urgency",
        "The same, each patient weighted by urgency.",
    )


def _steps() -> Iterator[Kpi]:
    for phase, what in (
        ("waiting", "waiting, from ready to started"),
        ("working", "work, from started to ended"),
        ("transport", "transport"),
        ("rework", "work and waits whose result was not used"),
    ):
        yield _days(
            f"step_time.{phase}",
            f"Time in {phase}" if phase != "waiting" else "Time waiting",
            f"Mean days per infused patient in {what}; all steps and phases add up to the mean "
            "from enrolment to infusion. Where steps overlap, the later one counts with what is "
            "left over.",
            "step",
        )
    yield _days(
        "step_time.median",
        "Time by step, median",
        "Median over infused patients of all time that the step accounts for.",
        "step",
    )


def _access() -> Iterator[Kpi]:
    def kpi(
        name: str, title: str, unit: str, direction: Direction, definition: str, by: str = ""
    ) -> Kpi:
        zero = by in ("cause", "step")
        return Kpi(name, title, unit, direction, definition, "access", by, absent_is_zero=zero)

    yield kpi("patients.enrolled", "Enrolled", "patients", "none", "Patients of the cohort.")
    states: tuple[tuple[str, str, Direction, str], ...] = (
        ("infused", "Infused", "higher", "who received a first infusion"),
        ("lost", "Lost", "lower", "who were lost before infusion"),
        ("in_progress", "Under way", "none", "neither infused nor lost when the run stopped"),
    )
    for status, title, better, what in states:
        yield kpi(f"patients.{status}", title, "patients", better, f"Patients {what}.")
        yield kpi(
            f"share.{status}", f"{title}, share", "share", better, f"Of the enrolled, {what}."
        )
    yield kpi("lost_by_cause", "Lost by cause", "patients", "lower", "Lost patients.", "cause")
    yield kpi("lost_by_step", "Lost by step", "patients", "lower", "Lost patients.", "step")
    yield kpi(
        "attempts.mean", "Attempts", "attempts", "lower", "Mean attempts per enrolled patient."
    )
    yield kpi(
        "attempts.mean_infused",
        "Attempts of the infused",
        "attempts",
        "lower",
        "Mean attempts per infused patient, the successful one included.",
    )
    yield kpi(
        "windows.missed", "Missed windows", "visits", "lower",
        "Visits to which patients came with fresh material that was too old.",
    )  # fmt: skip
    yield kpi(
        "mortality.one_year",
        "Dead within a year of enrolment",
        "share",
        "lower",
        "Deaths before and after infusion, as states of health tell them, within 365 days of "
        "enrolment, over the enrolled who could be followed for as long; who was lost otherwise "
        "counts as alive.",
    )
    yield from _treatment()
    yield kpi(
        "share.outcome",
        "Clinical outcome",
        "share",
        "none",
        "Share of the infused, on pathways that model outcomes.",
        "outcome",
    )


def _treatment() -> Iterator[Kpi]:
    for name, title, unit, direction, definition in _TREATMENT:
        yield Kpi(name, title, unit, direction, definition, "access")


_TREATMENT: tuple[tuple[str, str, str, Direction, str], ...] = (
    ("doses.infused", "Doses infused", "doses", "none", "Infusions, repeats included."),
    ("doses.repeat", "Repeat doses", "doses", "none", "Infusions after the first."),
    ("share.out_of_spec", "Infused out of specification", "share", "lower", "Share of the infused "
     "who received an out-of-specification product."),
    ("share.exposed", "Given a bad product", "share", "lower", "Share of the infused who ever "
     "received a product, their own or a dose from a lot, that was bad and passed its test."),
    ("tests.false_positive", "Good products that failed a test", "products", "lower",
     "Tests of the cohort's own products that failed a good one."),
    ("tests.false_negative", "Bad products that passed a test", "products", "lower",
     "Tests of the cohort's own products that let a bad one pass."),
)  # fmt: skip


_COST: tuple[tuple[str, str, Direction, str, str], ...] = (
    ("total", "Total cost", "lower", "Everything charged to the cohort and the window.", ""),
    ("per_enrolled", "Cost per enrolled patient", "lower", "Total over all enrolled.", ""),
    ("per_infused", "Cost per infused patient", "lower", "Total, the lost included, over the "
     "infused.", ""),
    ("per_infused_dose", "Cost per infused dose", "lower", "Total over infusions.", ""),
    ("category", "Cost by category", "lower", "Total of the category.", "category"),
    ("category_per_infused", "Cost by category per infused patient", "lower",
     "Total of the category over the infused.", "category"),
    ("fixed", "Fixed cost", "lower", "Total of fixed lines.", ""),
    ("fixed_per_infused", "Fixed cost per infused patient", "lower", "Over the infused.", ""),
    ("variable", "Variable cost", "lower", "Total of variable lines.", ""),
    ("variable_per_infused", "Variable cost per infused patient", "lower", "Over the infused.", ""),
    ("shared", "Shared cost", "none", "Charged to lots, stocks and resources, not to a patient.",
     ""),
    ("per_dose_made", "Cost per dose made", "lower", "Total over doses made.", ""),
)  # fmt: skip


def _cost() -> Iterator[Kpi]:
    for name, title, direction, definition, by in _COST:
        zero = by == "category"
        yield Kpi(
            f"cost.{name}", title, "{currency}", direction, definition, "cost", by,
            absent_is_zero=zero,
        )  # fmt: skip
    yield Kpi(
        "doses.made",
        "Doses made",
        "doses",
        "none",
        "Doses that the window's lots yielded, and patients' own products that were released or "
        "infused out of specification.",
        "cost",
    )


def _periods() -> Iterator[Kpi]:
    figures: tuple[tuple[str, str, str, Direction, str], ...] = (
        ("enrolled", "Enrolled in the period", "patients", "none", "Patients who enrolled in it."),
        ("infused", "Infused in the period", "patients", "none", "First infusions in it."),
        ("in_system", "Waiting in the period", "patients", "lower",
         "Mean number of patients between enrolment and infusion or loss."),
        ("wait", "Enrolment to infusion of those infused in the period", "d", "lower",
         "Mean days, of those infused in it."),
    )  # fmt: skip
    for name, title, unit, direction, definition in figures:
        yield Kpi(f"period.{name}", title, unit, direction, definition, "over_time", "period")
    yield Kpi(
        "period.utilisation", "Utilisation in the period", "share", "none",
        "Busy over busy, changeover and idle time of a pool in the period.", "over_time",
        "pool and period",
    )  # fmt: skip
    yield Kpi(
        "pool.full_from", "Full from", "d", "higher",
        "First day of the first period in which the pool's utilisation is 95 % or more, over the "
        "replications in which there is one.", "over_time", "pool",
    )  # fmt: skip
    yield Kpi(
        "pool.ever_full", "Full at some time", "share", "lower",
        "Whether there is such a period.", "over_time", "pool",
    )  # fmt: skip


def _disruptions() -> Iterator[Kpi]:
    figures: tuple[tuple[str, str, str, Direction, str], ...] = (
        ("times", "Times it happened", "times", "none", "Occurrences that began in the window."),
        ("paused", "Work standing still", "d", "lower", "Days in the window, over all work."),
        ("destroyed", "Work destroyed", "visits", "lower", "Visits to a step, in the window."),
        ("lost", "Lost by it", "patients", "lower",
         "Patients of the cohort who were lost when their work was destroyed."),
        ("recalled_infused", "Doses recalled too late", "doses", "lower",
         "Doses of recalled lots that had been infused."),
        ("recalled_stopped", "Doses recalled in time", "doses", "none",
         "Doses of recalled lots that were destroyed in store or on their way."),
    )  # fmt: skip
    for name, title, unit, direction, definition in figures:
        yield Kpi(f"disruption.{name}", title, unit, direction, definition, "over_time",
                  "disruption")  # fmt: skip


HEADLINES = (
    "enrolment_to_infusion.mean",
    "enrolment_to_infusion.p90",
    "enrolment_to_infusion.within_target",
    "share.infused",
    "share.lost",
    "cost.per_infused",
)
"""The handful of figures that the report puts first."""

KPIS: dict[str, Kpi] = {
    kpi.name: replace(kpi, headline=kpi.name in HEADLINES)
    for family in (
        _clocks,
        _waits,
        _steps,
        _access,
        capacity_kpis,
        booking_kpis,
        inventory_kpis,
        matching_kpis,
        _cost,
        _periods,
        _disruptions,
    )
    for kpi in family()
}
"""Every KPI by name, in the order of the report."""
