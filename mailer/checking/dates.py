"""Days in running text, in Norwegian and English: "tirsdag 17. november", "November 17th, 2021", "17.11.2021"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mailer.parsing.wordlists import alternatives

_MONTHS = (
    ("januar", "january", "jan"),
    ("februar", "february", "feb"),
    ("mars", "march", "mar"),
    ("april", "apr"),
    ("mai", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("desember", "december", "des", "dec"),
)
_WEEKDAYS = (
    ("mandag", "måndag", "monday"),
    ("tirsdag", "tysdag", "tuesday"),
    ("onsdag", "wednesday"),
    ("torsdag", "thursday"),
    ("fredag", "friday"),
    ("lørdag", "laurdag", "saturday"),
    ("søndag", "sundag", "sunday"),
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAYS, 1) for name in names}
_WEEKDAY = rf"(?:(?P<weekday>{alternatives(WEEKDAYS)}),?\s+(?:den\s+|the\s+)?)?"
_MONTH = rf"(?P<month>{alternatives(MONTHS)})\b\.?"
_YEAR = r"(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"(?<![\w.]){_WEEKDAY}(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s?(?:of\s+)?{_MONTH}{_YEAR}",
        rf"(?<![\w.]){_WEEKDAY}{_MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.?\d|:){_YEAR}",
        rf"(?<![\w.]){_WEEKDAY}(?<![\d.])(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>(?:19|20)\d\d)\b",
        r"(?<![\w-])(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])",
    )
)
# Further away than this, "17. mai" may as well be that of another year.
_NEAR_DAYS = 120


@dataclass(frozen=True, slots=True)
class Day:
    """A day named in a text. `year` is None where the text has none, `weekday` (1 is Monday) where it names none."""

    words: str
    place: int
    day: int
    month: int
    year: int | None = None
    weekday: int | None = None

    @property
    def exists(self) -> bool:
        """Whether a calendar has it: there is no 31 November, in no year."""
        return self._in_year(self.year or 2024) is not None  # a leap year has every day

    def nearest(self, near: date | None) -> date | None:
        """The date: of the year in the text, else the one nearest to `near`; None without either."""
        if self.year is not None:
            return self._in_year(self.year)
        if near is None:
            return None
        return min(self._candidates(near), key=lambda found: abs((found - near).days), default=None)

    def contradicts(self, near: date | None) -> bool:
        """Whether the weekday belongs to another date, and the year is sure enough to say so."""
        found = self.nearest(near)
        if self.weekday is None or found is None or found.isoweekday() == self.weekday:
            return False
        if self.year is not None or near is None or abs((found - near).days) <= _NEAR_DAYS:
            return True
        return all(other.isoweekday() != self.weekday for other in self._candidates(near))

    def _candidates(self, near: date) -> list[date]:
        years = range(max(1, near.year - 1), min(9999, near.year + 1) + 1)
        return [found for year in years if (found := self._in_year(year))]

    def _in_year(self, year: int) -> date | None:
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


def days_in(text: str) -> list[Day]:
    """The days that a text names, in order. Those that no calendar has are among them."""
    found = sorted(_all_days(text), key=lambda day: (day.place, -len(day.words)))
    kept: list[Day] = []
    for day in found:
        if not kept or day.place >= kept[-1].place + len(kept[-1].words):
            kept.append(day)
    return kept


def _all_days(text: str) -> Iterator[Day]:
    for shape in _SHAPES:
        for match in shape.finditer(text):
            named = match.groupdict()
            month = MONTHS.get(named["month"].casefold()) or (int(named["month"]) if named["month"].isdigit() else 0)
            weekday = named.get("weekday")
            yield Day(
                words=match[0].strip(" ,"),
                place=match.start(),
                day=int(named["day"]),
                month=month,
                year=int(named["year"]) if named["year"] else None,
                weekday=WEEKDAYS[weekday.casefold()] if weekday else None,
            )
