"""Recalls by hand: patients who are on their way with a dose, or wait with it, or lie in a bed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cartlogix.analysis.ledger import build_ledger
from cartlogix.ground.distributions import Exponential
from cartlogix.ground.streams import Streams
from cartlogix.scenario.model import Scenario
from cartlogix.trace.tables import Trace
from tests.oracle.measures import column
from tests.oracle.test_disruptions import PLANT, Plain, ran

RECALL: Plain = {"name": "recall", "kind": "recall", "stock": "doses", "lot": 1}
BED = {"name": "lymphodepletion", "needs": "bed", "duration": "3 d"}
FREE = {"name": "lymphodepletion", "duration": "3 d"}
SHIP = {"name": "ship", "ship": {"from": "plant", "to": "centre"}}
INFUSION = {"name": "infusion"}
LAST = {"name": "infusion", "needs": "bed", "duration": "1 d"}


def clinic(
    *route: Plain, patients: list[Any], indication: Plain | None = None, costs: Plain | None = None
) -> Plain:
    """Two stocks with doses for all; the lot of the first, which is asked first, is called back."""
    rule = {"replenishment": {"rule": "none"}, "initial": len(patients), "lot": {}}
    return {
        **PLANT,
        "demand": {
            "arrivals": {"process": "list", "patients": patients},
            "indications": [{"name": "any", **(indication or {})}],
        },
        "network": {
            "centres": [{"name": "centre", "resources": {"bed": 1}}],
            "plants": [{"name": "plant"}],
            "lanes": [{"from": "plant", "to": "centre", "time": "2 d", "price": 100}],
        },
        "stocks": [{"name": "doses", **rule}, {"name": "other", **rule}],
        "pathways": [
            {
                "name": "off_the_shelf",
                "modality": "off_the_shelf",
                "route": [{"name": "order", "draw": {"stock": ["doses", "other"]}}, *route],
            }
        ],
        "costs": costs or {},
    }


def story(trace: Trace, patient: int = 0) -> list[tuple[Any, ...]]:
    """What a patient did but for the draws: step, queued, started, ended, outcome."""
    rows = trace["activities"]
    rows = rows[(rows["id"] == patient) & (rows["entity"] == "patient") & (rows["step"] != "order")]
    days = (column(rows, name).tolist() for name in ("queued", "started", "ended"))
    began = [
        (*row[:1], None if np.isnan(row[1]) else row[1], row[2]) for row in zip(*days, strict=True)
    ]
    return [
        (step, *day, outcome)
        for step, day, outcome in zip(rows["step"], began, rows["outcome"], strict=True)
    ]


def test_a_shipment_ends_when_its_dose_is_recalled_and_the_next_one_leaves_then() -> None:
    lines = [{"name": n, "per": n, "amount": a} for n, a in (("dose", 1000), ("wasted_dose", 7))]
    plain = clinic(SHIP, FREE, INFUSION, patients=["0 d"], costs={"lines": lines})
    # The lot is called back once more on day 2; the dose that is on its way then is of another.
    trace = ran(plain, {**RECALL, "at": ["1.5 d", "2 d"]})
    assert story(trace) == [
        ("ship", 0, 0, 1.5, "aborted"),
        ("ship", 1.5, 1.5, 3.5, "done"),
        ("lymphodepletion", 3.5, 3.5, 6.5, "done"),
        ("infusion", 6.5, 6.5, 6.5, "done"),
    ]
    doses = trace["doses"][["stock", "issued", "ended", "state"]]
    assert doses.values.tolist() == [["doses", 0, 1.5, "recalled"], ["other", 1.5, 6.5, "infused"]]
    # Two doses, two shipments, one dose lost.
    scenario = Scenario.from_plain(plain)
    assert sorted(build_ledger(trace, scenario)["cents"]) == [700, 10000, 10000, 100000, 100000]


def test_a_shipment_that_has_not_left_is_not_paid_for() -> None:
    """The courier comes at noon; the recall is at 6 in the morning."""
    plain = clinic(SHIP, INFUSION, patients=["0 d"])
    mode = {"name": "courier", "time": "2 d", "price": 100, "pick_up": {"at": ["12:00"]}}
    plain["network"]["lanes"] = [{"from": "plant", "to": "centre", "modes": [mode]}]
    trace = ran(plain, {**RECALL, "at": ["6 h"]})
    assert story(trace)[:2] == [
        ("ship", 0, None, 0.25, "aborted"),
        ("ship", 0.25, 0.5, 2.5, "done"),
    ]
    assert build_ledger(trace, Scenario.from_plain(plain))["cents"].tolist() == [10000]


def test_what_goes_on_beside_the_shipment_ends_with_it() -> None:
    beside = {**FREE, "with_previous": True}
    plain = clinic(SHIP, beside, INFUSION, patients=["0 d"])
    early = ran(plain, {**RECALL, "at": ["1.5 d"]})
    assert story(early)[:2] == [
        ("ship", 0, 0, 1.5, "aborted"),
        ("lymphodepletion", 0, 0, 1.5, "aborted"),
    ]
    late = ran(plain, {**RECALL, "at": ["2.5 d"]})
    assert story(late) == [
        ("ship", 0, 0, 2, "done"),
        ("lymphodepletion", 0, 0, 2.5, "aborted"),
        ("ship", 2.5, 2.5, 4.5, "done"),
        ("lymphodepletion", 2.5, 2.5, 5.5, "done"),
        ("infusion", 5.5, 5.5, 5.5, "done"),
    ]
    # The longer one comes first: the shipment is over when the recall comes.
    ship = {**SHIP, "with_previous": True}
    turned = ran(clinic(FREE, ship, INFUSION, patients=["0 d"]), {**RECALL, "at": ["2.5 d"]})
    assert story(turned)[:2] == [
        ("lymphodepletion", 0, 0, 2.5, "aborted"),
        ("ship", 0, 0, 2, "done"),
    ]


def test_a_bed_is_given_back_when_the_dose_is_recalled() -> None:
    """The second patient waits for the bed with a dose of the other stock, and has it then."""
    plain = clinic(BED, INFUSION, patients=["0 d", "1 d"])
    plain["stocks"][0]["initial"] = 1
    trace = ran(plain, {**RECALL, "at": ["2 d"]})
    assert story(trace, 1)[0] == ("lymphodepletion", 1, 2, 5, "done")
    # The first has a new dose, joins the line again and follows.
    assert story(trace, 0)[:2] == [
        ("lymphodepletion", 0, 0, 2, "aborted"),
        ("lymphodepletion", 2, 5, 8, "done"),
    ]


def test_who_waits_for_a_bed_leaves_the_line_when_the_dose_is_recalled() -> None:
    """The first has the bed from day 0 to 3. The third, of the other stock, goes before then."""
    plain = clinic(BED, INFUSION, patients=["0 d", "0.5 d", "1 d"])
    plain["stocks"][0]["initial"] = 2
    span = {"name": "recall", "kind": "recall", "stock": "doses", "lot": 1, "at": ["3.5 d"]}
    trace = ran(plain, span)
    # The first was infused on day 3; the second has had the bed since then.
    assert story(trace, 1)[:2] == [
        ("lymphodepletion", 0.5, 3, 3.5, "aborted"),
        ("lymphodepletion", 3.5, 6.5, 9.5, "done"),
    ]
    assert story(trace, 2)[0] == ("lymphodepletion", 1, 3.5, 6.5, "done")


def test_a_bed_that_falls_to_somebody_whose_dose_is_recalled_too_falls_to_the_next() -> None:
    """The first has the bed, the second stands before the third, whose dose is of the other stock.

    On day 2 the bed falls from the first to the second, and from him to the third. The two draw
    again in the order of their first doses.
    """
    plain = clinic(BED, INFUSION, patients=["0 d", "0.5 d", "1 d"])
    plain["stocks"][0]["initial"] = 2
    trace = ran(plain, {**RECALL, "at": ["2 d"]})
    assert story(trace, 0)[:2] == [
        ("lymphodepletion", 0, 0, 2, "aborted"),
        ("lymphodepletion", 2, 5, 8, "done"),
    ]
    assert story(trace, 1)[:2] == [
        ("lymphodepletion", 0.5, None, 2, "aborted"),
        ("lymphodepletion", 2, 8, 11, "done"),
    ]
    assert story(trace, 2)[0] == ("lymphodepletion", 1, 2, 5, "done")


def test_who_leaves_the_line_leaves_no_place_in_it() -> None:
    """The first has the bed to day 3; the second waits with a recalled dose."""
    plain = clinic(BED, INFUSION, patients=["0 d", "0.5 d"])
    plain["stocks"][0]["initial"] = 1
    plain["stocks"].append(plain["stocks"][1] | {"name": "third"})
    plain["pathways"][0]["route"][0]["draw"]["stock"].append("third")
    trace = ran(plain, {**RECALL, "stock": "other", "at": ["2 d"]})
    assert story(trace, 1)[:2] == [
        ("lymphodepletion", 0.5, None, 2, "aborted"),
        ("lymphodepletion", 2, 3, 6, "done"),
    ]


def test_exposed_time_is_used_up_to_the_recall_and_no_further() -> None:
    """Four days of lymphodepletion are borne: two before the recall, two after it."""
    cause = {"name": "worn", "scope": ["lymphodepletion"], "after": "4 d"}
    for step in (FREE, BED):
        plain = clinic(step, INFUSION, patients=["0 d"], indication={"drop_out": [cause]})
        trace = ran(plain, {**RECALL, "at": ["2 d"]})
        assert story(trace) == [
            ("lymphodepletion", 0, 0, 2, "aborted"),
            ("lymphodepletion", 2, 2, 4, "aborted"),
        ]
        assert trace["patients"][["cause", "left"]].values.tolist() == [["worn", 4]]
        assert trace["doses"]["state"].tolist() == ["recalled", "orphaned"]
    # Days in line count as well: the bed is taken to day 3, and again from then to day 6.
    waits = {**cause, "scope": ["infusion"]}
    longer = {**LAST, "duration": "3 d"}
    patients = ["0 d", "0 d", "0.5 d"]
    plain = clinic(longer, patients=patients, indication={"drop_out": [waits]})
    plain["stocks"][0]["initial"] = 2
    trace = ran(plain, {**RECALL, "at": ["1 d"]})
    # The second waits from day 0 to 1 and then behind the third; three days are left on day 1.
    assert story(trace, 1) == [
        ("infusion", 0, None, 1, "aborted"),
        ("infusion", 1, None, 4, "reneged"),
    ]


def test_a_loss_beside_a_shipment_comes_at_its_time() -> None:
    cause = {"name": "worn", "scope": ["lymphodepletion"], "after": "1 d"}
    beside = {**FREE, "with_previous": True}
    plain = clinic(SHIP, beside, INFUSION, patients=["0 d"], indication={"drop_out": [cause]})
    trace = ran(plain, {**RECALL, "at": ["1.5 d"]})
    assert trace["patients"][["cause", "left"]].values.tolist() == [["worn", 1]]
    assert trace["recalls"]["state"].tolist() == ["orphaned"]


def test_who_is_known_to_fail_cannot_keep_a_dose_that_is_recalled() -> None:
    """What is lost beside it on day 1 shows that the shipment will fail on its arrival on day 2."""
    cause = {"name": "worn", "scope": ["lymphodepletion"], "after": "1 d"}
    broken = {**SHIP, "failure": {"probability": 1, "then": {"action": "lost"}}}
    beside = {**FREE, "with_previous": True}
    plain = clinic(broken, beside, INFUSION, patients=["0 d"], indication={"drop_out": [cause]})
    trace = ran(plain, {**RECALL, "at": ["1.5 d"]})
    assert trace["doses"][["ended", "state"]].values.tolist() == [[1.5, "recalled"]]
    assert trace["recalls"]["state"].tolist() == ["recalled"]


def test_a_recall_finds_work_that_stands_still() -> None:
    """The bed is out from day 1 to day 5; the dose is recalled on day 2."""
    bed = {"site": "centre", "resource": "bed", "in_process": "pause"}
    out = {"name": "leak", "kind": "outage", "at": ["1 d"], "lasts": "4 d", **bed}
    trace = ran(clinic(BED, INFUSION, patients=["0 d"]), out, {**RECALL, "at": ["2 d"]})
    assert story(trace)[:2] == [
        ("lymphodepletion", 0, 0, 2, "aborted"),
        ("lymphodepletion", 2, 5, 8, "done"),
    ]
    rows = trace["interruptions"][["what", "started", "ended"]]
    assert rows.values.tolist() == [["paused", 1, 2]]
    # Before the bed goes out.
    early = ran(clinic(BED, INFUSION, patients=["0 d"]), out, {**RECALL, "at": ["0.5 d"]})
    assert story(early)[:2] == [
        ("lymphodepletion", 0, 0, 0.5, "aborted"),
        ("lymphodepletion", 0.5, 0.5, 7.5, "done"),
    ]


def test_who_has_left_a_bed_is_not_broken_off_in_it() -> None:
    """Two beds. The second patient's dose is recalled, and no other is left for him.

    What stands still then is the work of the first.
    """
    plain = clinic(BED, INFUSION, patients=["0 d", "0.5 d"])
    plain["network"]["centres"][0]["resources"]["bed"] = 2
    for stock in plain["stocks"]:
        stock["initial"] = 1
    bed = {"site": "centre", "resource": "bed", "in_process": "pause", "kind": "outage"}
    call = {**RECALL, "stock": "other"}
    both = {**bed, "name": "leak", "at": ["1 d"], "lasts": "1 d"}
    trace = ran(plain, both, {**call, "at": ["0.75 d"]})
    assert story(trace, 0)[0] == ("lymphodepletion", 0, 0, 4, "done")
    # The second stands still from day 1 and is called back on day 1.5; another unit goes out on
    # day 2, so that the first stands still for a day.
    one = {**bed, "name": "leak", "at": ["1 d"], "lasts": "4 d", "units": 1}
    other = {**bed, "name": "spill", "at": ["2 d"], "lasts": "1 d", "units": 1}
    trace = ran(plain, one, other, {**call, "at": ["1.5 d"]})
    assert story(trace, 1) == [("lymphodepletion", 0.5, 0.5, 1.5, "aborted")]
    assert story(trace, 0)[0] == ("lymphodepletion", 0, 0, 4, "done")


def test_a_unit_that_is_out_does_not_fall_free_with_a_recall() -> None:
    """Both beds are out from day 1 to day 5; the dose of the first patient is recalled on day 2."""
    plain = clinic(BED, INFUSION, patients=["0 d", "0.5 d"])
    plain["network"]["centres"][0]["resources"]["bed"] = 2
    plain["stocks"][0]["initial"] = 1
    bed = {"site": "centre", "resource": "bed", "in_process": "pause"}
    out = {"name": "leak", "kind": "outage", "at": ["1 d"], "lasts": "4 d", **bed}
    trace = ran(plain, out, {**RECALL, "at": ["2 d"]})
    assert story(trace, 1)[0] == ("lymphodepletion", 0.5, 0.5, 7.5, "done")
    assert story(trace, 0)[1] == ("lymphodepletion", 2, 5, 8, "done")


def test_time_that_work_stood_still_before_the_recall_is_used_up() -> None:
    """Four days are borne: one of work and one of standing still, and two in line for the bed."""
    cause = {"name": "worn", "scope": ["lymphodepletion"], "after": "4 d"}
    bed = {"site": "centre", "resource": "bed", "in_process": "pause"}
    out = {"name": "leak", "kind": "outage", "at": ["1 d"], "lasts": "8 d", **bed}
    plain = clinic(BED, INFUSION, patients=["0 d"], indication={"drop_out": [cause]})
    trace = ran(plain, out, {**RECALL, "at": ["2 d"]})
    assert trace["patients"][["cause", "left"]].values.tolist() == [["worn", 4]]


def test_what_is_done_again_takes_another_time() -> None:
    law = Exponential(3.0)
    step = {**FREE, "duration": {"law": "exponential", "mean": "3 d"}}
    trace = ran(clinic(step, INFUSION, patients=["0 d"]), {**RECALL, "at": ["0.01 d"]})
    streams = Streams(Scenario.from_plain(PLANT).run.seed, 0)
    times = [streams.draws(law, "patient/lymphodepletion", round_)[0] for round_ in (0, 1)]
    assert times[0] > 0.01, "the recall comes before the end"
    assert story(trace)[1] == (
        "lymphodepletion",
        0.01,
        0.01,
        pytest.approx(0.01 + times[1]),
        "done",
    )


def test_a_dose_that_is_being_infused_is_not_called_back_any_more() -> None:
    for infusion in ({**INFUSION, "duration": "1 d"}, LAST):
        plain = clinic(SHIP, infusion, patients=["0 d"])
        trace = ran(plain, {**RECALL, "at": ["2.5 d"]})
        assert story(trace)[1:] == [("infusion", 2, 2, 3, "done")]
        assert trace["recalls"]["state"].tolist() == ["infused"]


def test_an_infusion_waits_for_opening_hours_though_its_dose_can_be_recalled() -> None:
    """Open from 8 to 16; the dose is there at midnight."""
    infusion = {**INFUSION, "start": "opening"}
    plain = clinic(SHIP, infusion, patients=["0 d"])
    shifts = {"shifts": [{"days": "mon-sun", "from": "08:00", "to": "16:00"}]}
    plain["network"]["calendars"] = [{"name": "day", **shifts}]
    plain["network"]["centres"][0]["open"] = "day"
    assert ran(plain, {**RECALL, "at": ["300 d"]})["patients"]["infused"].tolist() == [2 + 8 / 24]
    trace = ran(plain, {**RECALL, "at": ["50 h"]})
    assert story(trace)[1] == ("infusion", 2, None, 50 / 24, "aborted")


def test_what_the_stop_finds_with_a_dose_in_hand_is_under_way() -> None:
    beside = {**FREE, "with_previous": True}
    plain = clinic(SHIP, beside, INFUSION, patients=["0 d"])
    for stop, seen in {
        "1 d": [("ship", 0, 0, "running"), ("lymphodepletion", 0, 0, "running")],
        "2.5 d": [("ship", 0, 0, "done"), ("lymphodepletion", 0, 0, "running")],
    }.items():
        plain["run"] = {"enrolment": stop, "replications": 1, "drain": "none"}
        trace = ran(plain, {**RECALL, "at": ["300 d"]})
        assert [(*row[:3], row[4]) for row in story(trace)] == seen


def test_the_stop_finds_who_waits_for_another_dose_in_line() -> None:
    plain = clinic(SHIP, INFUSION, patients=["0 d"])
    plain["stocks"][1]["initial"] = 0
    plain["run"] = {"enrolment": "2 d", "replications": 1, "drain": "none"}
    rows = ran(plain, {**RECALL, "at": ["1 d"]})["activities"]
    rows = rows[rows["step"] == "order"]
    assert rows["outcome"].tolist() == ["done", "running"]
    assert rows["started"].isna().tolist() == [False, True]
