"""Further theory, with the parameters in the test: queues, priorities, deadlines, stocks, demand.

Figures are held to the rule of the oracles: the standard error over the replications, with
Student's t for a false-alarm rate of 1e-4.
"""

from __future__ import annotations

import math

import pytest

from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle import theory
from tests.oracle.judge import SCENARIOS, Expectation, off, run, scenario_file
from tests.oracle.measures import (
    Figures,
    Measure,
    average,
    column,
    kpis,
    lead_times,
    slot_queue,
    stock_service,
    visits,
    waits,
    weekly_release,
)

SUITE = "network.plants.plant.resources.suite"
MADE = "pathways.autologous.route.manufacture"
PATIENTS = "demand.indications.patients"
ORDER = "stocks.doses.replenishment"
LOT = "stocks.doses.lot.route.manufacture"


def holds(name: str, measure: Measure, expected: Figures, *overrides: str) -> list[str]:
    rows = run(SCENARIOS / f"{name}.yaml", overrides, measure)
    return off(rows, Expectation(expected))


def leads(trace: Trace, scenario: Scenario) -> Figures:
    del scenario
    return {"lead": average(lead_times(trace))}


def test_constant_service_halves_the_wait() -> None:
    assert holds("line", slot_queue, {"Wq": 2.0, "P_wait": 0.8}, f"{MADE}.duration=1 d") == []


@pytest.mark.parametrize(("servers", "room", "rate"), [(1, 3, 0.9), (3, 2, 3.3), (2, 0, 1.5)])
def test_finite_waiting_room(servers: int, room: int, rate: float) -> None:
    law = theory.finite_room(rate, servers, room)
    queue = sum(max(count - servers, 0) * chance for count, chance in enumerate(law))
    assert (
        holds(
            "line",
            slot_queue,
            {"P_lost": float(law[-1]), "Lq": float(queue)},
            f"{SUITE}={{capacity: {servers}, waiting_room: {room}}}",
            f"demand.arrivals.rate={rate} /d",
            "run.enrolment=2500 d",
        )
        == []
    )


@pytest.mark.parametrize(("servers", "rate", "deadline"), [(2, 1.8, 1.5), (3, 4.0, 0.8)])
def test_fixed_deadline_in_line(servers: int, rate: float, deadline: float) -> None:
    lost = theory.deadline_losses(rate, servers, deadline)
    cause = f"{{name: deadline, scope: waiting_for_slot, after: {deadline} d}}"
    assert (
        holds(
            "line",
            slot_queue,
            {"P_abandon": lost, "throughput": rate * (1 - lost)},
            f"{SUITE}.capacity={servers}",
            f"demand.arrivals.rate={rate} /d",
            f"{PATIENTS}.drop_out=[{cause}]",
            "run.warm_up=200 d",
            "run.enrolment=1500 d",
        )
        == []
    )


def by_class(trace: Trace, scenario: Scenario) -> Figures:
    del scenario
    cohort = trace.cohort
    made = visits(trace)
    return {
        name: average(waits(made[made["id"].isin(mine["patient"])]))
        for name in ("urgent", "ordinary")
        for mine in [cohort[cohort["indication"] == name]]
    }


def test_priority_without_preemption() -> None:
    urgent, ordinary = theory.cobham((0.4, 1.2), servers=2)
    assert holds("classes", by_class, {"urgent": urgent, "ordinary": ordinary}) == []


def test_retries_in_the_same_suite_are_one_longer_service() -> None:
    # A geometric number of exponential attempts is exponential, with mean 1 d / (1 - p).
    failure = "{probability: 0.25, max_attempts: null, then: {action: remake, queue: same_suite}}"
    sojourn = 1 / (0.75 - 0.5)
    assert (
        holds(
            "line",
            leads,
            {"lead": sojourn},
            f"{MADE}.failure={failure}",
            "demand.arrivals.rate=0.5 /d",
        )
        == []
    )


def losses(trace: Trace, scenario: Scenario) -> Figures:
    kpi = kpis(trace, scenario, "access")
    enrolled = kpi["patients.enrolled"]
    return {
        "infused": kpi["share.infused"],
        "death": kpi.get("lost_by_cause/death", 0) / enrolled,
        "relapse": kpi.get("lost_by_cause/relapse", 0) / enrolled,
        "enrolled": enrolled,
    }


def test_competing_causes_share_by_their_hazards() -> None:
    stay = math.exp(-0.03 * 30)
    causes = "{name: death, hazard: 0.02 /d}, {name: relapse, hazard: 0.01 /d}"
    expected = {"infused": stay, "death": (1 - stay) * 2 / 3, "relapse": (1 - stay) / 3}
    assert (
        holds(
            "line",
            losses,
            expected,
            f"{SUITE}.capacity=null",
            f"{MADE}.duration=30 d",
            f"{PATIENTS}.drop_out=[{causes}]",
            "run.warm_up=0 d",
            "run.enrolment=1000 d",
        )
        == []
    )


