"""Random small worlds: valid scenarios as plain data, with everything a scenario can say."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cartlogix.scenario.checks import check
from cartlogix.scenario.model import Scenario
from tests.laws.parts import (
    DURATION,
    OPEN,
    PROBABILITY,
    Draw,
    Plain,
    made,
    maybe,
    resources,
    stocks,
    without_none,
)


@st.composite
def autologous(draw: Draw, switch: str | None) -> Plain:
    fresh = {"probability": 0, "then": {"action": "remake", "material": "new"}}
    return {
        "name": "autologous",
        "modality": "autologous",
        "route": [
            {"name": "apheresis", "needs": "chair", "duration": draw(DURATION)},
            {"name": "ship in", "ship": {"to": "plant", "fresh": True}, "failure": fresh},
            *draw(made(lot=False, switch=switch)),
            {"name": "ship out", "ship": {"to": "centre", "mode": draw(st.sampled_from(MODES))}},
            {"name": "lymphodepletion", "duration": draw(DURATION), "with_previous": True},
            {"name": "infusion", "needs": "bed", "duration": draw(DURATION)},
        ],
    }


MODES = ["courier", "charter"]


@st.composite
def from_stock(draw: Draw, name: str, modality: str, names: list[str], switch: str | None) -> Plain:
    outs: list[Any] = ["wait", "wait", "lost"]
    if switch is not None:
        outs.append({"action": "switch", "pathway": switch})
    repeat = draw(maybe(st.just({"doses": 3, "interval": "10 d", "from_step": "order"})))
    chance = draw(maybe(PROBABILITY))
    if repeat is not None and chance is not None:
        repeat = {**repeat, "probability": chance}
    bed = draw(maybe(st.just("bed")))
    infusion = without_none({"name": "infusion", "needs": bed, "duration": draw(DURATION)})
    return without_none(
        {
            "name": name,
            "modality": modality,
            "route": [
                {
                    "name": "order",
                    "draw": {"stock": names, "stock_out": draw(st.sampled_from(outs))},
                },
                {"name": "ship", "ship": "centre"},
                {"name": "lymphodepletion", "duration": draw(DURATION), "with_previous": True},
                infusion,
            ],
            "repeat": repeat,
            "outcomes": [{"name": "response", "probability": 0.6}],
        }
    )


@st.composite
def causes(draw: Draw) -> list[Plain]:
    scope = st.sampled_from(
        ["enrolment_to_infusion", "waiting_for_slot", ["manufacture"], ["order", "infusion"]]
    )
    laws: st.SearchStrategy[Plain] = st.sampled_from(
        [
            {"hazard": "0.03 /d"},
            {"hazard": "0 /d"},
            {"after": "9 d"},
            {"after": {"law": "weibull", "scale": "20 d", "shape": 2}},
        ]
    )
    count = draw(st.integers(0, 2))
    return [{"name": f"cause {i}", "scope": draw(scope), **draw(laws)} for i in range(count)]


ARRIVALS: list[Plain] = [
    {"process": "poisson", "rate": "0.8 /d"},
    {
        "process": "poisson",
        "rates": [{"at": "0 d", "rate": "0.2 /d"}, {"at": "12 d", "rate": "1 /d"}],
    },
    {
        "process": "poisson",
        "shape": "linear",
        "rates": [{"at": "0 d", "rate": "0 /d"}, {"at": "20 d", "rate": "1.5 /d"}],
    },
    {"process": "interval", "every": "1 d", "until": "25 d"},
    {"process": "interval", "every": "36 h", "first": "1 d"},
    {"process": "list", "patients": ["0 d", "0 d", "0 d", "3 d", {"at": "5 d", "centre": "south"}]},
]


def cost_lines() -> list[Plain]:
    names = {
        "step": ["infusion", "manufacture"],
        "shipment": [],
        "patient": [],
        "dose": [],
        "lot": [],
        "lot_step": ["release"],
        "wasted_lot": [],
        "wasted_dose": [],
        "dose_day": [],
        "resource_day": ["suite"],
        "busy_day": ["suite", "bed"],
    }
    return [
        without_none({"name": per, "per": per, "amount": 10.01 + i, "of": of or None})
        for i, (per, of) in enumerate(names.items())
    ]


CLASSES: list[Plain] = [{"name": "O"}, {"name": "A", "accepts": ["A", "O"]}]


@st.composite
def networks(draw: Draw) -> Plain:
    """Two centres, two like plants, a depot, and one lane for all with a choice of modes."""
    plant: Plain = {
        "open": draw(OPEN),
        "resources": {
            "suite": draw(resources(least=2)),
            "operator": draw(resources()),
            "qc": draw(resources()),
        },
    }
    centre = {"resources": {"chair": draw(resources()), "bed": draw(resources())}}
    courier = {"name": "courier", "time": draw(DURATION), "price": 99.5, "max_transit": "2 d"}
    charter = {"name": "charter", "time": "6 h", "price": 1000}
    return {
        "centres": [
            {"name": "north", **centre},
            {"name": "south", **centre, "plant": draw(st.sampled_from(["east", "west"]))},
        ],
        "plants": [{"name": "east", **plant}, {"name": "west", **plant}],
        "depots": [{"name": "depot"}],
        "lanes": [{"modes": [courier, charter]}],
    }


HEALTH: Plain = {
    "states": [
        {"name": "fit", "share": 2, "mortality": "0.01 /d"},
        {"name": "worse", "share": 1, "urgency": 9},
        {"name": "ineligible", "end": "lost"},
        {"name": "dead", "end": "death"},
    ],
    "transitions": [
        {"from": "fit", "to": "worse", "hazard": "0.1 /d"},
        {"from": "worse", "to": "fit", "after": {"law": "uniform", "low": "1 d", "high": "9 d"}},
        {"from": "worse", "to": "ineligible", "hazard": "0.03 /d"},
        {"from": "worse", "to": "dead", "hazard": "0.02 /d"},
    ],
}
LIMIT: Plain = {"name": "sooner", "first": "autologous", "second": "in vivo", "wait": "2 d"}
LAW: Plain = {"law": "exponential", "mean": "6 d"}


@st.composite
def disruptions(draw: Draw, recalled: bool) -> list[Plain]:
    """Outages of a resource or of a whole plant, strikes, surges, and a recall."""
    timing = st.sampled_from(
        [{"at": ["3 d", "11 d"], "lasts": "4 d"}, {"after": LAW, "lasts": LAW}]
    )
    how = st.sampled_from(["finish", "pause"])
    where = st.sampled_from(
        [
            {"site": "east"},
            {"site": "west", "resource": "suite"},
            {"site": "east", "resource": "qc"},
        ]
    )
    found: list[Plain] = draw(
        st.lists(
            st.one_of(
                st.builds(
                    lambda at, how, where: {"kind": "outage", **at, **where, "in_process": how},
                    timing, how, where,
                ),
                st.builds(lambda at: {"kind": "strike", "to": "east", **at}, timing),
            ),
            max_size=1,
        )
    )  # fmt: skip
    if recalled and draw(st.booleans()):
        found.append({"kind": "recall", "stock": "doses", "at": ["6 d"]})
    return [{"name": f"disruption {k}", **one} for k, one in enumerate(found)]


@st.composite
def demands(draw: Draw) -> Plain:
    indications = [
        without_none(
            {
                "name": "lupus",
                "drop_out": draw(causes()),
                "target": "12 d",
                "health": draw(maybe(st.just(HEALTH))),
            }
        ),
        {"name": "lymphoma", "drop_out": draw(causes()), "urgency": 3, "share": 0.5},
    ]
    return {
        "arrivals": draw(st.sampled_from(ARRIVALS)),
        "backlog": draw(st.sampled_from([0, 0, 3])),
        "indications": indications,
    }


@st.composite
def shelves(draw: Draw) -> Plain:
    """A stock at a centre that another one supplies, and that may be helped by it as well."""
    rules = [
        {"rule": "base_stock", "level": 3},
        {"rule": "r_Q", "reorder_point": 1, "quantity": 2},
        {"rule": "R_S", "review": "3 d", "level": 4},
    ]
    help_ = draw(maybe(st.sampled_from([{"from": ["doses"]}, {"from": ["doses"], "keep": 2}])))
    life = draw(maybe(st.sampled_from([{"life": "5 d"}, {"life": "5 d", "at_issue": "1 d"}])))
    return without_none(
        {
            "name": "shelf",
            "at": "north",
            "initial": draw(st.integers(0, 3)),
            "shelf_life": life,
            "issue": draw(st.sampled_from(["fefo", "fifo", "lifo"])),
            "replenishment": draw(st.sampled_from(rules)),
            "supplied_by": draw(st.sampled_from(["doses", {"stock": "doses", "mode": "charter"}])),
            "transship": help_,
        }
    )


@st.composite
def pathways(draw: Draw, shelf: list[str]) -> list[Plain]:
    supplies = [*shelf, *draw(st.sampled_from([["doses"], ["vector", "doses"]]))]
    rescue = draw(maybe(st.just("in vivo")))
    return [
        draw(autologous(draw(maybe(st.just("off-the-shelf"))))),
        draw(from_stock("off-the-shelf", "off_the_shelf", supplies, rescue)),
        draw(from_stock("in vivo", "in_vivo", ["vector"], None)),
    ]


@st.composite
def worlds(draw: Draw) -> Plain:
    """A valid scenario as plain data."""
    matched = draw(maybe(st.just(CLASSES)))
    shelf = draw(st.lists(shelves(), max_size=1))
    chance = draw(st.sampled_from([0, 0.3]))
    donors = {"classes": {"O": 0.6, "A": 0.4}, "deferral": chance} if matched else None
    doses = draw(stocks("doses", "east", [None], donors))
    judged = draw(maybe(st.sampled_from(["waited", "expected"])))
    return {
        "name": "a random world",
        "demand": draw(demands()) | {"match_classes": matched or []},
        "network": draw(networks()),
        "stocks": [
            doses,
            draw(stocks("vector", "depot", [None, "none"], None)),
            *shelf,
        ],
        "pathways": draw(pathways(["shelf"] if shelf else [])),
        "allocation": [{**LIMIT, "judged": judged}] if judged else [],
        "disruptions": draw(disruptions(bool(doses.get("initial")) and not shelf)),
        "costs": {"lines": cost_lines()},
        "run": {
            "warm_up": draw(st.sampled_from(["0 d", "5 d"])),
            "enrolment": draw(st.sampled_from(["20 d", "28 d"])),
            "cap": draw(st.sampled_from(["0 d", "30 d", "200 d"])),
            "drain": draw(st.sampled_from(["until_done", "until_done", "none"])),
            "seed": draw(st.integers(0, 10_000)),
            "replications": 1,
        },
    }


def scenario_of(world: Plain) -> Scenario:
    """The scenario of a world; fails if the checks refuse it."""
    scenario = Scenario.from_plain(world)
    refused = [problem for problem in check(scenario) if problem.severity == "error"]
    assert refused == [], refused
    return scenario
