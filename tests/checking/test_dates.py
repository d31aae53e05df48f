from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.checking.dates import days_in
from tests.checking.material import codes, issue, of

NEAR = date(2021, 11, 12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kom tirsdag 17. november!", "2021-11-17"),
        ("Kom den 17. nov. 2022.", "2022-11-17"),
        ("on Wednesday, November 17th, 2021", "2021-11-17"),
        ("on 3 January", "2022-01-03"),
        ("Frist 17.11.2021 kl. 12.", "2021-11-17"),
        ("2021-11-17 12:00", "2021-11-17"),
        ("8.–14. november", "2021-11-14"),
        ("Vi ses 24. desember og 1. januar.", "2021-12-24 2022-01-01"),
    ],
)
def test_finds_days_as_people_write_them(text, expected):
    assert " ".join(str(day.nearest(NEAR)) for day in days_in(text)) == expected


@pytest.mark.parametrize(
    "text", ["kl. 17.30", "versjon 2.11.3", "17 marsjerte", "i 2021", "tlf. 12 34 56 78", "may 21:30"]
)
def test_takes_no_other_numbers_for_days(text):
    assert days_in(text) == []


def test_a_weekday_of_a_far_month_may_be_that_of_another_year():
    (day,) = days_in("tirsdag 17. mai")  # of 2022; from November, 2021's is as near
    assert not day.contradicts(NEAR)
    (day,) = days_in("onsdag 17. mai 2022")
    assert day.contradicts(NEAR)


def test_without_a_year_and_a_day_to_start_from_nothing_is_claimed():
    (day,) = days_in("tirsdag 17. november")
    assert day.nearest(None) is None
    assert not day.contradicts(None)


@given(st.text(alphabet="0123456789.-/ novemberfdagmi", max_size=60), st.dates())
def test_no_text_and_no_day_is_too_much(text, near):
    for day in days_in(text):
        nearest = day.nearest(near)
        assert nearest is None or nearest.day == day.day
        assert day.contradicts(near) in {True, False}


@pytest.mark.parametrize(("week", "told"), [(45, False), (None, True)])
def test_this_week_is_clear_in_a_letter_that_says_which_week_it_is_for(week: int | None, told: bool) -> None:
    checked = of(replace(issue("Vi inviterer til møte denne uken."), week=week))
    assert ("date-relative" in codes(checked)) is told
