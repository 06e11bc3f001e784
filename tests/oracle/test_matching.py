"""Matching of patients and donors against Markov chains, and a course of issues by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cartlogix.analysis.matching import matching_figures
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle import theory
from tests.oracle.judge import SCENARIOS, Expectation, off, run
from tests.oracle.measures import Figures

DEMAND, LEAD, LEVEL = 0.5, 6.0, 5


def service(trace: Trace, scenario: Scenario) -> Figures:
    figures = matching_figures(trace, scenario)
    return {f"{one.kpi}/{one.group}": one.value for one in figures}


@pytest.mark.parametrize("rule", ["exact_first", "best_first"])
def test_random_donors_are_a_chain_in_the_doses_of_each_class(rule: str) -> None:
    fill = theory.matched_fill_rates((0.4 * DEMAND, 0.6 * DEMAND), (0.7, 0.3), LEAD, LEVEL)
    expected = {"match.fill_rate/O": fill[0], "match.fill_rate/A": fill[1]}
    rows = run(SCENARIOS / "matched.yaml", (f"stocks.doses.matching={rule}",), service)
    assert off(rows, Expectation(expected)) == []


def test_classes_that_share_nothing_are_loss_systems_of_their_own() -> None:
    """A stock for each class, one-for-one with lost sales, is Erlang's loss system (Karush)."""
    stocks = [
        {
            "name": name,
            "initial": level,
            "replenishment": {"rule": "base_stock", "level": level},
            "lot": {
                "donors": {"classes": {name: 1}},
                "route": [
                    {"name": "make", "duration": {"law": "gamma", "shape": 2, "scale": "3 d"}}
                ],
            },
        }
        for name, level in (("O", 2), ("A", 3))
    ]
    fills = {
        f"match.fill_rate/{name}": 1 - theory.erlang_b(level, share * DEMAND * LEAD)
        for name, share, level in (("O", 0.4, 2), ("A", 0.6, 3))
    }
    rows = run(
        SCENARIOS / "matched.yaml",
        (
            f"stocks=[{', '.join(map(_flow, stocks))}, {{name: doses, remove: true}}]",
            "pathways.off-the-shelf.route.order.draw.stock=[O, A]",
            "demand.match_classes=[{name: O, share: 0.4}, {name: A, share: 0.6, accepts: [A]}]",
        ),
        service,
    )
    assert off(rows, Expectation(fills)) == []


def _flow(item: object) -> str:
    """YAML in flow style."""
    if isinstance(item, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in item.items()) + "}"
    return "[" + ", ".join(map(_flow, item)) + "]" if isinstance(item, list) else str(item)


def bank(**stock: Any) -> Scenario:  # noqa: ANN401 - plain data
    """Patients of four blood groups meet four lots of two doses, the oldest of group O."""
    groups = [("AB", ["AB", "A", "O"]), ("A", ["A", "O"]), ("O", ["O"])]
    deliveries = [{"at": f"{day} d", "doses": 2} for day in (0, 1, 2)]
    return Scenario.from_plain(
        {
            "name": "bank",
            "demand": {
                "arrivals": {"process": "list", "patients": [f"{day} d" for day in (3, 4, 5, 6)]},
                "indications": [{"name": "patients"}],
                "match_classes": [
                    {"name": name, "accepts": accepts, "share": int(name == "AB")}
                    for name, accepts in groups
                ],
            },
            "stocks": [
                {
                    "name": "doses",
                    "shelf_life": {"life": "100 d"},
                    "replenishment": {"rule": "exogenous", "deliveries": deliveries},
                    "lot": {"donors": {"classes": {"O": 1, "A": 1, "AB": 1}}},
                    **stock,
                }
            ],
            "pathways": [
                {
                    "name": "donor",
                    "modality": "off_the_shelf",
                    "route": [{"name": "order", "draw": "doses"}, {"name": "infusion"}],
                }
            ],
            "run": {"enrolment": "30 d", "seed": 14},
        }
    )


