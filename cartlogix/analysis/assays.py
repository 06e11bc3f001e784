"""Tests that err: what they cost in good products, what they let through, and whom it reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from cartlogix.analysis.breaches import TIME, bad
from cartlogix.analysis.tidy import ALL, Figure, Slice, inside, is_one_of, numbers, observed, ratio
from cartlogix.scenario.model import Scenario
from cartlogix.scenario.pathway import Step
from cartlogix.scenario.stock import Stock
from cartlogix.trace.tables import Trace

ERRORS = ("false_positive", "false_negative")


def error_figures(trace: Trace, parts: Sequence[Slice], scenario: Scenario) -> Iterator[Figure]:
    """Yield what came of tests that err, of patients; nothing where no test does."""
    own = any(_errs(pathway.route) for pathway in scenario.pathways)
    if not own and not any(_errs(stock.lot.route) for stock in scenario.stocks):
        return
    cohort, rows = trace.cohort, trace["test_errors"]
    infused, exposed = is_one_of(cohort["status"], "infused"), cohort["exposed"].notna().to_numpy()
    of_patients = is_one_of(rows["entity"], "patient")
    errors = {error: of_patients & is_one_of(rows["error"], error) for error in ERRORS}
    for indication, mask in parts:
        share = ratio(int((exposed & mask).sum()), int((infused & mask).sum()))
        yield Figure("share.exposed", "", indication, share)
        if own:
            patients = cohort["patient"].to_numpy()[mask]
            mine = np.isin(rows["id"].to_numpy(), patients)
            for error, erred in errors.items():
                yield Figure(f"tests.{error}", "", indication, int((erred & mine).sum()))


def lot_error_figures(trace: Trace, stock: Stock) -> Iterator[Figure]:
    """Yield the errors of tests of a stock's lots; nothing where no test errs."""
    if not _errs(stock.lot.route):
        return
    rows = trace["test_errors"]
    mine = is_one_of(rows["entity"], "lot") & is_one_of(rows["route"], stock.name)
    mine &= inside(numbers(rows, "time"), observed(trace))
    for error in ERRORS:
        count = int((is_one_of(rows["error"], error) & mine).sum())
        yield Figure(f"stock.{error}", stock.name, ALL, count)


def _errs(route: Iterable[Step]) -> bool:
    return any(step.failure is not None and step.failure.test is not None for step in route)


def errors_of_tests(trace: Trace, scenario: Scenario) -> list[str]:
    """Each error belongs to a visit with that result; who got a bad product is who is exposed."""
    del scenario
    rows, work = trace["test_errors"], trace["activities"]
    found = []
    for row in rows.to_dict("records"):
        outcome = "failed" if row["error"] == "false_positive" else "done"
        mine = is_one_of(work["entity"], row["entity"]) & is_one_of(work["outcome"], outcome)
        mine &= work["id"].to_numpy() == row["id"]
        mine &= work["attempt"].to_numpy() == row["attempt"]
        mine &= np.abs(numbers(work, "ended") - row["time"]) <= TIME
        if not mine.any():
            found.append(f"{row['error']} of {row['entity']} {row['id']} without such a result")
    return found[:5] + _exposures(trace)


def _exposures(trace: Trace) -> list[str]:
    rows, lots, doses = trace["test_errors"], trace["lots"], trace["doses"]
    table = trace["patients"]
    passed = rows[is_one_of(rows["error"], "false_negative")]
    known = {
        entity: set(passed["id"][is_one_of(passed["entity"], entity)].tolist())
        for entity in ("patient", "lot")
    }
    flawed = lots[lots["flawed"].to_numpy(dtype=bool)]
    found = bad(
        flawed, ~flawed["lot"].isin(known["lot"]).to_numpy(), "lot", "bad, but never passed"
    )
    used = doses[is_one_of(doses["state"], "infused") & doses["lot"].isin(flawed["lot"]).to_numpy()]
    given = set(used["patient"].tolist())
    exposed = table["exposed"].notna().to_numpy()
    found += bad(
        table, exposed & table["infused"].isna().to_numpy(), "patient", "exposed, not infused"
    )
    sources = table["patient"].isin(given | known["patient"]).to_numpy()
    found += bad(table, exposed & ~sources, "patient", "exposed to no bad product")
    reached = table["patient"].isin(given).to_numpy()
    return found + bad(table, reached & ~exposed, "patient", "given a bad dose, not exposed")
