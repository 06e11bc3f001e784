"""Identities of disruptions: work that stops in time and goes on, and recalls without a gap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cartlogix.analysis.tidy import is_one_of, numbers
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

_TIME = 1e-9


def disruptions(trace: Trace, scenario: Scenario) -> list[str]:
    """What is broken off was under way then, because of a disruption that was going on."""
    broken, work = trace["interruptions"], trace["activities"]
    happened, found = trace["disruptions"], []
    known = {d.name for d in scenario.disruptions}
    if not set(map(str, happened["disruption"])) <= known:
        found.append("a disruption that the scenario does not name")
    for row in broken.to_dict("records"):
        start = float(row["started"])
        mine = work[
            (work["id"] == row["id"]).to_numpy()
            & is_one_of(work["entity"], row["entity"])
            & is_one_of(work["route"], row["route"])
            & is_one_of(work["step"], row["step"])
        ]
        if not _covers(mine, start):
            found.append(f"{row['step']} of {row['entity']} {row['id']} was not under way")
        if not _covers(happened[is_one_of(happened["disruption"], row["disruption"])], start):
            found.append(f"{row['disruption']} broke off work while it was not going on")
    return found[:5]


def _covers(rows: pd.DataFrame, day: float) -> bool:
    ends = np.where(rows["ended"].isna(), np.inf, numbers(rows, "ended"))
    begun = numbers(rows, "started") <= day + _TIME
    return bool((begun & (ends >= day - _TIME)).any())


def recalls(trace: Trace, scenario: Scenario) -> list[str]:
    """Every dose of a recalled lot is accounted for, and none is used afterwards."""
    del scenario
    rows, doses, found = trace["recalls"], trace["doses"], []
    made = trace["lots"].set_index("lot")["doses_made"]
    for key, part in rows.groupby(["disruption", "time", "lot"], observed=True):
        name, time, lot = str(key[0]), float(part["time"].iloc[0]), int(part["lot"].iloc[0])
        if part["doses"].sum() != made[lot]:
            found.append(f"{name}: {part['doses'].sum()} doses of {made[lot]} accounted for")
        mine = doses[(doses["lot"] == lot).to_numpy()]
        if (numbers(mine, "issued") > time).any():
            found.append(f"{name}: doses of lot {lot} were issued afterwards")
        used = is_one_of(mine["state"], "infused") & (numbers(mine, "ended") > time)
        if used.any():
            found.append(f"{name}: doses of lot {lot} were infused afterwards")
        if not _same_patients(part, mine):
            found.append(f"{name}: patients listed are not those to whom doses were issued")
    return found


def _same_patients(listed: pd.DataFrame, issued: pd.DataFrame) -> bool:
    asked = listed["patient"].to_numpy()
    return sorted(asked[asked >= 0].tolist()) == sorted(issued["patient"].tolist())
