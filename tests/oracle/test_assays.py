"""Tests that err: what they discard, what they let pass, and whom it reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.laws.test_identities import same
from tests.oracle.judge import SCENARIOS
from tests.oracle.measures import column
from tests.oracle.test_donors import RULE
from tests.oracle.test_working_hours import exactly, plant, ran

Plain = dict[str, Any]
BAD = 0.3
PATIENTS = 1500


def scenario(*steps: Plain, arrivals: int = PATIENTS) -> Scenario:
    """Each patient's product passes the steps; nothing is scarce."""
    data = plant(["0 d"]).plain()
    every = {"process": "interval", "every": f"{30 / arrivals} d", "until": "29.999 d"}
    data["demand"]["arrivals"] = every
    data["pathways"][0]["route"] = [{"name": "manufacture"}, *steps, {"name": "infusion"}]
    return Scenario.from_plain(data)


def qc(test: Plain | None, **failure: object) -> Plain:
    errs = {} if test is None else {"test": test}
    return {"name": "qc", "failure": {"probability": BAD, **errs, **failure}}


def lost(trace: Trace) -> set[int]:
    table = trace["patients"]
    return set(table["patient"][table["status"] == "lost"].tolist())


def exposed(trace: Trace) -> set[int]:
    table = trace["patients"]
    return set(table["patient"][table["exposed"].notna()].tolist())


def test_a_test_that_never_errs_changes_nothing() -> None:
    again = {"then": "remake", "max_attempts": None}
    assert same(ran(scenario(qc(None, **again))), ran(scenario(qc({}, **again))))


def test_who_is_hit_by_which_error() -> None:
    """The same products are bad whatever the test; it errs on some of these, or of the others."""
    bad = lost(ran(scenario(qc(None))))
    blind = ran(scenario(qc({"false_negative": 1})))
    assert lost(blind) == set()
    assert exposed(blind) == bad
    misses = ran(scenario(qc({"false_negative": 0.4})))
    assert lost(misses) | exposed(misses) == bad
    assert not lost(misses) & exposed(misses)
    alarms = ran(scenario(qc({"false_positive": 0.2})))
    assert lost(alarms) > bad
    assert exposed(alarms) == set()
    # Binomial, four standard errors.
    missed = len(exposed(misses)) / len(bad)
    assert abs(missed - 0.4) < 4 * np.sqrt(0.4 * 0.6 / len(bad))
    good = PATIENTS - len(bad)
    assert abs((len(lost(alarms)) - len(bad)) / good - 0.2) < 4 * np.sqrt(0.2 * 0.8 / good)


def test_the_kpis_count_them() -> None:
    made_of = scenario(qc({"false_negative": 0.4, "false_positive": 0.2}))
    trace = ran(made_of)
    errors = trace["test_errors"]["error"].astype(str).value_counts()
    table = replication_kpis(trace, made_of)
    value = table[table["indication"] == "all"].set_index("kpi")["value"]
    assert value["tests.false_negative"] == errors["false_negative"] == len(exposed(trace))
    assert value["tests.false_positive"] == errors["false_positive"] > 0
    assert value["share.exposed"] == len(exposed(trace)) / value["patients.infused"]


@pytest.mark.parametrize(("start", "reached"), [("manufacture", False), ("second", True)])
def test_a_remake_undoes_what_it_makes_again(start: str, reached: bool) -> None:
    """The first test passes a bad product for sure; the second sends it back once."""
    first = {"name": "first", "failure": {"probability": 1, "later_attempts": 0,
                                          "test": {"false_negative": 1}}}  # fmt: skip
    again = {"action": "remake", "from_step": start}
    second = {"name": "second", "duration": "1 d",
              "failure": {"probability": 1, "later_attempts": 0, "then": again}}  # fmt: skip
    trace = ran(scenario(first, second, arrivals=3))
    assert trace["patients"]["attempts"].tolist() == [2, 2, 2]
    assert (exposed(trace) == {0, 1, 2}) is reached
    days = column(trace["patients"], "exposed")
    if reached:
        assert days.tolist() == exactly([2, 12, 22])


def test_a_remake_undoes_what_is_out_of_specification() -> None:
    first = {"name": "first", "failure": {"probability": 1, "later_attempts": 0, "then": "infuse"}}
    again = {"action": "remake", "from_step": "manufacture"}
    second = {"name": "second", "failure": {"probability": 1, "later_attempts": 0, "then": again}}
    assert not ran(scenario(first, second, arrivals=3))["patients"]["out_of_spec"].any()
    again["from_step"] = "second"
    assert ran(scenario(first, second, arrivals=3))["patients"]["out_of_spec"].all()


def test_the_doses_of_a_bad_lot_reach_patients() -> None:
    """Every lot made is bad and passes; only the doses that were there on day 0 are good."""
    made = "{name: make, duration: 6 d, failure: {probability: 1, test: {false_negative: 1}}}"
    route = f"[{{name: manufacture, remove: true}}, {made}]"
    changes = (
        RULE,
        f"stocks.doses.lot.route={route}",
        "run.enrolment=100 d",
        "run.warm_up=0 d",
    )
    loaded = load(SCENARIOS / "store.yaml", changes).scenario
    trace = ran(loaded)
    lots, doses = trace["lots"], trace["doses"]
    received = lots[lots["status"] == "received"]
    assert (received["flawed"] == (received["origin"] == "order")).all()
    bad = doses[doses["lot"].isin(received["lot"][received["flawed"]])]
    assert exposed(trace) == set(bad["patient"][bad["state"] == "infused"].tolist())
    assert len(exposed(trace)) > 0
    table = replication_kpis(trace, loaded)
    passed = table[(table["kpi"] == "stock.false_negative")]["value"]
    assert passed.tolist() == [float((trace["test_errors"]["time"] < 100).sum())]


def test_what_makes_no_sense(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(
        "name: t\n"
        "demand: {arrivals: {process: poisson, rate: 9 /y}, indications: [{name: any}]}\n"
        "pathways:\n"
        "  - {name: p, modality: autologous, route: [{name: infusion, duration: 1 d, failure: {\n"
        "      probability: 0, test: {false_negative: 0.1}}}]}\n"
    )
    ((path, message),) = [(found.path, found.message) for found in load(file).warnings]
    assert path.endswith("failure.test.false_negative")
    assert "never bad" in message
