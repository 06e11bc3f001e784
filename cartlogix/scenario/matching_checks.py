"""What a schema cannot say of match classes: that somebody can give to whoever needs."""

from __future__ import annotations

from collections.abc import Iterator

from cartlogix.scenario.itinerary import first_source, home_route
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.problem import Path, Problem, unknown
from cartlogix.scenario.stock import Stock


def check_matching(scenario: Scenario) -> Iterator[Problem]:
    """Yield every problem of match classes, donors' classes, and who finds a dose."""
    classes = scenario.demand.match_classes
    giving = {name for stock in scenario.stocks for name in _donor_classes(stock)}
    if classes and sum(item.share.value for item in classes) <= 0:
        yield Problem(("demand", "match_classes"), "the classes' shares must not all be 0")
    if classes and not giving:
        message = "no stock has donors with match classes: add 'lot.donors' to a stock"
        yield Problem(("demand", "match_classes"), message, "warning")
        return
    for i, item in enumerate(classes):
        path: Path = ("demand", "match_classes", i)
        for k, name in enumerate(item.accepts):
            if name not in giving:
                yield unknown((*path, "accepts", k), "class of donors", name, giving)
        if not item.accepts and item.name not in giving:
            yield unknown((*path, "name"), "class of donors", item.name, giving)
    for i, stock in enumerate(scenario.stocks):
        yield from _donors(scenario, ("stocks", i, "lot", "donors"), stock)
    yield from _draws(scenario)


def _donor_classes(stock: Stock) -> tuple[str, ...]:
    return tuple(stock.lot.donors.classes) if stock.lot.donors else ()


def _donors(scenario: Scenario, path: Path, stock: Stock) -> Iterator[Problem]:
    donors, classes = stock.lot.donors, scenario.demand.match_classes
    screened = [step for step in stock.lot.route if step.marks == "donor"]
    if donors is not None and donors.deferral.value > 0 and len(screened) != 1:
        message = "mark the one step of the route at which donors are screened: milestone: donor"
        yield Problem((*path, "deferral"), message)
    yield from _restarts(path, stock)
    if donors is not None and donors.choose == "shortest":
        if not donors.classes:
            message = "there is no class to choose: give 'classes', or remove 'choose'"
            yield Problem((*path, "choose"), message)
        elif stock.replenishment.rule in ("none", "exogenous"):
            message = "has no effect: donors are chosen for lots that are ordered, and nobody does"
            yield Problem((*path, "choose"), message, "warning")
    if donors is None or not donors.classes:
        if stock.supplied_by is None and "matching" in stock.model_fields_set:
            message = "has no effect: doses fit everybody, since 'donors.classes' is not given"
            yield Problem((*path[:2], "matching"), message, "warning")
        return
    if not classes:
        message = "donors have classes, but patients have none: say who may take what in "
        yield Problem((*path, "classes"), message + "'demand.match_classes'")
        return
    if sum(share.value for share in donors.classes.values()) <= 0:
        yield Problem((*path, "classes"), "the donors' frequencies must not all be 0")
    wanted = {name for item in classes for name in item.takes}
    for name in donors.classes:
        if name not in wanted:
            message = f"no patient can take doses of class '{name}': name it in 'accepts'"
            yield Problem((*path, "classes", name), message, "warning")


def _restarts(path: Path, stock: Stock) -> Iterator[Problem]:
    """Yield the remakes that stored cells cannot begin with."""
    donors, route = stock.lot.donors, stock.lot.route
    if donors is None or donors.lots_each == 1:
        return
    names = [step.name for step in route]
    marks = [i for i, step in enumerate(route) if step.marks in ("donor", "apheresis")]
    first = marks[-1] + 1 if marks else 0
    for j, step in enumerate(route[first:], start=first):
        for branch in step.failure.then if step.failure else ():
            back = branch.from_step
            new = branch.material == "new" and back is None
            if branch.action == "remake" and (new or (back in names and names.index(back) < first)):
                message = "with 'donors.lots_each' above 1 a remake cannot go back to the donor"
                yield Problem((*path[:2], "lot", "route", j, "failure"), message)


def _draws(scenario: Scenario) -> Iterator[Problem]:
    """Yield the draws at which patients of some class would never find a dose."""
    asked = {
        (i, j, step.draw.stock): None
        for i in range(len(scenario.pathways))
        for centre in range(len(scenario.network.centres))
        for j, step in enumerate(home_route(scenario, i, centre))
        if step.draw
    }
    for i, j, stocks in asked:
        donors = [first_source(scenario, name).lot.donors for name in stocks]
        if any(each is None or not each.classes for each in donors):
            continue
        found = {
            name
            for each in donors
            if each
            for name, share in each.classes.items()
            if share.value > 0
        }
        for item in scenario.demand.match_classes:
            if item.share.value > 0 and found.isdisjoint(item.takes):
                message = (
                    f"no donor of {', '.join(map(repr, stocks))} has a class that patients of "
                    f"class '{item.name}' can take ({', '.join(item.takes)}): add one to "
                    "'donors.classes' or to 'accepts'"
                )
                yield Problem(("pathways", i, "route", j, "draw"), message)
