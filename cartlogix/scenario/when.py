"""Moments of the run as they are written: days from its start, or dates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from cartlogix.scenario.quantity import FixedDuration, Quantity

When = FixedDuration | Annotated[dt.date, Field(strict=False)]
"""A moment: days from the start of the run (`60 d`), or a date (its midnight)."""


def day_when(when: Quantity | dt.date, start: dt.date) -> float:
    """Return a moment as days from the start of the run; negative before it."""
    return float((when - start).days) if isinstance(when, dt.date) else when.value
