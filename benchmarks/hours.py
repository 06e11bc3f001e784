"""Hours and people beside the plain engine: the same clinic with shifts, crews and couriers."""

from __future__ import annotations

import statistics

from benchmarks.engine import in_a_fresh_process


def report(pairs: int) -> str:
    """Measure both in turns, and return the ratio of their times per patient."""
    ratios, events = [], {"engine": 0.0, "hours": 0.0}
    for pair in range(pairs):
        sides = ("engine", "hours") if pair % 2 == 0 else ("hours", "engine")
        measured = {side: in_a_fresh_process(side, 1, pair) for side in sides}
        ratios.append(measured["hours"]["microseconds"] / measured["engine"]["microseconds"])
        events = {side: measured[side]["events"] for side in events}
    return (
        "| time per patient over the plain engine's: median (min to max) | events per patient: "
        "plain, with hours |\n|--:|--:|\n"
        f"| **{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f}) "
        f"| {events['engine']:.1f}, {events['hours']:.1f} |"
    )
