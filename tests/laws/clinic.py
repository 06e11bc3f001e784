"""A small autologous line under load, as plain data to change, and what to read off its runs."""

from __future__ import annotations

from hypothesis import strategies as st

from cartlogix.analysis.ledger import build_ledger
from cartlogix.experiment.replication import replicate
from cartlogix.trace.tables import Trace
from tests.laws.parts import Plain
from tests.laws.worlds import scenario_of

SEEDS = st.integers(0, 10_000)


def clinic(seed: int = 1, *, suites: int = 2, days: str = "60 d") -> Plain:
    """An autologous line under load, as plain data to change."""
    law = {"law": "lognormal", "mean": "5 d", "sd": "2 d"}
    return {
        "name": "clinic",
        "demand": {
            "arrivals": {"process": "poisson", "rate": "0.4 /d"},
            "indications": [{"name": "patients"}],
        },
        "network": {"plants": [{"name": "plant", "resources": {"suite": {"capacity": suites}}}]},
        "pathways": [
            {
                "name": "autologous",
                "modality": "autologous",
                "route": [
                    {"name": "apheresis", "duration": "1 d"},
                    {"name": "manufacture", "needs": "suite", "duration": law},
                    {"name": "release", "duration": {"law": "gamma", "shape": 4, "scale": "1 d"}},
                    {"name": "infusion"},
                ],
            }
        ],
        "costs": {
            "lines": [
                {"name": "suite", "per": "resource_day", "of": ["suite"], "amount": 1000.25},
                {"name": "making", "per": "step", "of": ["manufacture"], "amount": 80_000},
                {"name": "bed", "per": "patient", "amount": 33.5},
            ]
        },
        "run": {"enrolment": days, "seed": seed, "replications": 1},
    }


def step(world: Plain, name: str) -> Plain:
    found: Plain = next(s for s in world["pathways"][0]["route"] if s["name"] == name)
    return found


def ran(world: Plain, replication: int = 0) -> Trace:
    return replicate(scenario_of(world), replication)


def infused(trace: Trace) -> dict[int, float]:
    cohort = trace.cohort
    return dict(zip(cohort["patient"], cohort["infused"], strict=True))


def slot_waits(trace: Trace) -> dict[int, float]:
    rows = trace["activities"]
    rows = rows[(rows["step"] == "manufacture") & rows["id"].isin(trace.cohort["patient"])]
    until = rows["started"].fillna(rows["ended"])
    return dict(zip(rows["id"], until - rows["queued"], strict=True))


def nobody_later(before: dict[int, float], after: dict[int, float]) -> bool:
    assert before.keys() == after.keys()
    return all(after[who] <= before[who] + 1e-9 for who in before)


def total(world: Plain, trace: Trace) -> int:
    return int(build_ledger(trace, scenario_of(world))["cents"].sum())
