"""What treatment costs: totals, per enrolled, per infused and per dose, by category.

Patients' lines belong to the patient's indication. Shared lines (lots, stocks, resources, waste)
are split over the indications in proportion to their infused patients, or to the enrolled ones if
nobody was infused. The split is done for each category and kind in whole cents, with the
remaining cents going to the largest fractions, so that the indications add up to the pooled total
exactly. Cost per infused is the cost of everybody over the number infused.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cartlogix.analysis.ledger import TRANSPORT, build_ledger, seen_from
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import (
    ALL,
    Codes,
    Figure,
    inside,
    is_one_of,
    numbers,
    observed,
    positions,
    ratio,
    slices,
)
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

KINDS = ("fixed", "variable")


def cost_figures(trace: Trace, scenario: Scenario) -> Iterator[Figure]:
    """Yield the figures of the family cost, from the scenario's perspective."""
    ledger = seen_from(build_ledger(trace, scenario), scenario.costs.perspective)
    cohort = trace.cohort
    infused = is_one_of(cohort["status"], "infused")
    doses = numbers(cohort, "doses")
    names = categories(scenario)
    money = cents_by_indication(ledger, trace, scenario) / 100
    shared = ledger["cents"].to_numpy()[~is_one_of(ledger["entity"], "patient")].sum() / 100
    parts = slices(cohort["indication"], scenario)
    for table, (indication, mask) in zip(money, parts, strict=True):
        total = float(table.sum())
        enrolled, treated = int(mask.sum()), int((infused & mask).sum())
        yield Figure("cost.total", "", indication, total)
        yield Figure("cost.per_enrolled", "", indication, ratio(total, enrolled))
        yield Figure("cost.per_infused", "", indication, ratio(total, treated))
        given = float(doses[mask].sum())
        yield Figure("cost.per_infused_dose", "", indication, ratio(total, given))
        yield from _groups("cost.category", names, table.sum(axis=1), indication, treated)
        for kind, amount in zip(KINDS, table.sum(axis=0).tolist(), strict=True):
            yield Figure(f"cost.{kind}", "", indication, amount)
            yield Figure(f"cost.{kind}_per_infused", "", indication, ratio(amount, treated))
    yield Figure("cost.shared", "", ALL, float(shared))
    made = doses_made(trace, scenario)
    yield Figure("doses.made", "", ALL, made)
    yield Figure("cost.per_dose_made", "", ALL, ratio(float(money[0].sum()), made))


def _groups(
    kpi: str, names: list[str], amounts: Floats, indication: str, treated: int
) -> Iterator[Figure]:
    for name, amount in zip(names, amounts.tolist(), strict=True):
        yield Figure(kpi, name, indication, amount)
        yield Figure(f"{kpi}_per_infused", name, indication, ratio(amount, treated))


def categories(scenario: Scenario) -> list[str]:
    """Return the cost categories in the order of the cost lines; transport last."""
    named = [line.category or line.name for line in scenario.costs.lines]
    return list(dict.fromkeys([*(name for name in named if name != TRANSPORT), TRANSPORT]))


def _cells(ledger: pd.DataFrame, scenario: Scenario) -> Codes:
    """Return cents by indication (what no single patient caused is last), category and kind."""
    indications = [indication.name for indication in scenario.demand.indications]
    names = categories(scenario)
    cells = np.zeros((len(indications) + 1, len(names), len(KINDS)), dtype=np.int64)
    whose = positions(ledger["indication"], indications)  # -1, nobody's, is last
    category, kind = positions(ledger["category"], names), positions(ledger["kind"], KINDS)
    np.add.at(cells, (whose, category, kind), ledger["cents"].to_numpy())
    return cells


def cents_by_indication(ledger: pd.DataFrame, trace: Trace, scenario: Scenario) -> Codes:
    """Return cents by slice (all, then each indication), category and kind."""
    cells = _cells(ledger, scenario)
    cohort = trace.cohort
    infused = is_one_of(cohort["status"], "infused")
    parts = slices(cohort["indication"], scenario)[1:]
    weights = np.array([(part.mask & infused).sum() for part in parts], dtype=np.float64)
    if not weights.any():
        weights = np.array([part.mask.sum() for part in parts], dtype=np.float64)
    by_indication = cells[:-1] + largest_remainder(cells[-1], weights)
    return np.concatenate([cells.sum(axis=0)[None], by_indication])


def largest_remainder(cents: Codes, weights: Floats) -> Codes:
    """Split whole cents in proportion to weights; the parts, first axis, add up exactly.

    Equal weights are used if all of them are 0.
    """
    shares = weights / weights.sum() if weights.any() else np.full(weights.size, 1 / weights.size)
    exact = shares.reshape(-1, *(1,) * cents.ndim) * cents
    parts = np.floor(exact).astype(np.int64)
    rank = np.argsort(np.argsort(-(exact - parts), axis=0, kind="stable"), axis=0)
    left = cents - parts.sum(axis=0)
    return np.where(rank < left, parts + 1, parts)


def doses_made(trace: Trace, scenario: Scenario) -> float:
    """Return the doses that the window's lots yielded and the products released for the cohort.

    A patient's own product counts once it was released, or infused although out of specification.
    """
    lots, cohort = trace["lots"], trace.cohort
    mine = inside(numbers(lots, "ordered"), observed(trace)) & ~is_one_of(lots["origin"], "initial")
    own = is_one_of(
        cohort["first_pathway"], *(p.name for p in scenario.pathways if p.modality == "autologous")
    ) & (cohort["released"].notna() | cohort["out_of_spec"]).to_numpy(dtype=bool)
    return float(numbers(lots, "doses_made")[mine].sum()) + float(own.sum())
