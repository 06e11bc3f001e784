"""The ledger of one replication: every amount with the patient, lot, stock or resource behind it.

Money is in integer cents. Each line is rounded once, half to even; everything else adds up.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cartlogix.analysis.charges import charges
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import Coded, Codes, Mask, coded, is_one_of, numbers, once
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
    return _stacked(trace.replication, [part for part in parts if part.cents.size])


class _Lines(NamedTuple):
    """Lines of the ledger in plain columns."""

    time: Floats
    cents: Codes
    texts: dict[str, Coded]


def _lines(charged: pd.DataFrame, wanted: Mask, amounts: Codes, **given: Coded) -> _Lines:
    """Return the wanted charges at their amounts, with the columns that the charges lack."""
    texts = {name: coded(charged[name]) for name in ("entity", "indication", "pathway")}
    texts |= {"id": _ids(charged["id"]), **given}
    taken = {name: (codes[wanted], known) for name, (codes, known) in texts.items()}
    return _Lines(numbers(charged, "time")[wanted], amounts[wanted], taken)


def _ids(column: pd.Series[Any]) -> Coded:
    """Return the numbers of patients or lots, the names of stocks or pools, or both, as texts."""
    if column.dtype != np.int64:
        return coded(column.astype(str))
    codes, distinct = pd.factorize(column.to_numpy())
    return codes, [str(number) for number in distinct.tolist()]


def _all_of(text: str, charged: pd.DataFrame) -> Coded:
    return np.zeros(len(charged), dtype=np.int64), [text]


def _stacked(replication: int, parts: list[_Lines]) -> pd.DataFrame:
    """Put lines one under the other; by hand, because pd.concat turns categories into texts."""
    if not parts:
        return _nothing().copy(deep=False)
    size = sum(part.cents.size for part in parts)
    columns: dict[str, object] = {
        "replication": np.full(size, replication, dtype=np.int64),
        "time": np.concatenate([part.time for part in parts]),
        "cents": np.concatenate([part.cents for part in parts]),
    }
    for name in parts[0].texts:
        columns[name] = _joined([part.texts[name] for part in parts])
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


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


def _joined(columns: list[Coded]) -> pd.Categorical[str]:
    """Put coded texts one under the other; only texts that occur, in alphabetical order."""
    used = sorted({name for codes, names in columns for name in _occurring(codes, names)})
    place = {name: code for code, name in enumerate(used)}
    new = [
        np.array([place.get(name, -1) for name in names], dtype=np.int64)[codes]
        for codes, names in columns
        if codes.size
    ]
    codes = np.concatenate(new) if new else np.zeros(0, dtype=np.int64)
    return pd.Categorical.from_codes(codes, pd.Index(used, dtype="str"))


def _occurring(codes: Codes, names: list[str]) -> Iterator[str]:
    counts = np.bincount(codes, minlength=len(names)).tolist()
    return (name for name, count in zip(names, counts, strict=True) if count)


def seen_from(ledger: pd.DataFrame, perspective: Perspective) -> pd.DataFrame:
    """Return the lines that count from one perspective: the bearer's own, or all of them."""
    if perspective == "system":
        return ledger
    return ledger[is_one_of(ledger["borne_by"], perspective)]


def _priced(charged: pd.DataFrame, line: CostLine) -> _Lines:
    """Return the ledger lines of one cost line."""
    amounts = cents(numbers(charged, "quantity") * line.amount.value)
    return _lines(
        charged,
        _applies(charged, line) & (amounts != 0),
        amounts,
        line=_all_of(line.name, charged),
        category=_all_of(line.category or line.name, charged),
        borne_by=_all_of(line.borne_by, charged),
        kind=_all_of("fixed" if line.is_fixed else "variable", charged),
    )


def _applies(charged: pd.DataFrame, line: CostLine) -> Mask:
    """Return which charges a line is for: by name (or a resource's pool), and by pathway."""
    applies = np.ones(len(charged), dtype=bool)
    if line.of and line.per != "patient":
        named = is_one_of(charged["name"], *line.of)
        if charged["id"].dtype != np.int64:  # a name, not the number of a patient or lot
            named |= is_one_of(charged["id"], *line.of)
        applies &= named
    if line.pathways:
        applies &= is_one_of(charged["pathway"], *line.pathways)
    return applies


def cents(amounts: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return amounts in whole cents, half to even."""
    return np.rint(amounts * 100).astype(np.int64).reshape(-1)


def _transport(shipped: pd.DataFrame, scenario: Scenario) -> _Lines:
    """Return what the lanes charge for each shipment."""
    codes, places = coded(shipped["place"])
    modes, prices = [""] * len(places), np.zeros(len(places))
    for code in np.unique(codes).tolist():
        modes[code], prices[code] = _rate(scenario.network, places[code])
    amounts = cents(prices[codes])
    return _lines(
        shipped,
        amounts != 0,
        amounts,
        line=(codes, [f"shipment: {mode}" for mode in modes]),
        category=_all_of(TRANSPORT, shipped),
        borne_by=_all_of(scenario.costs.transport_borne_by, shipped),
        kind=_all_of("variable", shipped),
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
