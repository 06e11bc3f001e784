"""The answer of a search for stock levels: in words, as a table, and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cartlogix.analysis.statistics import Interval, mean_interval
from cartlogix.experiment.stock_levels import Answer
from cartlogix.report.contents import Section
from cartlogix.report.figures.stock_levels import cost_exhibit, fill_exhibit
from cartlogix.report.page import Head, document
from cartlogix.report.sections.answer import Answer as Said
from cartlogix.report.sections.answer import AnswerGroup, AnswerItem
from cartlogix.report.sections.provenance import manifest_table
from cartlogix.scenario.model import Scenario


def answer_text(answer: Answer, scenario: Scenario, stock: str, target: float | None) -> str:
    """Return the answer with its certainty, and every level that was tried."""
    return "\n".join([*_answer(answer, scenario, stock, target), "", *_table(answer, target), ""])


def render_levels(
    answer: Answer,
    scenario: Scenario,
    stock: str,
    target: float | None,
    manifest: Mapping[str, object],
) -> str:
    """Return the answer as one HTML document that needs nothing from outside."""
    basis, headline, *rest = _answer(answer, scenario, stock, target)
    currency = scenario.costs.currency
    aim = "least cost" if target is None else f"a fill rate of {100 * target:g} %"
    sections = [
        Section("answer", "The answer", "The answer"),
        Section("levels", "By level", "Every level that was tried",
                "The same patients, lots and luck at every level.",
                exhibits=(fill_exhibit(answer, target), cost_exhibit(answer, currency))),
        Section("provenance", "Provenance", "Provenance",
                "What is needed to get the same numbers again.",
                tables=(manifest_table(manifest),)),
    ]  # fmt: skip
    item = AnswerItem("Level", headline, " ".join(rest))
    said = Said((AnswerGroup("", "", (item,)),), (), (basis,))
    head = Head(
        f"The level of {stock}",
        f"Which level of {stock} gives {aim} in {scenario.title or scenario.name}?",
        f"Search over {len(answer.tried)} levels, {scenario.run.replications} replications each",
    )
    return document(head, sections, said)


def _answer(answer: Answer, scenario: Scenario, stock: str, target: float | None) -> Iterator[str]:
    found, rival, count = answer.found, answer.rival, scenario.run.replications
    rule = next(one for one in scenario.stocks if one.name == stock).replenishment.rule
    what = "reorder point" if rule in ("r_Q", "s_S") else "level"
    yield f"{stock} ({rule}), {count} replications on the same patients, 95 % intervals."
    if target is None:
        cost = _amount(mean_interval(found.cost), scenario)
        yield f"Least cost per infused patient: {what} {found.level}, {cost}."
    else:
        fill = _share(mean_interval(found.fill))
        wanted = f"{100 * target:g} % or more"
        yield f"Lowest {what} with a fill rate of {wanted}: {found.level}, {fill}."
        chance = 100 * found.chance_of(target)
        yield f"Chance that its mean fill rate reaches the target: {chance:.1f} %."
        sure = answer.surely(target)
        if sure is not None:
            yield f"Lowest {what} tried whose whole simultaneous interval reaches it: {sure}."
    if rival is None or answer.difference is None:
        yield "No other level was there to compare with."
        return
    limits = _amount if target is None else _points
    shown = limits(answer.difference, scenario)
    yield f"{what.capitalize()} {rival.level} differs from it by {shown}."
    if not answer.is_separable:
        yield f"The two are not separable with {count} replications."


def _table(answer: Answer, target: float | None) -> Iterator[str]:
    yield f"{'level':>6}  {'fill rate [%]':>22}  {'cost per infused patient':>30}" + (
        "" if target is None else f"  {'P(target) [%]':>13}"
    )
    for one in answer.tried:
        fill, cost = mean_interval(one.fill), mean_interval(one.cost)
        low, high = 100 * max(fill.low, 0), 100 * min(fill.high, 1)
        fills = f"{100 * fill.estimate:.2f} ({low:.2f} to {high:.2f})"
        costs = f"{cost.estimate:,.0f} ({cost.low:,.0f} to {cost.high:,.0f})"
        chance = "" if target is None else f"  {100 * one.chance_of(target):>13.1f}"
        yield f"{one.level:>6}  {fills:>22}  {costs:>30}{chance}"


def _share(fill: Interval) -> str:
    return f"{100 * fill.estimate:.2f} % ({100 * fill.low:.2f} to {100 * min(fill.high, 1):.2f})"


def _points(change: Interval, scenario: Scenario) -> str:
    del scenario
    low, high = 100 * change.low, 100 * change.high
    return f"{100 * change.estimate:+.2f} percentage points ({low:+.2f} to {high:+.2f})"


def _amount(cost: Interval, scenario: Scenario) -> str:
    unit = scenario.costs.currency
    return f"{cost.estimate:,.0f} {unit} ({cost.low:,.0f} to {cost.high:,.0f})"
