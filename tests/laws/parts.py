"""Parts of random worlds: resources, failures, steps, stocks.

Constant whole days are common on purpose: ties in time are where simulations go wrong.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]
Draw = st.DrawFn

DAYS = st.sampled_from(["0 d", "1 d", "2 d", "3 d", "36 h"])
LAWS = st.sampled_from(
    [
        {"law": "exponential", "mean": "2 d"},
        {"law": "uniform", "low": "1 d", "high": "3 d"},
        {"law": "triangular", "low": "1 d", "mode": "2 d", "high": "5 d"},
        {"law": "gamma", "shape": 3, "scale": "1 d"},
        {"law": "lognormal", "mean": "3 d", "sd": "2 d"},
        {"law": "weibull", "scale": "2 d", "shape": 1.5},
        {"law": "empirical", "values": ["1 d", "2 d", "4 d"], "weights": [1, 1, 2]},
    ]
)
DURATION = st.one_of(DAYS, LAWS)
OPEN = st.sampled_from(["mon-sun", "mon-sun", "mon-fri", "mon,wed,fri"])
PROBABILITY = st.sampled_from([0, 0.1, 0.3, 0.6])


def maybe(strategy: st.SearchStrategy[Any], nothing: object = None) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(nothing), strategy)


def without_none(item: Plain) -> Plain:
    return {key: value for key, value in item.items() if value is not None}


@st.composite
def resources(draw: Draw, least: int = 1) -> Plain:
    starts = draw(
        maybe(
            st.fixed_dictionaries(
                {"number": st.integers(1, 3), "every": st.sampled_from(["1 d", "7 d"])}
            )
        )
    )
    # Days and start instants must meet: weekly starts are on Mondays, and so is day 0.
    return without_none(
        {
            "capacity": draw(maybe(st.integers(least, 4))),
            "changeover": draw(maybe(DURATION)),
            "open": draw(maybe(OPEN)),
            "starts": starts,
            "discipline": draw(st.sampled_from(["fifo", "fifo", "priority", "due_date"])),
            "waiting_room": draw(maybe(st.integers(0, 5))),
        }
    )


@st.composite
def failures(draw: Draw, *, lot: bool, switch: str | None, suite: bool) -> Plain:
    branches: list[Plain] = [{"action": "remake", "from_step": "manufacture"}]
    branches += [{"action": "remake", "from_step": "manufacture", "queue": "front"}]
    branches += [{"action": "lost"}]
    if suite:
        branches.append({"action": "remake", "queue": "same_suite"})
    if not lot:
        branches += [{"action": "infuse"}, {"action": "remake", "material": "stored"}]
    if switch is not None:
        branches.append({"action": "switch", "pathway": switch})
    ends = ["lost"] if lot else ["lost", "infuse"]
    return without_none(
        {
            "probability": draw(PROBABILITY),
            "later_attempts": draw(maybe(PROBABILITY)),
            "then": draw(st.lists(st.sampled_from(branches), min_size=1, max_size=3)),
            "max_attempts": draw(maybe(st.integers(1, 3))),
            "exhausted": draw(st.sampled_from(ends)),
        }
    )


@st.composite
def made(draw: Draw, *, lot: bool, switch: str | None = None) -> list[Plain]:
    """Manufacture and release, of a patient's product or of a lot."""
    needs: list[Any] = draw(
        st.sampled_from(
            [["suite"], ["suite", "operator"], [{"name": "suite", "units": 2}], ["operator"]]
        )
    )
    failing = draw(maybe(failures(lot=lot, switch=switch, suite=True)))
    release = draw(maybe(failures(lot=lot, switch=switch, suite=False)))
    clock = draw(st.sampled_from(["elapsed", "working"]))
    return [
        without_none(
            {"name": "manufacture", "needs": needs, "duration": draw(DURATION), "failure": failing}
        ),
        without_none(
            {
                "name": "release",
                "needs": draw(maybe(st.just("qc"))),
                "at": "plant",
                "duration": draw(DURATION),
                "clock": clock,
                "failure": release,
            }
        ),
    ]


@st.composite
def replenishments(draw: Draw) -> Plain:
    level = draw(st.integers(3, 8))
    return draw(
        st.sampled_from(
            [
                {"rule": "none"},
                {"rule": "base_stock", "level": level},
                {"rule": "r_Q", "reorder_point": level // 2, "quantity": 3},
                {"rule": "s_S", "reorder_point": level // 2, "level": level},
                {"rule": "R_S", "review": "5 d", "level": level},
                {"rule": "exogenous", "every": "4 d", "doses": 3},
                {"rule": "exogenous", "deliveries": [{"at": "6 d", "doses": level}]},
            ]
        )
    )


@st.composite
def stocks(draw: Draw, name: str, site: str, routes: list[Any], donors: Plain | None) -> Plain:
    shelf = draw(
        maybe(
            st.fixed_dictionaries(
                {
                    "life": st.sampled_from(["4 d", "6 d", "15 d"]),
                    "starts": st.sampled_from(["release", "receipt"]),
                    "checked_at": st.sampled_from(["issue", "infusion"]),
                    "at_issue": st.sampled_from(["0 d", "0 d", "2 d"]),
                }
            )
        )
    )
    route = draw(st.sampled_from(routes)) or [
        *draw(made(lot=True)),
        {"name": "to store", "ship": site},
    ]
    doses = draw(
        maybe(st.sampled_from([4, {"law": "uniform", "low": 0, "high": 6}, {"value": 2.5}]))
    )
    steps = [] if route == "none" else route
    if donors:
        steps = [{"name": "screening", "milestone": "donor", "duration": draw(DAYS)}, *steps]
    lot = without_none({"route": steps, "doses": doses, "donors": donors})
    matching = draw(st.sampled_from(["exact_first", "best_first", "issue_order"]))
    return without_none(
        {
            "name": name,
            "at": site,
            "initial": draw(st.integers(0, 6)),
            "shelf_life": shelf,
            "issue": draw(st.sampled_from(["fefo", "fifo", "lifo"])),
            "matching": matching if donors else None,
            "discipline": draw(st.sampled_from(["fifo", "priority", "due_date"])),
            "replenishment": draw(replenishments()),
            "lot": lot,
        }
    )
