"""Money is conserved: what is charged is in the ledger once, and every figure is a part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cartlogix.analysis.cost import categories, cents_by_indication, cost_figures
from cartlogix.analysis.ledger import build_ledger, seen_from
from cartlogix.analysis.tidy import is_one_of, numbers, slices
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

Key = tuple[str, str, str]
"""KPI, group and indication of a figure."""


def money(trace: Trace, scenario: Scenario) -> list[str]:
    """Ledger lines add up to the totals, by bearer, category, indication, and in the KPIs."""
    everybodys = build_ledger(trace, scenario)
    ledger = seen_from(everybodys, scenario.costs.perspective)
    total = int(ledger["cents"].sum())
    split = cents_by_indication(ledger, trace, scenario)
    worth = {figure[:3]: float(figure.value) for figure in cost_figures(trace, scenario)}
    found = []
    if int(split[0].sum()) != total:
        found.append(f"categories add up to {int(split[0].sum())} cents, lines to {total}")
    if (split[1:].sum(axis=0) != split[0]).any():
        found.append("indications do not add up to the pooled cost")
    if round(worth["cost.total", "", "all"] * 100) != total:
        shown = worth["cost.total", "", "all"]
        found.append(f"the total shown is {shown}, the ledger has {total} cents")
    bearers = everybodys["borne_by"].astype(str).unique()
    borne = sum(int(seen_from(everybodys, name)["cents"].sum()) for name in bearers)
    if borne != int(everybodys["cents"].sum()):
        found.append(f"bearers pay {borne} cents, {int(everybodys['cents'].sum())} are charged")
    return [*found, *_figures(trace, scenario, worth)]


def _figures(trace: Trace, scenario: Scenario, worth: Mapping[Key, float]) -> Iterator[str]:
    """Yield figures that do not give the total back: a cost per infused times the infused."""
    cohort, names = trace.cohort, categories(scenario)
    infused = is_one_of(cohort["status"], "infused")
    doses = numbers(cohort, "doses")
    for indication, mask in slices(cohort["indication"], scenario):
        total = worth["cost.total", "", indication]
        sums = {
            "cost.fixed and cost.variable": worth["cost.fixed", "", indication]
            + worth["cost.variable", "", indication],
            "cost.category": sum(worth["cost.category", name, indication] for name in names),
        }
        for kpi, count in (
            ("cost.per_enrolled", mask.sum()),
            ("cost.per_infused", (infused & mask).sum()),
            ("cost.per_infused_dose", doses[mask].sum()),
        ):
            if count:
                sums[f"{kpi} times {count:g}"] = worth[kpi, "", indication] * float(count)
        for name, value in sums.items():
            if round(value * 100) != round(total * 100):
                yield f"{indication}: {name} is {value:.2f}, the total is {total:.2f}"
