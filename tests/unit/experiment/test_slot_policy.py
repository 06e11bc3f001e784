"""The experiment on slot policies: paired, judged in words, and the same in every run."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from cartlogix.experiment.slot_cases import STRUCTURES, WEEKS, case
from cartlogix.experiment.slot_policy import (
    CLAIRVOYANT,
    POLICIES,
    ROLLING,
    Cell,
    Settings,
    Task,
    score_book,
    scores,
    study,
    summary,
)
from cartlogix.experiment.slot_scores import Score
from cartlogix.report.slot_policy import render, scores_csv, tables

TERMS = dict.fromkeys(("tardiness", "flow", "late", "beyond_limit", "changeovers"), 0.0)


def cell(rolling: list[float], others: list[float], structure: str = "weekend") -> Cell:
    found = {name: tuple(Score(value, TERMS, 0.5) for value in others) for name in POLICIES}
    found[ROLLING] = tuple(Score(value, TERMS, 2.0, asked=9, solved=4) for value in rolling)
    found[CLAIRVOYANT] = (Score(1.0, TERMS, 9.0, bound=0.5),)
    return Cell(structure, 0.9, found)


def test_a_verdict_holds_together_with_those_of_the_study() -> None:
    # Differences -1, -1, -1.1: half-widths 0.143 (alone), 0.255 (of 3), 1.18 (of 63, t 35.5).
    alone = cell([4.0, 4.1, 3.9], [5.0, 5.1, 5.0])
    assert alone.verdict == "better"
    assert replace(alone, together=63).verdict == "tie"
    worse = cell([6.0, 6.1, 6.1], [5.0, 5.1, 5.0])
    assert worse.verdict == "worse"
    assert replace(worse, together=63).verdict == "tie"


@pytest.mark.parametrize(
    ("rolling", "verdict"),
    [([4.0, 4.1, 3.9], "better"), ([5.0, 5.2, 4.9], "tie"), ([6.0, 6.1, 6.0], "worse")],
)
def test_the_verdict_follows_the_paired_interval(rolling: list[float], verdict: str) -> None:
    assert cell(rolling, [5.0, 5.1, 5.0]).verdict == verdict


def test_the_paired_interval_by_hand() -> None:
    # Differences -1 and -3: mean -2, half width 12.706 x sqrt(2) / sqrt(2).
    gain = cell([4.0, 2.0], [5.0, 5.0]).gain("ATC")
    assert gain.estimate == -2
    assert gain.high - gain.estimate == pytest.approx(12.706, abs=1e-3)


def test_the_clairvoyant_is_compared_on_the_same_lots() -> None:
    assert cell([4.0, 2.0], [5.0, 5.0]).bound() == (0.5, 1.0, 4.0)


def test_the_summary_says_where_it_does_not_pay() -> None:
    cells = [cell([4.0, 4.1], [9.0, 9.1]), cell([5.0, 5.0], [5.0, 5.0], "identical")]
    text = summary(cells)
    assert "structured, load 0.9 and above: rolling is significantly better" in text
    assert "ties in 1" in text


def test_page_and_tables_hold_every_figure() -> None:
    cells = [cell([4.0, 4.1, 3.9], [5.0, 5.1, 5.0])]
    page = render(cells, Settings(structures=("weekend",), loads=(0.9,))).replace("<wbr>", "")
    for text in ("No staff at weekends", "better than each", "4.00"):
        assert text in page
        assert text in tables(cells)
    rows = scores_csv(cells).splitlines()
    assert len(rows) == 1 + 3 * (len(POLICIES) - 1) + 1


def test_a_run_compares_every_policy_and_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartlogix.experiment.slot_cases.WEEKS", 3)
    settings = Settings(("weekend",), (0.6,), replications=2, clairvoyant=1, effort=0.01)
    first, again = ([*study(settings)] for _ in range(2))
    assert scores_csv(first) == scores_csv(again)
    only = first[0].scores[CLAIRVOYANT]
    assert len(only) == 1
    assert only[0].bound is not None
    assert only[0].bound <= only[0].value + 1e-9
    assert only[0].value <= first[0].scores[ROLLING][0].value + 1e-9
    found = scores(Task("weekend", 0.6, 1, settings))
    assert set(found) == set(POLICIES) - {CLAIRVOYANT}


def test_what_is_finished_is_kept_and_what_is_damaged_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartlogix.experiment.slot_cases.WEEKS", 2)
    settings = Settings(("weekend",), (0.6,), replications=3, clairvoyant=0, effort=0.01)
    path = tmp_path / "finished.txt"
    whole = [*study(settings, score_book(path, settings))]
    lines = [line for line in path.read_text("utf-8").splitlines() if line]
    assert len(lines) == 3
    # The first line is whole, the second is damaged, the third is cut off.
    path.write_text(
        "\n".join([lines[0], lines[1].replace('"value": ', '"value": 9'), lines[2][:50]])
    )
    book = score_book(path, settings)
    assert list(book.read()) == [("weekend", 0.6, 0)]
    again = [*study(settings, book)]
    assert scores_csv(again) == scores_csv(whole)
    assert again[0].scores[ROLLING][0] == whole[0].scores[ROLLING][0]  # wall-clock time and all
    assert len(book.read()) == 3
    assert score_book(path, replace(settings, seed=5)).read() == {}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_load_is_what_is_asked_for(structure: str) -> None:
    plant = STRUCTURES[structure]
    counts = [
        sum(not job.after for job in case(plant, 0.5, 1, replication).actual.jobs)
        for replication in range(30)
    ]
    mean = 0.5 * plant.per_day * WEEKS * 7
    assert sum(counts) / 30 == pytest.approx(mean, abs=4 * math.sqrt(mean / 30))


def test_the_same_lots_come_at_every_load() -> None:
    low, high = (case(STRUCTURES["weekend"], load, 1, 0).actual.jobs for load in (0.5, 1.0))
    assert [job.weight for job in low[:10]] == [job.weight for job in high[:10]]
