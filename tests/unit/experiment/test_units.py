"""Units on their way: a scenario travels to a worker once, however many of its tasks follow."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from cartlogix.experiment.units import UnitStore, UnitTask
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario

SCENARIO = load(Path(__file__).parents[3] / "configs" / "autologous.yaml").scenario
OTHER = SCENARIO.model_copy(update={"name": "other", "title": "Other"})


def _arrive(task: UnitTask) -> UnitTask:
    arrived: UnitTask = pickle.loads(pickle.dumps(task))
    return arrived


def test_tasks_of_a_scenario_share_it_where_they_arrive(tmp_path: Path) -> None:
    store = UnitStore(tmp_path, [SCENARIO, OTHER])
    sent = [store.task(one, number) for number in (0, 1) for one in (SCENARIO, OTHER)]
    first, second, third, fourth = map(_arrive, sent)
    assert first.scenario is third.scenario is not SCENARIO
    assert second.scenario is fourth.scenario
    assert (first.scenario, second.scenario) == (SCENARIO, OTHER)
    assert [one.replication for one in (first, second, third, fourth)] == [0, 0, 1, 1]
    assert [one.path for one in (first, second)] == [one.path for one in sent[:2]]


def test_what_was_pickled_is_not_pickled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled: list[str] = []

    def counted(scenario: Scenario) -> dict[Any, Any]:
        pickled.append(scenario.name)
        return BaseModel.__getstate__(scenario)

    monkeypatch.setattr(Scenario, "__getstate__", counted, raising=False)
    store = UnitStore(tmp_path, [SCENARIO, OTHER])
    for number in range(3):
        pickle.dumps(store.task(SCENARIO, number))
    pickle.dumps(store.task(OTHER, 0))
    assert pickled == [SCENARIO.name, OTHER.name]
