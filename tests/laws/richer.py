"""Random worlds with what plants live with: crews and couriers, campaigns, a state at day 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from tests.laws.parts import Draw, Plain, maybe, without_none
from tests.laws.worlds import shelves, worlds

START = "2027-01-04"
EVE, MORNING = "2027-01-02", "2027-01-04 00:00"
DAY = {"name": "day", "shifts": [{"days": "mon-sun", "from": "06:00", "to": "18:00"}]}
NIGHT = {"name": "night", "shifts": [{"days": "mon-fri", "from": "18:00", "to": "06:00"}]}


Kind = Callable[[Draw, Plain], None]
"""One of the things that exclude each other."""


@st.composite
def richer_worlds(draw: Draw, kinds: Sequence[Kind]) -> Plain:
    """A valid scenario as plain data, of one of some kinds."""
    world = draw(worlds())
    world["run"]["start"] = START
    draw(st.sampled_from(kinds))(draw, world)
    happen(draw, world)
    errors_and_age(draw, world)
    return world


def made_in(world: Plain) -> list[Plain]:
    """The steps 'manufacture' of all routes that have one."""
    routes = [p["route"] for p in world["pathways"]]
    routes += [stock.get("lot", {}).get("route", []) for stock in world["stocks"]]
    return [step for route in routes for step in route if step["name"] == "manufacture"]


def suites(world: Plain) -> list[Plain]:
    """The suites of both plants."""
    return [plant["resources"]["suite"] for plant in world["network"]["plants"]]


AWAY: Plain = {"number": 1, "from": "2027-01-07", "to": "2027-01-19"}
HARVEST: Plain = {"name": "operator", "qualification": "harvest"}
SEEDING: Plain = {"name": "operator", "qualification": "seeding", "for": "2 h"}


def crews(draw: Draw, world: Plain) -> None:
    """Operators for all of a step, or for its first hours."""
    _crews(draw, world, draw(st.sampled_from([[HARVEST], [SEEDING]])))


def crews_at_both_ends(draw: Draw, world: Plain) -> None:
    """Operators for the first and for the last hours of a step, which is then in two parts."""
    _crews(draw, world, [{**SEEDING, "units": 2}, {**HARVEST, "for": "1 h", "at": "end"}])


def _crews(draw: Draw, world: Plain, asked: list[Plain]) -> None:
    """Operators with shifts, some of them away, ill or relieved by others; a courier with hours."""
    network = world["network"]
    network["calendars"] = [DAY, NIGHT]
    absence = draw(maybe(st.just(0.3)))
    early = {"name": "early", "number": 2, "qualifications": ["seeding", "harvest"]}
    late = {"name": "late", "number": 2, "qualifications": ["harvest"], "roster": "night"}
    away = draw(maybe(st.just([AWAY])))
    people = [without_none({**early, "roster": "day", "absence": absence, "away": away}), late]
    hand_over = draw(st.booleans())
    for plant in network["plants"]:
        plant.pop("open")  # hours of people, not of the house
        plant["resources"]["operator"] = {"people": people, "hand_over": hand_over}
    for step in made_in(world):
        step["needs"] = [draw(st.sampled_from(["suite", {"name": "suite", "units": 2}])), *asked]
        if step["duration"] == "0 d":
            step["duration"] = "1 d"  # there is work for the first hours and the last
        for branch in step.get("failure", {}).get("then", []):
            if branch.get("queue") == "same_suite":  # which a step in parts cannot keep
                branch["queue"] = "front"
    if draw(st.booleans()):
        ill: Plain = draw(st.sampled_from([{"group": "early", "units": 1}, {"group": "late"}, {}]))
        flu = {"site": "east", "resource": "operator", "at": ["5 d"], "lasts": "6 d", **ill}
        world["disruptions"].append({"name": "flu", "kind": "outage", **flu})
    courier = network["lanes"][0]["modes"][0]
    courier["pick_up"] = {"at": ["11:00", "16:00"], "cut_off": "2 h"}
    courier.pop("max_transit")


def campaigns(draw: Draw, world: Plain) -> None:
    """Suites that are changed between the families of patients, of donor lots and of vectors."""
    rules = without_none(
        {
            "between": draw(st.sampled_from(["12 h", "2 d"])),
            "to": draw(st.sampled_from([{}, {"doses": "1 d"}])),
            "most": draw(st.sampled_from([1, 2])),
            "least": draw(maybe(st.just(2))),
            "longest_wait": "4 d",
        }
    )
    for plant in world["network"]["plants"]:
        capacity = draw(st.integers(1, 3))
        plant["resources"]["suite"] = {"capacity": capacity, "campaigns": rules}
    for step in made_in(world):
        step["needs"] = ["suite"]
    if draw(st.booleans()):
        how = draw(st.sampled_from(["finish", "pause"]))
        unit = {"site": "east", "resource": "suite", "units": 1, "at": ["6 d"], "lasts": "5 d"}
        world["disruptions"].append({"name": "wear", "kind": "outage", "in_process": how, **unit})


def found_at_day_0(draw: Draw, world: Plain) -> None:
    """Patients who wait and one in a chair, a lot that was ordered, and doses in store."""
    world["run"]["warm_up"] = "0 d"
    classes = [item["name"] for item in world["demand"]["match_classes"]]
    kind: Plain = {"match_class": draw(st.sampled_from(classes))} if classes else {}
    patient = {"indication": "lupus", "enrolled": EVE, "since": EVE}
    world["snapshot"] = {
        "patients": [
            {**patient, "name": "P-1", "step": "apheresis", "state": "working", "centre": "north"},
            {**patient, "name": "P-2", "step": "manufacture", "attempt": 2, "centre": "south"},
            {**patient, "name": "P-3", "step": "order", "centre": "south", **kind},
            {**patient, "name": "P-4", "step": "infusion", "centre": "north", "dose_from": "L-1"}
            | {"pathway": "off-the-shelf", **kind},
        ],
        "lots": [
            {"name": "L-2", "stock": "doses", "doses": 3, "step": "release", "since": MORNING}
            | {"ordered": EVE, **kind},
        ],
        "stock": [
            {"name": "L-1", "stock": "doses", "received": EVE, "doses": draw(st.integers(0, 2))}
            | kind,
        ],
    }


def happen(draw: Draw, world: Plain) -> None:
    """More patients than usual for a time, lots that do not come, work that is broken off."""
    found = world["disruptions"]
    if draw(st.booleans()):
        bed = {"site": "north", "resource": "bed", "at": ["9 d", "14 d"], "lasts": "2 d"}
        found.append({"name": "halt", "kind": "outage", "in_process": "pause", **bed})
    if draw(st.booleans()):
        suite = {"site": "east", "resource": "suite", "at": ["17 d"], "lasts": "2 d"}
        hit = ("suite", None)  # none: the whole plant
        found[:] = [d for d in found if d.get("site") != "east" or d.get("resource") not in hit]
        found.append({"name": "spill", "kind": "outage", "in_process": "destroy", **suite})
        for step in made_in(world):
            step.setdefault("failure", {"probability": 0.1, "then": "remake"})
    if world["demand"]["arrivals"]["process"] == "poisson" and draw(st.booleans()):
        surge = {"name": "surge", "kind": "surge", "at": ["4 d"], "lasts": "6 d", "factor": 3}
        found.append(surge | draw(st.sampled_from([{}, {"indication": "lupus"}])))
    if world["stocks"][0]["replenishment"]["rule"] != "none" and draw(st.booleans()):
        lots = draw(st.integers(1, 2))
        found.append(
            {"name": "missed", "kind": "missed_lot", "stock": "doses", "at": ["2 d"], "lots": lots}
        )


def errors_and_age(draw: Draw, world: Plain) -> None:
    """Material that dies in line or in transit, and tests of patients' products that err."""
    made, released = (world["pathways"][0]["route"][place] for place in (2, 3))
    fresh: Plain = {"life": draw(st.sampled_from(["1 d", "3 d"])), "max_attempts": 2}
    made.update(draw(st.sampled_from([{}, {"fresh": fresh}])))
    donors = world["stocks"][0]["lot"].get("donors")
    if donors:
        donors["choose"] = draw(st.sampled_from(["by_frequency", "shortest"]))
    if draw(st.booleans()):
        fails = released.setdefault("failure", {"probability": 0.3, "then": "lost"})
        fails["test"] = {"false_positive": 0.2, "false_negative": 0.5}


def shelf_without_doses(draw: Draw, world: Plain) -> None:
    """A shelf that is alone to serve its pathway, so that another stock must help it."""
    shelf = {**draw(shelves()), "initial": 0, "transship": {"from": ["doses"]}}
    world["stocks"][2:] = [shelf]
    world["stocks"][0]["initial"] = 6
    world["pathways"][1]["route"][0]["draw"]["stock"] = ["shelf"]
    world["disruptions"] = [one for one in world["disruptions"] if one["kind"] != "recall"]


KINDS: list[Kind] = [crews, crews_at_both_ends, campaigns, found_at_day_0, shelf_without_doses]
