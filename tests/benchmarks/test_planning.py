"""How often a plan is made is counted exactly, so that planning cannot become dearer unseen."""

from __future__ import annotations

import pytest

from benchmarks.planning import POLICIES, answers

SHORT = ("run.enrolment=180 d", "run.cap=300 d")


@pytest.mark.parametrize(
    ("policy", "solved", "trivial", "order"),
    [
        ("ATC, no plan", 0, 0, 0),
        ("whenever something happens", 79, 60, 0),
        ("every day", 40, 26, 73),
        ("every week, urgent arrivals", 17, 11, 111),
    ],
)
def test_plans_are_made_when_they_are_wanted(
    policy: str, solved: int, trivial: int, order: int
) -> None:
    counts = answers((*POLICIES[policy], *SHORT))
    found = counts.total() - counts["trivial"] - counts["order"]
    assert (found, counts["trivial"], counts["order"]) == (solved, trivial, order)
