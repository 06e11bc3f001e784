"""The tables of figures: what stands at once, what is folded, and what may not be pooled."""

from dataclasses import replace

import pandas as pd

from cartlogix.analysis.compare import differences, summarise
from cartlogix.report.data import ReportData
from cartlogix.report.sections.comparison import comparison, indication_choices
from cartlogix.report.sections.contrast import mix_note
from cartlogix.report.sections.stock import stock_folds
from cartlogix.report.tables import Cell, Table
from tests.figures import by_scenario
from tests.unit.report.samples import sample, sample_people, tallied

AB = ("auto", "ots")


def heads(table: Table) -> list[str]:
    return [column.head for column in table.columns]


def firsts(table: Table, group: int = 0) -> list[str]:
    return [str(row[0]) for row in table.groups[group].rows]


def with_kpis(data: ReportData, *rows: tuple[str, str, str, list[float]]) -> ReportData:
    """The data with more figures: scenario, KPI, group, and the values of the replications."""
    more = pd.DataFrame(
        [(name, k, kpi, group, "all", value) for name, kpi, group, values in rows
         for k, value in enumerate(values)],
        columns=["scenario", "replication", "kpi", "group", "indication", "value"])  # fmt: skip
    figures = by_scenario(more)
    return replace(
        data,
        summary=pd.concat([data.summary, summarise(figures)], ignore_index=True),
        differences=pd.concat([data.differences, differences(figures)], ignore_index=True),
    )


def test_the_headline_figures_stand_at_once_and_the_others_are_folded_by_family() -> None:
    tables, found = comparison(sample())
    assert heads(tables[0]) == ["Figure", "Autologous", "Off-the-shelf", "In vivo"]
    assert "Enrolment to infusion, mean (d)" in firsts(tables[0])
    assert "Off-the-shelf minus Autologous" in heads(tables[1])
    *folds, gained = found
    assert gained.title == "What common random numbers gained"
    titles = [fold.title.split(":")[0] for fold in folds]
    assert titles == ["Lead time", "Access", "Cost"]
    folded = {head for fold in folds for table in fold.tables for head in firsts(table)}
    assert folded
    assert not folded & set(firsts(tables[0]))


def test_lead_time_access_and_cost_can_be_seen_by_indication() -> None:
    data = sample()
    keys = [key for key, _ in indication_choices(data)]
    assert keys == ["all", "indication-1", "indication-2"]
    tables, folds = comparison(data)
    for table in (*tables, *(one for fold in folds for one in fold.tables)):
        assert [group.key for group in table.groups] == keys
    for group in range(3):
        shown = firsts(tables[0], group)
        for start in ("Enrolment to infusion, mean", "Infused, share", "Cost per infused patient"):
            assert any(head.startswith(start) for head in shown)


def test_one_scenario_has_no_differences() -> None:
    tables, folds = comparison(sample(("auto",)))
    assert len(tables) == 1
    assert all(len(fold.tables) == 1 for fold in folds)


def test_nothing_is_zero_without_an_interval_and_a_row_shares_its_decimals() -> None:
    data = with_kpis(sample(AB, replications=2), ("auto", "tardiness.mean", "", [0.5, 0.7]),
                     ("ots", "tardiness.mean", "", [0.0, 0.0]))  # fmt: skip
    _, folds = comparison(data)
    rows = {str(row[0]): row[1:] for row in folds[0].tables[0].groups[0].rows}
    one, other = rows["Tardiness (d)"]
    assert isinstance(one, Cell)
    assert one.text == "0.6"
    assert other == Cell("0", "")


def test_other_mixes_of_indications_are_warned_of() -> None:
    data = sample(AB)
    assert mix_note(data) == ""
    people = sample_people(AB, 20, 120)
    own = people["scenario"] == "ots"
    skewed = people.assign(indication=people["indication"].mask(own, "lupus"))
    mixed = replace(data, patients=tallied(skewed))
    assert "different mixes of indications" in mix_note(mixed)
    levels, gaps = comparison(mixed)[0]
    assert levels.note == mix_note(mixed)
    marks = [{cell.mark for row in group.rows for cell in row[1:] if isinstance(cell, Cell)}
             for group in gaps.groups]  # fmt: skip
    assert marks[0] == {"different patients"}
    assert "▲ better" in marks[1]


def test_a_stock_is_shown_for_the_scenarios_that_keep_it_and_service_comes_first() -> None:
    data = with_kpis(sample(), *(
        ("ots", f"stock.{kpi}", "doses", [value] * 20)
        for kpi, value in (("requests", 90.0), ("lots_failed", 1.0), ("fill_rate", 0.95),
                           ("expired", 0.0))
    ))  # fmt: skip
    (fold,) = stock_folds(data)
    (table,) = fold.tables
    assert table.caption.startswith("Donor doses")
    assert heads(table) == ["Figure", "Off-the-shelf"]
    assert [head.split(" (")[0] for head in firsts(table)] == [
        "Fill rate", "Doses expired", "Lots failed", "Requests for a dose"]  # fmt: skip
    assert stock_folds(sample(("auto",))) == ()
