"""Demand that changes: expected counts in closed form, and the patients that come of them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from cartlogix.analysis.identities import violations
from cartlogix.cohort.arrivals import CumulativeRate
from cartlogix.cohort.intensity import Integral, intensity
from cartlogix.cohort.patients import Cohort, draw_cohort
from cartlogix.experiment.replication import replicate
from cartlogix.ground.streams import Streams
from cartlogix.scenario.checks import check
from cartlogix.scenario.demand import PoissonArrivals
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.laws.test_identities import same

Plain = dict[str, Any]
START = dt.date(2027, 1, 1)
A, B = {"name": "a", "share": 3}, {"name": "b", "share": 1}


def world(arrivals: Plain, *indications: Plain, days: int = 730, **more: object) -> Scenario:
    scenario = Scenario.from_plain(
        {
            "name": "demand",
            "demand": {
                "arrivals": {"process": "poisson", **arrivals},
                "indications": list(indications) or [A, B],
            },
            "pathways": [
                {"name": "p", "modality": "in_vivo", "route": [{"name": "infusion"}]},
            ],
            "run": {"start": str(START), "enrolment": f"{days} d", "drain": "none"},
            **more,
        }
    )
    assert [p.message for p in check(scenario) if p.severity == "error"] == []
    return scenario


def expected(scenario: Scenario, day: float) -> float:
    rates = intensity(scenario, Streams(1, 0))
    assert rates is not None
    return Integral(rates, scenario.run.horizon).at(day)


def drawn(scenario: Scenario, replication: int = 0) -> Cohort:
    return draw_cohort(scenario, Streams(1, replication))


WAVE = {"amplitude": 0.4, "peak": "30 d"}
MONTHS = [1, 1, 1, 1, 1, 1, 0.5, 0.5, 1, 1, 1, 2]


@pytest.mark.parametrize("day", [1.0, 100.0, 365.0, 729.5])
def test_a_wave_on_a_ramp_has_its_integral(day: float) -> None:
    ramp = [{"at": "0 d", "rate": "1 /d"}, {"at": "730 d", "rate": "3 /d"}]
    scenario = world({"rates": ramp, "shape": "linear", "season": WAVE})
    omega = 2 * math.pi / 365

    def until(t: float) -> float:
        angle = omega * (t - 30)
        level = 1 + 2 * t / 730
        wave = level * math.sin(angle) / omega + 2 / 730 * math.cos(angle) / omega**2
        return t + t * t / 730 + 0.4 * wave

    assert expected(scenario, day) == pytest.approx(until(day) - until(0), rel=1e-11)


def test_months_are_those_of_the_calendar() -> None:
    scenario = world({"rate": "1 /d", "season": {"by_month": MONTHS}})
    assert expected(scenario, 365) == pytest.approx(365 - 31 + 31, abs=1e-9)
    july = (dt.date(2027, 7, 1) - START).days
    assert expected(scenario, july + 10) == pytest.approx(july + 5, abs=1e-9)
    assert expected(scenario, 730) == pytest.approx(365 + 366 - 2, abs=1e-9)  # 2028 leaps


def test_uptake_and_surge_add_up_by_indication() -> None:
    late = {**B, "uptake": [{"at": "2027-07-20", "factor": 1}]}
    surge = {"name": "s", "kind": "surge", "at": ["300 d"], "lasts": "20 d", "factor": 3}
    scenario = world({"rate": "4 /d"}, A, late, disruptions=[{**surge, "indication": "b"}])
    # 3 a day of a; 1 a day of b from day 200 on, and 3 in the surge.
    assert expected(scenario, 730) == pytest.approx(3 * 730 + 530 + 2 * 20, abs=1e-9)


def test_a_surge_begins_and_ends_at_its_moments() -> None:
    surge = {"name": "s", "kind": "surge", "at": ["300 d"], "lasts": "20 d", "factor": 3}
    rates = intensity(world({"rate": "4 /d"}, disruptions=[surge]), Streams(1, 0))
    assert rates is not None
    days = np.array([299.9, 300, 319.9, 320, 320.5])
    assert rates.weights(days).sum(axis=1).tolist() == [4, 12, 12, 4, 4]


def test_a_ramp_of_uptake_is_a_triangle() -> None:
    ramp = {
        **B,
        "uptake_shape": "linear",
        "uptake": [{"at": "100 d", "factor": 0}, {"at": "300 d", "factor": 2}],
    }
    scenario = world({"rate": "4 /d"}, A, ramp)
    assert expected(scenario, 300) == pytest.approx(900 + 200, abs=1e-9)
    assert expected(scenario, 730) == pytest.approx(2190 + 200 + 2 * 430, abs=1e-9)


def test_the_inverse_finds_the_day_again() -> None:
    scenario = world({"rate": "2 /d", "season": WAVE}, A, {**B, "uptake": [
        {"at": "50 d", "factor": 0.5}]})  # fmt: skip
    rates = intensity(scenario, Streams(1, 0))
    assert rates is not None
    total = Integral(rates, 730)
    levels = np.linspace(0.5, total.at(730) - 0.5, 300)
    days = total.inverse(levels)
    assert [total.at(day) for day in days.tolist()] == pytest.approx(levels.tolist(), abs=1e-8)
    assert total.at(400) == pytest.approx(
        sum(quad(lambda t: float(rates.weights(np.array([t])).sum()), a, b)[0]
            for a, b in ((0, 50), (50, 400))), rel=1e-8)  # fmt: skip


NEUTRAL: list[tuple[Plain, Plain, Plain]] = [
    ({"season": {"amplitude": 0}}, {}, {}),
    ({"season": {"by_month": [1] * 12}}, {}, {}),
    ({}, {"uptake": [{"at": "0 d", "factor": 1}]}, {}),
    ({}, {}, {"disruptions": [
        {"name": "s", "kind": "surge", "at": ["9 d"], "lasts": "9 d", "factor": 1}]}),
]  # fmt: skip


@pytest.mark.parametrize(("arrivals", "indication", "more"), NEUTRAL)
def test_neutral_changes_nothing(arrivals: Plain, indication: Plain, more: Plain) -> None:
    plain = drawn(world({"rate": "2 /d"}))
    assert drawn(world({"rate": "2 /d", **arrivals}, A, {**B, **indication}, **more)) == plain


def test_a_constant_rate_is_the_same_either_way() -> None:
    scenario = world({"rate": "2 /d", "season": {"amplitude": 1e-15}})
    assert isinstance(scenario.demand.arrivals, PoissonArrivals)
    plain = world({"rate": "2 /d"})
    assert drawn(scenario).enrolled == pytest.approx(drawn(plain).enrolled, abs=1e-9)
    assert drawn(scenario).indication == drawn(plain).indication
    assert isinstance(plain.demand.arrivals, PoissonArrivals)
    assert CumulativeRate(plain.demand.arrivals).at(9.0) == 18


def test_before_a_label_expansion_the_others_come_as_they_would() -> None:
    late = {**B, "uptake": [{"at": "400 d", "factor": 1}]}
    only, both = drawn(world({"rate": "3 /d"}, A)), drawn(world({"rate": "4 /d"}, A, late))
    early = [day for day in both.enrolled if day < 400]
    assert early == pytest.approx([day for day in only.enrolled if day < 400], abs=1e-9)
    assert set(both.indication[: len(early)]) == {0}
    assert set(both.indication) == {0, 1}


def test_counts_vary_as_poisson_counts_do() -> None:
    late = {**B, "uptake": [{"at": "200 d", "factor": 2}]}
    scenario = world({"rate": "4 /d", "season": WAVE}, A, late)
    rates = intensity(scenario, Streams(1, 0))
    assert rates is not None
    means = [quad(lambda t, i=i: float(rates.weights(np.array([t]))[0, i]), a, b, limit=200)[0]
             for i, (a, b) in enumerate(((0, 730), (200, 730)))]  # fmt: skip
    runs = 60
    counts = np.array(
        [np.bincount(drawn(scenario, r).indication, minlength=2) for r in range(runs)]
    )
    # 3.9 standard errors: a false alarm in about ten thousand.
    apart = abs(counts.mean(axis=0) - means)
    assert (apart < 3.9 * np.sqrt(np.array(means) / runs)).all()


def test_prevalent_patients_enrol_at_their_pace() -> None:
    pool = {"patients": 5, "at": "2027-01-11", "per_week": 2}
    cohort = drawn(world({"rate": "0.1 /d"}, A, {**B, "share": 0, "prevalent": pool}, days=60))
    theirs = [d for d, i in zip(cohort.enrolled, cohort.indication, strict=True) if i == 1]
    assert theirs == [10, 13.5, 17, 20.5, 24]
    assert cohort.enrolled == sorted(cohort.enrolled)


def test_without_a_pace_all_enrol_at_once() -> None:
    cohort = drawn(world({"rate": "0 /d"}, {**A, "prevalent": {"patients": 4}}))
    assert cohort.enrolled == [0, 0, 0, 0]


def served(**pool: object) -> Trace:
    """One suite, two days each; three prevalent patients on day 0, one other every three days."""
    scenario = world(
        {},
        days=30,
        network={"plants": [{"name": "plant", "resources": {
            "suite": {"capacity": 1, "discipline": "priority"}}}]},
        pathways=[{"name": "p", "modality": "autologous", "route": [
            {"name": "manufacture", "needs": "suite", "duration": "2 d"}, {"name": "infusion"}]}],
        demand={"arrivals": {"process": "interval", "every": "3 d", "first": "1.5 d",
                             "until": "12 d"},
                "indications": [{"name": "a", "prevalent": {"patients": 3, **pool}}]},
    )  # fmt: skip
    trace = replicate(scenario, 0)
    assert violations(trace, scenario) == []
    return trace


def test_prevalent_patients_are_served_with_the_capacity_that_others_leave() -> None:
    """Others come on days 1.5, 4.5, 7.5 and 10.5, and go first; nobody is interrupted."""
    trace = served(urgency=0.1)
    patients = trace["patients"]
    first = (patients["urgency"] == 0.1).to_numpy()
    assert patients["infused"].to_numpy()[first].tolist() == [2, 6, 12]
    assert patients["infused"].to_numpy()[~first].tolist() == [4, 8, 10, 14]
    assert served()["patients"]["infused"].to_numpy()[first].tolist() == [2, 4, 6]


def test_the_urgency_of_the_indication_changes_nothing() -> None:
    assert same(served(), served(urgency=1))


BAD: list[tuple[Plain, Plain, str]] = [
    ({"process": "interval", "every": "1 d"}, {"uptake": [{"at": "0 d", "factor": 1}]}, "poisson"),
    ({"process": "list", "patients": ["1 d"]}, {"prevalent": {"patients": 3}}, "one by one"),
    (
        {"process": "poisson", "rate": "1 /d"},
        {"uptake": [{"at": "9 d", "factor": 1}, {"at": "2 d", "factor": 1}]},
        "must increase",
    ),
    (
        {"process": "poisson", "rate": "1 /d"},
        {
            "prevalent": {"patients": 3, "urgency": 2},
            "health": {"states": [{"name": "worse", "urgency": 3}]},
        },
        "states of health",
    ),
    (
        {"process": "poisson", "rate": "1 /d"},
        {"prevalent": {"patients": 3, "at": "2020-01-01"}},
        "before the start",
    ),
]


@pytest.mark.parametrize(("arrivals", "indication", "words"), BAD)
def test_what_makes_no_sense_is_a_finding(arrivals: Plain, indication: Plain, words: str) -> None:
    plain = world({"rate": "1 /d"}).plain()
    plain["demand"] = {"arrivals": arrivals, "indications": [{**A, **indication}]}
    errors = [p.message for p in check(Scenario.from_plain(plain)) if p.severity == "error"]
    assert len(errors) == 1
    assert words in errors[0]