def issued(scenario: Scenario) -> tuple[list[str], list[str]]:
    """The classes of the lots in order of receipt, and of the doses in order of issue."""
    trace = replicate(scenario, 0)
    lots = trace["lots"].set_index("lot")["match_class"]
    return lots.tolist(), [str(lots[lot]) for lot in trace["doses"]["lot"]]


def test_the_rule_of_matching_goes_before_the_order_of_issue() -> None:
    lots, exact = issued(bank())
    assert sorted(lots) == ["A", "AB", "O"], "the seed gives a lot of each class"
    # Four patients of class AB: the two doses of their own class, then by age or by the list.
    others = [name for name in lots if name != "AB"]
    assert exact == ["AB", "AB", others[0], others[0]]
    assert issued(bank(matching="best_first"))[1] == ["AB", "AB", "A", "A"]
    assert issued(bank(matching="issue_order"))[1] == [lots[0], lots[0], lots[1], lots[1]]
    assert issued(bank(matching="issue_order", issue="lifo"))[1] == [
        lots[2],
        lots[2],
        lots[1],
        lots[1],
    ]


def test_whoever_waits_for_another_class_holds_nobody_up() -> None:
    scenario = bank(lot={"donors": {"classes": {"O": 1, "A": 1, "AB": 1}}})
    plain = scenario.plain()
    plain["demand"]["match_classes"] = [
        {"name": "rare", "accepts": ["AB"], "share": 1},
        {"name": "common", "accepts": ["O", "A"], "share": 2},
    ]
    for seed in range(20):
        plain["run"]["seed"] = seed
        trace = replicate(Scenario.from_plain(plain), 0)
        lots = trace["lots"].set_index("lot")["match_class"]
        asked = trace["patients"]["match_class"].astype(str).tolist()
        doses = {
            "rare": 2 * int((lots == "AB").sum()),
            "common": 2 * int((lots != "AB").sum()),
        }
        served = dict.fromkeys(doses, 0)
        for patient in trace["doses"]["patient"]:
            served[asked[patient]] += 1
        assert served == {name: min(doses[name], asked.count(name)) for name in doses}


def test_without_a_difference_between_classes_nothing_changes() -> None:
    """One class on both sides: the same events, and the same tables but for the class."""
    plain = bank().plain()
    plain["demand"]["match_classes"] = [{"name": "all", "accepts": ["any"], "share": 1}]
    plain["stocks"][0]["lot"]["donors"] = {"classes": {"any": 1}}
    matched = replicate(Scenario.from_plain(plain), 0)
    plain["demand"]["match_classes"] = []
    plain["stocks"][0]["lot"]["donors"] = None
    open_to_all = replicate(Scenario.from_plain(plain), 0)
    assert matched.events == open_to_all.events
    for name, table in matched.tables.items():
        other = open_to_all[name]
        same = [column for column in table if column not in ("match_class", "donor")]
        if name != "donors":
            assert table[same].equals(other[same]), name


def test_who_fits_no_dose_of_the_first_stock_waits_at_the_second() -> None:
    """A patient of group O asks for what comes on day 2 of group A, and on day 5 of group O."""
    stocks = [
        {
            "name": donor,
            "replenishment": {
                "rule": "exogenous",
                "deliveries": [{"at": f"{day} d", "doses": 1}],
            },
            "lot": {"donors": {"classes": {donor: 1}}},
        }
        for donor, day in (("A", 2), ("O", 5))
    ]
    scenario = Scenario.from_plain(
        {
            "name": "two banks",
            "demand": {
                "arrivals": {"process": "list", "patients": ["1 d"]},
                "indications": [{"name": "all"}],
                "match_classes": [{"name": "O"}, {"name": "A", "share": 0}],
            },
            "network": {},
            "stocks": stocks,
            "pathways": [
                {
                    "name": "stocked",
                    "modality": "off_the_shelf",
                    "route": [
                        {"name": "order", "draw": {"stock": ["A", "O"], "stock_out": "wait"}},
                        {"name": "infusion"},
                    ],
                }
            ],
            "run": {"enrolment": "30 d"},
        }
    )
    patients = replicate(scenario, 0)["patients"]
    assert patients["match_class"].tolist() == ["O"]
    assert patients["infused"].tolist() == [5]
