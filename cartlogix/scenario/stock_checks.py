"""What a schema cannot say of stocks: places, plants, and what a supply route may do."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.model import Scenario
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.route_checks import check_route


def check_stocks(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of the stocks and their supply routes."""
    sites = [site.name for site in scenario.network.sites()]
    plants = [plant.name for plant in scenario.network.plants]
    for i, stock in enumerate(scenario.stocks):
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
            if step.marks == "infusion":
                yield Problem((*path, "milestone"), "a lot is not infused: only patients are")
        yield from check_route(
            scenario, ("stocks", i, "lot", "route"), stock.lot.route, is_lot=True
        )
