"""The days and times of cards, as their authors write them: "2021-11-17 12:00", "onsdag 17. november 2021 kl. 12.00"."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from mailer.parsing.card_faults import CardError
from mailer.parsing.dates import Day, find_days, nearest

Moment = date | datetime

_CLOCK = re.compile(r"(?:,|at\b|kl\b\.?|klokk(?:a|en)\b)?\s*([01]?\d|2[0-3])(?:[.:]([0-5]\d))?", re.IGNORECASE)
_DATE_LENGTH = len("2021-11-17")


def read_moment(key: str, text: str) -> Moment:
    """Return a day, or a day with a time of day; `key` is what its line is called. Raises CardError.

    The year must stand in the text. A time zone is refused: a card's times are the organisation's own.
    """
    try:
        return _read_iso(text)
    except ValueError:
        return _read_words(key, text)


def read_end(key: str, text: str, start: Moment) -> Moment:
    """Return when something ends; a time alone is that of the day it starts on. Raises CardError."""
    clock = _CLOCK.fullmatch(text)
    if clock and isinstance(start, datetime):
        return datetime.combine(start.date(), _time(clock))
    return read_moment(key, text)


def write_moment(moment: Moment) -> str:
    """Return a day, or a day and its time to the minute, in the form of ISO 8601 with a space."""
    return moment.isoformat(" ", "minutes") if isinstance(moment, datetime) else moment.isoformat()


def _read_iso(text: str) -> Moment:
    if len(text) <= _DATE_LENGTH:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(text)
    return moment.replace(second=0, microsecond=0)


def _read_words(key: str, text: str) -> Moment:
    found = next(find_days(text), None)
    if found is None or found.begin or found.year is None or found.last_day is not None:
        raise CardError("card-date-unclear", key=key, words=text)
    day = _date(found, key, text)
    rest = text[found.end :].strip(" ,")
    clock = _CLOCK.fullmatch(rest)
    if rest and clock is None:
        raise CardError("card-date-unclear", key=key, words=text)
    return datetime.combine(day, _time(clock)) if clock else day


def _date(found: Day, key: str, text: str) -> date:
    placed = nearest(found, date(found.year or 1, found.month, 1))
    if placed is None:
        code = "card-date-unclear" if found.weekday is None else "card-weekday-wrong"
        raise CardError(code, key=key, words=text)
    return placed[0]


def _time(clock: re.Match[str]) -> time:
    return time(int(clock[1]), int(clock[2] or 0))
