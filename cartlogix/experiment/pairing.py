"""Whether scenarios meet the same patients, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence

from cartlogix.scenario.model import Scenario


def unpaired(
    scenarios: Sequence[Scenario],
    pairs: Sequence[tuple[str, str]] | None = None,
    *,
    raced: bool = False,
) -> list[str]:
    """Return a warning for each scenario whose patients are not those of the one it is compared to.

    Without `pairs`, that is the first scenario.

    Patients are the same if the seed, the number of replications, the measured window, the
    arrivals, the indications' shares and the centres' shares are. In a race the number of
    replications differs on purpose: it does not count.
    """
    named = {scenario.name: scenario for scenario in scenarios}
    compared = (
        [(scenarios[0], other) for other in scenarios[1:]]
        if pairs is None
        else [(named[a], named[b]) for a, b in pairs]
    )
    warnings = []
    for first, other in compared:
        met = _patients(first)
        differ = [what for what, value in _patients(other).items() if value != met[what]]
        if raced and "replications" in differ:
            differ.remove("replications")
        if differ:
            warnings.append(
                f"'{other.label}' does not meet the same patients as '{first.label}' (other "
                f"{', '.join(differ)}): their difference is not one between equal patients"
            )
    return warnings


def _patients(scenario: Scenario) -> dict[str, object]:
    demand, run = scenario.demand, scenario.run
    return {
        "seed": run.seed,
        "replications": run.replications,
        "measured window": run.window,
        "arrivals": (demand.arrivals, demand.backlog),
        "shares of indications": [(item.name, item.share.value) for item in demand.indications],
        "shares of centres": [centre.share.value for centre in scenario.network.centres],
    }
