"""The ledger of one replication: every amount with the patient, lot, stock or resource behind it.

Money is in integer cents. Each line is rounded once, half to even; everything else adds up.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from cartlogix.analysis.charges import charges, constant
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import Codes, Mask, coded, is_one_of, numbers, once
from cartlogix.scenario.costs import CostLine, Perspective
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.network import Network
from cartlogix.trace.tables import Trace

TRANSPORT = "transport"
"""Category of the lanes' shipment prices."""
COLUMNS = {
    "replication": "int64",
    "time": "float64",
    "line": "category",
    "category": "category",
    "borne_by": "category",
    "kind": "category",
    "entity": "category",
    "id": "category",
    "indication": "category",
    "pathway": "category",
    "cents": "int64",
}
"""Columns of the ledger and their dtypes; indication and pathway are empty on shared lines."""


@once
def build_ledger(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    """Return all lines, whoever bears them, in the order of the cost lines and of the trace.

    Lines whose amount is 0 are left out.
    """
    drivers = charges(trace, scenario)
    parts = [_priced(drivers[line.per], line) for line in scenario.costs.lines]
    parts.append(_transport(drivers["shipment"], scenario))
    return _stacked(trace.replication, [part for part in parts if len(part)])


def _stacked(replication: int, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables one under the other; by hand, because pd.concat turns categories into texts."""
    if not parts:
        return _nothing().copy(deep=False)
    size = sum(map(len, parts))
    stacked: dict[str, object] = {"replication": np.full(size, replication, dtype=np.int64)}
    for column, dtype in COLUMNS.items():
        if column == "id":
            stacked[column] = pd.Categorical([str(name) for part in parts for name in part["id"]])
        elif dtype == "category":
            stacked[column] = _joined([coded(part[column]) for part in parts])
        elif column != "replication":
            stacked[column] = np.concatenate([part[column].to_numpy(dtype) for part in parts])
    return pd.DataFrame(stacked)


@lru_cache
def _nothing() -> pd.DataFrame:
    """Return the ledger of a scenario in which nothing costs anything."""
    texts = pd.CategoricalDtype(pd.Index([], dtype="str"))
    return pd.DataFrame(
        {
            name: pd.Series([], dtype=texts if dtype == "category" else dtype)
            for name, dtype in COLUMNS.items()
        }
    )


def _joined(columns: list[tuple[Codes, list[str]]]) -> pd.Categorical[str]:
    """Put coded texts one under the other; only texts that occur, in alphabetical order."""
    used = sorted({names[code] for codes, names in columns for code in np.unique(codes)})
    place = {name: code for code, name in enumerate(used)}
    new = [
        np.array([place.get(name, -1) for name in names], dtype=np.int64)[codes]
        for codes, names in columns
        if codes.size
    ]
    codes = np.concatenate(new) if new else np.zeros(0, dtype=np.int64)
    return pd.Categorical.from_codes(codes, pd.Index(used, dtype="str"))


def seen_from(ledger: pd.DataFrame, perspective: Perspective) -> pd.DataFrame:
    """Return the lines that count from one perspective: the bearer's own, or all of them."""
    if perspective == "system":
        return ledger
    return ledger[is_one_of(ledger["borne_by"], perspective)]


def _priced(charged: pd.DataFrame, line: CostLine) -> pd.DataFrame:
    """Return the ledger lines of one cost line."""
    amounts = cents(numbers(charged, "quantity") * line.amount.value)
    applies: Mask = _applies(charged, line) & (amounts != 0)
    mine = charged[applies]
    return mine.assign(
        line=constant(line.name, len(mine)),
        category=constant(line.category or line.name, len(mine)),
        borne_by=constant(line.borne_by, len(mine)),
        kind=constant("fixed" if line.is_fixed else "variable", len(mine)),
        cents=amounts[applies],
    )


def _applies(charged: pd.DataFrame, line: CostLine) -> Mask:
    """Return which charges a line is for: by name (or a resource's pool), and by pathway."""
    applies = np.ones(len(charged), dtype=bool)
    if line.of and line.per != "patient":
        applies &= (charged["name"].isin(line.of) | charged["id"].isin(line.of)).to_numpy()
    if line.pathways:
        applies &= charged["pathway"].isin(line.pathways).to_numpy()
    return applies


def cents(amounts: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return amounts in whole cents, half to even."""
    return np.rint(amounts * 100).astype(np.int64).reshape(-1)


def _transport(shipped: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return what the lanes charge for each shipment."""
    codes, places = coded(shipped["place"])
    rates = {code: _rate(scenario.network, places[code]) for code in np.unique(codes).tolist()}
    amounts = cents(np.array([rates[code][1] for code in codes.tolist()], dtype=np.float64))
    shipped, codes, amounts = shipped[amounts != 0], codes[amounts != 0], amounts[amounts != 0]
    return shipped.assign(
        line=pd.Categorical([f"shipment: {rates[code][0]}" for code in codes.tolist()]),
        category=constant(TRANSPORT, len(shipped)),
        borne_by=constant(scenario.costs.transport_borne_by, len(shipped)),
        kind=constant("variable", len(shipped)),
        cents=amounts,
    )


def _rate(network: Network, place: str) -> tuple[str, float]:
    """Return the mode and the price of a shipment from its label 'from > to: mode'.

    Raises:
        ValueError: if the network has no such lane.
    """
    names = [site.name for site in network.sites()]
    for origin in (name for name in names if place.startswith(f"{name} > ")):
        rest = place.removeprefix(f"{origin} > ")
        for target in (name for name in names if rest.startswith(f"{name}: ")):
            lane = network.lane(origin, target)
            for mode in lane.modes if lane else ():
                if rest == f"{target}: {mode.name}":
                    return mode.name, mode.price.value
    raise ValueError(f"no lane matches the shipment '{place}'")
