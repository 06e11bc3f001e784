"""Tables to figures: what is counted, what adds up, and how text is kept literal."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cartlogix.report.figures.cost import cost_waterfall
from cartlogix.report.figures.flow import balance, ends, patient_flow
from cartlogix.report.figures.gantt import lanes
from cartlogix.report.figures.inventory import MOST_POINTS, level_points, marks_of
from cartlogix.report.figures.lead_time import MOST_POINTS as MOST_STEPS
from cartlogix.report.figures.lead_time import cumulative_incidence, share_infused
from cartlogix.report.figures.medians import median_days
from cartlogix.report.figures.steps import days_by_step
from cartlogix.report.patients import Counts
from cartlogix.report.theme import DARK, SERIES, hover, literal
from tests.unit.report.samples import sample, sample_people, tallied


def counts(*days: float) -> Counts:
    """The infused by hundredths of a day."""
    people = {"scenario": "a", "indication": "any", "status": "infused", "cause": ""}
    return tallied(pd.DataFrame({"days": days}).assign(**people)).infused["a"]


def test_the_share_infused_is_of_everybody_enrolled() -> None:
    curve = share_infused(counts(10.0, 20.0, 20.0), enrolled=6)
    assert curve["day"].tolist() == [0, 10, 20]
    assert curve["share"].tolist() == pytest.approx([0, 1 / 6, 3 / 6])


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    curve = share_infused(counts(*range(1, 10_001)), enrolled=20_000)
    assert len(curve) <= MOST_STEPS + 1
    assert curve["day"].iloc[1] == 1
    assert curve["day"].iloc[-1] == 10_000
    assert curve["share"].iloc[-1] == 0.5
    halfway = curve[curve["day"] <= 5000]["share"].iloc[-1]
    assert halfway == pytest.approx(0.25, abs=0.01)


def test_the_table_counts_everybody_infused_by_a_day() -> None:
    people = sample_people(("auto",), 40, 120)
    data = replace(sample(("auto",), replications=40), patients=tallied(people))
    days = people["days"].where(people["status"] == "infused")
    rows = cumulative_incidence(data).table.groups[0].rows
    assert len(rows) > 10
    for day, share in rows:
        exact = float((days <= int(str(day))).mean()) * 100
        assert float(str(share).removesuffix("%").strip()) == pytest.approx(exact, abs=0.0501)


def test_no_patient_makes_no_curve_and_an_empty_state() -> None:
    assert share_infused(np.zeros(0, dtype=np.int64), 0)["share"].tolist() == [0]
    exhibit = cumulative_incidence(sample(("auto",), patients=0, infused=False))
    assert exhibit.figure is None
    assert exhibit.empty


def test_the_flow_adds_up_to_the_enrolled() -> None:
    data = sample(replications=3, patients=50)
    assert ends(data).sum(axis=1).tolist() == pytest.approx([50, 50, 50])
    assert balance(data)[0].startswith("Autologous: 50.0 enrolled = ")


def test_replications_without_a_patient_count_in_the_mean() -> None:
    data = replace(
        sample(("auto",), replications=4), patients=tallied(sample_people(("auto",), 1, 6))
    )
    assert ends(data).sum(axis=1).tolist() == pytest.approx([6 / 4])


def test_many_causes_are_drawn_together_and_listed_apart() -> None:
    data = sample(("auto",), replications=2, patients=100)
    people = sample_people(("auto",), 2, 100)
    causes = [f"cause {k}" for k in range(9)] * len(people)
    people["cause"] = np.where(people["status"] == "lost", causes[: len(people)], "")
    exhibit = patient_flow(replace(data, patients=tallied(people)))
    assert exhibit.figure is not None
    assert "lost: other causes" in [bar.name for bar in exhibit.figure.data]
    drawn = sum(bar.x[0] for bar in exhibit.figure.data)
    assert drawn == pytest.approx(100, abs=0.1)
    assert len(exhibit.table.groups[0].rows) == 9 + 3


def test_lanes_take_the_lowest_free_suite_and_changeovers_stay_with_their_work() -> None:
    spans = [(0.0, 5.0, False), (1.0, 4.0, False), (4.0, 4.5, True), (4.6, 9.0, False),
             (5.0, 5.5, True)]  # fmt: skip
    assert lanes(spans) == [0, 1, 1, 1, 0]


def test_the_waterfall_ends_at_the_whole_cost() -> None:
    exhibit = cost_waterfall(sample(("auto",)))
    assert exhibit.figure is not None
    ends_of_bars = [b + x for bar in exhibit.figure.data
                    for b, x in zip(bar.base, bar.x, strict=True)]  # fmt: skip
    assert max(ends_of_bars) == pytest.approx(318_000, rel=1e-6)


def test_days_by_step_sum_to_the_lead_time() -> None:
    exhibit = days_by_step(sample(("auto",)))
    assert exhibit.figure is not None
    assert sum(sum(bar.x) for bar in exhibit.figure.data) == pytest.approx(45.4, abs=0.1)


def test_medians_stand_in_the_order_of_the_routes() -> None:
    exhibit = median_days(sample(("auto", "ots")))
    assert exhibit.figure is not None
    names = [bar.name for bar in exhibit.figure.data]
    assert names[:4] == ["Slot", "Apheresis", "Ship to plant", "Manufacture"]
    lengths = [sum(bar.x[k] for bar in exhibit.figure.data) for k in (0, 1)]
    assert lengths[0] == pytest.approx(45.4 * 0.9, abs=0.5)


def test_a_step_that_only_a_later_scenario_has_stands_after_the_one_before_it() -> None:
    data = sample(("ots", "auto"))
    heads = [row[0] for row in median_days(data).table.groups[0].rows]
    assert heads[2:4] == ["Ship to plant", "Manufacture"]
    assert median_days(sample(("auto",), infused=False)).figure is None


def test_a_thinned_stock_keeps_its_low_points() -> None:
    time = np.arange(5000.0)
    on_hand = np.full(5000, 10)
    on_hand[1234] = 0
    moves = pd.DataFrame({"time": time, "on_hand": on_hand})
    points = level_points(moves, 5000.0)
    assert len(points) <= MOST_POINTS + 1
    assert points["on_hand"].min() == 0


def test_a_draw_that_waited_is_a_stock_out() -> None:
    data = sample(("ots",))
    found = marks_of(data.traces["ots"], data.scenarios[0].scenario)
    assert found.loc[found["event"] == "stock-out", "stock"].tolist() == ["doses"] * 20


def test_figures_carry_no_default_template() -> None:
    exhibit = days_by_step(sample())
    assert exhibit.figure is not None
    assert len(exhibit.figure.to_json()) < 20_000


def test_every_series_colour_has_a_dark_partner() -> None:
    assert set(SERIES) <= DARK.keys()


@pytest.mark.parametrize("text", ["<b>x</b>", "&lt;b&gt;", "a\u2028b"])
def test_text_in_figures_is_literal(text: str) -> None:
    assert "<" not in literal(text)
    assert "&lt;b&gt;" not in literal("&lt;b&gt;")


def test_hover_text_cannot_name_a_variable_of_the_template() -> None:
    assert "%{" not in hover("%{x} and %{y}")


def test_an_unknown_scenario_in_the_traces_is_left_out() -> None:
    data = replace(sample(("auto",)), traces={})
    assert cumulative_incidence(data).figure is not None
