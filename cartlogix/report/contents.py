"""The sections of the page, in the order in which a decision maker reads them."""

from __future__ import annotations

from dataclasses import dataclass

from cartlogix.report.data import ReportData
from cartlogix.report.figures.capacity import utilisation
from cartlogix.report.figures.cost import cost_waterfall
from cartlogix.report.figures.exhibit import Exhibit
from cartlogix.report.figures.flow import balance, patient_flow
from cartlogix.report.figures.gantt import suite_charts
from cartlogix.report.figures.inventory import stock_trajectories
from cartlogix.report.figures.lead_time import cumulative_incidence
from cartlogix.report.figures.steps import days_by_step
from cartlogix.report.sections.comparison import comparison_tables, grouped_table
from cartlogix.report.sections.inputs import input_lead, input_table
from cartlogix.report.sections.method import MethodItem, method_items
from cartlogix.report.sections.provenance import kpi_table, manifest_table
from cartlogix.report.tables import Table


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
    items: tuple[MethodItem, ...] = ()
    lines: tuple[str, ...] = ()


def contents(data: ReportData) -> list[Section]:
    """Return the sections of the page; those that cannot apply are left out."""
    return [
        Section("answer", "The answer", "The answer"),
        Section("overview", "At a glance", "At a glance",
                "Means over replications, each with its 95 % interval below."),
        *_comparison(data),
        Section("lead-time", "Lead time", "How long patients wait",
                exhibits=(cumulative_incidence(data), days_by_step(data))),
        Section("cost", "Cost", "What an infused patient costs", exhibits=(cost_waterfall(data),)),
        Section("flow", "Patient flow", "What became of the patients",
                exhibits=(patient_flow(data),), lines=balance(data)),
        Section("capacity", "Capacity", "How busy the resources are",
                exhibits=(utilisation(data), *suite_charts(data))),
        *_stock(data),
        Section("inputs", "Inputs", "Inputs and their sources", input_lead(data),
                tables=(input_table(data),)),
        Section("method", "Method", "Method",
                "Reported along the items of the STRESS-DES guideline for simulation studies.",
                items=method_items(data)),
        Section("provenance", "Provenance", "Provenance",
                "What is needed to get the same numbers again.", tables=(manifest_table(data),)),
        Section("kpis", "Definitions", "What the figures mean", tables=(kpi_table(data),)),
    ]  # fmt: skip


def _comparison(data: ReportData) -> list[Section]:
    if len(data.scenarios) < 2:
        lead = "Means over replications with 95 % intervals."
        return [Section("comparison", "All figures", "All figures", lead,
                        tables=comparison_tables(data))]  # fmt: skip
    lead = (
        "Each figure of each scenario, then the differences between scenarios on the same patients."
    )
    return [Section("comparison", "Comparison", "Comparison", lead, tables=comparison_tables(data))]


def _stock(data: ReportData) -> list[Section]:
    exhibits = tuple(stock_trajectories(data))
    if not exhibits:
        return []
    figures = grouped_table(data, "inventory", "Figures of each stock, mean and 95 % interval")
    return [Section("stock", "Stock", "How the stock of doses moved", exhibits=exhibits,
                    tables=() if figures.is_empty else (figures,))]  # fmt: skip
