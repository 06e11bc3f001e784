"""What a schema cannot see: references, circles, dates outside the board, and units of nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from cartlogix.board.capacity import Limit, Plant
from cartlogix.board.moment import Clock, Moment
from cartlogix.board.schema import LONGEST, Board, Order, Product, Step
from cartlogix.scenario.problem import Path, Problem, unknown

AT_PLANT = ("ship_in", "manufacture", "qc", "ship_out")
"""Kinds of steps that depend on the plant."""


def clock_of(board: Board) -> Clock:
    """Return the clock of a board whose horizon is within bounds."""
    per_day = 1 if board.tick == "day" else 2
    clock = Clock(board.start.date, per_day, 0)
    return Clock(board.start.date, per_day, clock.whole(min(board.horizon.value, LONGEST)))


def check(board: Board) -> list[Problem]:
    """Return every problem of a board that fits the schema."""
    found = [*_whole(board), *_names(board), *_products(board), *_lanes(board)]
    plants = {plant.name: plant for plant in board.plants}
    products = {product.name: product for product in board.products}
    for number, order in enumerate(board.orders):
        found += _order(board, ("orders", number), order, products, plants)
    if not any(problem.severity == "error" for problem in found):
        found += _circles(board)
    return found


def _whole(board: Board) -> Iterator[Problem]:
    days = board.horizon.value
    if not 1 <= days <= LONGEST:
        yield Problem(("horizon",), f"must be from 1 d to {LONGEST} d, found {days:,.12g} d")
    if board.start.half is not None:
        yield Problem(("start",), f"a board begins with a whole day; write {board.start.date}")
    if board.tick == "day":
        for path, limit in _limits(board):
            if any(am != pm for am, pm in limit.units.units):
                words = "morning and afternoon differ, but a tick is a day; set tick: half-day"
                yield Problem((*path, "units"), words)


def _limits(board: Board) -> Iterator[tuple[Path, Limit]]:
    """Yield every limit with its path."""
    for number, plant in enumerate(board.plants):
        for key in ("starts", "qc", "pick_up"):
            if getattr(plant, key) is not None:
                yield ("plants", number, key), getattr(plant, key)
        for index, operators in enumerate(plant.operators):
            yield ("plants", number, "operators", index), operators
    for number, site in enumerate(board.sites):
        for key in ("chairs", "beds", "pick_up"):
            if getattr(site, key) is not None:
                yield ("sites", number, key), getattr(site, key)


def _twice(path: Path, names: Iterable[str], what: str, key: str = "name") -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, name in enumerate(names):
        if name in seen:
            words = f"the {what} '{name}' is there twice; give each a {key} of its own"
            yield Problem((*path, number, key), words)
        seen.setdefault(name, number)


def _names(board: Board) -> Iterator[Problem]:
    yield from _twice(("orders",), (order.id for order in board.orders), "order", "id")
    yield from _twice(("plants",), (plant.name for plant in board.plants), "plant")
    yield from _twice(("sites",), (site.name for site in board.sites), "site")
    yield from _twice(("products",), (product.name for product in board.products), "product")
    plants = {plant.name for plant in board.plants}
    for number, site in enumerate(board.sites):
        if site.name in plants:
            words = f"a plant is called '{site.name}' too; give the site another name"
            yield Problem(("sites", number, "name"), words)
    for number, plant in enumerate(board.plants):
        path: Path = ("plants", number)
        yield from _twice((*path, "suites"), (suite.name for suite in plant.suites), "suite")
        names = (operators.name for operators in plant.operators)
        yield from _twice((*path, "operators"), names, "qualification")
        known = [product.name for product in board.products]
        for index, suite in enumerate(plant.suites):
            for place, name in enumerate(suite.products):
                if name not in known:
                    at = (*path, "suites", index, "products", place)
                    yield unknown(at, "product", name, known)


def _lanes(board: Board) -> Iterator[Problem]:
    plants = [plant.name for plant in board.plants]
    sites = [site.name for site in board.sites]
    for number, lane in enumerate(board.lanes):
        if lane.plant not in plants:
            yield unknown(("lanes", number, "plant"), "plant", lane.plant, plants)
        if lane.site not in sites:
            yield unknown(("lanes", number, "site"), "site", lane.site, sites)
    pairs = [(lane.site, lane.plant) for lane in board.lanes]
    for number, pair in enumerate(pairs):
        if pair in pairs[:number]:
            words = f"there is a lane from '{pair[0]}' to '{pair[1]}' already; keep one of them"
            yield Problem(("lanes", number), words)


def _products(board: Board) -> Iterator[Problem]:
    skills = [operators.name for plant in board.plants for operators in plant.operators]
    for number, product in enumerate(board.products):
        path: Path = ("products", number, "route")
        yield from _twice(path, (step.step for step in product.route), "step", "step")
        for index, step in enumerate(product.route):
            yield from _step(board, product, (*path, index), step, skills)


def _step(
    board: Board, product: Product, path: Path, step: Step, skills: list[str]
) -> Iterator[Problem]:
    number = int(path[-1])
    for index, work in enumerate(step.hands_on):
        if work.operators not in skills:
            at = (*path, "hands_on", index, "operators")
            yield unknown(at, "qualification", work.operators, skills)
    if step.max_wait is not None and step.max_wait.value < step.min_wait.value:
        words = f"is shorter than min_wait ({step.min_wait.value:g} d); write a longer one"
        yield Problem((*path, "max_wait"), words)
    if step.overlap.value:
        yield from _overlap(board, product, path, step, number)


def _overlap(
    board: Board, product: Product, path: Path, step: Step, number: int
) -> Iterator[Problem]:
    """Yield what is wrong with a step that begins before the one before it has ended."""
    at = (*path, "overlap")
    if step.kind != "lymphodepletion" or number == 0:
        yield Problem(at, "only lymphodepletion may overlap with the step before; remove it")
        return
    if step.overlap.value > step.duration.value:
        words = f"must be at most the duration ({step.duration.value:g} d)"
        yield Problem(at, words)
    released = [i for i, one in enumerate(product.route[:number]) if one.kind == "qc"]
    since = product.route[(released[-1] + 1 if released else number) : number]
    safe = sum(_least(board, one) for one in since)
    if not board.lymphodepletion_at_risk and step.overlap.value > safe:
        words = (
            f"lymphodepletion would begin before the product is released; at most {safe:g} d, "
            "or set lymphodepletion_at_risk: true"
        )
        yield Problem(at, words)


def _least(board: Board, step: Step) -> float:
    lanes = [lane.outward.value for lane in board.lanes] if step.kind == "ship_out" else []
    return min([step.duration.value, *lanes])


def _order(
    board: Board,
    path: Path,
    order: Order,
    products: dict[str, Product],
    plants: dict[str, Plant],
) -> Iterator[Problem]:
    sites = [site.name for site in board.sites]
    product = products.get(order.product)
    if product is None:
        yield unknown((*path, "product"), "product", order.product, products)
    if order.site is not None and order.site not in sites:
        yield unknown((*path, "site"), "site", order.site, sites)
    for index, name in enumerate(order.plants):
        if name not in plants:
            yield unknown((*path, "plants", index), "plant", name, plants)
    ids = [other.id for other in board.orders]
    for index, name in enumerate(order.after):
        if name not in ids:
            yield unknown((*path, "after", index), "order", name, ids)
    yield from _dates(clock_of(board), path, order)
    if product is not None:
        suites = {
            suite.name
            for plant in plants.values()
            if not order.plants or plant.name in order.plants
            for suite in plant.suites
            if not suite.products or product.name in suite.products
        }
        yield from _decided(clock_of(board), path, order, product, suites)


def _dates(clock: Clock, path: Path, order: Order) -> Iterator[Problem]:
    who = f"order '{order.id}'"
    if order.ready is not None and clock.first(order.ready) >= clock.ticks:
        words = f"{who} is ready after the board has ended; lengthen the horizon or leave it out"
        yield Problem((*path, "ready"), words)
    for key in ("due", "deadline"):
        day: Moment | None = getattr(order, key)
        if day is not None and order.ready is not None and day.date < order.ready.date:
            words = f"{who} is {key} before it is ready ({order.ready}): it will be late"
            yield Problem((*path, key), words, "warning")
        elif day is not None and day.date < clock.start and order.running is None:
            words = f"{who} is {key} before the board begins ({clock.start}): it will be late"
            yield Problem((*path, key), words, "warning")


def _decided(
    clock: Clock, path: Path, order: Order, product: Product, suites: set[str]
) -> Iterator[Problem]:
    """Yield what is wrong with pins, and with what is under way."""
    steps = {step.step: step for step in product.route}
    decided: Sequence[tuple[Path, str, str | None]] = [
        *(((*path, "pins", n), pin.step, pin.place) for n, pin in enumerate(order.pins)),
        *([((*path, "running"), order.running.step, order.running.place)] if order.running else []),
    ]
    for at, name, place in decided:
        if name not in steps:
            yield unknown((*at, "step"), "step", name, steps)
        elif place is not None and steps[name].kind != "manufacture":
            yield Problem((*at, "place"), f"the step '{name}' takes no suite; leave the place out")
        elif place is not None and place not in suites:
            yield unknown((*at, "place"), f"suite for '{product.name}'", place, suites)
        elif at[-1] == "running" and place is None and steps[name].kind == "manufacture":
            yield Problem((*at, "place"), "name the suite in which the lot is")
    for number, pin in enumerate(order.pins):
        if not 0 <= clock.first(pin.start) < clock.ticks:
            words = f"{pin.start} lies outside the board; pin only what starts within it"
            yield Problem((*path, "pins", number, "start"), words)
    running = order.running
    if running is not None and not clock.first(running.started) < 0 < clock.after(running.ends):
        words = (
            "a lot that is under way began before the board and ends on its first day or later; "
            "pin what starts later, and name the next step of what has ended"
        )
        yield Problem((*path, "running"), words)


def _circles(board: Board) -> Iterator[Problem]:
    graph = {order.id: set(order.after) for order in board.orders}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        number = next(n for n, order in enumerate(board.orders) if order.id == circle[-1])
        words = f"orders wait for each other in a circle: {' -> '.join(circle)}; break it"
        yield Problem(("orders", number, "after"), words)
