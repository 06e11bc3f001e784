"""Queue disciplines by name: plain functions of who waits; the smallest value goes first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cartlogix.sim.line import Discipline, Waiting


def fifo(who: Waiting) -> float:
    """First come, first served: all equal, so the order of joining decides."""
    del who
    return 0.0


def priority(who: Waiting) -> float:
    """Highest urgency weight first, without interrupting anybody."""
    return -who.urgency


def due_date(who: Waiting) -> float:
    """Earliest due date first (EDD); who has none comes last."""
    return who.due


DISCIPLINES: Mapping[str, Discipline] = MappingProxyType(
    {"fifo": fifo, "priority": priority, "due_date": due_date}
)
