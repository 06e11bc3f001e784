"""Dates, spans, weekly numbers, and the clock."""

import datetime as dt

import pytest

from cartlogix.board.moment import Clock, Moment, read_moment, read_span, read_weekly

MONDAY = dt.date(2027, 3, 1)


def test_spans_may_leave_out_what_repeats() -> None:
    long = read_span("2027-03-04..2027-03-08")
    assert read_span("2027-03-04..08") == read_span("2027-03-04..03-08") == long
    assert str(read_span("2027-03-04")) == "2027-03-04"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2027-03-08..04", "ends before it begins"),
        ("2027-02-30", "there is no day 2027-02-30"),
        ("4 March", "days such as"),
    ],
)
def test_a_wrong_span_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_span(text)


def test_weekdays_by_name_group_and_half() -> None:
    weekly = read_weekly({"mon-fri": 2, "sat": [1, 0]})
    assert [weekly.on(MONDAY + dt.timedelta(days=day), 0) for day in range(7)] == [2] * 5 + [1, 0]
    assert weekly.on(dt.date(2027, 3, 6), 1) == 0
    assert read_weekly({"weekdays": 1, "weekends": 3}).units[5] == (3, 3)
    assert read_weekly(4).units == ((4, 4),) * 7


@pytest.mark.parametrize("given", [{"fri-mon": 1}, {"mo": 1}, {"mon": 1.5}, -1, True, [1, 2, 3]])
def test_wrong_weekly_numbers_are_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"write one of|needed|one number"):
        read_weekly(given)


def test_days_end_with_their_last_tick() -> None:
    days, halves = Clock(MONDAY, 1, 10), Clock(MONDAY, 2, 20)
    wednesday = Moment(dt.date(2027, 3, 3))
    assert (days.first(wednesday), days.after(wednesday)) == (2, 3)
    assert (halves.first(wednesday), halves.after(wednesday)) == (4, 6)
    morning, afternoon = (read_moment(f"2027-03-03 {half}") for half in ("am", "PM"))
    assert (halves.first(morning), halves.after(morning)) == (4, 5)
    assert (halves.first(afternoon), halves.after(afternoon)) == (5, 6)
    assert days.last(3) == wednesday
    assert days.last(2.4) == wednesday
    assert str(halves.at(5)) == "2027-03-03 pm"
    assert (days.whole(2.0), days.whole(2.1), halves.whole(2.1)) == (2, 3, 5)
