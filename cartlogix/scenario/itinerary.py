"""Where each step of a route takes place, for one centre and one plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Mode
from cartlogix.scenario.pathway import LOCAL, Step
from cartlogix.scenario.stock import Stock


@dataclass(frozen=True, slots=True)
class Stop:
    """The place of one step.

    A shipment also has origins (one for each stock that the dose may come from) and a destination.
    """

    site: str
    origins: tuple[str, ...]
    destination: str | None = None


def home_route(scenario: Scenario, pathway: int, centre: int) -> tuple[Step, ...]:
    """Return a pathway's steps for the patients of one centre: `local` becomes its stock."""
    home, route = scenario.network.centres[centre], scenario.pathways[pathway].route
    if home.stock is None or not any(s.draw and LOCAL in s.draw.stock for s in route):
        return route
    return tuple(_at_home(step, home.stock) for step in route)


def _at_home(step: Step, local: str) -> Step:
    if step.draw is None:
        return step
    stocks = tuple(dict.fromkeys(local if name == LOCAL else name for name in step.draw.stock))
    return step.model_copy(update={"draw": step.draw.model_copy(update={"stock": stocks})})


def patient_itinerary(scenario: Scenario, pathway: int, centre: int) -> tuple[Stop, ...]:
    """Return the stops of a pathway for the patients of one centre."""
    home = scenario.network.centres[centre]
    places = {"centre": home.name, "plant": scenario.network.plant_of(home)}
    return _stops(scenario, home_route(scenario, pathway, centre), home.name, places)


def lot_itinerary(scenario: Scenario, stock: int) -> tuple[Stop, ...]:
    """Return the stops of a stock's supply route, from the plant that makes its lots."""
    lot = scenario.stocks[stock].lot
    plant = lot.plant or scenario.network.plants[0].name
    return _stops(scenario, lot.route, plant, {"centre": plant, "plant": plant})


def transport_mode(scenario: Scenario, step: Step, origin: str, destination: str) -> Mode | None:
    """Return the transport mode of a shipment, or None if no lane or no such mode exists."""
    lane = scenario.network.lane(origin, destination)
    wanted = step.ship.mode if step.ship else None
    if lane is None:
        return None
    return next((mode for mode in lane.modes if wanted in (None, mode.name)), None)


def families(scenario: Scenario) -> dict[str, None]:
    """Return the product families of patients' pathways and of lots, each once, in order."""
    named = [pathway.family or pathway.name for pathway in scenario.pathways]
    named += [stock.lot.family or stock.name for stock in scenario.stocks]
    return dict.fromkeys(named)


def first_source(scenario: Scenario, name: str) -> Stock:
    """Return the stock where the doses of a stock come from in the end: itself, if made for it.

    Raises:
        StopIteration: if no stock has this name; the checks find that, and circles too.
    """
    stock = next(stock for stock in scenario.stocks if stock.name == name)
    while stock.supplied_by is not None:
        stock = next(one for one in scenario.stocks if one.name == stock.supplied_by.stock)
    return stock


def transfer_mode(scenario: Scenario, origin: str, target: str, mode: str | None) -> Mode | None:
    """Return the transport mode between two stocks' sites, None if there is no such lane."""
    lane = scenario.network.lane(stock_site(scenario, origin), stock_site(scenario, target))
    return next((m for m in lane.modes if mode in (None, m.name)), None) if lane else None


def stock_site(scenario: Scenario, name: str) -> str:
    """Return the site that holds a stock; a stock that is not defined is at the first plant."""
    at = next((stock.at for stock in scenario.stocks if stock.name == name), None)
    return at or scenario.network.plants[0].name


def _stops(
    scenario: Scenario, route: Sequence[Step], start: str, places: Mapping[str, str]
) -> tuple[Stop, ...]:
    here: tuple[str, ...] = (start,)
    stops: list[Stop] = []
    for step in route:
        if step.draw is not None:
            here = tuple(stock_site(scenario, name) for name in step.draw.stock)
        if step.ship is not None:
            named = step.ship.from_
            origins = here if named is None else (places.get(named, named),)
            destination = places.get(step.ship.to, step.ship.to)
            stops.append(Stop(destination, origins, destination))
            here = (destination,)
        else:
            stops.append(Stop(_site(scenario, step, places, here[0]), here))
    return tuple(stops)


def _site(scenario: Scenario, step: Step, places: Mapping[str, str], here: str) -> str:
    """Return where a step takes place: as it says, by its resources, or where the material is."""
    if step.at is not None:
        return places[step.at]
    if not step.needs or places["centre"] == places["plant"]:
        return here
    role = scenario.network.role_of(step.needs[0].name)
    return places[role] if role else here
