"""What a change of the scenario must do to the results, whatever they are (MR12 to MR20)."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from tests.laws.clinic import SEEDS, clinic, infused, ran, slot_waits, step
from tests.laws.parts import Plain
from tests.laws.test_identities import examples, same
from tests.laws.worlds import scenario_of, worlds


@examples(8)
@given(worlds())
def test_mr12_mr18_the_name_and_other_runs_change_nothing(world: Plain) -> None:
    first = ran(world)
    ran(clinic(5))
    assert same(first, ran({**world, "name": "renamed", "title": "something else"}))


def test_mr14_spelling_of_the_yaml_changes_nothing(tmp_path: Path) -> None:
    plain, fancy = tmp_path / "plain.yaml", tmp_path / "fancy.yaml"
    plain.write_text(
        "name: a\ndemand:\n  arrivals: {process: poisson, rate: 2 /d}\n"
        "  indications: [{name: x, share: 10}]\n"
        "pathways:\n  - {name: p, modality: autologous, route: [{name: m, duration: 10 d},"
        " {name: infusion}]}\nrun: {enrolment: 10 d, replications: 1}\n",
        "utf-8",
    )
    fancy.write_text(
        "# a remark\nrun: {replications: 1, enrolment: &ten 1.0e+1 d}\nname: a\npathways:\n"
        "  - modality: autologous\n    name: p\n    route:\n      - {duration: *ten, name: m}\n"
        "      - name: infusion\ndemand:\n  indications:\n    - {share: 10.0, name: x}\n"
        "  arrivals: {rate: 2.0 /d, process: poisson}\n",
        "utf-8",
    )
    one, two = load(plain).scenario, load(fancy).scenario
    assert one.digest() == two.digest()
    assert same(replicate(one, 0), replicate(two, 0))


@examples(10)
@given(SEEDS, st.integers(0, 3))
def test_mr15_a_step_of_no_time_and_a_wide_resource_change_nothing(seed: int, place: int) -> None:
    more = clinic(seed)
    more["network"]["plants"][0]["resources"]["hall"] = {"capacity": 100_000}
    more["pathways"][0]["route"].insert(place, {"name": "paperwork", "needs": "hall"})
    before, after = infused(ran(clinic(seed))), infused(ran(more))
    assert list(after.values()) == pytest.approx(list(before.values()), abs=1e-9)


def test_mr16_two_halves_of_a_demand_are_the_whole() -> None:
    halves = clinic(days="2000 d", suites=3)
    halves["demand"]["indications"] = [{"name": "a"}, {"name": "b"}]
    one, two = ran(clinic(days="2000 d", suites=3)), ran(halves)
    assert infused(one) == infused(two)


def test_mr17_one_big_site_serves_faster_than_two_small_ones() -> None:
    means = []
    for shared in (False, True):
        days: list[float] = []
        for seed in range(8):
            world = clinic(seed, suites=4 if shared else 2)
            world["demand"]["arrivals"]["rate"] = "0.7 /d"
            plant = world["network"]["plants"][0]
            world["network"] = {
                "plants": [{**plant, "name": "east"}, {**plant, "name": "west"}],
                "centres": [
                    {"name": "a", "plant": "east"},
                    {"name": "b", "plant": "east" if shared else "west"},
                ],
            }
            step(world, "manufacture")["at"] = "plant"
            days += slot_waits(ran(world)).values()
        means.append(np.mean(days))
    assert means[1] <= means[0]


@examples(8)
@given(worlds())
def test_mr19_more_replications_leave_the_first_ones_alone(world: Plain) -> None:
    many = copy.deepcopy(world)
    many["run"]["replications"] = 50
    assert same(ran(world, 2), ran(many, 2))


@examples(30)
@given(worlds())
def test_mr20_a_longer_horizon_leaves_the_past_alone(world: Plain) -> None:
    short, long = copy.deepcopy(world), copy.deepcopy(world)
    short["run"] |= {"drain": "none", "enrolment": "20 d"}
    long["run"] |= {"drain": "none", "enrolment": "35 d"}
    one, two = ran(short), ran(long)
    stop = one.stop
    for name, key in (("activities", "queued"), ("stock_moves", "time"), ("decisions", "time")):
        past, mine = (trace[name][trace[name][key] < stop] for trace in (two, one))
        assert len(past) == len(mine), name
        for column in mine.columns.drop("outcome", errors="ignore"):
            assert as_of(past[column], stop) == as_of(mine[column], stop), (name, column)
    past, mine = (t["patients"][t["patients"]["enrolled"] < stop] for t in (two, one))
    for column in ("infused", "left"):
        assert as_of(past[column], stop) == as_of(mine[column], stop), column


def as_of(column: pd.Series[Any], stop: float) -> list[object]:
    """A column without the times at or after the stop: ties at the stop are open."""
    values = column.astype(object).where(column.notna(), None).tolist()  # NaN equals nothing
    if column.name not in ("started", "ended", "infused", "left"):
        return values
    return [None if value is None or value >= stop else value for value in values]


def test_equal_data_make_equal_scenarios() -> None:
    scenario = scenario_of(clinic())
    assert Scenario.from_plain(clinic()) == scenario
