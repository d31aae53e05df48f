"""When an event is, in words: its days with their weekdays, its times, and what its date block shows."""

from __future__ import annotations

from datetime import date, datetime

from mailer.parsing.cards import Event
from mailer.rendering.words import Words, phrase


def when(event: Event, words: Words, year: int | None) -> str:
    """The event's days and times: "Onsdag 17. november kl. 12.00–13.00".

    A year is told where it isn't `year`, the issue's own.
    """
    start, end = event.start, event.end
    if end is None or end == start:
        text = _moment(start, words, year)
    elif _day(start) == _day(end):
        text = phrase(words.event_times, day=_date(start, words, year), time=_time(start, words), end=_time(end, words))
    elif _shares_its_month(start, end):
        last = _date(end, words, year)
        text = phrase(words.event_days_in_a_month, weekday=words.weekdays[start.weekday()], day=start.day, last=last)
    else:
        text = phrase(words.event_days, first=_moment(start, words, year), last=_moment(end, words, year))
    return text[:1].upper() + text[1:]


def block(event: Event, words: Words) -> tuple[str, str]:
    """The day and the month of the event's date block: "17." and "nov."."""
    return phrase(words.event_block_day, day=event.start.day), words.months_short[event.start.month - 1]


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _shares_its_month(start: date, end: date) -> bool:
    whole_days = not isinstance(start, datetime)
    return whole_days and (start.year, start.month) == (end.year, end.month)


def _moment(moment: date, words: Words, year: int | None) -> str:
    day = _date(moment, words, year)
    return phrase(words.event_time, day=day, time=_time(moment, words)) if isinstance(moment, datetime) else day


def _date(moment: date, words: Words, year: int | None) -> str:
    return phrase(
        words.event_day if moment.year == year else words.event_day_with_year,
        weekday=words.weekdays[moment.weekday()],
        day=moment.day,
        month=words.months[moment.month - 1],
        year=moment.year,
    )


def _time(moment: date, words: Words) -> str:
    assert isinstance(moment, datetime)  # noqa: S101  # an event has a time at both ends or at neither
    return phrase(words.time, hour=f"{moment.hour:02}", minute=f"{moment.minute:02}")
