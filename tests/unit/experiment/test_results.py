"""Results as JSON, estimates of the work, and what may be reused on resume."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from cartlogix.experiment.estimate import estimate
from cartlogix.experiment.measure import Failed, Measured, measure
from cartlogix.experiment.results import Results, results_json, summarise_study
from cartlogix.experiment.run import compare
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from tests.figures import by_scenario

Make = Callable[..., Scenario]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A scenario with one patient every five days, changed by `--set` texts."""
    path = tmp_path / "plain.yaml"
    path.write_text(
        "name: plain\n"
        "demand: {arrivals: {process: interval, every: 5 d}, indications: [{name: lupus}]}\n"
        "network: {plants: [{name: plant, resources: {suites: {capacity: 4}}}]}\n"
        "pathways: [{name: autologous, modality: autologous, route: ["
        "{name: manufacture, needs: suites, duration: 7 d}, {name: infusion}]}]\n"
        "run: {replications: 2, enrolment: 30 d}\n",
        encoding="utf-8",
    )

    def made(*overrides: str) -> Scenario:
        return load(path, overrides).scenario

    return made


def test_results_json_has_every_value_and_no_nan(make: Make) -> None:
    results = compare([make()])
    (scenario,) = json.loads("".join(results_json(results)))["scenarios"]
    figures = {(f["kpi"], f["group"], f["indication"]): f["values"] for f in scenario["kpis"]}
    assert figures["enrolment_to_infusion.mean", "", "all"] == [7.0, 7.0]
    assert figures["vein_to_vein.mean", "", "all"] == [None, None]  # nobody had an apheresis
    assert results.kpis["value"].isna().any()
    assert results.figure("enrolment_to_infusion.mean") == (7.0, 7.0, 7.0)
    assert all(math.isnan(value) for value in results.figure("absent"))


def test_results_can_be_sent_elsewhere(make: Make) -> None:
    results = compare([make()])
    there = pickle.loads(pickle.dumps(results))
    pd.testing.assert_frame_equal(there.kpis, results.kpis)
    pd.testing.assert_frame_equal(there.summary, results.summary)


def test_results_of_nothing(make: Make) -> None:
    empty = compare([make()])
    none = Results((), {}, empty.summary[:0], empty.differences[:0], ())
    assert json.loads("".join(results_json(none))) == {
        "scenarios": [], "summary": [], "differences": [], "warnings": [],
    }  # fmt: skip


def test_an_overloaded_steady_state_has_no_interval(make: Make) -> None:
    changes = ("network.plants.plant.resources.suites.capacity=1", "run.study=steady_state")
    results = compare([make(*changes, "run.warm_up=10 d")])
    (warning,) = results.warnings
    assert "plain: load 1.4" in warning
    assert "plant/suites" in warning
    mean, low, high = results.figure("enrolment_to_infusion.mean")
    assert mean > 7
    assert math.isnan(low)
    assert math.isnan(high)


def test_limits_never_leave_what_is_possible(make: Make) -> None:
    shares, days = [0.5, 1.0, 1.0], [0.1, 0.1, 4.0]
    rows = [
        (scenario, number, kpi, "", "all", value if scenario == "a" else other)
        for scenario in ("a", "b")
        for kpi, values, other in (("share.infused", shares, 0.05), ("tardiness.mean", days, 0.0))
        for number, value in enumerate(values)
    ]
    columns = ["scenario", "replication", "kpi", "group", "indication", "value"]
    plain = make()
    listed = [plain.model_copy(update={"name": name}) for name in ("a", "b")]
    found = summarise_study(listed, by_scenario(pd.DataFrame(rows, columns=columns)))
    # By hand: t(0.975; 2) = 4.3027, sd 0.2887 and 2.2517, so half widths 0.717 and 5.593.
    assert found.figure("share.infused") == pytest.approx((5 / 6, 5 / 6 - 0.71713, 1.0), abs=1e-4)
    assert found.figure("tardiness.mean") == pytest.approx((1.4, 0.0, 6.9935), abs=1e-3)
    share = found.differences.iloc[0]
    assert share["kpi"] == "share.infused"
    assert (share["low"], share["low_adjusted"]) == (-1.0, -1.0)
    assert share["high"] == pytest.approx(-0.78333 + 0.71713, abs=1e-4)
    assert found.differences.iloc[1]["low"] == pytest.approx(-6.9935, abs=1e-3)


def test_estimate_counts_the_patients_of_the_window(make: Make) -> None:
    found = estimate(make("demand.backlog=3", "run.replications=7"))
    assert found.replications == 7
    # Six arrive, and three wait: a third fewer without these.
    assert found.events == pytest.approx(1.5 * estimate(make("run.replications=7")).events)
    assert found.megabytes > 0
    twice = estimate(make("demand.backlog=3", "run.replications=14"))
    assert twice.events == 2 * found.events


def test_an_error_in_a_replication_becomes_a_value(make: Make) -> None:
    broken = make("run.seed=4").model_copy(update={"pathways": ()})
    found = measure((broken, 2))
    assert isinstance(found, Failed)
    assert (found.scenario, found.replication, found.seed) == ("plain", 2, 4)
    assert str(found).startswith("scenario 'plain', replication 3 (seed 4): ")
    assert "Traceback" in found.detail
    assert isinstance(measure((make(), 0)), Measured)


def test_memory_that_runs_out_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(scenario: Scenario, replication: int) -> None:
        raise MemoryError

    monkeypatch.setattr("cartlogix.experiment.measure.replicate", full)
    found = measure((make(), 0))
    assert isinstance(found, Failed)
    assert found.reason == "out of memory"
