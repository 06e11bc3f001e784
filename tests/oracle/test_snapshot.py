"""A run that starts from today: event tables worked out by hand, and residual times by theory."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.ground.distributions import Constant, Empirical, Exponential, Gamma, Law, Uniform
from cartlogix.ground.streams import Streams
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

BASE = """
name: today
demand:
  arrivals: {process: list, patients: [3 d]}
  indications: [{name: lupus, target: 30 d}]
network:
  plants: [{name: plant, resources: {suites: 1}}]
stocks:
  - name: doses
    shelf_life: {life: 100 d}
    replenishment: {rule: base_stock, level: 2}
    lot: {route: [{name: make, duration: 20 d}]}
pathways:
  - name: own
    modality: autologous
    route:
      - {name: apheresis}
      - {name: manufacture, duration: 10 d, needs: suites}
      - {name: release, duration: 2 d}
      - {name: infusion}
  - name: shelf
    modality: off_the_shelf
    share: 0
    route:
      - {name: order, draw: doses}
      - {name: lymphodepletion, duration: 5 d}
      - {name: infusion}
run: {start: 2027-01-04, enrolment: 60 d, replications: 1}
"""
PATIENTS = """
name,enrolled,indication,pathway,step,state,since,booked,apheresis,dose_from
P-1,2026-12-20,lupus,,manufacture,working,2026-12-31,,2026-12-30,
P-2,2026-12-21,lupus,,manufacture,waiting,2026-12-30,,2026-12-29 12:00,
P-3,2026-12-22,lupus,,manufacture,waiting,2026-12-28,2027-01-09,2026-12-27,
P-4,2026-12-01,lupus,,release,working,2027-01-03,,2026-12-10,
P-8,2027-01-04,lupus,,apheresis,working,2027-01-04,,,
P-5,2026-12-31,lupus,shelf,lymphodepletion,working,2027-01-01,,,L-1
P-6,2027-01-02,lupus,shelf,order,waiting,2027-01-02,,,
P-7,2027-01-03,lupus,shelf,order,waiting,2027-01-03,,,
""".lstrip()


def read(folder: Path, extra: str = "", patients: str = PATIENTS) -> Scenario:
    (folder / "patients.csv").write_text(patients, "utf-8")
    (folder / "lots.csv").write_text(
        "name,stock,step,state,since,doses\nL-2,doses,make,working,2026-12-20,1\n", "utf-8"
    )
    (folder / "stock.csv").write_text(
        "stock,name,doses,received,expires\ndoses,L-1,1,2026-12-01,\n", "utf-8"
    )
    tables = "\n".join(f"  {table}_file: {table}.csv" for table in ("patients", "lots", "stock"))
    (folder / "today.yaml").write_text(f"{BASE}\nsnapshot:\n{tables}\n{extra}", "utf-8")
    return load(folder / "today.yaml").scenario


def infused(trace: Trace) -> list[float]:
    return [float(day) for day in trace["patients"]["infused"]]


def test_patients_lots_and_doses_go_on_from_where_they_are(tmp_path: Path) -> None:
    scenario = read(tmp_path)
    trace = replicate(scenario, 0)
    names = [patient.name for patient in scenario.snapshot.by_enrolment()]
    assert names == ["P-4", "P-1", "P-2", "P-3", "P-5", "P-6", "P-7", "P-8"]
    # P-1 has 6 d left; P-3 is booked for day 5 and goes before P-2, who waits longer; the patient
    # of day 3 comes last. P-8, whose apheresis ends on day 0,
    # finds the suite taken. P-6 takes the dose on hand, P-7 waits for L-2, which has 5 d left.
    days = dict(zip([*names, "new"], infused(trace), strict=True))
    assert days == pytest.approx(
        {
            "P-4": 1,
            "P-1": 8,
            "P-3": 18,
            "P-2": 28,
            "P-8": 38,
            "new": 48,
            "P-5": 2,
            "P-6": 5,
            "P-7": 10,
        },
        abs=1e-9,
    )
    steps = trace["activities"]
    made = steps[steps["step"].astype(str) == "manufacture"].sort_values("id")
    rows = made[["queued", "started", "ended"]].to_numpy().tolist()
    assert rows[:2] == [[-4, -4, 6], [-5, 16, 26]]
    assert trace["patients"]["apheresis"].tolist()[:4] == [-25, -5, -5.5, -8]
    # P-7's backorder and the two doses that were drawn are ordered again: S = 2.
    lots = trace["lots"].sort_values("ordered")
    assert lots["origin"].tolist() == ["snapshot", "snapshot", "order", "order"]
    assert lots["received"].tolist()[:2] == [-34, 5]
    assert not violations(trace, scenario)


def test_an_empty_snapshot_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(BASE, "utf-8")
    (tmp_path / "empty.yaml").write_text(BASE + "\nsnapshot: {patients: []}\n", "utf-8")
    plain, empty = (replicate(load(tmp_path / f"{x}.yaml").scenario, 0) for x in ("plain", "empty"))
    for name, table in plain.tables.items():
        assert table.equals(empty.tables[name])


@pytest.mark.parametrize(
    ("law", "least", "mean"),
    [
        (Constant(10.0), 4.0, 10.0),
        (Constant(10.0), 12.0, 12.0),
        (Uniform(0.0, 10.0), 5.0, 7.5),
        (Exponential(8.0), 30.0, 38.0),
        (Empirical((1.0, 2.0, 6.0), (1.0, 2.0, 1.0)), 1.0, (2 * 2 + 6) / 3),
        # E[X | X > t] of an Erlang law of two phases, by hand: t + s (t + 2 s) / (t + s).
        (Gamma(2.0, 3.0), 4.0, 4 + 3 * (4 + 6) / (4 + 3)),
    ],
)
def test_what_is_left_is_drawn_given_what_has_passed(law: Law, least: float, mean: float) -> None:
    draws = Streams(7, 0).draws(law, "x")
    drawn = np.array([draws.beyond(number, least) for number in range(1000)])
    assert drawn.min() >= least
    error = drawn.std() / math.sqrt(len(drawn))
    assert drawn.mean() == pytest.approx(mean, abs=4 * error + 1e-9)


def crowd(step: str, state: str, count: int = 40, **more: object) -> list[dict[str, object]]:
    """Patients who enrolled, and came to a step, fifteen days before day 0."""
    known = {"enrolled": "2026-12-20", "since": "2026-12-20", "indication": "lupus", **more}
    return [{"name": f"P-{n}", "step": step, "state": state, **known} for n in range(count)]


def today(patients: list[dict[str, object]], drop_out: list[object], **run: object) -> Trace:
    """Run a plant of one suite, in which a culture takes 10 to 20 days."""
    duration = {"law": "uniform", "low": "10 d", "high": "20 d"}
    return replicate(
        Scenario.from_plain(
            {
                "name": "today",
                "demand": {
                    "arrivals": {"process": "list", "patients": []},
                    "indications": [{"name": "lupus", "drop_out": drop_out}],
                },
                "network": {"plants": [{"name": "plant", "resources": {"suites": 1}}]},
                "pathways": [
                    {
                        "name": "own",
                        "modality": "autologous",
                        "route": [
                            {"name": "grow", "duration": duration},
                            {"name": "manufacture", "duration": "90 d", "needs": ["suites"]},
                            {"name": "infusion"},
                        ],
                    }
                ],
                "run": {"start": "2027-01-04", "enrolment": "30 d", "replications": 1, **run},
                "snapshot": {"patients": patients},
            }
        ),
        0,
    )


def test_a_running_step_ends_within_what_its_law_leaves() -> None:
    trace = today(crowd("grow", "working"), [])
    steps = trace["activities"]
    ends = steps["ended"][steps["step"].astype(str) == "grow"].to_numpy(dtype=float)
    # After 15 of 10 to 20 d, what is left is uniform on 0 to 5 d.
    assert len(ends) == 40
    assert ends.min() > 0 and ends.max() <= 5
    assert ends.mean() == pytest.approx(2.5, abs=4 * 5 / math.sqrt(12 * 40))


@pytest.mark.parametrize("scope", ["enrolment_to_infusion", "waiting_for_slot"])
def test_patience_has_lasted_until_day_0(scope: str) -> None:
    after = {"law": "uniform", "low": "0 d", "high": "20 d"}
    occupied = crowd("manufacture", "working", 1, enrolled="2027-01-03", since="2027-01-04")
    occupied[0]["name"] = "in the suite"
    cause = {"name": "withdrawal", "scope": scope, "after": after}
    trace = today([*crowd("manufacture", "waiting"), *occupied], [cause])
    left = trace["patients"]["left"].to_numpy(dtype=float)[:40]
    assert left.min() > 0 and left.max() <= 5


def test_who_is_not_finished_is_where_the_snapshot_found_them() -> None:
    found = crowd("manufacture", "waiting", 2, attempt=2, apheresis="2026-12-20")
    patients = today(found, [], drain="none")["patients"]
    assert patients["status"].tolist() == ["in_progress"] * 2
    assert patients["apheresis"].tolist() == [-15, -15]
    assert patients["attempts"].tolist() == [2, 2]


def test_a_dose_in_hand_stays_there_when_its_lot_is_too_old_to_issue_more() -> None:
    shelf = {"life": "4 d", "starts": "receipt", "at_issue": "2 d"}
    entry = {"name": "P-1", "indication": "all", "enrolled": "2027-01-02", "since": "2027-01-02"}
    scenario = Scenario.from_plain(
        {
            "name": "too old",
            "demand": {
                "arrivals": {"process": "list", "patients": []},
                "indications": [{"name": "all"}],
            },
            "stocks": [{"name": "doses", "at": "plant", "shelf_life": shelf}],
            "network": {"plants": [{"name": "plant"}]},
            "pathways": [
                {
                    "name": "stocked",
                    "modality": "off_the_shelf",
                    "route": [
                        {"name": "order", "draw": "doses"},
                        {"name": "prepare", "duration": "1 d"},
                        {"name": "infusion"},
                    ],
                }
            ],
            "run": {"start": "2027-01-04", "enrolment": "30 d", "replications": 1},
            "snapshot": {
                "patients": [{**entry, "step": "prepare", "dose_from": "L-1"}],
                "stock": [{"name": "L-1", "stock": "doses", "doses": 1, "received": "2027-01-02"}],
            },
        }
    )
    trace = replicate(scenario, 0)
    moves = trace["stock_moves"]
    assert moves["quantity"].tolist() == [2, -1, -1]
    assert moves["reason"].astype(str).tolist() == ["initial", "expiry", "issue"]
    assert moves["on_hand"].tolist() == [2, 1, 0]
    assert trace["patients"]["infused"].tolist() == [1]
    assert violations(trace, scenario) == []
