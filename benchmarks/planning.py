"""What it costs to plan the suites of a plant anew as time goes on, beside a rule."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from cartlogix.experiment.replication import replicate
from cartlogix.scenario.loader import load

FILE = Path(__file__).with_name("planning.yaml")
_SUITES = "network.plants.0.resources.suites"
_ROLLING = f"{_SUITES}.discipline=rolling"
POLICIES: dict[str, tuple[str, ...]] = {
    "ATC, no plan": (),
    "whenever something happens": (_ROLLING,),
    "every day": (_ROLLING, f"{_SUITES}.slot_policy={{replan: {{every: 1 d, on: []}}}}"),
    "every week, urgent arrivals": (
        _ROLLING,
        f"{_SUITES}.slot_policy={{replan: {{every: 7 d, on: [urgent]}}}}",
    ),
}


def report() -> str:
    """Measure and return the result as Markdown."""
    lines = [
        "| planned anew | by the solver | without one | by the last plan | processor time (s) |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, overrides in POLICIES.items():
        begun = time.process_time()
        counts = answers(overrides)
        seconds = time.process_time() - begun
        solved = counts.total() - counts["trivial"] - counts["order"]
        lines.append(
            f"| {name} | {solved} | {counts['trivial']} | {counts['order']} | {seconds:.1f} |"
        )
    return "\n".join(lines)


def answers(overrides: Iterable[str]) -> Counter[str]:
    """Run the scenario and count the answers of its policy, by status."""
    trace = replicate(load(FILE, overrides).scenario, 0)
    return Counter(trace["decisions"]["status"])
