"""Days and times of day in running text: "torsdag 24. mars kl. 08.00–09.30", "22.–26. november", "August 19th at 3 pm"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from mailer.parsing.wordlists import alternatives

_MONTHS = (
    ("januar", "january", "jan"), ("februar", "february", "feb"), ("mars", "march", "mar"), ("april", "apr"), ("mai", "may"),
    ("juni", "june", "jun"), ("juli", "july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("oktober", "october", "okt", "oct"),
    ("november", "nov"), ("desember", "december", "des", "dec"),
)  # fmt: skip
_WEEKDAYS = (
    ("mandag", "måndag", "monday", "mon"), ("tirsdag", "tysdag", "tuesday", "tue", "tues"), ("onsdag", "wednesday", "wed"),
    ("torsdag", "thursday", "thu", "thurs"), ("fredag", "friday", "fri"), ("lørdag", "laurdag", "saturday", "sat"),
    ("søndag", "sundag", "sunday", "sun"),
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_TO = r"\s?(?:[-–—]|til|to|og|and|&)\s?"
_WD = rf"(?:(?P<weekday>{alternatives(_WEEKDAY)})\.?,?\s+(?:den\s|the\s)?)?"
_D = r"(?:\.|st|nd|rd|th)?"
_M = alternatives(_MONTH)
_YEAR = r"(?:,?\s+(?P<year>20\d\d)(?!\d))?"
_DATE = re.compile(
    rf"(?<![\w.:/-])(?:{_WD}(?:"
    rf"(?P<day>\d{{1,2}}){_D}(?:\s(?P<month1>{_M})\.?)?(?:{_TO}(?:(?:{alternatives(_WEEKDAY)})\s)?(?P<last>\d{{1,2}}){_D})?"
    rf"\s?(?:of\s)?(?P<month>{_M})(?!\w)\.?{_YEAR}"
    rf"|(?P<month_first>{_M})\s(?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.]\d)(?:{_TO}(?P<last_after>\d{{1,2}})(?!\d))?(?:,?\s(?P<year_after>20\d\d)(?!\d))?"
    r"|(?P<numeric_day>\d{1,2})(?P<sign>[./])(?P<numeric_month>\d{1,2})(?:(?P=sign)(?P<numeric_year>(?:20)?\d\d))?(?![\d:]|[.,]\d)))",
    re.IGNORECASE,
)
_CLOCK = r"(?P<{0}h>[01]?\d|2[0-4])(?:[.:](?P<{0}m>[0-5]\d))?(?!\d|[.:]\d)\s?(?P<{0}p>[ap]\.?m\b\.?)?"
_TIME = re.compile(
    rf"(?<![\w.:/-])(?:(?P<said>(?:mellom\s|between\s)?(?:kl\.?|klokka|klokken|at|from|fra|frå)\s?)|(?=\d{{1,2}}[.:]\d\d|\d{{1,2}}\s?[ap]m))"
    rf"{_CLOCK.format('a')}(?:\s?(?:[-–—]|(?:og\s(?:varer|varar)\s)?til|to|until|og|and)\s?(?:kl\.?\s?|ca\.?\s)?{_CLOCK.format('b')})?"
    r"(?!\s?(?:%|prosent|kr\b|kroner|,-|\.?\s?[a-zæøå]*(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)))"
    r"(?:\s?(?P<zone>UTC|GMT|CES?T)\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or several in a row, as written. `year` is None where none is; `weekday` counts from Monday, 0."""

    begin: int
    end: int
    day: int
    month: int
    last_day: int | None = None
    last_month: int | None = None
    year: int | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, perhaps with the one it lasts until, and the time zone that is named with it."""

    begin: int
    start: time
    until: time | None = None
    zone: str = ""


def find_days(text: str) -> Iterator[Day]:
    """The days that a text names with their month."""
    for match in _DATE.finditer(text):
        day = _day(match)
        if day is not None:
            yield day


def _day(match: re.Match[str]) -> Day | None:
    weekday = _WEEKDAY[match["weekday"].casefold()] if match["weekday"] else None
    place = (match.start(), match.end())
    if match["numeric_day"]:
        year = match["numeric_year"]
        if not year and weekday is None:
            # "2.4" is a version and "14.2" a sum, as far as one can see.
            return None
        full = (int(year) if len(year) > 2 else 2000 + int(year)) if year else None  # noqa: PLR2004  # "12.11.21"
        day, month = int(match["numeric_day"]), int(match["numeric_month"])
        return Day(*place, day, month, year=full, weekday=weekday) if _exists(day, month) else None
    year_words = match["year"] or match["year_after"]
    month = _MONTH[(match["month"] or match["month_first"]).casefold()]
    first = _MONTH[match["month1"].casefold()] if match["month1"] else month
    day = int(match["day"] or match["day_after"])
    last = match["last"] or match["last_after"]
    if not _exists(day, first) or (last and not _exists(int(last), month)):
        return None
    return Day(
        *place, day, first, int(last) if last else None, month if last else None, int(year_words) if year_words else None, weekday
    )  # fmt: skip


def _exists(day: int, month: int) -> bool:
    try:
        date(2024, month, day)  # a leap year
    except ValueError:
        return False
    return True


def find_clock(text: str) -> Clock | None:
    """The first time of day in a text."""
    for match in _TIME.finditer(text):
        said = (match["said"] or "").strip().casefold()
        if said in {"at", "from", "fra", "frå"} and match["am"] is None and not match["ap"]:
            continue
        start = _time(match, "a")
        if start is not None:
            until = _time(match, "b") if match["bh"] else None
            return Clock(match.start(), start, until, (match["zone"] or "").upper())
    return None


def _time(match: re.Match[str], part: str) -> time | None:
    hour, minute = int(match[f"{part}h"]), int(match[f"{part}m"] or 0)
    half = (match[f"{part}p"] or match["bp"] or "").casefold().replace(".", "")
    if half == "pm" and hour < 12:  # noqa: PLR2004  # noon
        hour += 12
    return time(hour % 24, minute) if hour <= 24 else None  # noqa: PLR2004  # midnight at the end of a day


def nearest(day: Day, near: date) -> tuple[date, date | None] | None:
    """First and last day of what is written, in the year in which it lies nearest; None when its weekday is right in none."""
    years = [day.year] if day.year else [near.year - 1, near.year, near.year + 1]
    found = [made for year in years if (made := _made(year, day.month, day.day))]
    fitting = [each for each in found if day.weekday is None or each.weekday() == day.weekday]
    within = [each for each in fitting if day.year or abs(each - near) <= timedelta(days=300)]
    if not within:
        return None
    start = min(within, key=lambda each: abs(each - near))
    if day.last_day is None or day.last_month is None:
        return start, None
    last = _made(start.year + (day.last_month < day.month), day.last_month, day.last_day)
    return (start, last if last and last > start else None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
