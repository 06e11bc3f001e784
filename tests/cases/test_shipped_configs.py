"""Every shipped config loads, runs, keeps its books, and says where its figures are from."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cartlogix.analysis.identities import violations
from cartlogix.analysis.ledger import build_ledger
from cartlogix.experiment.replication import replicate
from cartlogix.experiment.study import read_study
from cartlogix.scenario.base import Part
from cartlogix.scenario.demand import ListedArrivals
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.quantity import Quantity

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(CONFIGS.glob("*.yaml"))
SCENARIOS = [*SHIPPED, *sorted((CONFIGS / "cases").glob("*.yaml"))]
EXPERIMENTS = sorted((CONFIGS / "experiments").glob("*.yaml"))
FILES = sorted(CONFIGS.rglob("*.yaml"))
# Any two of these can be compared; the other scenarios ask a question of their own.
COMPARABLE = (
    "autologous",
    "off_the_shelf",
    "in_vivo",
    "mixed_plant",
    "qc_compendial",
    "qc_rapid",
    "central",
    "regional",
)
SHORT = ("run.enrolment=60 d", "run.warm_up=30 d", "run.cap=365 d")

every_scenario = pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)


@cache
def scenario(path: Path) -> Scenario:
    return load(path).scenario


def shipped(name: str) -> Scenario:
    return scenario(CONFIGS / f"{name}.yaml")


@every_scenario
def test_it_loads_without_a_warning(path: Path) -> None:
    # The published waiting list is longer than the slots can ever serve: that is its point.
    overloaded = path.stem in ("slot_queue_fifo", "slot_queue_priority")
    texts = [finding.message for finding in load(path).warnings]
    assert [text[:5] for text in texts] == (["load "] if overloaded else [])


@every_scenario
def test_a_short_replication_keeps_every_identity(path: Path) -> None:
    loaded = load(path, SHORT).scenario
    trace = replicate(loaded, 0)
    assert len(trace["patients"]) > 0
    assert violations(trace, loaded) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_begins_with_what_it_asks(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(.+)", lines[0])
    assert schema, "the first line names the schema for editors"
    schemas = {"experiments": "experiment-schema.json", "schedules": "schedule-schema.json"}
    expected = schemas.get(path.parent.name, "schema.json")
    target = (path.parent / schema[1]).resolve()
    assert target == CONFIGS.parent / "docs" / expected
    comment = []
    for line in lines[1:]:
        if not line.startswith("#"):
            break
        comment.append(line)
    assert comment, "a comment says what the file answers"
    assert path.parent.name == "parts" or "?" in " ".join(comment)


def _unmarked(item: object, path: str) -> Iterator[str]:
    """Yield the path of each written quantity that has neither source nor note."""
    if isinstance(item, Quantity):
        if item.source is None and item.note is None:
            yield path
    elif isinstance(item, Part):
        for name in item.model_fields_set:
            yield from _unmarked(getattr(item, name), f"{path}.{name}")
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from _unmarked(value, f"{path}.{key}")
    elif isinstance(item, tuple):
        for index, value in enumerate(item):
            yield from _unmarked(value, f"{path}.{getattr(value, 'name', index)}")


@every_scenario
def test_every_figure_is_sourced_or_marked_as_an_assumption(path: Path) -> None:
    assert list(_unmarked(scenario(path), path.stem)) == []


def test_an_unmarked_figure_is_found() -> None:
    bare = load(CONFIGS / "autologous.yaml", ["demand.arrivals.rate=10 /y"]).scenario
    assert list(_unmarked(bare, "it")) == ["it.demand.arrivals.rate"]


def _sources(item: object) -> Iterator[str]:
    if isinstance(item, dict):
        if isinstance(item.get("source"), str):
            yield item["source"]
        for value in item.values():
            yield from _sources(value)
    elif isinstance(item, list):
        for value in item:
            yield from _sources(value)


@every_scenario
def test_no_secondary_source_is_cited(path: Path) -> None:
    """What was only read second-hand is an assumption with a note."""
    inputs = {**scenario(path).plain(), "expect": []}
    weak = re.compile(r"calibration table|bloodcancerstoday|shiqiv|reportify|secondary", re.I)
    assert [text for text in _sources(inputs) if weak.search(text)] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_cost_line_finds_something_to_charge(path: Path) -> None:
    loaded = load(path, ("run.enrolment=365 d", "run.warm_up=0 d")).scenario
    charged = set(build_ledger(replicate(loaded, 0), loaded)["line"])
    assert {line.name for line in loaded.costs.lines} - charged == set()


@pytest.mark.parametrize("name", COMPARABLE)
def test_all_serve_the_same_patients(name: str) -> None:
    mine, baseline = shipped(name), shipped("autologous")
    assert mine.demand == baseline.demand
    assert mine.run == baseline.run
    assert not isinstance(mine.demand.arrivals, ListedArrivals)
    assert {item.name for item in mine.demand.indications} == {
        "lupus",
        "rheumatoid_arthritis",
        "ulcerative_colitis",
        "systemic_sclerosis",
        "myositis",
        "myasthenia_gravis",
        "lymphoma",
        "myeloma",
        "leukaemia",
    }


def test_the_modalities_are_what_they_say() -> None:
    for name, steps, absent in (
        ("autologous", {"apheresis", "manufacture", "lymphodepletion"}, {"draw_dose"}),
        ("off_the_shelf", {"draw_dose", "lymphodepletion"}, {"apheresis", "manufacture"}),
        ("in_vivo", {"draw_dose"}, {"apheresis", "manufacture", "lymphodepletion"}),
    ):
        for pathway in shipped(name).pathways:
            route = {step.name for step in pathway.route}
            assert pathway.modality == name
            assert steps <= route
            assert not absent & route


def _differences(a: object, b: object, path: str = "") -> Iterator[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in {**a, **b}:
            yield from _differences(a.get(key), b.get(key), f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (left, right) in enumerate(zip(a, b, strict=True)):
            yield from _differences(left, right, f"{path}.{index}")
    elif a != b:
        yield path


def test_the_two_qc_scenarios_differ_in_qc_and_its_errors_only() -> None:
    a, b = shipped("qc_compendial"), shipped("qc_rapid")
    changed = {
        path for path in _differences(a.plain(), b.plain()) if path.count(".") > 1
    }  # name, title and description are at the top
    names = [step.name for step in a.pathways[0].route]
    qc, sterility = names.index("qc"), names.index("sterility")
    allowed = (
        f".pathways.0.route.{qc}.duration.",
        f".pathways.0.route.{sterility}.failure.test.",
    )
    assert all(any(path.startswith(key) for path in changed) for key in allowed)
    assert all(path.startswith(allowed) for path in changed)


@pytest.mark.parametrize("name", ["qc_compendial", "qc_rapid"])
def test_the_sterility_test_errs_as_often_as_it_says(name: str) -> None:
    """Of tests, the share that errs is p q and (1 - p) a: 4 standard errors of a binomial."""
    trace = replicate(shipped(name), 0)
    work, errors = trace["activities"], trace["test_errors"]["error"].astype(str)
    tests = int(((work["step"] == "sterility") & work["outcome"].isin(["done", "failed"])).sum())
    route = shipped(name).pathways[0].route
    failure = next(step.failure for step in route if step.name == "sterility")
    assert failure is not None
    assert failure.test is not None
    bad = failure.probability.value
    for error, chance in (
        ("false_negative", bad * failure.test.false_negative.value),
        ("false_positive", (1 - bad) * failure.test.false_positive.value),
    ):
        spread = 4 * (tests * chance * (1 - chance)) ** 0.5
        assert abs(int((errors == error).sum()) - tests * chance) <= spread
    assert trace["patients"]["exposed"].notna().sum() <= (errors == "false_negative").sum()


def test_central_and_regional_have_the_same_capacity() -> None:
    def capacity(name: str) -> dict[str, int]:
        total: dict[str, int] = {}
        for plant in shipped(name).network.plants:
            for resource, item in plant.resources.items():
                total[resource] = total.get(resource, 0) + (item.capacity or 0)
        return total

    assert capacity("central") == capacity("regional")


def test_stock_rescues_patients_whose_own_product_failed() -> None:
    patients = replicate(shipped("mixed_plant"), 0)["patients"]
    switched = patients[patients["first_pathway"] != patients["pathway"]]
    assert set(switched["first_pathway"]) == {"autologous"}
    assert (switched["status"] == "infused").any()


def test_each_region_draws_from_its_own_depot() -> None:
    trace = replicate(shipped("two_regions"), 0)
    patients = trace["patients"].set_index("patient")["centre"]
    doses = trace["doses"]
    asked = patients.reindex(doses["patient"]).astype(str).str.replace("centre", "depot")
    assert (asked.to_numpy() == doses["stock"].astype(str).to_numpy()).all()
    assert set(trace["transfers"]["kind"]) == {"supply", "lateral"}


def test_suites_of_the_shared_plant_are_changed_for_donor_lots() -> None:
    rows = replicate(shipped("shared_plant"), 0)["activities"]
    changes = rows[rows["kind"] == "changeover"]
    days = (changes["ended"] - changes["started"]).round(9)
    assert set(days.dropna()) == {2.0, 3.0}


def test_booked_cells_come_for_their_slot_and_others_die_in_line() -> None:
    study = CONFIGS / "experiments" / "booked_slots.yaml"
    arms = {arm.name: arm.scenario for arm in read_study([study], SHORT).arms}
    booked, fifo = replicate(arms["booked"], 0), replicate(arms["fifo"], 0)
    expired = [int((t["activities"]["outcome"] == "expired").sum()) for t in (booked, fifo)]
    assert expired[0] < expired[1]
    assert violations(booked, arms["booked"]) == []
    made = booked["bookings"].query("outcome == 'started'")
    assert len(made) > 0
    # Nobody is called for a start for which the cells could not live: three days from apheresis.
    assert (made["promised"] - made["called"] <= 1 + 3).all()
    assert set(booked["decisions"]["trigger"]) >= {"booking", "call"}


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_an_experiment_reads_with_all_its_scenarios(path: Path) -> None:
    study = read_study([path])
    searched = study.experiment is not None and study.experiment.search is not None
    assert searched or len(study.arms) >= 2
    assert study.question.endswith("?")
    first = study.arms[0].scenario.demand
    assert all(arm.scenario.demand == first for arm in study.arms), "the same patients"
