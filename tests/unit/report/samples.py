"""Made-up report data for the tests of the page; no simulation is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from cartlogix.analysis.compare import differences, summarise
from cartlogix.analysis.registry import KPIS
from cartlogix.report.data import InputRow, ReportData, ReportedScenario
from cartlogix.report.patients import Patients, Tally
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.figures import by_scenario

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    "{{7*7}}",
    "${7*7}",
    "line\u2028separator",
    "&lt;b&gt;",
)


INDICATIONS = {"lymphoma": "Large B-cell lymphoma", "lupus": "Systemic lupus erythematosus"}
STEPS = ("slot", "apheresis", "ship to plant", "manufacture", "release", "ship to centre",
         "lymphodepletion", "infusion")  # fmt: skip
_SHARES = {"manufacturing": 0.45, "suites": 0.25, "transport": 0.05, "clinic": 0.25}
_MEANS = {
    "auto": (45.4, 0.82, 318_000.0),
    "ots": (24.1, 0.92, 171_000.0),
    "vivo": (12.3, 0.91, 124_000.0),
}


def scenario(
    name: str, title: str, stock: bool = False, rename: str = "", replications: int = 20
) -> Scenario:
    """A small but complete scenario; `rename` replaces the titles of steps and indications."""
    route: list[dict[str, Any]] = [
        {"name": step, "title": rename or step.capitalize(),
         **({"ship": "plant"} if step.startswith("ship") else {"duration": "2 d"}),
         **({"needs": "suites"} if step == "manufacture" else {})}
        for step in STEPS
    ]  # fmt: skip
    if stock:
        route[3] = {"name": "draw", "draw": "doses"}
    given: dict[str, Any] = {
        "name": name,
        "title": title,
        "demand": {
            "arrivals": {"process": "poisson", "rate": "500 /y"},
            "indications": [
                {"name": key, "title": rename or text, "target": "30 d" if k else "21 d"}
                for k, (key, text) in enumerate(INDICATIONS.items())
            ],
        },
        "network": {"plants": [{"name": "plant", "resources": {"suites": 6}}]},
        "pathways": [{"name": name, "modality": "autologous", "route": route}],
        "costs": {
            "currency": (rename or "USD")[:40],
            "price_year": 2026,
            "lines": [{"name": "suites", "per": "resource_day", "amount": 3000}],
        },
    }
    given["run"] = {"replications": replications}
    if stock:
        given["stocks"] = [{"name": "doses", "title": rename or "Donor doses", "initial": 20}]
    return Scenario.model_validate_json(json.dumps(given))


def sample(
    names: tuple[str, ...] = ("auto", "ots", "vivo"),
    replications: int = 20,
    patients: int = 120,
    labels: tuple[str, ...] = ("Autologous", "Off-the-shelf", "In vivo"),
    rename: str = "",
    infused: bool = True,
) -> ReportData:
    """Report data of a plausible comparison, or of its edges."""
    rng = np.random.default_rng(5)
    reported = tuple(
        ReportedScenario(name, label, rename or f"All patients are served {label.lower()}.",
                         scenario(name, label, stock=name == "ots", rename=rename,
                                  replications=replications))
        for name, label in zip(names, labels, strict=False)
    )  # fmt: skip
    people = sample_people(names, replications, patients, infused=infused)
    kpis = pd.DataFrame(_kpi_rows(rng, names, replications, infused and patients > 0),
                        columns=["scenario", "replication", "kpi", "group", "indication",
                                 "value"])  # fmt: skip
    return ReportData(
        title=rename or "Three ways to supply CAR-T for the same patients",
        question=rename or "Which way of supply treats most patients, soonest, and at what cost?",
        scenarios=reported,
        registry=KPIS,
        values=values_of(kpis),
        summary=summarise(by_scenario(kpis)),
        differences=differences(by_scenario(kpis)),
        traces={name: trace(rng, name == "ots", rename) for name in names},
        patients=tallied(people),
        today={},
        inputs=tuple(_inputs(names, rename)),
        warnings=("The load on the suites of Autologous is 1.04: queues grow without limit.",)
        if not rename else (rename,),
        manifest={"versions": {"cartlogix": "0.1.0", "python": "3.11"}, "seed": 1,
                  "config": dict.fromkeys(names, "ab" * 32), "command": rename or "compare",
                  "wall_time_s": 12.5},
    )  # fmt: skip


def values_of(kpis: pd.DataFrame) -> Callable[[str, str], pd.DataFrame]:
    """What a page asks for of a table of figures."""
    return lambda scenario, kpi: kpis[(kpis["scenario"] == scenario) & (kpis["kpi"] == kpi)]


def tallied(people: pd.DataFrame) -> Patients:
    """What a page shows of patients: scenario, indication, status, cause, days."""
    tally = Tally()
    tally.add(people)
    return tally.patients()


def sample_people(
    names: tuple[str, ...], replications: int, patients: int, *, infused: bool = True
) -> pd.DataFrame:
    """The patients of a plausible comparison."""
    rng = np.random.default_rng(6)
    frames = []
    for name in names:
        mean, share, _ = _MEANS[name]
        n = replications * patients
        status = np.where(rng.random(n) < share, "infused", "lost") if infused else ["lost"] * n
        status = np.where(rng.random(n) < 0.01, "in_progress", status)
        frames.append(
            pd.DataFrame(
                {
                    "scenario": name,
                    "indication": rng.choice(list(INDICATIONS), n),
                    "status": status,
                    "cause": np.where(
                        status == "lost", rng.choice(["death", "progression", "withdrawal"], n), ""
                    ),
                    "days": rng.gamma(16, mean / 16, n),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _kpi_rows(
    rng: np.random.Generator, names: tuple[str, ...], replications: int, infused: bool
) -> Iterator[tuple[str, int, str, str, str, float]]:
    for replication in range(replications):
        shift = rng.normal()  # the same patients in every scenario
        for name in names:
            mean, share, cost = _MEANS[name]
            for indication, step in (("all", 0.0), ("lymphoma", -1.5), ("lupus", 1.5)):
                days = mean + step + shift + rng.normal(0, 0.5)
                days = days if infused else np.nan
                values = {
                    "enrolment_to_infusion.mean": days,
                    "enrolment_to_infusion.p90": days * 1.4,
                    "vein_to_vein.median": days - 14 if name == "auto" else np.nan,
                    "share.infused": share + rng.normal(0, 0.01) if infused else 0.0,
                    "patients.enrolled": 120 + shift,
                    "cost.per_infused": cost + 2000 * rng.normal() if infused else np.nan,
                }
                for kpi, value in values.items():
                    yield name, replication, kpi, "", indication, float(value)
            yield from _grouped(name, replication, mean, cost, infused)


def _grouped(
    name: str, replication: int, mean: float, cost: float, infused: bool
) -> Iterator[tuple[str, int, str, str, str, float]]:
    weights = dict(zip(STEPS, (0.35, 0.04, 0.04, 0.25, 0.15, 0.04, 0.1, 0.03), strict=True))
    for step, weight in weights.items():
        days = mean * weight if infused else np.nan
        ship = step.startswith("ship")
        parts = {"waiting": 0.4, "working": 0.0 if ship else 0.5, "rework": 0.1,
                 "transport": 0.5 if ship else 0.0}  # fmt: skip
        for phase, part in parts.items():
            yield name, replication, f"step_time.{phase}", step, "all", days * part
        yield name, replication, "step_time.median", step, "all", days * 0.9
    for category, share in _SHARES.items():
        value = cost * share if infused else np.nan
        yield name, replication, "cost.category_per_infused", category, "all", value
    for kind, share in (("fixed", 0.25), ("variable", 0.75)):
        value = cost * share if infused else np.nan
        yield name, replication, f"cost.{kind}_per_infused", "", "all", value
    for pool, used in (("plant/suites", 0.93), ("plant/qc", 0.61), ("centre/beds", 0.4)):
        yield name, replication, "pool.utilisation", pool, "all", used - 0.1 * (name != "auto")
        yield name, replication, "pool.bottleneck", pool, "all", float(pool == "plant/suites")
        yield name, replication, "pool.queue", pool, "all", used * 3


def trace(rng: np.random.Generator, stock: bool, rename: str = "") -> Trace:
    """One replication with six suites and, if asked, a stock of doses."""
    start = np.sort(rng.random(260) * 365)
    activities = pd.DataFrame(
        {
            "entity": "patient", "id": np.arange(260), "route": "auto", "step": "manufacture",
            "kind": "work", "attempt": np.where(rng.random(260) < 0.08, 2, 1), "dose": 1,
            "place": "plant", "pool": "plant/suites", "queued": start - 1, "started": start,
            "ended": start + 7.5, "outcome": np.where(rng.random(260) < 0.06, "failed", "done"),
        }
    )  # fmt: skip
    change = activities.assign(entity="resource", kind="changeover", step="changeover", attempt=1,
                               outcome="done", started=activities["ended"],
                               ended=activities["ended"] + 0.6)  # fmt: skip
    tables = {
        "activities": pd.concat([activities, change], ignore_index=True),
        "pools": pd.DataFrame({"pool": ["plant/suites"], "site": ["plant"],
                               "resource": ["suites"], "capacity": [8.0], "open_share": [1.0]}),
        "stock_moves": _moves(rng) if stock else _moves(rng).iloc[:0],
    }  # fmt: skip
    if stock:
        draws = activities.iloc[40:60].assign(kind="draw", route="ots", step="draw", pool="",
                                              queued=lambda f: f["started"] - 1.5)  # fmt: skip
        tables["activities"] = pd.concat([tables["activities"], draws], ignore_index=True)
    if rename:
        tables["pools"]["pool"] = f"{rename}/suites"
        tables["activities"]["pool"] = tables["activities"]["pool"].replace(
            "plant/suites", f"{rename}/suites")  # fmt: skip
    return Trace(0, (0.0, 365.0), 400.0, 1000, tables)


def _moves(rng: np.random.Generator) -> pd.DataFrame:
    rows, level = [(0.0, 20, "initial")], 20
    for day in np.arange(0.7, 400, 0.75):
        if level and rng.random() < 0.9:
            rows.append((float(day), -1, "issue"))
            level -= 1
        if int(day / 0.75) % 32 == 20:
            rows.append((float(day), 22, "receipt"))
            level += 22
        if int(day / 0.75) % 120 == 100 and level > 4:
            rows.append((float(day), -3, "expiry"))
            level -= 3
    frame = pd.DataFrame(rows, columns=["time", "quantity", "reason"])
    return frame.assign(stock="doses", lot=0, patient=-1, on_hand=frame["quantity"].cumsum())


def _inputs(names: tuple[str, ...], rename: str) -> Iterator[InputRow]:
    for name in names:
        yield InputRow(name, "demand.arrivals.rate", "500 /y", "Registry report 2025, table 3")
        yield InputRow(name, "network.plants.plant.resources.suites", "6", None, rename or None)
        for step in STEPS:
            source = "Triantafyllou 2022, doi 10.1038/s41598-022-21290-5"
            yield InputRow(name, f"pathways.{name}.route.{step}.duration", "7 d (constant)",
                           source if len(step) % 2 else None)  # fmt: skip
        if rename:
            yield InputRow(name, rename, rename, rename, rename)
