"""What the first section claims: direction, size, certainty, and no more than that."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cartlogix.report.data import InputRow, ReportData
from cartlogix.report.sections.answer import Answer, AnswerItem, answer
from tests.unit.report.samples import sample, tallied, values_of

MEAN = "enrolment_to_infusion.mean"
AB = ("auto", "ots")
KPIS = ["scenario", "replication", "kpi", "group", "indication", "value"]
PEOPLE = ["scenario", "indication", "status", "cause", "days"]


def two(**changes: float) -> ReportData:
    """Two scenarios with one difference stated by hand: 45.4 d against 24.1 d over 20 pairs."""
    data = sample(AB)
    row = {"a": "auto", "b": "ots", "kpi": MEAN, "group": "", "indication": "all",
           "mean_a": 45.4, "mean_b": 24.1, "difference": -21.3, "low": -22.0, "high": -20.6,
           "low_adjusted": -22.5, "high_adjusted": -20.1, "p": 0.0, "p_adjusted": 0.0,
           "correlation": 0.5, "n": 20, **changes}  # fmt: skip
    return replace(data, differences=pd.DataFrame([row]))


def item(found: Answer, topic: str = "Enrolment to infusion, mean", group: int = 0) -> AnswerItem:
    return next(one for one in found.groups[group].items if one.topic == topic)


def test_the_answer_says_which_way_by_how_much_and_how_sure() -> None:
    claim = item(answer(two()))
    assert claim.headline == "Off-the-shelf is 21.3\u00a0d faster than Autologous"
    assert claim.evidence == (
        "95 % interval 20.1 to 22.5\u00a0d, paired over 20 replications;"
        " 24.1\u00a0d against 45.4\u00a0d."
    )


def test_an_interval_that_holds_zero_is_no_clear_difference() -> None:
    found = two(difference=-0.4, low_adjusted=-1.2, high_adjusted=0.4, low=-0.9, high=-0.1)
    claim = item(answer(found))
    assert claim.headline == "No clear difference between Off-the-shelf and Autologous"
    assert "−0.4" in claim.evidence
    assert "−1.2 to 0.4" in claim.evidence.replace("0.40", "0.4").replace("1.20", "1.2")


def test_no_difference_at_all_is_said_so() -> None:
    found = two(difference=0.0, low_adjusted=0.0, high_adjusted=0.0)
    assert item(answer(found)).headline.startswith("No difference between")


def test_one_replication_has_no_interval() -> None:
    found = answer(sample(AB, replications=1))
    claim = item(found)
    assert (
        claim.headline == "One replication cannot tell whether Off-the-shelf and Autologous differ"
    )
    assert "In the one there is, the difference is −" in claim.evidence
    assert "no interval is available" in claim.evidence
    assert any("Only one replication" in note for note in found.notes)


def test_one_replication_names_no_indication_for_which_it_is_the_reverse() -> None:
    data = simpson(1)
    blank = dict.fromkeys(("low", "high", "low_adjusted", "high_adjusted"), np.nan)
    one = replace(
        data,
        differences=data.differences.assign(**blank, n=1),
    )
    found = item(answer(one))
    assert found.headline.startswith("One replication cannot tell")
    assert not any("point the other way" in text or "reverse" in text for text in found.caveats)


def test_what_does_not_apply_is_not_compared() -> None:
    found = two(mean_b=np.nan, difference=np.nan, low=np.nan, high=np.nan,
                low_adjusted=np.nan, high_adjusted=np.nan)  # fmt: skip
    claim = item(answer(found))
    assert claim.headline == "Cannot be compared: not applicable to Off-the-shelf"


def test_a_share_differs_by_percentage_points() -> None:
    claim = item(answer(sample(AB)), "Infused, share")
    assert claim.headline.startswith("It is")
    assert "percentage points higher with Off-the-shelf than with Autologous" in claim.headline


def test_every_other_scenario_is_compared_with_the_first() -> None:
    found = answer(sample())
    assert [group.title for group in found.groups] == [
        "Off-the-shelf against Autologous", "In vivo against Autologous"]  # fmt: skip
    for group, label in enumerate(("Off-the-shelf", "In vivo")):
        headline = item(found, group=group).headline
        assert headline.startswith(f"{label} is ")
        assert headline.endswith(" faster than Autologous")


def test_a_worse_scenario_is_said_to_be_worse() -> None:
    found = two(difference=21.3, low=20.6, high=22.0, low_adjusted=20.1, high_adjusted=22.5)
    assert item(answer(found)).headline == "Off-the-shelf is 21.3\u00a0d slower than Autologous"


def test_the_reference_may_stand_second_in_the_differences() -> None:
    data = two()
    swapped = data.differences.assign(a="ots", b="auto", mean_a=24.1, mean_b=45.4, difference=21.3,
                                      low=20.6, high=22.0, low_adjusted=20.1,
                                      high_adjusted=22.5)  # fmt: skip
    assert answer(replace(data, differences=swapped)) == answer(data)


def with_inputs(*rows: tuple[str, str, str | None]) -> ReportData:
    inputs = tuple(InputRow(name, path, "1 d", source) for name, path, source in rows)
    return replace(sample(AB), inputs=inputs)


def test_a_scenario_that_rests_mostly_on_assumptions_is_a_what_if() -> None:
    shared = [(name, "shared", None) for name in AB]
    own = [("ots", "a", None), ("ots", "b", None), ("ots", "c", "a paper")]
    found = answer(with_inputs(*shared, *own, ("auto", "d", None)))
    assert found.groups[0].caution == (
        "Off-the-shelf: 2 of its 3 own inputs have no stated source."
        " Treat its figures as a what-if."
    )


def test_inputs_that_all_scenarios_share_make_no_what_if() -> None:
    shared = [(name, f"shared {k}", None) for name in AB for k in range(9)]
    found = answer(with_inputs(*shared, ("ots", "a", None), ("ots", "b", "a paper")))
    assert found.groups[0].caution == ""


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        (("Autologous, made to order", "In vivo, from stock"), ("Autologous", "In vivo")),
        (
            ("Load 0.9, 2 suites", "Load 0.9, 3 suites"),
            ("Load 0.9, 2 suites", "Load 0.9, 3 suites"),
        ),
        (("a" * 40, "b" * 40), ("a" * 35 + "…", "b" * 35 + "…")),
        (("a" * 40, "a" * 41), ("a" * 40, "a" * 41)),
        ((", x", ", y"), (", x", ", y")),
    ],
)
def test_labels_are_short_where_that_tells_them_apart(
    labels: tuple[str, str], short: tuple[str, str]
) -> None:
    assert tuple(sample(AB, labels=labels).short_labels.values()) == short


def test_one_scenario_states_its_levels() -> None:
    claim = item(answer(sample(("auto",))))
    assert claim.headline.endswith("\u00a0d")
    assert "over 20 replications" in claim.evidence


def simpson(replications: int = 2) -> ReportData:
    """Faster in each indication, slower pooled: days 20 and 18, 40 and 36, mixes 80:20, 20:80."""
    data = sample(AB, replications=replications)
    days = {("auto", "lymphoma"): (20.0, 80), ("auto", "lupus"): (40.0, 20),
            ("ots", "lymphoma"): (18.0, 20), ("ots", "lupus"): (36.0, 80)}  # fmt: skip
    people, rows = [], []
    every = range(replications)
    for (name, indication), (value, count) in days.items():
        rows += [(name, replication, MEAN, "", indication, value) for replication in every]
        people += [(name, indication, "infused", "", value)] * count * replications
    for name, pooled in (("auto", 24.0), ("ots", 32.4)):
        rows += [(name, replication, MEAN, "", "all", pooled) for replication in every]
    common = {"a": "auto", "b": "ots", "kpi": MEAN, "group": "", "n": 2}
    gaps = {"all": (24.0, 32.4), "lymphoma": (20.0, 18.0), "lupus": (40.0, 36.0)}
    different = [
        {**common, "indication": name, "mean_a": a, "mean_b": b, "difference": b - a,
         "low": b - a, "high": b - a, "low_adjusted": b - a, "high_adjusted": b - a}
        for name, (a, b) in gaps.items()
    ]  # fmt: skip
    return replace(
        data,
        patients=tallied(pd.DataFrame(people, columns=PEOPLE)),
        values=values_of(pd.DataFrame(rows, columns=KPIS)),
        differences=pd.DataFrame(different),
    )


def test_simpson_the_headline_follows_the_indications_and_not_the_pooled_mean() -> None:
    found = item(answer(simpson()))
    assert found.headline == "Off-the-shelf is 3\u00a0d faster than Autologous"
    assert "27\u00a0d against 30\u00a0d, indications weighed alike" in found.evidence
    assert any("pooled figures point the other way" in caveat for caveat in found.caveats)


def test_indications_that_disagree_are_named() -> None:
    data = sample(AB)
    rows = data.differences
    odd = (rows["kpi"] == MEAN) & (rows["indication"] == "lupus")
    rows.loc[odd, ["difference", "low", "high"]] = [5.0, 4.0, 6.0]
    caveats = item(answer(data)).caveats
    assert any("reverse for Systemic lupus erythematosus" in text for text in caveats)


def test_unfinished_patients_assumptions_and_warnings_are_told() -> None:
    found = answer(sample())
    assert any("still under way" in note for note in found.notes)
    assert any("assumptions" in note for note in found.notes)
    assert found.warnings == (
        "The load on the suites of Autologous is 1.04: queues grow without limit.",
    )


@pytest.mark.parametrize("patients", [0, 30])
def test_nobody_infused_is_worded(patients: int) -> None:
    found = answer(sample(AB, patients=patients, infused=False))
    assert item(found).headline == (
        "Cannot be compared: not applicable to Autologous and Off-the-shelf"
    )
