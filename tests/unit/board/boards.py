"""Small boards whose plans can be worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cartlogix.board.loader import Loaded, load
from cartlogix.board.translate import Posed, pose
from cartlogix.scheduling.plan import Plan, Step

SMALL: dict[str, str] = {
    "title": "small",
    "start": "2027-03-01",  # a Monday
    "horizon": "40 d",
    "plants": "[{name: plant, suites: [{name: suite 1}, {name: suite 2}]}]",
    "products": "[{name: cart, route: [{step: manufacture, duration: 8 d}, "
    "{step: qc, duration: 4 d}]}]",
    "orders": "[{id: A, product: cart}, {id: B, product: cart}]",
}


def write(folder: Path, **changes: str) -> Path:
    """Write a board of which some top-level values are others."""
    path = folder / "board.yaml"
    lines = [f"{key}: {value}" for key, value in {**SMALL, **changes}.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def loaded(folder: Path, **changes: str) -> Loaded:
    """Load such a board."""
    return load(write(folder, **changes))


def posed(folder: Path, **changes: str) -> Posed:
    """Pose its problem."""
    read = loaded(folder, **changes)
    return pose(read.board, read.previous)


def plan_of(*jobs: Any) -> Plan:  # noqa: ANN401 - starts, or (start, mode) pairs, or None
    """Make a plan of the starts (and modes) of the operations of each job."""
    return Plan(
        tuple(
            None
            if job is None
            else tuple(Step(*one) if isinstance(one, tuple) else Step(one) for one in job)
            for job in jobs
        )
    )
