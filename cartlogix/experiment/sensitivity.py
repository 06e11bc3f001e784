"""What drives the answer: inputs one at a time, screened, as shares of variance, or all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from cartlogix.analysis.registry import KPIS
from cartlogix.analysis.statistics import Floats, bonferroni_level, paired_difference
from cartlogix.analysis.uncertainty import chance_of_best, components, worth_of_knowing
from cartlogix.experiment.factors import level_number, level_text
from cartlogix.experiment.responses import Key, Responses
from cartlogix.experiment.screening import morris, sobol
from cartlogix.experiment.uncertain import Sensitivity

Method = Literal["tornado", "morris", "sobol", "uncertainty"]
TORNADO = (
    "scenario", "kpi", "input", "low_level", "high_level", "base",
    "at_low", "at_low_low", "at_low_high", "at_high", "at_high_low", "at_high_high",
    "swing", "swing_low", "swing_high",
)  # fmt: skip
UNCERTAINTY = ("scenario", "kpi", "mean", "low", "high", "sd_inputs", "sd_luck", "share_inputs")
ALL_INPUTS = "all"


@dataclass(frozen=True)
class Found:
    """The answer of one method."""

    method: Method
    table: pd.DataFrame
    """A row for each scenario (or difference), figure and input."""
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Other tables by name."""
    replications: int = 0
    points: int = 0


def find_drivers(method: Method, asked: Sensitivity, responses: Responses) -> Found:
    """Run the points that a method needs, and return its answer.

    Raises:
        InvalidInput: if the method needs a library that is not installed.
        PartialFailure: if a replication fails.
    """
    counted = [0]

    def model(places: Floats) -> dict[Key, Floats]:
        counted[0] = len(places)
        return {key: rows.mean(axis=1) for key, rows in responses.quantiles(places).items()}

    names = [one.name for one in responses.inputs]
    more: dict[str, pd.DataFrame] = {}
    if method == "tornado":
        table, counted[0] = tornado(responses), 1 + 2 * len(names)
    elif method == "morris":
        table = morris(names, model, asked.trajectories, asked.seed)
    elif method == "sobol":
        table = sobol(names, model, asked.samples, asked.seed)
    else:
        table, more, counted[0] = *uncertainty(asked, responses), asked.draws
    return Found(method, table, more, responses.replications, counted[0])


def tornado(responses: Responses) -> pd.DataFrame:
    """Return what each input alone changes at its low and its high value, the largest first.

    `at_low` and `at_high` are paired differences from the scenarios as they are, and `swing` that
    of the two ends. All intervals of one figure hold together with 95 % (Bonferroni).
    """
    levels: list[dict[str, Any]] = [{}]
    for one in responses.inputs:
        levels += [{one.name: one.level(end)} for end in one.ends]
    rows: list[tuple[Any, ...]] = []
    sure = bonferroni_level(3 * len(responses.inputs))
    for key, values in responses.at(levels).items():
        base = values[0]
        mine: list[tuple[Any, ...]] = []
        for number, one in enumerate(responses.inputs):
            low, high = values[1 + 2 * number], values[2 + 2 * number]
            ends = (_text(one.level(end)) for end in one.ends)
            pairs = (base, low), (base, high), (low, high)
            figures = [x for a, b in pairs for x in paired_difference(a, b, sure)]
            mine.append((*key, one.name, *ends, float(base.mean()), *figures))
        rows += sorted(mine, key=lambda row: -max(abs(row[6]), abs(row[9]), abs(row[12])))
    return pd.DataFrame(rows, columns=list(TORNADO))


def _text(level: object) -> str:
    return f"{level:g}" if isinstance(level, float) else level_text(level)


def uncertainty(
    asked: Sensitivity, responses: Responses
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Draw all inputs together, and part what is not known from luck; value knowing an input.

    `low` and `high` hold the middle 95 % of the expected figure over the draws.
    """
    places = _hypercube(asked.draws, len(responses.inputs), asked.seed)
    found = responses.quantiles(places)
    rows = []
    for key, values in found.items():
        parts = components(values)
        low, high = np.quantile(values.mean(axis=1), [0.025, 0.975])
        spread = parts.parameters**0.5, parts.luck**0.5
        rows.append((*key, parts.mean, low, high, *spread, parts.share))
    table = pd.DataFrame(rows, columns=list(UNCERTAINTY))
    inputs = np.array(
        [[level_number(value)[0] for value in responses.levels(row).values()] for row in places]
    )
    draws = pd.DataFrame(inputs, columns=[one.name for one in responses.inputs])
    means = {f"{kpi} of {name}": values.mean(axis=1) for (name, kpi), values in found.items()}
    more = {"draws": draws.assign(**means)}
    if len(responses.variants) > 1:
        more |= _decision(asked, responses, found, inputs)
    return table, more


def _decision(
    asked: Sensitivity, responses: Responses, found: Mapping[Key, Floats], inputs: Floats
) -> dict[str, pd.DataFrame]:
    """Return how often each scenario is best, and what it is worth to know each input.

    The intervals of all inputs hold together with 95 % (Bonferroni).
    """
    sign = -1.0 if KPIS[asked.decide].direction == "higher" else 1.0
    names = [one.name for one in responses.variants]
    losses = sign * np.column_stack([found[name, asked.decide].mean(axis=1) for name in names])
    known: dict[str, Floats] = {ALL_INPUTS: inputs}
    known |= {one.name: inputs[:, [k]] for k, one in enumerate(responses.inputs)}
    sure = bonferroni_level(len(known))
    worth = [
        (name, worth_of_knowing(losses, mine, asked.seed, sure)) for name, mine in known.items()
    ]
    rows = [(asked.decide, name, one.value, one.low, one.high) for name, one in worth]
    best = zip(names, sign * losses.mean(axis=0), chance_of_best(losses, inputs), strict=True)
    return {
        "worth": pd.DataFrame(rows, columns=["kpi", "input", "value", "low", "high"]),
        "choice": pd.DataFrame(best, columns=["scenario", "mean", "best"]),
    }


def _hypercube(count: int, columns: int, seed: int) -> Floats:
    """Return a Latin hypercube: each range cut into `count` slices, each used once."""
    random = np.random.default_rng(seed)
    order = np.column_stack([random.permutation(count) for _ in range(columns)])
    return np.asarray((order + random.random((count, columns))) / count, dtype=np.float64)
