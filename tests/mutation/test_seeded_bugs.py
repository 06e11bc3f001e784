"""The bugs that a good suite must catch do make the oracles and laws fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load
from cartlogix.trace.tables import Trace
from tests.mutation import bugs
from tests.oracle.judge import Expectation, misses, off, run, scenario_file
from tests.oracle.measures import Figures, Measure, column, kpis, visits
from tests.oracle.trials import TRIALS

Check = Callable[[], list[str]]


def short(path: Path, overrides: tuple[str, ...], measure: Measure) -> list[Figures]:
    """Three replications are enough to see a bug."""
    return run(path, (*overrides, "run.replications=3"), measure)


def oracle(name: str, *overrides: str) -> Check:
    trial = next(trial for trial in TRIALS if trial.name == name)
    return lambda: misses(replace(trial, overrides=overrides, also=()), short)


def restricted_mean() -> list[str]:
    """E[min(T, 60 d)] of gamma(4, 6 d) lead times, from runs that stop at day 60."""
    theory = quad(gamma(4, scale=6).sf, 0, 60)[0]
    name = "enrolment_to_infusion.restricted_mean"
    rows = run(
        scenario_file("Q17"),
        ("run.replications=40",),
        lambda trace, scenario: kpis(trace, scenario, "lead_time"),
    )
    return off(rows, Expectation({name: theory}))


def common_random_numbers() -> list[str]:
    """Whatever else a route holds, a patient's manufacture takes as long."""
    base = load(scenario_file("Q11"), ["run.warm_up=0 d", "run.enrolment=100 d"]).scenario
    other = load(
        scenario_file("Q11"),
        [
            "run.warm_up=0 d",
            "run.enrolment=100 d",
            "demand.indications.patients.drop_out=[{name: death, hazard: 0.0001 /d}]",
        ],
    ).scenario

    def durations(trace: Trace) -> dict[int, float]:
        made = visits(trace)
        made = made[made["outcome"] == "done"]
        return dict(zip(made["id"], column(made, "ended") - column(made, "started"), strict=True))

    one, two = (durations(replicate(scenario, 0)) for scenario in (base, other))
    return [
        f"patient {who}: {one[who]} and {two[who]} d"
        for who in one.keys() & two.keys()
        if abs(one[who] - two[who]) > 1e-9
    ]


CASES: list[tuple[bugs.Seed, Check]] = [
    (bugs.request_not_cancelled, oracle("Q09")),
    (bugs.patience_runs_on, oracle("Q09")),
    (bugs.whole_days, oracle("Q01")),
    (bugs.mean_taken_as_median, oracle("Q04b")),
    (bugs.last_in_first_out, oracle("I05", "stocks.doses.issue=fefo")),
    (bugs.life_from_the_order, oracle("I05")),
    (bugs.completers_only, restricted_mean),
    (bugs.cost_of_the_infused, oracle("C02")),
    (bugs.one_shared_stream, common_random_numbers),
]


@pytest.mark.parametrize(("bug", "check"), CASES, ids=lambda item: getattr(item, "__name__", ""))
def test_the_bug_is_caught(bug: bugs.Seed, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    assert check() != []


@pytest.mark.parametrize("check", [restricted_mean, common_random_numbers])
def test_the_checks_of_this_module_pass_without_a_bug(check: Check) -> None:
    assert check() == []
