"""The model and the experiment along the items of the STRESS-DES guideline.

Monks et al., "Strengthening the reporting of empirical simulation studies: Introducing the STRESS
guidelines", Journal of Simulation 13 (2019) 55-67, doi 10.1080/17477778.2018.1442155.
"""

from __future__ import annotations

from dataclasses import dataclass

from cartlogix.experiment.pairing import unpaired
from cartlogix.report.data import ReportData
from cartlogix.report.tables import plain
from cartlogix.scenario.demand import (
    Demand,
    FileArrivals,
    IntervalArrivals,
    ListedArrivals,
    PoissonArrivals,
)
from cartlogix.scenario.model import Scenario

_MODALITIES = {"autologous": "autologous", "off_the_shelf": "off-the-shelf", "in_vivo": "in vivo"}


_BOUNDS = (
    " Where few replications would take an interval to where no figure can be (below 0, a share"
    " above 100 %, a difference of shares beyond 100 percentage points), it is cut there."
)


@dataclass(frozen=True)
class MethodItem:
    """One item of the guideline."""

    head: str
    text: str


def method_items(data: ReportData) -> tuple[MethodItem, ...]:
    """Return the items objectives, logic, data, experimentation, implementation, code access."""
    if not data.scenarios:
        return ()
    return (
        MethodItem("Objectives", _objectives(data)),
        MethodItem("Logic", _logic(data)),
        MethodItem("Data", _data(data)),
        MethodItem("Experimentation", _experimentation(data)),
        MethodItem("Implementation", _implementation(data)),
        MethodItem("Code access", "The model is the open-source package cartlogix (MIT licence);"
                   " its documentation describes the model in words and diagrams. The resolved"
                   " scenario files stand in the result folder and repeat this run exactly."),
    )  # fmt: skip


def _objectives(data: ReportData) -> str:
    question = data.question.strip()
    headline = [kpi.title.lower() for kpi in data.registry.values() if kpi.headline]
    outputs = f"Main outputs: {'; '.join(headline)}." if headline else ""
    return " ".join(part for part in (question, outputs) if part) or "No question was stated."


def _logic(data: ReportData) -> str:
    parts = [
        "A discrete-event simulation in which every patient walks the route of a pathway from"
        " enrolment to infusion, and every lot of stock a supply route; both compete for counted"
        " resources. Patients can be lost by competing causes while they wait."
    ]
    for item in data.scenarios:
        parts.append(f"{item.label}: {_pathways(item.scenario)}.")
    return " ".join(parts)


def _pathways(scenario: Scenario) -> str:
    texts = []
    for pathway in scenario.pathways:
        steps = ", ".join(step.title or step.name for step in pathway.route)
        kind = _MODALITIES[pathway.modality]
        texts.append(f"{pathway.title or pathway.name} ({kind}): {steps}")
    return "; ".join(texts)


def _data(data: ReportData) -> str:
    first = data.scenarios[0].scenario
    inputs = data.shared_inputs
    assumed = sum(row.source is None for row in inputs)
    year = f", prices of {first.costs.price_year}" if first.costs.price_year else ""
    names = ", ".join(data.indications.values())
    return (
        f"{_arrivals(first.demand)} Indications: {names}. Costs in {first.costs.currency}{year},"
        f" seen by: {first.costs.perspective}. {len(inputs)} inputs are listed under Inputs;"
        f" {assumed} are assumptions without a source."
    )


def _arrivals(demand: Demand) -> str:
    arrivals = demand.arrivals
    backlog = f" {demand.backlog} patients wait at the start." if demand.backlog else ""
    if isinstance(arrivals, PoissonArrivals):
        rate = f", {plain(arrivals.rate.value * 365)} a year" if arrivals.rate else ""
        text = f"Patients arrive at random (Poisson{rate or ', rate by day'})."
    elif isinstance(arrivals, IntervalArrivals):
        text = f"A patient arrives every {plain(arrivals.every.value)} d."
    elif isinstance(arrivals, ListedArrivals):
        text = f"{len(arrivals.patients)} listed patients arrive."
    elif isinstance(arrivals, FileArrivals):
        text = "Patients arrive as listed in a file."
    return text + backlog


def _experimentation(data: ReportData) -> str:
    run = data.scenarios[0].scenario.run
    start, end = run.window
    study = "terminating" if run.study == "terminating" else "steady-state"
    warm_up = (
        " It starts from the state that is described, so it needs no warm-up."
        if run.study == "terminating"
        else " The warm-up before it is judged by MSER-5 on Welch's curve of all replications."
    )
    drain = (
        f"They are followed until infused or lost, at most {plain(run.cap.value)} d longer, while"
        " later arrivals keep the load on."
        if run.drain == "until_done"
        else "The run stops at the end of the window."
    )
    raced = "select" in data.manifest
    same = not unpaired([item.scenario for item in data.scenarios], raced=raced)
    several = (
        (
            " All scenarios see the same patients in the same replication (common random numbers),"
            " so differences are paired."
            if same
            else " Random numbers are shared, but the scenarios do not meet the same patients (see"
            " the warnings), so differences are paired by the number of the replication only."
        )
        + " Their intervals are Student t intervals over replications,"
        " widened so that those of the headline figures hold together with 95 % confidence, those"
        " of single indications too, and those of all further figures (Bonferroni)."
        if len(data.scenarios) > 1
        else " Intervals are Student t intervals over replications."
    ) + _BOUNDS
    return (
        f"A {study} study from {run.start.isoformat()} on. The cohort measured enrols from day"
        f" {plain(start)} to day {plain(end)}.{warm_up} {drain} {data.replications} replications,"
        f" seed {run.seed}.{several} Time steps: none; events happen at exact times."
    )


def _implementation(data: ReportData) -> str:
    versions = data.manifest.get("versions")
    listed = ""
    if isinstance(versions, dict):
        listed = " Versions: " + ", ".join(f"{k} {v}" for k, v in versions.items()) + "."
    return (
        "Python with the event kernel of SimPy. Every random number is keyed by seed,"
        " replication, purpose, entity and attempt, so the same seed gives the same tables in any"
        f" order and with any number of processes.{listed}"
    )
