"""The engine beside the textbook model: the same system, in pairs of fresh processes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass

FACTORS = (1, 2, 10)
PATIENTS_A_YEAR = 500
Measured = dict[str, float]


@dataclass(frozen=True)
class Pairs:
    """Measurements of both sides at one volume, taken in turns."""

    factor: int
    engine: list[Measured]
    textbook: list[Measured]

    @property
    def ratios(self) -> list[float]:
        """How many times as fast the engine was, pair by pair."""
        return [
            theirs["microseconds"] / ours["microseconds"]
            for ours, theirs in zip(self.engine, self.textbook, strict=True)
        ]

    def median(self, side: str, figure: str) -> float:
        """Return the median of a figure over the pairs."""
        measured: list[Measured] = getattr(self, side)
        return statistics.median(one[figure] for one in measured)


def report(pairs: int) -> str:
    """Measure all volumes and return the results as a Markdown table."""
    volumes = [measure_pairs(factor, pairs) for factor in FACTORS]
    return f"{table(volumes)}\n\n{growth(volumes)}"


def measure_pairs(factor: int, pairs: int) -> Pairs:
    """Measure both sides at one volume; who goes first alternates."""
    measured = Pairs(factor, [], [])
    for pair in range(pairs):
        sides = ("engine", "textbook") if pair % 2 == 0 else ("textbook", "engine")
        for side in sides:
            print(f"{side}, {factor * PATIENTS_A_YEAR} a year, {pair + 1}", file=sys.stderr)
            getattr(measured, side).append(in_a_fresh_process(side, factor, pair))
    return measured


def in_a_fresh_process(side: str, factor: int, seed: int) -> Measured:
    command = [sys.executable, "-m", "benchmarks.measure", side, str(factor), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: Measured = json.loads(done.stdout)
    return measured


def table(volumes: list[Pairs]) -> str:
    """Return one row per volume: ratios first, then what they are made of."""
    head = (
        "| patients a year | times as fast: median (min to max) | events per patient: "
        "engine, textbook | memory added, engine / textbook | peak memory: engine, textbook "
        "| illustrative time per patient: engine, textbook |\n|--:|--:|--:|--:|--:|--:|"
    )
    return "\n".join([head, *map(_row, volumes)])


def _row(volume: Pairs) -> str:
    ratios = volume.ratios
    figure = {
        (side, name): volume.median(side, name)
        for side in ("engine", "textbook")
        for name in ("events", "added_mb", "peak_mb", "microseconds")
    }
    cells = [
        f"{volume.factor * PATIENTS_A_YEAR:,}",
        f"**{statistics.median(ratios):.1f}** ({min(ratios):.1f} to {max(ratios):.1f})",
        f"{figure['engine', 'events']:.1f}, {figure['textbook', 'events']:.1f}",
        f"{figure['engine', 'added_mb'] / max(figure['textbook', 'added_mb'], 1e-9):.2f}",
        f"{figure['engine', 'peak_mb']:.0f} MB, {figure['textbook', 'peak_mb']:.0f} MB",
        f"{figure['engine', 'microseconds']:.0f} µs, {figure['textbook', 'microseconds']:.0f} µs",
    ]
    return f"| {' | '.join(cells)} |"


def growth(volumes: list[Pairs]) -> str:
    """Say how time per patient grows from the smallest volume to the largest."""
    small, large = volumes[0], volumes[-1]
    sides = [
        f"{side} {large.median(side, 'microseconds') / small.median(side, 'microseconds'):.2f}"
        for side in ("engine", "textbook")
    ]
    return (
        f"Time per patient at {large.factor * PATIENTS_A_YEAR:,} a year over that at "
        f"{small.factor * PATIENTS_A_YEAR:,}: {', '.join(sides)}."
    )
