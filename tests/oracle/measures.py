"""Reading the figures of the oracles off a Trace: the only thing that knows the program's tables.

Waits are taken over the patients of the cohort; time averages cover the measured window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartlogix.analysis.access import access_figures
from cartlogix.analysis.capacity import capacity_figures
from cartlogix.analysis.cost import cost_figures
from cartlogix.analysis.inventory import inventory_figures
from cartlogix.analysis.lead_time import lead_time_figures
from cartlogix.analysis.tidy import Figure
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

Floats = NDArray[np.float64]
Figures = dict[str, float]
Measure = Callable[[Trace, Scenario], Figures]

FAMILIES = {
    "access": access_figures,
    "capacity": capacity_figures,
    "cost": cost_figures,
    "inventory": inventory_figures,
    "lead_time": lead_time_figures,
}


def kpis(trace: Trace, scenario: Scenario, *families: str) -> Figures:
    """The KPIs of all patients as `kpi` or `kpi/group`."""
    figures: list[Figure] = [f for name in families for f in FAMILIES[name](trace, scenario)]
    return {
        f"{figure.kpi}/{figure.group}".rstrip("/"): figure.value
        for figure in figures
        if figure.indication == "all"
    }


def visits(trace: Trace, step: str = "manufacture") -> pd.DataFrame:
    """The cohort's visits to a step, in order of patients."""
    activities = trace["activities"]
    mine = activities[(activities["step"] == step) & (activities["entity"] == "patient")]
    return mine[mine["id"].isin(trace.cohort["patient"])].sort_values(["id", "attempt"])


def column(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name], dtype=np.float64)


