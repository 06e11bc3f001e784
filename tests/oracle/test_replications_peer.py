"""How many replications are enough: the rule here against that of the package sim-tools."""

from __future__ import annotations

import numpy as np
import pytest
from sim_tools.output_analysis import ReplicationsAlgorithm

from cartlogix.experiment.precision import HalfWidth, Precision, Stopping

KPI = "enrolment_to_infusion.mean"
BUDGET = 3000


class Recorded:
    """A model whose replications are known beforehand."""

    def __init__(self, values: list[float]) -> None:
        self.values = values

    def single_run(self, replication_number: int) -> dict[str, float]:
        return {KPI: self.values[replication_number]}


class Uncorrected(ReplicationsAlgorithm):  # type: ignore[misc]  # the package is not typed
    """The peer's rule without what it does for solutions within the first replications.

    There it looks ahead by `look_ahead` however many replications there are, and so
    contradicts its own rule above 100. With three first replications nothing is lost by it.
    """

    def find_position(self, lst: list[float]) -> None:
        del lst


def peer(values: list[float], share: float) -> int:
    algorithm = Uncorrected(half_width_precision=share, replication_budget=BUDGET)
    found, _ = algorithm.select(Recorded(values), [KPI])
    return int(found[KPI])


def ours(values: list[float], share: float) -> int:
    rule = Precision(half_width=(HalfWidth(kpi=KPI, relative=share),), minimum=3, maximum=BUDGET)
    stopping = Stopping(rule, ())
    for value in values:
        stopping.add({"one": {KPI: value}})
        if stopping.over:
            break
    assert stopping.reached
    assert stopping.since is not None
    return stopping.since


@pytest.mark.parametrize("share", [0.3, 0.2, 0.1, 0.05])
def test_the_same_number_of_replications(share: float) -> None:
    random = np.random.default_rng(int(share * 100))
    numbers = []
    for _ in range(16):
        values = [float(value) for value in random.gamma(6.0, 5.0, BUDGET)]
        numbers.append((ours(values, share), peer(values, share)))
    assert [mine for mine, _ in numbers] == [other for _, other in numbers]
    assert len({mine for mine, _ in numbers}) > 5, "the lots must not all need the same number"
