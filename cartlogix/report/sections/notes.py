"""What the reader must know beside the claims: unfinished patients, losses, assumptions."""

from __future__ import annotations

from cartlogix.report.data import ReportData
from cartlogix.report.tables import plain, show

_LOSS_GAP = 0.05
_MOSTLY = 0.5  # share of a scenario's own inputs without a source


def caution(data: ReportData, name: str) -> str:
    """Return a sentence if a scenario rests mostly on assumptions, else nothing.

    Counted are its own inputs: those that not every scenario has. With one scenario all its
    inputs are its own.
    """
    several = len(data.scenarios) > 1
    own = [row for row in data.shared_inputs
           if name in row.scenarios
           and not (several and set(row.scenarios) == set(data.names))]  # fmt: skip
    assumed = sum(row.source is None for row in own)
    if assumed <= _MOSTLY * len(own):
        return ""
    which = "inputs" if not several else "own inputs"
    return (
        f"{data.short_labels[name]}: {assumed} of its {len(own)} {which} have no stated source."
        " Treat its figures as a what-if."
    )


def notes(data: ReportData) -> tuple[str, ...]:
    """Return what applies to all claims, in sentences."""
    found = []
    if len({item.scenario.costs.currency for item in data.scenarios}) > 1:
        found.append("The scenarios use different currencies: their costs cannot be compared.")
    if not any(data.patients.of(name) for name in data.names):
        found.append("No patient was enrolled in the measured window.")
    for name in data.names:
        enrolled, unfinished = (data.patients.of(name, status) for status in (None, "in_progress"))
        if unfinished:
            found.append(
                f"{data.short_labels[name]}: {plain(unfinished, 0)} of {plain(enrolled, 0)}"
                f" patients ({show(unfinished / enrolled, 'share')}) were still under way when"
                " the run stopped. They count as enrolled and not as infused."
            )
    found += _survivors(data)
    if data.replications == 1:
        found.append("Only one replication was run: no interval can be given.")
    if not any(path.outcomes for item in data.scenarios for path in item.scenario.pathways):
        found.append(
            "Not compared: whether the products work equally well or safely. Efficacy, durability,"
            " toxicity and the price of a product are no part of these figures."
        )
    found.append(_assumptions(data))
    return tuple(found)


def _survivors(data: ReportData) -> list[str]:
    """Warn where lead times of the infused compare groups with different losses."""
    patients = data.patients
    infused = {name: patients.of(name, "infused") / patients.of(name)
               for name in data.names if patients.of(name)}  # fmt: skip
    if len(infused) < 2 or max(infused.values()) - min(infused.values()) <= _LOSS_GAP:
        return []
    shares = "; ".join(f"{data.short_labels[name]} {show(share, 'share')}"
                       for name, share in infused.items())  # fmt: skip
    return [f"Lead times are those of infused patients, and not all are infused: {shares}."]


def _assumptions(data: ReportData) -> str:
    inputs = data.shared_inputs
    assumed = sum(row.source is None for row in inputs)
    if not inputs:
        return "No inputs are listed."
    return f"{assumed} of {len(inputs)} inputs have no stated source and are assumptions."
