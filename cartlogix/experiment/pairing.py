"""Whether scenarios meet the same patients, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence

from cartlogix.scenario.model import Scenario


def unpaired(scenarios: Sequence[Scenario]) -> list[str]:
    """Return a warning for each scenario whose patients are not those of the first one.

    Patients are the same if the seed, the number of replications, the measured window, the
    arrivals, the indications' shares and the centres' shares are.
    """
    if len(scenarios) < 2:
        return []
    first = scenarios[0]
    warnings = []
    for other in scenarios[1:]:
        differ = [
            what for what, value in _patients(other).items() if value != _patients(first)[what]
        ]
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
