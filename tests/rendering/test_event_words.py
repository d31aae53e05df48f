from datetime import date, datetime

import pytest

from mailer.parsing.cards import Event
from mailer.rendering.event_words import block, when
from mailer.rendering.theme import TEMPLATES
from mailer.rendering.words import load_words

NB, EN = load_words("nb", (TEMPLATES,)), load_words("en", (TEMPLATES,))


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2021, month, day, hour, 5)  # noqa: DTZ001  # a card's own time


@pytest.mark.parametrize(
    ("start", "end", "norwegian", "english"),
    [
        (date(2021, 11, 17), None, "Onsdag 17. november", "Wednesday 17 November"),
        (date(2021, 11, 17), date(2021, 11, 17), "Onsdag 17. november", "Wednesday 17 November"),
        (at(17, 9), None, "Onsdag 17. november kl. 09.05", "Wednesday 17 November at 09:05"),
        (at(17, 12), at(17, 13), "Onsdag 17. november kl. 12.05–13.05", "Wednesday 17 November, 12:05–13:05"),
        (
            date(2021, 11, 22),
            date(2021, 11, 26),
            "Mandag 22. til fredag 26. november",
            "Monday 22 to Friday 26 November",
        ),
        (
            date(2021, 11, 29),
            date(2021, 12, 3),
            "Mandag 29. november til fredag 3. desember",
            "Monday 29 November to Friday 3 December",
        ),
        (
            at(26, 20),
            at(27, 2),
            "Fredag 26. november kl. 20.05 til lørdag 27. november kl. 02.05",
            "Friday 26 November at 20:05 to Saturday 27 November at 02:05",
        ),
        (
            date(2022, 1, 3),
            date(2022, 1, 4),
            "Mandag 3. til tirsdag 4. januar 2022",
            "Monday 3 to Tuesday 4 January 2022",
        ),
    ],
)
def test_days_and_times_are_told_as_people_do(start: date, end: date | None, norwegian: str, english: str):
    event = Event("x", start, end)
    assert when(event, NB, 2021).replace("\u00a0", " ") == norwegian
    assert when(event, EN, 2021) == english


def test_the_year_is_told_where_nobody_knows_it():
    assert when(Event("x", date(2021, 11, 17)), NB, None) == "Onsdag 17. november 2021"


def test_the_block_shows_the_first_day():
    event = Event("x", date(2021, 9, 30), date(2021, 10, 2))
    assert (block(event, NB), block(event, EN)) == (("30.", "sep."), ("30", "Sept"))
