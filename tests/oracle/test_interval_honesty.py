"""Interval honesty: nominal 95 % intervals cover a known truth in 181 to 197 of 200 studies.

A binomial with 200 trials and probability 0.95 lies within these limits in 99 % of all cases. In
the simulated system nothing is short, so the days from enrolment to infusion are a sum of
independent steps whose mean is known. The figures of the last run stand in docs/studies.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import bdtr

from cartlogix.analysis.compare import differences, summarise
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.scenario.model import Scenario
from tests.figures import by_scenario

STUDIES, REPLICATIONS = 200, 10
LOW, HIGH = 181, 197
TRUTH: dict[str, float] = {"short": 7.0, "long": 9.0, "difference": 2.0}
KPI = "enrolment_to_infusion.mean"
SCENARIO = """\
name: {name}
demand:
  arrivals: {{process: poisson, rate: 0.5 /d}}
  indications: [{{name: lupus}}]
pathways:
  - name: autologous
    modality: autologous
    route:
      - {{name: manufacture, duration: {{law: exponential, mean: 3 d}}}}
      - {{name: qc, duration: {{law: uniform, low: {low} d, high: {high} d}}}}
      - name: infusion
run: {{enrolment: 30 d, seed: {seed}}}
"""


def covered(values: dict[str, list[float]]) -> dict[str, bool]:
    """Whether the intervals of one study hold the truth, from the values of its replications."""
    rows = [(name, k, KPI, "", "all", value)
            for name, listed in values.items() for k, value in enumerate(listed)]  # fmt: skip
    columns = ["scenario", "replication", "kpi", "group", "indication", "value"]
    tables = by_scenario(pd.DataFrame(rows, columns=columns))
    means = summarise(tables).assign(name=lambda one: one["scenario"])
    differing = differences(tables, [("short", "long")]).assign(name="difference")
    return {
        str(row["name"]): bool(row["low"] <= TRUTH[str(row["name"])] <= row["high"])
        for frame in (means, differing)
        for row in frame.to_dict("records")
    }


def judge(studies: list[dict[str, bool]]) -> None:
    counts = {name: sum(study[name] for study in studies) for name in TRUTH}
    print(counts)  # noqa: T201 - the figures that the docs give
    assert len(studies) == STUDIES
    assert all(LOW <= count <= HIGH for count in counts.values()), counts


def test_the_limits_hold_99_percent() -> None:
    outside = float(bdtr(LOW - 1, STUDIES, 0.95)) + 1 - float(bdtr(HIGH, STUDIES, 0.95))
    assert outside < 0.01


def test_intervals_of_normal_figures_are_honest() -> None:
    rng = np.random.default_rng(2027)

    def study() -> dict[str, bool]:
        shared, own = rng.normal(size=REPLICATIONS), rng.normal(size=(2, REPLICATIONS))
        short, long = 7 + shared + own[0] / 2, 9 + shared + own[1] / 2
        return covered({"short": short.tolist(), "long": long.tolist()})

    judge([study() for _ in range(STUDIES)])


@pytest.mark.nightly
def test_intervals_of_simulated_studies_are_honest(tmp_path: Path) -> None:
    def study(seed: int) -> dict[str, bool]:
        values = {}
        for name, low, high in (("short", 3, 5), ("long", 4, 8)):
            file = tmp_path / f"{name}.yaml"
            text = SCENARIO.format(name=name, low=low, high=high, seed=seed)
            file.write_text(text, encoding="utf-8")
            scenario = load(file).scenario
            values[name] = [_mean_days(scenario, k) for k in range(REPLICATIONS)]
        return covered(values)

    judge([study(1000 + number) for number in range(STUDIES)])


def _mean_days(scenario: Scenario, replication: int) -> float:
    """Mean days to infusion of the cohort in one replication, straight from the trace."""
    patients = replicate(scenario, replication)["patients"]
    mine = patients[patients["in_cohort"].to_numpy(dtype=bool)]
    return float((mine["infused"] - mine["enrolled"]).mean())
