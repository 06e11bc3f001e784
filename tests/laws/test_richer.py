"""The identities in worlds with crews, campaigns, disruptions, snapshots; and that these occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings

from cartlogix.analysis.identities import violations
from cartlogix.experiment.replication import replicate
from cartlogix.trace.tables import Trace
from tests.laws.parts import Plain
from tests.laws.richer import KINDS, richer_worlds, suites
from tests.laws.test_identities import examples
from tests.laws.worlds import scenario_of


@examples(8)
@given(richer_worlds(KINDS))
def test_identities_hold_in_richer_worlds(world: Plain) -> None:
    scenario = scenario_of(world)
    assert violations(replicate(scenario, 0), scenario) == []


Found = Callable[[Trace, Plain], bool]


def some(table: str, column: str, *values: object) -> Found:
    """Whether a column of a table holds one of some values."""
    return lambda trace, _: bool(trace[table][column].isin(values).any())


def any_(table: str, column: str) -> Found:
    """Whether a column of a table holds any day at all."""
    return lambda trace, _: bool(trace[table][column].notna().any())


def matched(trace: Trace, _: Plain) -> bool:
    """Whether somebody of class A was given a dose of class O."""
    doses = trace["doses"].merge(trace["lots"][["lot", "match_class"]], on="lot")
    asked = trace["patients"].set_index("patient")["match_class"].reindex(doses["patient"])
    return bool(((asked == "A").to_numpy() & (doses["match_class"] == "O").to_numpy()).any())


def changed(trace: Trace, world: Plain) -> bool:
    """Whether a suite was changed from one family to another."""
    rows = trace["activities"]
    of_suites = rows["pool"].isin(["east/suite", "west/suite"]) & (rows["kind"] == "changeover")
    return bool(of_suites.any()) and any("campaigns" in suite for suite in suites(world))


def relieved(trace: Trace, _: Plain) -> bool:
    """Whether a duty ended and one of another group began for the same work."""
    duties = trace["activities"]
    duties = duties[duties["kind"] == "duty"].astype({"step": str})
    keys = ["entity", "id", "attempt", "pool"]
    pairs = duties.merge(duties, on=keys, suffixes=("", "_next"))
    passed = (pairs["ended"] == pairs["started_next"]) & (pairs["step"] != pairs["step_next"])
    return bool(passed.any())


def away(trace: Trace, world: Plain) -> bool:
    """Whether a group of whom some are away worked at that time, from day 3 to day 15."""
    crews = [plant["resources"]["operator"] for plant in world["network"]["plants"]]
    named = {g["name"] for crew in crews for g in crew.get("people", ()) if g.get("away")}
    duties = trace["activities"]
    duties = duties[(duties["kind"] == "duty") & duties["step"].isin(named)]
    return bool(duties["started"].between(3, 15).any())


def out(resource: str, *, campaigns: bool = False) -> Found:
    """Whether an outage hits some of a resource, of one with campaigns if so asked."""

    def found(trace: Trace, world: Plain) -> bool:
        rows = trace["disruptions"]
        rows = rows[(rows["kind"] == "outage") & (rows["target"] == f"east/{resource}")]
        planned = any("campaigns" in suite for suite in suites(world))
        return not rows.empty and (planned or not campaigns)

    return found


def switched(trace: Trace, _: Plain) -> bool:
    """Whether somebody went another way than the first one."""
    patients = trace["patients"][["pathway", "first_pathway"]].astype(str)
    return bool((patients["pathway"] != patients["first_pathway"]).any())


FEATURES: dict[str, Found] = {
    "people at work": some("activities", "kind", "duty"),
    "a step in parts": some("activities", "step", "manufacture: end"),
    "work that is handed over": relieved,
    "people who are away": away,
    "people who are ill": out("operator"),
    "a change between families": changed,
    "units with campaigns that are out": out("suite", campaigns=True),
    "an outage": some("disruptions", "kind", "outage"),
    "work that stands still": some("interruptions", "what", "paused"),
    "work that is destroyed": some("interruptions", "what", "destroyed"),
    "a strike": some("disruptions", "kind", "strike"),
    "a surge": some("disruptions", "kind", "surge"),
    "a missed lot": some("disruptions", "kind", "missed_lot"),
    "a recall": some("disruptions", "kind", "recall"),
    "a patient found on day 0": lambda trace, _: bool((trace["patients"]["enrolled"] < 0).any()),
    "a lot found on day 0": some("lots", "origin", "snapshot"),
    "worse health": some("patients", "health", "worse"),
    "death": some("patients", "cause", "dead"),
    "a deferred donor": some("donors", "status", "deferred"),
    "a dose of another class": matched,
    "a transfer between depots": some("transfers", "kind", "supply"),
    "a dose sent by a stock alongside": some("transfers", "kind", "lateral"),
    "fresh material too old": some("activities", "outcome", "expired"),
    "a bad product infused": any_("patients", "exposed"),
    "a dose that expired": some("doses", "state", "expired"),
    "another way than the first": switched,
    "a repeat dose": lambda trace, _: bool((trace["doses"]["dose"] > 1).any()),
}


def test_all_that_can_happen_does_happen_in_some_world() -> None:
    seen: Counter[str] = Counter()

    def look(world: Plain) -> None:
        trace = replicate(scenario_of(world), 0)
        seen.update(name for name, found in FEATURES.items() if found(trace, world))

    every = settings(
        max_examples=25,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    for kind in KINDS:
        every(given(richer_worlds([kind]))(look))()
    assert set(FEATURES) - set(seen) == set()
