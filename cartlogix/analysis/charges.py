"""What costs are charged for: for each driver, when it happened, to whom, and how much of it.

Patients of the cohort are followed for their whole life. Lots count if they were ordered in the
measured window (an exogenous lot: if it arrived in it); what was in stock at the start is not
charged as a lot. Shipments between stocks count if they left in the window. Expiries, doses in
store and resources count with what lies in the window.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from cartlogix.analysis.capacity import pool_times
from cartlogix.analysis.inventory import dose_days, settled
from cartlogix.analysis.occupancy import occupancies
from cartlogix.analysis.statistics import Floats
from cartlogix.analysis.tidy import inside, is_one_of, numbers, observed
from cartlogix.scenario.costs import Driver
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace

COLUMNS = ("time", "name", "entity", "id", "indication", "pathway", "quantity")
"""Columns of a table of charges; `name` is what a cost line's `of` chooses by."""


def _table(size: int, entity: str, **columns: object) -> pd.DataFrame:
    """Return charges in plain columns; what is left out is empty, or one of each."""
    empty, quantity = constant("", size), np.ones(size)
    plain = {"name": empty, "indication": empty, "pathway": empty, "quantity": quantity}
    given = {**plain, "entity": constant(entity, size), **columns}
    ordered = {key: given.pop(key) for key in COLUMNS}
    return pd.DataFrame({**ordered, **given}, index=range(size))


def constant(text: str, size: int) -> pd.Categorical[str]:
    """Return a column of one text: far faster to build and to copy than plain texts."""
    return pd.Categorical.from_codes(np.zeros(size, dtype=np.int8), dtype=_only(text))


@lru_cache(maxsize=1024)
def _only(text: str) -> pd.CategoricalDtype[str]:
    return pd.CategoricalDtype(pd.Index([text]))


