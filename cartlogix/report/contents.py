"""The sections of the page, in the order in which a decision maker reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cartlogix.experiment.find_break_even import BreakEvens
from cartlogix.report.data import ReportData
from cartlogix.report.figures.capacity import utilisation
from cartlogix.report.figures.cost import cost_waterfall
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.flow import balance, patient_flow
from cartlogix.report.figures.gantt import suite_charts
from cartlogix.report.figures.inventory import stock_trajectories
from cartlogix.report.figures.lead_time import cumulative_incidence
from cartlogix.report.figures.medians import median_days
from cartlogix.report.figures.over_time import over_time
from cartlogix.report.figures.steps import days_by_step
from cartlogix.report.figures.warm_up import warm_up_exhibit, warm_up_table
from cartlogix.report.sections.break_even import LEAD, TITLE, break_even_exhibits
from cartlogix.report.sections.choice import choice_table
from cartlogix.report.sections.comparison import comparison
from cartlogix.report.sections.contrast import mix_note
from cartlogix.report.sections.disruptions import disruption_tables
from cartlogix.report.sections.inputs import input_lead, input_table
from cartlogix.report.sections.method import MethodItem, method_items
from cartlogix.report.sections.provenance import file_folds, kpi_table, manifest_table
from cartlogix.report.sections.stock import stock_folds
from cartlogix.report.sections.today import today
from cartlogix.report.tables import Fold, Table


@dataclass(frozen=True)
class Section:
    """One section: its id (our own word), its names, and what stands in it."""

    key: str
    short: str
    """Name in the contents."""
    title: str
    lead: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    tables: tuple[Table, ...] = ()
    folds: tuple[Fold, ...] = ()
    items: tuple[MethodItem, ...] = ()
    lines: tuple[str, ...] = ()


def contents(data: ReportData) -> list[Section]:
    """Return the sections of the page; those that cannot apply are left out."""
    return [
        Section("answer", "The answer", "The answer"),
        Section("overview", "At a glance", "At a glance",
                f"Means over replications, each with its 95 % interval below. {mix_note(data)}"),
        *_today(data),
        *_comparison(data),
        *break_even_sections(data.break_even, data.currency),
        Section("lead-time", "Lead time", "How long patients wait",
                exhibits=(cumulative_incidence(data), days_by_step(data),
                          median_days(data))),
        Section("cost", "Cost", "What an infused patient costs", exhibits=(cost_waterfall(data),)),
        Section("flow", "Patient flow", "What became of the patients",
                exhibits=(patient_flow(data),), lines=balance(data)),
        Section("capacity", "Capacity", "How busy the resources are",
                exhibits=(utilisation(data), *suite_charts(data))),
        *_stock(data),
        *_over_time(data),
        *_disruptions(data),
        *warm_up_sections(data.settling, data.labels),
        Section("inputs", "Inputs", "Inputs and their sources", input_lead(data),
                tables=(input_table(data),)),
        Section("method", "Method", "Method",
                "Reported along the items of the STRESS-DES guideline for simulation studies.",
                items=method_items(data)),
        Section("provenance", "Provenance", "Provenance",
                "What is needed to get the same numbers again.",
                tables=(manifest_table(data.manifest),), folds=file_folds(data)),
        Section("kpis", "Definitions", "What the figures mean", tables=(kpi_table(data),)),
    ]  # fmt: skip


def _today(data: ReportData) -> list[Section]:
    tables = today(data)
    if not tables:
        return []
    title = "What becomes of the patients of today"
    return [Section("today", "Today's patients", title, tables=tables)]


def _comparison(data: ReportData) -> list[Section]:
    if len(data.scenarios) < 2:
        short = title = "All figures"
        lead = (
            "Means over replications with 95 % intervals: the headline figures, then each family."
        )
    else:
        short = title = "Comparison"
        lead = (
            "The headline figures and their differences on the same patients; below, every other"
            " figure by family."
        )
    tables, folds = comparison(data)
    chosen = choice_table(data.manifest, data.labels)
    tables = tables if chosen is None else (chosen, *tables)
    return [Section("comparison", short, title, lead, tables=tables, folds=folds)]


def break_even_sections(found: BreakEvens | None, currency: str) -> list[Section]:
    """Return the section of the break-even questions, none if nothing was asked."""
    exhibits = break_even_exhibits(found, currency)
    return [Section("break-even", "Break-even", TITLE, LEAD, exhibits)] if exhibits else []


def warm_up_sections(settling: pd.DataFrame | None, labels: Mapping[str, str]) -> list[Section]:
    """Return the section on the warm-up, none if no scenario has a steady state."""
    if settling is None or settling.empty:
        return []
    return [Section("warm-up", "Warm-up", "Is the beginning left out?",
                    "A steady-state study starts empty. What is enrolled before the warm-up ends"
                    " is not measured; it must be as long as the plant takes to fill.",
                    exhibits=(warm_up_exhibit(settling, labels),),
                    tables=(warm_up_table(settling, labels),))]  # fmt: skip


def _over_time(data: ReportData) -> list[Section]:
    exhibits = tuple(over_time(data))
    return [Section("over-time", "Over time", "How it went on over time",
                    exhibits=exhibits)] if exhibits else []  # fmt: skip


def _disruptions(data: ReportData) -> list[Section]:
    tables = disruption_tables(data)
    return [Section("disruptions", "Disruptions", "What went wrong, and what came of it",
                    tables=tables)] if tables else []  # fmt: skip


def _stock(data: ReportData) -> list[Section]:
    exhibits = tuple(stock_trajectories(data))
    if not exhibits:
        return []
    return [Section("stock", "Stock", "How the stock of doses moved", exhibits=exhibits,
                    folds=stock_folds(data))]  # fmt: skip