def average(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else math.nan


def waits(frame: pd.DataFrame) -> Floats:
    """From ready to started of the served."""
    days = column(frame, "started") - column(frame, "queued")
    return days[~np.isnan(days)]


def lead_times(trace: Trace) -> Floats:
    cohort = trace.cohort
    days = column(cohort, "infused") - column(cohort, "enrolled")
    return days[~np.isnan(days)]


def slot_queue(trace: Trace, scenario: Scenario) -> Figures:
    """One station with a line: waits by patient, and the time averages of the KPIs."""
    seen = visits(trace)
    served = waits(seen)
    started = column(seen, "started")
    until = np.where(np.isnan(started), column(seen, "ended"), started)
    every = until - column(seen, "queued")
    turned_away = np.asarray(seen["outcome"] == "baulked")
    gave_up = np.asarray(seen["outcome"] == "reneged")
    stay = column(seen, "ended") - column(seen, "queued")
    kpi = kpis(trace, scenario, "capacity")
    length = trace.window[1] - trace.window[0]
    first = np.asarray(trace["activities"]["step"] == "manufacture")
    begun = column(trace["activities"][first], "started")
    return {
        "Wq": average(served),
        "W": average(stay[~np.isnan(started)]),
        "P_wait": float((every > 1e-9).mean()),
        "P_Wq_gt_14": average(served > 14),
        "L": kpi["patients.in_system"],
        "Lq": kpi["pool.queue/plant/suite"],
        "utilisation": kpi["pool.utilisation/plant/suite"],
        "P_lost": float(turned_away.mean()),
        "P_abandon": float(gave_up.mean()),
        "Wq_all": float(every.mean()),
        "throughput": float(
            ((begun >= trace.window[0]) & (begun < trace.window[1])).sum() / length
        ),
        "P_wait_arrivals": float((every > 1e-9).mean()),
        "time_fraction_all_busy": kpi["pool.all_busy/plant/suite"],
        "L_minus_lamW": kpi["patients.in_system"] - area_in_system(trace) / length,
    }


def area_in_system(trace: Trace) -> float:
    """The integral of the number of patients in the system over the window, event by event."""
    low, high = trace.window
    patients = trace["patients"]
    gone = np.fmin(column(patients, "infused"), column(patients, "left"))
    gone = np.where(np.isnan(gone), np.inf, gone)
    times = np.concatenate([column(patients, "enrolled"), gone[np.isfinite(gone)]])
    steps = np.concatenate([np.ones(len(patients)), -np.ones(int(np.isfinite(gone).sum()))])
    order = np.argsort(times, kind="stable")
    edges = np.clip(np.append(times[order], high), low, high)
    return float(np.diff(edges) @ np.cumsum(steps[order]))


def tandem(trace: Trace, scenario: Scenario) -> Figures:
    stays = {
        name: float((column(seen, "ended") - column(seen, "queued")).mean())
        for name in ("apheresis", "manufacture", "release")
        for seen in [visits(trace, name)]
    }
    return {
        "W_total": float(lead_times(trace).mean()),
        "W_apheresis": stays["apheresis"],
        "W_manufacture": stays["manufacture"],
        "W_qc": stays["release"],
        "L_total": kpis(trace, scenario, "capacity")["patients.in_system"],
    }


def weekly_release(trace: Trace, scenario: Scenario) -> Figures:
    """What is left in line after each release instant, and how many starts are used."""
    del scenario
    rows = trace["activities"]
    rows = rows[rows["step"] == "manufacture"]
    low, high = trace.window
    instants = np.arange(low, high, 7.0)
    queued, started = np.sort(column(rows, "queued")), np.sort(column(rows, "started"))
    left = np.searchsorted(queued, instants, side="right") - np.searchsorted(
        started, instants + 1e-6, side="right"
    )
    used = (started >= low - 1e-6) & (started < high - 1e-6)
    return {
        "mean_wait": float(waits(visits(trace)).mean()),
        "mean_leftover_backlog": float(left.mean()),
        "P_leftover_zero": float((left == 0).mean()),
        "slot_fill": float(used.sum() / (5 * len(instants))),
    }


def weekly_delay(trace: Trace, scenario: Scenario) -> Figures:
    del scenario
    delay = waits(visits(trace))
    return {"mean_delay": float(delay.mean()), "var_delay": float(delay.var(ddof=1))}


def censored(trace: Trace, scenario: Scenario) -> Figures:
    kpi = kpis(trace, scenario, "access", "lead_time")
    return {
        "enrolled": kpi["patients.enrolled"],
        "completed": kpi["patients.infused"],
        "in_process": kpi["patients.in_progress"],
        "naive_mean_of_completers": kpi["enrolment_to_infusion.mean"],
    }


def hand_over(trace: Trace, scenario: Scenario) -> dict[str, float | Sequence[float]]:
    del scenario
    seen = visits(trace)
    days = waits(seen)
    return {
        "wait_by_patient": days.tolist(),
        "mean_wait": float(days.mean()),
        "max_wait": float(days.max()),
        "last_end": float(column(seen, "ended").max()),
    }


def stock_service(trace: Trace, scenario: Scenario) -> Figures:
    kpi = {
        key.removeprefix("stock.").removesuffix("/doses"): value
        for key, value in kpis(trace, scenario, "inventory").items()
    }
    length = trace.window[1] - trace.window[0]
    return {
        "P_lost": kpi["lost"] / kpi["requests"],
        "fill_rate": kpi["fill_rate"],
        "mean_on_hand": kpi["on_hand"],
        "mean_on_order": kpi["on_order"],
        "mean_backorders": kpi["backorders"],
        "mean_wait": kpi["mean_wait"],
        "sales_rate": kpi["issued"] / length,
        "order_rate": kpi["order_rate"],
        "outdate_rate": kpi["outdate_rate"],
        "outdate_fraction": kpi["outdate_fraction"],
    }


def newsvendor(trace: Trace, scenario: Scenario) -> Figures:
    """Cost of a season: 1 for each dose left over, 9 for each patient turned away."""
    kpi = kpis(trace, scenario, "inventory")
    seasons = trace.window[1] - trace.window[0]
    moves = trace["stock_moves"]
    # The last season's leftovers expire at the very end of the window.
    expired = -int(moves.loc[moves["reason"] == "expiry", "quantity"].sum())
    held = int(moves["on_hand"].iloc[-1])
    return {"expected_cost": (expired + held + 9 * kpi["stock.lost/doses"]) / seasons}


def vein_to_vein(trace: Trace, scenario: Scenario) -> Figures:
    kpi = kpis(trace, scenario, "lead_time")
    cohort = trace.cohort
    days = column(cohort, "infused") - column(cohort, "apheresis")
    return {
        "mean": kpi["vein_to_vein.mean"],
        "median": kpi["vein_to_vein.median"],
        "q90": kpi["vein_to_vein.p90"],
        "variance": float(days.var(ddof=1)),
        "P_gt_30": float((days > 30).mean()),
    }


def attempts(trace: Trace, scenario: Scenario) -> Figures:
    kpi = kpis(trace, scenario, "access", "lead_time")
    return {
        "mean_attempts": kpi["attempts.mean"],
        "P_success": kpi["share.infused"],
        "mean_lead_given_success": kpi["enrolment_to_infusion.mean"],
    }


def drop_out(trace: Trace, scenario: Scenario) -> Figures:
    kpi = kpis(trace, scenario, "access", "lead_time")
    gone = trace.cohort[trace.cohort["status"] == "lost"]
    return {
        "P_infused": kpi["share.infused"],
        "mean_v2v_of_infused": kpi["vein_to_vein.mean"],
        "mean_time_to_dropout": float((column(gone, "left") - column(gone, "enrolled")).mean()),
    }


def cost_per_patient(trace: Trace, scenario: Scenario) -> Figures:
    kpi = kpis(trace, scenario, "cost")
    return {
        "cost_per_infused": kpi["cost.per_infused"],
        "cost_per_enrolled": kpi["cost.per_enrolled"],
    }
