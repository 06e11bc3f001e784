"""Lines that are ordered at the moment of service, inside the simulation."""

from pathlib import Path

import pandas as pd
import pytest

from cartlogix.experiment.replication import replicate
from cartlogix.ground.errors import InvalidInput
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

FILE = """
name: slots
title: Slots
demand:
  arrivals:
    process: list
    patients:
      - {at: 0 d, indication: slow}
      - {at: 0 d, indication: slow}
      - {at: 0 d, indication: slow}
      - {at: 1 d, indication: slow}
      - {at: 2 d, indication: fast}
      - {at: 3 d, indication: slow}
  indications:
    - {name: slow, share: 1, target: 60 d}
    - {name: fast, share: 1, target: 25 d, urgency: 3}
network:
  plants:
    - name: plant
      resources:
        suites: {capacity: 2, discipline: DISCIPLINE}
        qc: {capacity: 2, open: mon-fri}
pathways:
  - name: autologous
    modality: autologous
    route:
      - {name: manufacture, needs: suites, duration: LENGTH}
      - {name: release, needs: qc, duration: 3 d}
      - {name: infusion, duration: 1 d}
run: {study: terminating, enrolment: 30 d, cap: 200 d, replications: 1, seed: 3}
"""


def scenario(folder: Path, discipline: str, length: str = "10 d") -> Scenario:
    file = folder / "slots.yaml"
    file.write_text(
        FILE.replace("DISCIPLINE", discipline).replace("LENGTH", length), encoding="utf-8"
    )
    return load(file).scenario


def starts(trace: Trace) -> dict[int, float]:
    rows = trace["activities"]
    made = rows[rows["step"] == "manufacture"]
    return dict(zip(made["id"], made["started"], strict=True))


@pytest.mark.parametrize("discipline", ["atc", "index", "rolling"])
def test_the_urgent_patient_is_served_before_those_who_came_first(
    tmp_path: Path, discipline: str
) -> None:
    found = starts(replicate(scenario(tmp_path, discipline), 0))
    assert found[0] == found[1] == 0
    assert found[4] == 10
    assert found[2] == 10
    assert found[3] > 10


@pytest.mark.parametrize("discipline", ["fifo", "atc", "index"])
def test_only_plans_are_recorded(tmp_path: Path, discipline: str) -> None:
    assert replicate(scenario(tmp_path, discipline), 0)["decisions"].empty


def test_a_plan_is_recorded_with_what_it_was_worth(tmp_path: Path) -> None:
    decisions = replicate(scenario(tmp_path, "rolling"), 0)["decisions"]
    first = decisions.iloc[0]
    assert (first["time"], first["policy"], first["subject"]) == (10, "rolling", "plant/suites")
    assert first["jobs"] == 4
    assert first["objective"] > 0
    assert set(decisions["status"]) <= {"trivial", "heuristic", "optimal"}


def test_a_plan_is_made_anew_only_when_it_is_wanted(tmp_path: Path) -> None:
    policy = "rolling, slot_policy: {replan: {every: 15 d, on: []}}"
    decisions = replicate(scenario(tmp_path, policy), 0)["decisions"]
    seen = list(zip(decisions["time"], decisions["trigger"], decisions["status"], strict=True))
    # Both suites become free on day 10 (one answer each), on day 20 and on day 30.
    assert [(time, trigger) for time, trigger, _ in seen] == [
        (10, "periodic"), (10, "release"), (20, "release"), (20, "release"),
    ]  # fmt: skip
    assert [status == "order" for _, _, status in seen] == [False, True, True, True]


def test_an_urgent_arrival_makes_the_plan_stale(tmp_path: Path) -> None:
    urgent = "rolling, slot_policy: {replan: {on: [urgent]}}"
    world = scenario(tmp_path, urgent)
    decisions = replicate(world, 0)["decisions"]
    # Patient 4 joins on day 2, while nobody can start; the next moment to start is on day 10.
    assert list(decisions["trigger"])[:2] == ["urgent", "release"]
    assert starts(replicate(world, 0))[4] == 10


def test_between_plans_no_unit_is_idle_while_somebody_waits(tmp_path: Path) -> None:
    length = "{law: uniform, low: 7 d, high: 13 d}"
    policy = "rolling, slot_policy: {hold: 0 d, replan: {every: 50 d, on: []}}"
    rows = replicate(scenario(tmp_path, policy, length), 0)["activities"]
    made = rows[rows["step"] == "manufacture"]
    ends = set(made["ended"])
    assert (made["started"].eq(made["queued"]) | made["started"].isin(ends)).all()


def test_a_plan_that_would_never_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no plan would ever be made"):
        scenario(tmp_path, "rolling, slot_policy: {replan: {on: []}}")


