"""Each identity notices the one thing that is broken, and nothing in a sound trace."""

import math
from collections.abc import Callable

import pytest

from cartlogix.analysis.identities import IDENTITIES, violations
from cartlogix.trace.tables import Trace
from tests.unit.analysis.traces import Row, activity, make_scenario, make_trace

NAN = math.nan
LOT = {"entity": "lot", "route": "cells", "place": "plant", "pool": "plant/suite"}
DRAW = {"kind": "draw", "route": "stocked"}


def sound_rows() -> dict[str, list[dict[str, object]]]:
    """Two lots, one expiry, a patient of each pathway, one lost and one under way."""
    suite = {"place": "plant", "pool": "plant/suite"}
    rows: dict[str, list[Row]] = {
        "patients": [
            {"patient": 1, "enrolled": 0, "infused": 14, "status": "infused", "doses": 1}
            | {"apheresis": 0, "released": 12},
            {"patient": 2, "enrolled": 10, "infused": 12, "status": "infused", "doses": 1}
            | {"pathway": "stocked"},
            {"patient": 3, "enrolled": 20, "left": 24, "status": "lost", "cause": "death"},
            {"patient": 4, "enrolled": 90, "status": "in_progress"},
        ],
        "activities": [
            activity(1, "apheresis", 0, 0, 1),
            activity(1, "manufacture", 1, 2, 12, **suite),
            activity(1, "infusion", 12, 14, 14),
            activity(2, "draw", 10, 11, 11, kind="draw", route="stocked"),
            activity(2, "infusion", 11, 12, 12, route="stocked"),
            activity(3, "apheresis", 20, NAN, 24, "reneged"),
            activity(4, "apheresis", 90, 95, NAN, "running"),
            {**activity(8, "culture", 1, 1, 11), **LOT},
        ],
        "lots": [
            {"lot": 7, "origin": "initial", "ordered": 0, "released": 0, "received": 0}
            | {"expires": 5, "doses_made": 1, "status": "received"},
            {"lot": 8, "origin": "order", "ordered": 1, "released": 11, "received": 11}
            | {"expires": 99, "doses_made": 2, "doses_ordered": 2, "status": "received"},
        ],
        "doses": [{"lot": 8, "patient": 2, "dose": 1, "issued": 11, "ended": 12}],
        "stock_moves": [
            {"time": 0, "lot": 7, "quantity": 1, "reason": "initial", "on_hand": 1},
            {"time": 5, "lot": 7, "quantity": -1, "reason": "expiry", "on_hand": 0},
            {"time": 11, "lot": 8, "quantity": 2, "reason": "receipt", "on_hand": 2},
            {"time": 11, "lot": 8, "quantity": -1, "reason": "issue", "on_hand": 1},
        ],
        "pools": [{"pool": "plant/suite", "site": "plant", "resource": "suite", "capacity": 2}],
    }
    changeable = {name: [dict(row) for row in table] for name, table in rows.items()}
    changeable["doses"][0]["state"] = "infused"
    return changeable


Break = Callable[[dict[str, list[dict[str, object]]]], object]


def broken(change: Break) -> Trace:
    rows = sound_rows()
    change(rows)
    return make_trace((0.0, 100.0), 100.0, **rows)


def test_a_sound_trace_has_no_violations() -> None:
    scenario = make_scenario(costs={"lines": [{"name": "lot", "per": "lot", "amount": 0.1}]})
    assert violations(broken(lambda rows: None), scenario) == []
    assert violations(make_trace(), scenario) == []


BREAKS: list[tuple[str, str, Break]] = [
    ("patients", "status and loss", lambda r: r["patients"][2].update(status="in_progress")),
    ("patients", "1 enrolled|4 enrolled", lambda r: r["patients"][3].update(status="vanished")),
    ("patients", "without a cause", lambda r: r["patients"][2].update(cause="")),
    ("doses", "not those received", lambda r: r["lots"][1].update(doses_made=3)),
    ("doses", "issues and issued doses", lambda r: r["doses"].clear()),
    ("doses", "on hand of cells", lambda r: r["stock_moves"][2].update(on_hand=3)),
    ("doses", "more doses went out", lambda r: r["stock_moves"][3].update(quantity=-3)),
    ("attempts", "gave up, but started", lambda r: r["activities"][5].update(started=21)),
    ("attempts", "under way and ended", lambda r: r["activities"][6].update(ended=96)),
    ("attempts", "never started", lambda r: r["activities"][0].update(started=NAN)),
    ("attempts", "no known outcome", lambda r: r["activities"][0].update(outcome="?")),
    ("capacity", "plant/suite", lambda r: r["pools"][0].update(capacity=1)),
    ("resource time", "negative", lambda r: r["pools"][0].update(capacity=0)),
    ("chain of identity", "never received", lambda r: r["lots"][1].update(received=NAN)),
    ("chain of identity", "infused as one", lambda r: r["doses"].append(r["doses"][0])),
    ("chain of identity", "than planned", lambda r: r["patients"][0].update(doses=2)),
    ("shelf life", "issued when too old", lambda r: r["lots"][1].update(expires=11)),
    ("shelf life", "off its time", lambda r: r["lots"][0].update(expires=4)),
    ("time order", "started before queued", lambda r: r["activities"][1].update(queued=3)),
    ("time order", "infused before enrolled", lambda r: r["patients"][0].update(enrolled=15)),
    ("time order", "later than the stop", lambda r: r["activities"][6].update(started=101)),
    ("time order", "run backwards", lambda r: r["stock_moves"][2].update(time=4)),
    ("decomposition", "patient 1", lambda r: r["activities"].pop(1)),
]


@pytest.mark.parametrize(("identity", "text", "change"), BREAKS)
def test_a_broken_trace_is_noticed(identity: str, text: str, change: Break) -> None:
    found = IDENTITIES[identity](broken(change), make_scenario())
    assert any(part in message for message in found for part in text.split("|")), found


def test_fefo_takes_the_first_to_expire() -> None:
    lots = [
        {"lot": 1, "ordered": 0, "received": 0, "expires": 50, "doses_made": 1},
        {"lot": 2, "ordered": 0, "received": 1, "expires": 40, "doses_made": 1},
    ]
    moves = [
        {"time": 0, "lot": 1, "quantity": 1, "reason": "receipt", "on_hand": 1},
        {"time": 1, "lot": 2, "quantity": 1, "reason": "receipt", "on_hand": 2},
        {"time": 2, "lot": 1, "quantity": -1, "reason": "issue", "on_hand": 1},
    ]
    trace = make_trace(lots=lots, stock_moves=moves)
    check = IDENTITIES["order of issue"]
    assert check(trace, make_scenario()) == ["not the first lot to issue: time 2.0"]
    assert check(trace, make_scenario(stocks=[{"name": "cells", "issue": "fifo"}])) == []
    assert check(trace, make_scenario(stocks=[{"name": "cells", "issue": "lifo"}])) == []


def test_attempts_stay_within_what_is_allowed() -> None:
    failure = {"probability": 0.5, "then": "remake", "max_attempts": 2}
    route = [{"name": "manufacture", "failure": failure}, {"name": "infusion"}]
    scenario = make_scenario(
        pathways=[{"name": "auto", "modality": "autologous", "route": route}], stocks=[]
    )
    trace = make_trace(activities=[activity(1, "manufacture", 0, 0, 1, attempt=3)])
    assert IDENTITIES["attempts"](trace, scenario) == ["more than 2 attempts on auto: id 1"]
