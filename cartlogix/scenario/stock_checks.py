"""What a schema cannot say of stocks: places, plants, and what a supply route may do."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.model import Scenario
from cartlogix.scenario.outlook import outlook
from cartlogix.scenario.pathway import LOCAL
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.route_checks import check_route
from cartlogix.scenario.stock import AgeAware, ComputedLevel


def check_stocks(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of the stocks and their supply routes."""
    sites = [site.name for site in scenario.network.sites()]
    plants = [plant.name for plant in scenario.network.plants]
    for i, stock in enumerate(scenario.stocks):
        if stock.name == LOCAL:
            message = "'local' stands for the stock of a patient's centre; choose another name"
            yield Problem(("stocks", i, "name"), message)
        if stock.at is not None and stock.at not in sites:
            yield unknown(("stocks", i, "at"), "site", stock.at, sites)
        plant = stock.lot.plant
        if plant is not None and plant not in plants:
            yield unknown(("stocks", i, "lot", "plant"), "plant", plant, plants)
        if stock.lot.doses is not None and stock.lot.doses.value < 1:
            yield Problem(
                ("stocks", i, "lot", "doses"), "a lot must yield 1 dose or more on average"
            )
        for j, step in enumerate(stock.lot.route):
            path: Path = ("stocks", i, "lot", "route", j)
            if step.draw is not None:
                yield Problem((*path, "draw"), "a lot's route cannot draw from stock")
            if step.marks == "donor" and step.failure is not None:
                message = "a donor is turned down by 'donors.deferral': write the chance there"
                yield Problem((*path, "failure"), message)
            if step.marks == "infusion":
                yield Problem((*path, "milestone"), "a lot is not infused: only patients are")
        yield from check_route(
            scenario, ("stocks", i, "lot", "route"), stock.lot.route, is_lot=True
        )


def check_computed(scenario: Scenario) -> Iterator[Problem]:
    """Yield the stocks whose level cannot be computed from what is expected."""
    for i, stock in enumerate(scenario.stocks):
        rule = stock.replenishment
        if not isinstance(rule, ComputedLevel):
            continue
        path: Path = ("stocks", i, "replenishment")
        expected = outlook(scenario, stock)
        if rule.demand is None and expected.demand == 0:
            message = f"no demand is expected of '{stock.name}': say 'demand', for example 0.5 /d"
            yield Problem((*path, "demand"), message)
        if expected.good <= 0:
            yield Problem((*path, "rule"), "every lot is expected to fail: no level can make up")
        if isinstance(rule, AgeAware) and stock.shelf_life is None:
            message = "without a shelf life nothing expires: EWA does the same as computed_S"
            yield Problem((*path, "rule"), message, "warning")