def _of_patients(trace: Trace, rows: pd.DataFrame, who: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that belong to patients of the cohort, and those patients row by row."""
    cohort = trace.cohort
    position = pd.Index(cohort["patient"]).get_indexer(pd.Index(rows[who]))
    return rows[position >= 0], cohort.iloc[position[position >= 0]]


def _charged_lots(trace: Trace) -> pd.DataFrame:
    lots = trace["lots"]
    bought = ~is_one_of(lots["origin"], "initial")
    return lots[bought & inside(numbers(lots, "ordered"), observed(trace))]


def _steps_of_patients(trace: Trace) -> pd.DataFrame:
    rows, patients = _of_patients(trace, _begun(trace, "patient"), "id")
    return _table(
        len(rows),
        "patient",
        time=rows["started"].to_numpy(),
        name=rows["step"].array,
        id=rows["id"].to_numpy(),
        indication=patients["indication"].array,
        pathway=rows["route"].array,
        place=rows["place"].array,
        kind=rows["kind"].array,
    )


def _steps_of_lots(trace: Trace) -> pd.DataFrame:
    rows = _begun(trace, "lot")
    rows = rows[rows["id"].isin(_charged_lots(trace)["lot"]).to_numpy()]
    return _table(
        len(rows),
        "lot",
        time=rows["started"].to_numpy(),
        name=rows["step"].array,
        id=rows["id"].to_numpy(),
        place=rows["place"].array,
        kind=rows["kind"].array,
    )


def _begun(trace: Trace, entity: str) -> pd.DataFrame:
    activities = trace["activities"]
    started = activities["started"].notna().to_numpy()
    return activities[started & is_one_of(activities["entity"], entity)]


def _patients(trace: Trace) -> pd.DataFrame:
    cohort = trace.cohort
    return _table(
        len(cohort),
        "patient",
        time=cohort["enrolled"].to_numpy(),
        id=cohort["patient"].to_numpy(),
        indication=cohort["indication"].array,
        pathway=cohort["first_pathway"].array,
    )


def _doses(trace: Trace) -> pd.DataFrame:
    rows, patients = _of_patients(trace, trace["doses"], "patient")
    return _table(
        len(rows),
        "patient",
        time=rows["issued"].to_numpy(),
        name=rows["stock"].array,
        id=rows["patient"].to_numpy(),
        indication=patients["indication"].array,
        pathway=patients["pathway"].array,
    )


def _lots(trace: Trace) -> pd.DataFrame:
    return _of_lots(_charged_lots(trace), "ordered")


def _wasted_lots(trace: Trace) -> pd.DataFrame:
    lots = _charged_lots(trace)
    lots = lots.assign(wasted=settled(trace, lots))
    return _of_lots(lots[is_one_of(lots["status"], "failed")], "wasted")


def _of_lots(rows: pd.DataFrame, time: str, **more: object) -> pd.DataFrame:
    return _table(
        len(rows),
        "lot",
        time=rows[time].to_numpy(),
        name=rows["stock"].array,
        id=rows["lot"].to_numpy(),
        **more,
    )


def _wasted_doses(trace: Trace) -> pd.DataFrame:
    moves, doses, window = trace["stock_moves"], trace["doses"], observed(trace)
    expired = moves[
        is_one_of(moves["reason"], "expiry", "recall") & inside(numbers(moves, "time"), window)
    ]
    spoilt = is_one_of(doses["state"], "expired", "orphaned", "recalled")
    spoilt &= inside(numbers(doses, "ended"), window)
    in_store = _of_lots(expired, "time", quantity=np.abs(numbers(expired, "quantity")))
    return pd.concat([in_store, _of_lots(doses[spoilt], "ended")], ignore_index=True)


def _dose_days(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    names = [stock.name for stock in scenario.stocks]
    return _table(
        len(names),
        "stock",
        time=observed(trace)[1],
        name=names,
        id=names,
        quantity=[dose_days(trace, name) for name in names],
    )


def _resource_days(trace: Trace) -> pd.DataFrame:
    pools, (start, end) = trace["pools"], observed(trace)
    limited = pools[pools["capacity"].notna().to_numpy()]
    return _of_pools(trace, limited, numbers(limited, "capacity") * (end - start))


def _busy_days(trace: Trace, scenario: Scenario) -> pd.DataFrame:
    times = pool_times(trace, scenario, occupancies(trace, scenario))
    return _of_pools(trace, trace["pools"], numbers(times, "busy"))


def _of_pools(trace: Trace, pools: pd.DataFrame, days: Floats) -> pd.DataFrame:
    return _table(
        len(pools),
        "resource",
        time=observed(trace)[1],
        name=pools["resource"].array,
        id=pools["pool"].array,
        quantity=days,
    )


def charges(trace: Trace, scenario: Scenario) -> dict[Driver, pd.DataFrame]:
    """Return the charges of every driver that the scenario's cost lines use, and the shipments.

    Steps and shipments carry their `place` besides, of a shipment 'from > to: mode'.
    """
    steps = _steps_of_patients(trace)
    lot_steps = _steps_of_lots(trace) if len(trace["lots"]) else steps[:0]
    moved = _transfers(trace) if len(trace["transfers"]) else steps[:0]
    sources: dict[Driver, Callable[[], pd.DataFrame]] = {
        "step": lambda: steps,
        "shipment": lambda: _shipments(steps, lot_steps, moved),
        "patient": lambda: _patients(trace),
        "dose": lambda: _doses(trace),
        "lot": lambda: _lots(trace),
        "lot_step": lambda: lot_steps,
        "wasted_lot": lambda: _wasted_lots(trace),
        "wasted_dose": lambda: _wasted_doses(trace),
        "dose_day": lambda: _dose_days(trace, scenario),
        "resource_day": lambda: _resource_days(trace),
        "busy_day": lambda: _busy_days(trace, scenario),
    }
    wanted = {"shipment", *(line.per for line in scenario.costs.lines)}
    return {driver: source() for driver, source in sources.items() if driver in wanted}


def _transfers(trace: Trace) -> pd.DataFrame:
    """Return the shipments between stocks: what left together counts once."""
    rows = trace["transfers"]
    rows = rows[inside(numbers(rows, "sent"), observed(trace))]
    rows = rows.drop_duplicates(["stock", "source", "kind", "shipment"])
    return _table(
        len(rows),
        "stock",
        time=rows["sent"].to_numpy(),
        name=rows["stock"].array,
        id=rows["stock"].array,
        place=rows["place"].array,
        kind=constant("ship", len(rows)),
    )


def _shipments(*steps: pd.DataFrame) -> pd.DataFrame:
    shipped = [part[is_one_of(part["kind"], "ship")] for part in steps if len(part)]
    if not shipped:
        return steps[0]
    return pd.concat([part for part in shipped if len(part)] or shipped[:1], ignore_index=True)