def test_a_cause_runs_only_in_its_steps() -> None:
    cause = "{name: death, scope: [manufacture], hazard: 0.02 /d}"
    assert (
        holds(
            "line",
            losses,
            {"death": 1 - math.exp(-0.02 * 10)},
            f"{SUITE}.capacity=null",
            f"{MADE}.duration=10 d",
            "pathways.autologous.route.infusion.duration=0 d",
            f"{PATIENTS}.drop_out=[{cause}]",
            "run.warm_up=0 d",
            "run.enrolment=1000 d",
        )
        == []
    )


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ("shape: linear, rates: [{at: 0 d, rate: 0 /d}, {at: 50 d, rate: 2 /d}]", 50.0),
        ("shape: linear, rates: [{at: 10 d, rate: 2 /d}, {at: 30 d, rate: 0 /d}]", 20.0),
        ("rates: [{at: 5 d, rate: 1 /d}, {at: 20 d, rate: 0 /d}, {at: 40 d, rate: 3 /d}]", 45.0),
    ],
)
def test_counts_of_a_varying_rate(rates: str, expected: float) -> None:
    rows = run(
        SCENARIOS / "line.yaml",
        (
            f"demand.arrivals={{process: poisson, rate: null, {rates}}}",
            f"{SUITE}.capacity=null",
            "run={warm_up: 0 d, enrolment: 50 d, replications: 150}",
        ),
        losses,
    )
    # A Poisson count: the standard error is known.
    error = 4 * math.sqrt(expected / 150)
    assert off(rows, Expectation({"enrolled": expected}, {"enrolled": error})) == []


def test_three_starts_twice_a_week() -> None:
    left = theory.bulk_leftover(0.7 * 3.5, 3)

    def leftover(trace: Trace, scenario: Scenario) -> Figures:
        waited = weekly_release(trace, scenario)["mean_wait"]
        return {"wait": waited}

    assert (
        holds(
            "line",
            leftover,
            {"wait": left / 0.7 + 1.75},
            f"{SUITE}={{capacity: null, starts: {{number: 3, every: 84 h}}}}",
            "demand.arrivals.rate=0.7 /d",
        )
        == []
    )


@pytest.mark.parametrize(
    "rule",
    ["{rule: r_Q, reorder_point: 2, quantity: 5}", "{rule: s_S, reorder_point: 2, level: 7}"],
)
def test_lost_sales_as_a_markov_chain(rule: str) -> None:
    lost, on_hand = theory.lost_sales(0.5, 6.0, 2, 5)
    expected = {"P_lost": lost, "mean_on_hand": on_hand}
    assert holds("store", stock_service, expected, f"{ORDER}={rule}") == []


def test_periodic_review() -> None:
    on_hand, backorders = theory.periodic_review(0.5, 4.0, 5.0, 6)
    assert (
        holds(
            "store",
            stock_service,
            {"mean_on_hand": on_hand, "mean_backorders": backorders},
            f"{ORDER}={{rule: R_S, review: 5 d, level: 6}}",
            f"{LOT}.duration=4 d",
            "pathways.off-the-shelf.route.order.draw.stock_out=wait",
        )
        == []
    )


def test_doses_of_lots_that_vary_and_fail() -> None:
    def per_lot(trace: Trace, scenario: Scenario) -> Figures:
        del scenario
        lots = trace["lots"]
        done = lots[(lots["origin"] == "order") & (lots["status"] != "in_process")]
        return {
            "doses": average(column(done, "doses_made")),
            "failed": average(column(done.assign(x=done["status"] == "failed"), "x")),
        }

    # Whole doses of a uniform yield on [3, 9): 3 to 8, each as likely.
    assert (
        holds(
            "store",
            per_lot,
            {"doses": 0.75 * 5.5, "failed": 0.25},
            f"{ORDER}={{rule: r_Q, reorder_point: 3, quantity: 6}}",
            "stocks.doses.lot.doses={law: uniform, low: 3, high: 9}",
            f"{LOT}.failure={{probability: 0.25}}",
        )
        == []
    )


def test_last_in_first_out_lets_more_expire() -> None:
    outdated = {}
    for issue in ("fifo", "lifo"):
        rows = run(
            scenario_file("I05"),
            (f"stocks.doses.issue={issue}", "run.replications=3"),
            stock_service,
        )
        outdated[issue] = sum(row["outdate_fraction"] for row in rows) / 3
    assert outdated["lifo"] > 2.5 * outdated["fifo"]  # 0.205 against 0.063
