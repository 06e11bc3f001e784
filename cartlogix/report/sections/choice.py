"""Which scenario was chosen as the best, and what each of them took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cartlogix.report.tables import Table, table


def choice_table(manifest: Mapping[str, Any], labels: Mapping[str, str]) -> Table | None:
    """Return the end of a race between scenarios; None if there was none."""
    found = manifest.get("select")
    if not found:
        return None
    rows = [
        (labels.get(one["name"], one["name"]), one["verdict"], f"{one['replications']:,}")
        for one in found["scenarios"]
    ]
    note = (
        f"{found['text']}. Chosen by a race on paired differences (Kim and Nelson 2001): who is"
        " clearly worse drops out. Not separable is whose difference from the best one, on the"
        " replications of both, has an interval with 0 (Bonferroni)."
    )
    heads = ["Scenario", "Verdict", "Replications"]
    return table("Choice of the best", heads, rows, text_columns=2, note=note)
