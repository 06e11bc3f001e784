"""Dip, recovery and figures by period, worked out by hand."""

import math

import pandas as pd
import pytest

from cartlogix.analysis.kpis import replication_kpis
from cartlogix.analysis.recovery import recovery
from cartlogix.experiment.replication import replicate
from cartlogix.scenario.model import Scenario


def paths(*runs: list[float]) -> pd.DataFrame:
    rows = [
        (number, f"day {7.0 * week:07.1f}", "all", level)
        for number, run in enumerate(runs)
        for week, level in enumerate(run)
    ]
    return pd.DataFrame(rows, columns=["replication", "group", "indication", "value"])


def test_recovery_runs_from_the_first_difference_to_a_tenth_of_the_highest() -> None:
    calm = [[5.0] * 6, [4.0] * 6]
    hit: list[list[float]] = [[5, 7, 15, 9, 6, 5], [4, 4, 24, 14, 7, 5.5]]
    found = recovery(paths(*calm), paths(*hit))
    assert found is not None
    # Highest: 10 and 20 more. At most 1 more from week 4 on, begun in week 1; at most 2 in week 5,
    # begun in week 2.
    assert found.dip.estimate == pytest.approx(15)
    assert found.days.estimate == pytest.approx(21)
    assert (found.recovered, found.replications) == (2, 2)


def test_who_does_not_recover_is_counted_as_that() -> None:
    found = recovery(paths([1.0] * 3), paths([1, 5, 5]))
    assert found is not None
    assert (found.recovered, found.replications) == (0, 1)
    assert math.isnan(found.days.estimate)
    assert recovery(paths([1.0] * 3), paths()) is None


def test_figures_by_period() -> None:
    scenario = Scenario.from_plain(
        {
            "name": "periods",
            "demand": {
                "arrivals": {"process": "list", "patients": ["0 d", "1 d", "11 d"]},
                "indications": [{"name": "any"}],
            },
            "network": {"plants": [{"name": "plant", "resources": {"suite": 1}}]},
            "pathways": [
                {
                    "name": "p",
                    "modality": "autologous",
                    "route": [
                        {"name": "manufacture", "needs": "suite", "duration": "6 d"},
                        {"name": "infusion"},
                    ],
                }
            ],
            "run": {"enrolment": "20 d", "periods": "10 d", "replications": 1},
        }
    )
    table = replication_kpis(replicate(scenario, 0), scenario)
    mine = table[table["indication"] == "all"].set_index(["kpi", "group"])["value"]
    first, second = "day 00000.0", "day 00010.0"
    # Infused on days 6, 12 and 18; the suite works from day 0 to 18.
    assert [mine["period.enrolled", name] for name in (first, second)] == [2, 1]
    assert [mine["period.infused", name] for name in (first, second)] == [1, 2]
    assert mine["period.in_system", first] == pytest.approx((6 + 9) / 10)
    assert mine["period.in_system", second] == pytest.approx((2 + 7) / 10)
    assert mine["period.wait", second] == pytest.approx((11 + 7) / 2)
    used = [mine["period.utilisation", f"plant/suite, {name}"] for name in (first, second)]
    assert used == pytest.approx([1.0, 0.8])
    assert mine["pool.full_from", "plant/suite"] == 0
    assert mine["pool.ever_full", "plant/suite"] == 1
