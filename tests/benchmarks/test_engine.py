"""The benchmark's two models agree, and the engine stays lean: exact counts of events."""

from statistics import fmean, variance

import pandas as pd
import pytest

from benchmarks import engine as side_by_side
from benchmarks import measure, startup
from benchmarks.textbook import Clinic
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load

REPLICATIONS = 6
# Two-sided 99.9 % point of Student's t with 2 * (6 - 1) degrees of freedom.
T = 4.587

QUIET = (
    "demand.indications.lymphoma.drop_out=[]",
    "pathways.autologous.route.manufacture.failure=null",
    "network.lanes=[{time: 1 d}]",
    "pathways.autologous.route.referral.duration=20 d",
    "pathways.autologous.route.manufacture.duration=7 d",
    'pathways.autologous.route."quality control".duration=7 d',
    "pathways.autologous.route.infusion.duration=10 d",
)
IMPATIENT = "demand.indications.lymphoma.drop_out=[{name: death, after: 365 d}]"
# One at the end of the window, when the last patient has left, and the one that stops the run.
STOP = 2


def _events(*overrides: str, every: float = 100, patients: int = 4) -> int:
    until = f"{every * (patients - 1) + 0.5} d"
    arrivals = f"demand.arrivals={{process: interval, every: {every} d, until: {until}}}"
    scenario = load(measure.SCENARIO, [*QUIET, arrivals, *overrides]).scenario
    trace = replicate(scenario, 0)
    assert (trace["patients"]["status"] == "infused").sum() == patients
    return trace.events


@pytest.mark.parametrize("patients", [1, 4, 9])
def test_a_patient_takes_seven_events(patients: int) -> None:
    # Before and after apheresis; before and after manufacture; after quality control (it follows
    # at once); before and after infusion.
    assert _events(patients=patients) == STOP + 7 * patients


def test_enrolment_takes_one_event_for_64_patients() -> None:
    # The first 64 stories are started before the first event, the next ones by one event each.
    assert _events(every=8, patients=64) == STOP + 7 * 64
    assert _events(every=8, patients=129) == STOP + 7 * 129 + 2


def test_drop_out_that_never_strikes_takes_no_event() -> None:
    assert _events(IMPATIENT) == _events()


def test_a_wait_takes_no_event_and_all_deadlines_share_a_timer() -> None:
    one_suite = "network.plants.plant.resources.suite=1"
    assert _events(one_suite, every=5, patients=2) == STOP + 7 * 2
    # Both wait for the suite with a deadline that falls before the end of the run.
    assert _events(one_suite, IMPATIENT, every=1, patients=3) == STOP + 7 * 3 + 1


def test_at_most_ten_events_per_patient_in_the_benchmark() -> None:
    patients, events = measure.engine(1, 0)
    assert patients > 1000
    assert events <= 10 * patients


def test_hours_and_people_take_less_than_twice_the_events() -> None:
    plain, busy = measure.engine(1, 0), measure.hours(1, 0)
    assert busy[0] == plain[0]  # the same patients
    assert busy[1] <= 2 * plain[1]


def test_a_part_of_a_step_takes_an_event_at_its_end() -> None:
    # One when the first hours are over, one before the last four; nobody has to wait.
    crew = "network.plants.plant.resources.crew={people: [{name: team, number: 100}]}"
    needs = (
        "pathways.autologous.route.manufacture.needs=[suite, {name: crew, for: 6 h}, "
        "{name: crew, for: 4 h, at: end}]"
    )
    assert _events(crew, needs) == _events() + 2 * 4


def _summary(patients: pd.DataFrame, activities: pd.DataFrame) -> dict[str, float]:
    infused = patients[patients["status"] == "infused"]
    waited = activities["started"] - activities["queued"]
    lasted = (activities["ended"] - activities["started"])[activities["outcome"] == "done"]
    step = activities["step"].astype(str)
    figures = {
        "patients": float(len(patients)),
        "share infused": len(infused) / len(patients),
        "enrolment to infusion": float((infused["infused"] - infused["enrolled"]).mean()),
        "vein to vein": float((infused["infused"] - infused["apheresis"]).mean()),
        "turnaround": float((infused["released"] - infused["apheresis"]).mean()),
        "attempts": float(patients["attempts"].mean()),
        "activities": len(activities) / len(patients),
    }
    for name, count in activities["outcome"].astype(str).value_counts().items():
        figures[f"{name} per patient"] = count / len(patients)
    for name, days in waited.groupby(step).mean().items():
        figures[f"wait for {name}"] = float(days)
    for name, days in lasted.groupby(step).mean().items():
        figures[f"{name} lasts"] = float(days)
    return figures


def test_both_models_describe_the_same_system() -> None:
    ours, theirs = [], []
    for seed in range(REPLICATIONS):
        trace = replicate(measure.scenario(1), seed)
        ours.append(_summary(trace["patients"], trace["activities"]))
        theirs.append(_summary(*Clinic(1, seed).run()))
    assert ours[0].keys() == theirs[0].keys()
    apart = {}
    for name in ours[0]:
        a, b = [one[name] for one in ours], [one[name] for one in theirs]
        allowed = T * ((variance(a) + variance(b)) / REPLICATIONS) ** 0.5
        if abs(fmean(a) - fmean(b)) > allowed + 1e-9:
            apart[name] = (fmean(a), fmean(b), allowed)
    assert not apart


def test_both_models_record_the_same() -> None:
    trace = replicate(measure.scenario(1), 0)
    patients, activities = Clinic(1, 0).run()
    # The engine's further columns hold one value each in this scenario, or name what they are of.
    assert set(activities) - {"patient"} <= set(trace["activities"])
    assert set(patients) <= set(trace["patients"])


def test_the_table_gives_the_median_of_the_pairs_first() -> None:
    def measured(microseconds: float) -> dict[str, float]:
        return {"microseconds": microseconds, "events": 8.0, "peak_mb": 200.0, "added_mb": 10.0}

    small = side_by_side.Pairs(1, [measured(100)] * 3, [measured(t) for t in (200, 300, 700)])
    large = side_by_side.Pairs(10, [measured(110)] * 3, [measured(600)] * 3)
    rows = side_by_side.table([small, large]).splitlines()
    assert rows[2].startswith("| 500 | **3.0** (2.0 to 7.0) | 8.0, 8.0 |")
    assert rows[3].startswith("| 5,000 |")
    assert "engine 1.10, textbook 2.00" in side_by_side.growth([small, large])


def test_help_loads_no_heavy_library() -> None:
    assert not {"pandas", "ortools", "plotly"} & set(startup.heavy_modules())