def test_an_outage_makes_the_plan_stale(tmp_path: Path) -> None:
    policy = "rolling, slot_policy: {replan: {on: [outage]}}"
    file = tmp_path / "outage.yaml"
    out = "{name: out, kind: outage, site: plant, resource: suites, units: 1, in_process: finish"
    text = FILE.replace("DISCIPLINE", policy).replace("LENGTH", "10 d")
    file.write_text(f"{text}disruptions:\n  - {out}, at: [5 d], lasts: 3 d}}\n", "utf-8")
    decisions = replicate(load(file).scenario, 0)["decisions"]
    assert decisions.iloc[0]["trigger"] == "outage"
    assert set(decisions["trigger"][1:]) == {"release"}


@pytest.mark.parametrize(
    ("lasts", "wait"), [("10 d", 24), ("30 d", 29), ("{law: uniform, low: 6 d, high: 14 d}", 24)]
)
def test_a_plan_reckons_with_units_that_are_out_until_they_should_be_back(
    tmp_path: Path, lasts: str, wait: float
) -> None:
    """One of two suites is out from day 5; two lots wait from day 0 and day 1.

    On day 10 one of them starts. The other one starts when the suite is expected back, on day 15
    by an outage of 10 days on average, or on day 20 in the suite that works.
    """
    text = FILE.replace("DISCIPLINE", "rolling, slot_policy: {objective: {wait: 1}}")
    text = text.replace("LENGTH", "10 d").replace("      - {at: 2 d, indication: fast}\n", "")
    text = text.replace("      - {at: 3 d, indication: slow}\n", "")
    out = "{name: out, kind: outage, site: plant, resource: suites, units: 1, at: [5 d]"
    file = tmp_path / "outage.yaml"
    file.write_text(f"{text}disruptions:\n  - {out}, lasts: {lasts}}}\n", "utf-8")
    first = replicate(load(file).scenario, 0)["decisions"].iloc[0]
    assert (first["time"], first["jobs"], first["objective"]) == (10, 2, wait)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    world = scenario(tmp_path, "rolling", "{law: uniform, low: 7 d, high: 13 d}")
    one, two = replicate(world, 0), replicate(world, 0)
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two[name])


def test_what_was_drawn_for_later_changes_nothing_before(tmp_path: Path) -> None:
    law = "{law: uniform, low: 9 d, high: 11 d}"
    one = replicate(scenario(tmp_path, "rolling", law), 0)
    two = replicate(scenario(tmp_path, "rolling", law), 1)
    # The two replications draw other durations; nothing of them shows before the first ends.
    until = min(
        rows.loc[rows["step"] == "manufacture", "ended"].min()
        for rows in (one["activities"], two["activities"])
    )
    before = [{n: day for n, day in starts(t).items() if day < until} for t in (one, two)]
    assert before[0] == before[1]


def test_a_slot_policy_without_rolling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="slot_policy"):
        scenario(tmp_path, "fifo, slot_policy: {lots: 5}")


@pytest.mark.parametrize(
    "policy", ["effort: 0", "objective: {flow: -1}", "objective: {flow: 0}", "window: 0.5 d"]
)
def test_a_slot_policy_that_cannot_plan_is_refused(tmp_path: Path, policy: str) -> None:
    with pytest.raises(InvalidInput):
        scenario(tmp_path, f"rolling, slot_policy: {{{policy}}}")


def test_who_starts_waits_for_the_days_on_which_a_start_is_open(tmp_path: Path) -> None:
    found = scenario(tmp_path, "rolling, starts: {number: 1, every: 7 d}")
    assert sorted(starts(replicate(found, 0)).values()) == [0, 7, 14, 21, 28, 35]


@pytest.mark.parametrize("discipline", ["atc", "index", "rolling"])
def test_no_capacity_is_exceeded_and_nobody_is_forgotten(tmp_path: Path, discipline: str) -> None:
    file = tmp_path / "busy.yaml"
    text = FILE.replace("DISCIPLINE", discipline).replace(
        "LENGTH", "{law: gamma, shape: 9, scale: 1 d}"
    )
    head, tail = text.split("    process: list")
    tail = tail[tail.index("  indications:") :]
    arrivals = "    process: poisson\n    rate: 0.25 /d\n"
    file.write_text(head + arrivals + tail, encoding="utf-8")
    trace = replicate(load(file).scenario, 0)
    rows = trace["activities"]
    made = rows[(rows["step"] == "manufacture") & rows["started"].notna()]
    for day in made["started"]:
        assert ((made["started"] <= day) & (made["ended"] > day)).sum() <= 2
    assert (trace.cohort["status"] == "infused").all()
